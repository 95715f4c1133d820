//! `/`: what waits, and how the store and the ingest do.

use super::log::{Deed, deed};
use super::seat::{Frame, OperatorContext};
use crate::meter::Told;
use crate::operator::denied::OperatorError;
use crate::operator::{audit, watch};
use crate::pages::figures;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::audit::Audit;
use guanxi_api::operator::reviews::signs::Signs;
use guanxi_storage::row::{Realname, SignReview};
use guanxi_storage::{Engine, Store};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "desk/health.html")]
struct Health {
    frame: Frame,
    ready: bool,
    engine: &'static str,
    store: Vec<Vital>,
    ingest: Vec<Vital>,
    waiting: Option<[Waiting; 2]>,
    deeds: Vec<Deed>,
}

/// Something that is watched.
struct Vital {
    label: &'static str,
    value: String,
    bad: bool,
    /// Whether it takes the room of two.
    long: bool,
}

impl Vital {
    fn of(label: &'static str, value: String) -> Vital {
        Vital { label, value, bad: false, long: false }
    }

    /// A number that should be 0.
    fn fault(label: &'static str, number: u64) -> Vital {
        Vital { bad: number > 0, ..Vital::of(label, figures::count(number)) }
    }
}

/// How much of a kind waits, and since when.
struct Waiting {
    label: &'static str,
    number: String,
    since: String,
    path: &'static str,
}

/// How much is counted of what waits.
const MOST: usize = 1000;

/// Shows it.
pub async fn health(desk: Arc<OperatorContext>) -> Result<Response, OperatorError> {
    let ready = watch::is_ready(&desk.app).await;
    let (engine, store) = store(&desk.app.store);
    let waiting = if desk.may::<Signs>() { Some(waiting(&desk).await?) } else { None };
    let deeds = if desk.may::<Audit>() {
        let entries = desk.ask(audit::audit, Audit { before: None, limit: Some(8) }).await?.list;
        entries.into_iter().map(deed).collect()
    } else {
        Vec::new()
    };
    let frame = desk.frame("概况");
    desk.show(&Health { frame, ready, engine, store, ingest: ingest(&desk), waiting, deeds })
}

fn store(store: &Engine) -> (&'static str, Vec<Vital>) {
    let count = |label, number: u64| Vital::of(label, figures::count(number));
    match store {
        Engine::Lmdb(lmdb) => {
            let pulse = lmdb.pulse();
            let size = lmdb.size().map_or_else(|_| "未知".to_owned(), bytes);
            let store = vec![
                count("已答写入", pulse.commands),
                count("落盘提交", pulse.commits),
                Vital::fault("失败提交", pulse.failed),
                count("排队写入", pulse.queued as u64),
                Vital::of("数据文件", size),
            ];
            ("LMDB", store)
        }
        Engine::Postgres(database) => {
            let pulse = database.pulse();
            let store = vec![
                count("已答写入", pulse.commits + pulse.refused),
                count("落盘提交", pulse.commits),
                Vital::fault("失败写入", pulse.failed),
                count("冲突重做", pulse.again),
                count("打开的连接", pulse.open as u64),
                count("等待连接", pulse.waiting as u64),
            ];
            ("PostgreSQL", store)
        }
    }
}

fn ingest(desk: &OperatorContext) -> Vec<Vital> {
    let meter = &desk.app.meter;
    let count = |label, told| Vital::of(label, figures::count(meter.events_told(told)));
    let last = match meter.last_told() {
        0 => "启动以来没有".to_owned(),
        last => figures::minute(last),
    };
    vec![
        Vital { long: true, ..Vital::of("最近一次", last) },
        count("计入", Told::Counted),
        count("重复", Told::Before),
        Vital::fault("拒绝", meter.events_told(Told::Refused)),
    ]
}

/// What is only counted is not opened: the rows are looked at, and no name or card.
async fn waiting(desk: &OperatorContext) -> Result<[Waiting; 2], OperatorError> {
    let store = &desk.app.store;
    let signs: Vec<SignReview> = store.waiting(0, MOST).await?;
    let names: Vec<Realname> = store.waiting(0, MOST).await?;
    // Those that the clock will show need nobody.
    let signs: Vec<i64> = signs.iter().filter(|sign| sign.due.is_none()).map(|sign| sign.submitted).collect();
    let names: Vec<i64> = names.iter().map(|name| name.submitted).collect();
    let of = |label, times: &[i64], path| Waiting {
        label,
        number: if times.len() >= MOST { format!("{MOST} 以上") } else { times.len().to_string() },
        since: times.first().map(|first| figures::minute(*first)).unwrap_or_default(),
        path,
    };
    Ok([of("签名", &signs, "/reviews#signs"), of("实名", &names, "/reviews#realnames")])
}

/// `1.3 MiB`.
fn bytes(size: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let unit = (size.max(1).ilog2() / 10).min(4);
    if unit == 0 {
        return format!("{size} B");
    }
    let tenths = (u128::from(size) * 10) >> (10 * unit);
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit as usize])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        let cases = [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (1_355_776, "1.2 MiB"),
            (u64::MAX, "16777215.9 TiB"),
        ];
        for (size, told) in cases {
            assert_eq!(bytes(size), told);
        }
    }
}
