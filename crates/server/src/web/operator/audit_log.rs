//! `/log`: audit log of operators' actions.

use super::context::{Layout, NAME_MAX_GRAPHEMES, OperatorContext};
use super::values;
use crate::http::response::ApiError;
use crate::operator::list_audit_entries;
use crate::web::avatar::truncate_graphemes;
use crate::web::language::Language;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::Endpoint;
use guanxi_api::operator::ingest_events::IngestEvents;
use guanxi_api::operator::keys::rotate_keys::RotateKeys;
use guanxi_api::operator::list_audit_entries::{Entry, ListAuditEntries};
use guanxi_api::operator::members::add_note::AddNote;
use guanxi_api::operator::members::adjust_coins::AdjustCoins;
use guanxi_api::operator::members::create_member::CreateMember;
use guanxi_api::operator::members::delete_member::DeleteMember;
use guanxi_api::operator::members::delete_note::DeleteNote;
use guanxi_api::operator::members::remove_picture::RemovePicture;
use guanxi_api::operator::members::revoke_member_sessions::RevokeMemberSessions;
use guanxi_api::operator::members::silence_member::SilenceMember;
use guanxi_api::operator::members::update_member::UpdateMember;
use guanxi_api::operator::members::verify_contact::VerifyContact;
use guanxi_api::operator::reviews::review_bio::ReviewBio;
use guanxi_api::operator::reviews::review_name::ReviewName;
use guanxi_api::operator::reviews::review_realname::ReviewRealname;
use guanxi_api::operator::tokens::create_token::CreateToken;
use guanxi_api::operator::tokens::revoke_token::RevokeToken;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "operator/audit_log.html")]
struct AuditLog {
    layout: Layout,
    entries: Vec<AuditRow>,
    /// Parameter `before` of the next page; `None` on the last.
    next_before: Option<u64>,
}

/// An audit entry for display.
pub struct AuditRow {
    pub(super) time: String,
    pub(super) by: String,
    pub(super) action: String,
    pub(super) mid: String,
    /// Changed fields as words.
    pub(super) changes: Vec<String>,
}

/// The names of operations.
const ACTIONS: [(&str, Key); 17] = [
    (CreateMember::PATH, Key("action-create")),
    (UpdateMember::PATH, Key("action-update")),
    (SilenceMember::PATH, Key("action-silence")),
    (VerifyContact::PATH, Key("action-verify")),
    (AdjustCoins::PATH, Key("action-coins")),
    (RevokeMemberSessions::PATH, Key("action-sessions")),
    (RemovePicture::PATH, Key("action-face")),
    (DeleteMember::PATH, Key("action-delete")),
    (AddNote::PATH, Key("action-note-add")),
    (DeleteNote::PATH, Key("action-note-delete")),
    (ReviewBio::PATH, Key("action-review-sign")),
    (ReviewName::PATH, Key("action-review-name")),
    (ReviewRealname::PATH, Key("action-review-realname")),
    (IngestEvents::PATH, Key("action-events")),
    (CreateToken::PATH, Key("action-token-create")),
    (RevokeToken::PATH, Key("action-token-revoke")),
    (RotateKeys::PATH, Key("action-keys")),
];

/// Displayed number of changed fields, and displayed length of each.
const MAX_CHANGES: usize = 12;
const CHANGE_MAX_GRAPHEMES: usize = 120;

/// Entries per page.
const PAGE_SIZE: u32 = 100;

/// Shows the page.
pub async fn audit_log(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let before: Option<u64> = context.query_param::<String>("before").and_then(|before| before.parse().ok());
    let list = context
        .call_api(list_audit_entries::list_audit_entries, ListAuditEntries { before, limit: Some(PAGE_SIZE) })
        .await?
        .list;
    let next_before =
        list.last().map(|entry| entry.seq).filter(|seq| *seq > 1 && list.len() == PAGE_SIZE as usize);
    let t = context.language();
    context.render(&AuditLog {
        layout: context.layout(t.text("audit-log")),
        entries: list.into_iter().map(|entry| audit_row(entry, t)).collect(),
        next_before,
    })
}

/// Formats an audit entry.
pub(super) fn audit_row(entry: Entry, language: Language) -> AuditRow {
    let Entry { time, by, action, mid, before, after, .. } = entry;
    let known = ACTIONS.iter().find(|(path, _)| *path == action);
    let action = known.map_or(action, |(_, name)| language.text(*name).to_string());
    let changes = values::of_change(before, after, language).into_iter().take(MAX_CHANGES);
    AuditRow {
        time: language.minute(time),
        by: truncate_graphemes(&by, NAME_MAX_GRAPHEMES),
        action,
        mid: mid.map(|mid| mid.to_string()).unwrap_or_default(),
        changes: changes.map(|change| truncate_graphemes(&change, CHANGE_MAX_GRAPHEMES)).collect(),
    }
}
