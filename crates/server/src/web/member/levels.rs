//! `/levels`: levels, how exp is earned, and exp by day.

use crate::handlers::account::get_levels::get_levels;
use crate::handlers::account::list_exp_days::list_exp_days;
use crate::http::response::ApiError;
use crate::web::format;
use crate::web::layout::{Layout, NavSection};
use crate::web::months::Months;
use crate::web::page_context::PageContext;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_levels::{Data, ExpSource, ExpSourceKind, GetLevels, LevelStep};
use guanxi_api::account::list_exp_days::{ExpDay, ListExpDays};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/levels.html")]
struct LevelsPage {
    layout: Layout,
    exp: u64,
    level: u8,
    levels: Vec<Step>,
    sources: Vec<Source>,
    months: Months,
    total: String,
    days: Vec<ExpDay>,
}

/// A level.
struct Step {
    level: u8,
    min: u64,
    needed: String,
}

/// A source of exp.
struct Source {
    label: Key,
    exp: u64,
    max: u64,
    once: bool,
    granted: u64,
}

impl Source {
    fn new(source: ExpSource) -> Source {
        let label = match source.r#type {
            ExpSourceKind::Login => Key("exp-login"),
            ExpSourceKind::Watch => Key("exp-watch"),
            ExpSourceKind::Coins => Key("exp-coins"),
            ExpSourceKind::Share => Key("exp-share"),
            ExpSourceKind::Tel => Key("exp-tel"),
            ExpSourceKind::IdentifyCard => Key("exp-identify-card"),
        };
        let ExpSource { exp, max, once, granted, .. } = source;
        Source { label, exp, max, once, granted }
    }

    fn is_done(&self) -> bool {
        self.granted >= self.max
    }
}

impl LevelsPage {
    /// Returns the cells of a day. A source without exp is empty.
    fn cells(day: &ExpDay) -> [String; 6] {
        let cell = |exp: u64| if exp == 0 { String::new() } else { exp.to_string() };
        let other = if day.other == 0 { String::new() } else { format::format_signed(day.other) };
        let [login, watch, coins, share] = [day.login, day.watch, day.coins, day.share].map(cell);
        [login, watch, coins, share, other, format::format_signed(day.total)]
    }
}

fn step(LevelStep { level, min }: LevelStep) -> Step {
    Step { level, min, needed: format::format_count(min) }
}

/// Shows the page.
pub async fn levels(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let mid = context.require_login()?;
    let Data { exp, level, levels, sources } = context.call_api(get_levels, GetLevels {}).await?;
    let months = Months::new(&context, mid, "/levels").await?;
    let log = context.call_api(list_exp_days, ListExpDays { month: Some(months.month) }).await?;
    context.render(&LevelsPage {
        layout: context.layout(context.language().text("levels"), NavSection::Account).await?,
        exp,
        level,
        levels: levels.into_iter().map(step).collect(),
        sources: sources.into_iter().map(Source::new).collect(),
        months,
        total: format::format_signed(log.total),
        days: log.list,
    })
}
