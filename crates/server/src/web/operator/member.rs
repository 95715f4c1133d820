//! `/member`: a member's data, and the operations on them.

use super::context::{Layout, NAME_MAX_GRAPHEMES, OperatorContext};
use super::values;
use crate::http::response::ApiError;
use crate::image_policy::ImageOrigins;
use crate::operator::members::get_member;
use crate::operator::members::list_notes::list_notes;
use crate::session_token;
use crate::web::avatar::{Avatar, truncate_graphemes};
use crate::web::format;
use crate::web::language::Language;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::members::add_note::AddNote;
use guanxi_api::operator::members::adjust_coins::AdjustCoins;
use guanxi_api::operator::members::delete_member::DeleteMember;
use guanxi_api::operator::members::delete_note::DeleteNote;
use guanxi_api::operator::members::get_member::{Data, GetMember};
use guanxi_api::operator::members::list_member_coins::ListMemberCoins;
use guanxi_api::operator::members::list_notes::{ListNotes, Note};
use guanxi_api::operator::members::remove_factors::RemoveFactors;
use guanxi_api::operator::members::remove_picture::RemovePicture;
use guanxi_api::operator::members::silence_member::SilenceMember;
use guanxi_api::operator::members::verify_contact::VerifyContact;
use guanxi_domain::picture::PicturePath;
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
    /// Notes of operators; empty without a found member.
    notes: Vec<NoteRow>,
    submitted_note: String,
    can_read_coins: bool,
    can_add_notes: bool,
    can_delete_notes: bool,
    can_silence: bool,
    can_remove_picture: bool,
    can_remove_factors: bool,
    can_verify: bool,
    can_delete: bool,
}

struct MemberDetails {
    mid: Mid,
    uname: String,
    avatar: Avatar,
    has_picture: bool,
    has_factors: bool,
    is_silenced: bool,
    is_being_deleted: bool,
    /// Time of the deletion, if the member leaves. Else empty.
    leaves_at: String,
    sessions: usize,
    /// True if a phone, or a mail address, is not verified yet.
    has_unverified_tel: bool,
    has_unverified_mail: bool,
    facts: Vec<(Key, String)>,
    sections: Vec<(Key, Vec<(Key, String)>)>,
}

/// A note on a member.
struct NoteRow {
    id: u64,
    text: String,
    by: String,
    time: String,
}

/// Keys for the member search.
pub(super) const SEARCH_KEYS: [(&str, Key); 5] = [
    ("mid", Key("uid")),
    ("uname", Key("field-uname")),
    ("userid", Key("userid")),
    ("tel", Key("phone")),
    ("mail", Key("field-mail")),
];

/// Shows the page.
pub async fn member(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let by = context.query_param::<String>("by").unwrap_or_else(|| "mid".to_owned());
    let text = context.query_param::<String>("text").unwrap_or_default().trim().to_owned();
    let found = if text.is_empty() {
        None
    } else {
        let data = context.call_api(get_member::get_member, search_request(&by, &text)?).await?;
        Some(member_details(&context.app.image_origins, data, context.language()))
    };
    let notes = match &found {
        Some(found) => notes(&context, found.mid).await?,
        None => Vec::new(),
    };
    let layout = context.layout(context.language().text("members"));
    context.render(&MemberPage {
        layout,
        by,
        text,
        found,
        payment: context.is_allowed::<AdjustCoins>().then(session_token::generate_id),
        submitted_delta: context.submitted("delta"),
        submitted_reason: context.submitted("reason"),
        notes,
        submitted_note: context.submitted("text"),
        can_read_coins: context.is_allowed::<ListMemberCoins>(),
        can_add_notes: context.is_allowed::<AddNote>(),
        can_delete_notes: context.is_allowed::<DeleteNote>(),
        can_silence: context.is_allowed::<SilenceMember>(),
        can_remove_picture: context.is_allowed::<RemovePicture>(),
        can_remove_factors: context.is_allowed::<RemoveFactors>(),
        can_verify: context.is_allowed::<VerifyContact>(),
        can_delete: context.is_allowed::<DeleteMember>(),
    })
}

async fn notes(context: &OperatorContext, mid: Mid) -> Result<Vec<NoteRow>, ApiError> {
    let t = context.language();
    let list = context.call_api(list_notes, ListNotes { mid }).await?.list;
    let row = |note: Note| NoteRow {
        id: note.id,
        text: note.text,
        by: truncate_graphemes(&note.by, NAME_MAX_GRAPHEMES),
        time: t.minute(note.time),
    };
    Ok(list.into_iter().map(row).collect())
}

fn search_request(by: &str, text: &str) -> Result<GetMember, ApiError> {
    let value_if = |kind| (by == kind).then(|| text.to_owned());
    let mid = value_if("mid")
        .map(|mid| mid.parse::<Mid>().map_err(|error| ApiError::InvalidRequest(format!("mid: {error}"))));
    Ok(GetMember {
        mid: mid.transpose()?,
        uname: value_if("uname"),
        userid: value_if("userid"),
        tel: value_if("tel"),
        mail: value_if("mail"),
    })
}

fn member_details(images: &ImageOrigins, data: Data, language: Language) -> MemberDetails {
    let text = |section: &Map<String, Value>, key: &str| {
        section.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let unverified = |field: &str, verified: &str| {
        data.account.contains_key(field) && data.account.get(verified) != Some(&Value::Bool(true))
    };
    let realname = match data.realname.as_str() {
        "waiting" => Key("waits-for-review"),
        "verified" => Key("realname-status-verified"),
        "rejected" => Key("rejected"),
        _ => Key("realname-status-none"),
    };
    let face = text(&data.card, "face");
    MemberDetails {
        mid: data.mid,
        uname: text(&data.card, "uname"),
        avatar: Avatar::large(images, data.mid, &text(&data.card, "uname"), &face),
        has_factors: data.second_factor,
        has_picture: PicturePath::parse(&face).is_some(),
        is_silenced: data.profile.get("silence") == Some(&Value::Bool(true)),
        is_being_deleted: data.leaving,
        leaves_at: language.minute(data.leaves_at),
        sessions: data.sessions,
        has_unverified_tel: unverified("tel", "tel_verified"),
        has_unverified_mail: unverified("mail", "mail_verified"),
        facts: vec![
            (Key("followings"), format::format_count(data.following.into())),
            (Key("followers"), format::format_count(data.follower.into())),
            (Key("coins"), format::format_coins(data.coins)),
            (Key("realname"), language.text(realname).to_string()),
            (Key("active-sessions"), data.sessions.to_string()),
        ],
        sections: [
            (Key("section-card"), "card", data.card),
            (Key("space"), "profile", data.profile),
            (Key("field-account"), "account", data.account),
            (Key("section-growth"), "growth", data.growth),
            (Key("section-works"), "upstat", data.upstat),
        ]
        .into_iter()
        .map(|(label, name, section)| (label, values::of_row(name, section.into(), language)))
        .filter(|(_, fields)| !fields.is_empty())
        .collect(),
    }
}
