//! `/member`: all that is known of a member, and what an operator can do for them.

use super::seat::{Frame, OperatorContext};
use crate::operator::denied::OperatorError;
use crate::operator::member;
use crate::pages::figures;
use crate::session;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::member::coins::Pay;
use guanxi_api::operator::member::silence::Silence;
use guanxi_api::operator::member::verify::Verify;
use guanxi_api::operator::member::{Data, Member};
use guanxi_types::Mid;
use serde_json::{Map, Value};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "desk/person.html")]
struct Person {
    frame: Frame,
    by: String,
    text: String,
    found: Option<Found>,
    /// The id of the payment that the form of coins makes; none without the right to make one.
    payment: Option<String>,
    silences: bool,
    verifies: bool,
}

struct Found {
    mid: u64,
    uname: String,
    silenced: bool,
    leaving: bool,
    sessions: usize,
    /// Whether a phone, and a mail address, wait to be verified.
    tel: bool,
    mail: bool,
    facts: Vec<(&'static str, String)>,
    parts: Vec<(&'static str, Vec<(String, String)>)>,
}

/// By what a member is looked for.
const KINDS: [(&str, &str); 5] =
    [("mid", "UID"), ("uname", "昵称"), ("userid", "用户名"), ("tel", "手机号"), ("mail", "邮箱")];

/// Shows it.
pub async fn person(desk: Arc<OperatorContext>) -> Result<Response, OperatorError> {
    let by = desk.asked::<String>("by").unwrap_or_else(|| "mid".to_owned());
    let text = desk.asked::<String>("text").unwrap_or_default().trim().to_owned();
    let found = if text.is_empty() {
        None
    } else {
        Some(found(desk.ask(member::member, wanted(&by, &text)?).await?))
    };
    let frame = desk.frame("用户");
    let payment = desk.may::<Pay>().then(session::draw_id);
    let (silences, verifies) = (desk.may::<Silence>(), desk.may::<Verify>());
    desk.show(&Person { frame, by, text, found, payment, silences, verifies })
}

fn wanted(by: &str, text: &str) -> Result<Member, OperatorError> {
    let named = |kind| (by == kind).then(|| text.to_owned());
    let mid = named("mid").map(|mid| mid.parse::<Mid>().map_err(|why| OperatorError::Wrong(why.to_owned())));
    Ok(Member {
        mid: mid.transpose()?,
        uname: named("uname"),
        userid: named("userid"),
        tel: named("tel"),
        mail: named("mail"),
    })
}

fn found(data: Data) -> Found {
    let text = |part: &Map<String, Value>, key: &str| {
        part.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let unverified = |what: &str, verified: &str| {
        data.account.contains_key(what) && data.account.get(verified) != Some(&Value::Bool(true))
    };
    let realname = match data.realname.as_str() {
        "waiting" => "等待审核",
        "verified" => "已认证",
        "rejected" => "未通过",
        _ => "没有申请",
    };
    Found {
        mid: data.mid.get(),
        uname: text(&data.card, "uname"),
        silenced: data.profile.get("silence") == Some(&Value::Bool(true)),
        leaving: data.leaving,
        sessions: data.sessions,
        tel: unverified("tel", "tel_verified"),
        mail: unverified("mail", "mail_verified"),
        facts: vec![
            ("关注", figures::count(data.following.into())),
            ("粉丝", figures::count(data.follower.into())),
            ("硬币", figures::coins(data.coins)),
            ("实名", realname.to_owned()),
            ("登录中", data.sessions.to_string()),
        ],
        parts: [
            ("名片", data.card),
            ("空间", data.profile),
            ("账号", data.account),
            ("成长", data.growth),
            ("作品", data.upstat),
        ]
        .into_iter()
        .map(|(label, part)| (label, fields(part)))
        .filter(|(_, fields)| !fields.is_empty())
        .collect(),
    }
}

/// What is said in a part: the texts without their quotes, and what lies in another by both names.
fn fields(part: Map<String, Value>) -> Vec<(String, String)> {
    let told = |(name, value): (String, Value)| match value {
        Value::Object(within) => {
            fields(within).into_iter().map(|(of, value)| (format!("{name}.{of}"), value)).collect()
        }
        Value::String(text) => vec![(name, text)],
        value => vec![(name, value.to_string())],
    };
    part.into_iter().flat_map(told).collect()
}
