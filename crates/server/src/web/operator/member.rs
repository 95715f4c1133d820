//! `/member`: a member's data, and the operations on them.

use super::context::{Layout, OperatorContext};
use crate::http::response::ApiError;
use crate::operator::members::get_member;
use crate::session_token;
use crate::web::format;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::members::adjust_coins::AdjustCoins;
use guanxi_api::operator::members::delete_member::DeleteMember;
use guanxi_api::operator::members::get_member::{Data, GetMember};
use guanxi_api::operator::members::silence_member::SilenceMember;
use guanxi_api::operator::members::verify_contact::VerifyContact;
use guanxi_types::Mid;
use serde_json::{Map, Value};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "operator/member.html")]
struct MemberPage {
    layout: Layout,
    by: String,
    text: String,
    found: Option<MemberDetails>,
    /// Idempotency id of the coin form's payment; `None` if the role may not change coins.
    payment: Option<String>,
    submitted_delta: String,
    submitted_reason: String,
    can_silence: bool,
    can_verify: bool,
    can_delete: bool,
}

struct MemberDetails {
    mid: u64,
    uname: String,
    is_silenced: bool,
    is_being_deleted: bool,
    sessions: usize,
    /// True if a phone, or a mail address, is not verified yet.
    has_unverified_tel: bool,
    has_unverified_mail: bool,
    facts: Vec<(&'static str, String)>,
    sections: Vec<(&'static str, Vec<(String, String)>)>,
}

/// Keys for the member search.
const SEARCH_KEYS: [(&str, &str); 5] =
    [("mid", "UID"), ("uname", "昵称"), ("userid", "用户名"), ("tel", "手机号"), ("mail", "邮箱")];

/// Shows the page.
pub async fn member(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let by = context.query_param::<String>("by").unwrap_or_else(|| "mid".to_owned());
    let text = context.query_param::<String>("text").unwrap_or_default().trim().to_owned();
    let found = if text.is_empty() {
        None
    } else {
        Some(member_details(context.call_api(get_member::get_member, search_request(&by, &text)?).await?))
    };
    let layout = context.layout("用户");
    context.render(&MemberPage {
        layout,
        by,
        text,
        found,
        payment: context.is_allowed::<AdjustCoins>().then(session_token::generate_id),
        submitted_delta: context.submitted("delta"),
        submitted_reason: context.submitted("reason"),
        can_silence: context.is_allowed::<SilenceMember>(),
        can_verify: context.is_allowed::<VerifyContact>(),
        can_delete: context.is_allowed::<DeleteMember>(),
    })
}

fn search_request(by: &str, text: &str) -> Result<GetMember, ApiError> {
    let value_if = |kind| (by == kind).then(|| text.to_owned());
    let mid = value_if("mid")
        .map(|mid| mid.parse::<Mid>().map_err(|error| ApiError::InvalidRequest(error.to_owned())));
    Ok(GetMember {
        mid: mid.transpose()?,
        uname: value_if("uname"),
        userid: value_if("userid"),
        tel: value_if("tel"),
        mail: value_if("mail"),
    })
}

fn member_details(data: Data) -> MemberDetails {
    let text = |section: &Map<String, Value>, key: &str| {
        section.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let unverified = |field: &str, verified: &str| {
        data.account.contains_key(field) && data.account.get(verified) != Some(&Value::Bool(true))
    };
    let realname = match data.realname.as_str() {
        "waiting" => "等待审核",
        "verified" => "已认证",
        "rejected" => "未通过",
        _ => "没有申请",
    };
    MemberDetails {
        mid: data.mid.get(),
        uname: text(&data.card, "uname"),
        is_silenced: data.profile.get("silence") == Some(&Value::Bool(true)),
        is_being_deleted: data.leaving,
        sessions: data.sessions,
        has_unverified_tel: unverified("tel", "tel_verified"),
        has_unverified_mail: unverified("mail", "mail_verified"),
        facts: vec![
            ("关注", format::format_count(data.following.into())),
            ("粉丝", format::format_count(data.follower.into())),
            ("硬币", format::format_coins(data.coins)),
            ("实名", realname.to_owned()),
            ("登录中", data.sessions.to_string()),
        ],
        sections: [
            ("名片", data.card),
            ("空间", data.profile),
            ("账号", data.account),
            ("成长", data.growth),
            ("作品", data.upstat),
        ]
        .into_iter()
        .map(|(label, section)| (label, fields(section)))
        .filter(|(_, fields)| !fields.is_empty())
        .collect(),
    }
}

/// Flattens a section into name and text. The names of nested fields are joined with a dot.
fn fields(section: Map<String, Value>) -> Vec<(String, String)> {
    let flatten = |(name, value): (String, Value)| match value {
        Value::Object(nested) => {
            fields(nested).into_iter().map(|(key, value)| (format!("{name}.{key}"), value)).collect()
        }
        Value::String(text) => vec![(name, text)],
        value => vec![(name, value.to_string())],
    };
    section.into_iter().flat_map(flatten).collect()
}
