//! `/members`: the list of members with filters.

use super::batch;
use super::context::{Layout, OperatorContext};
use crate::http::response::ApiError;
use crate::operator::members::list_members::list_members;
use crate::web::avatar::{Avatar, NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::format;
use crate::web::language::Language;
use crate::web::messages;
use crate::web::operator::member::SEARCH_KEYS;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::members::change_members::MemberAction;
use guanxi_api::operator::members::list_members::{Data, ListMembers, MemberEntry};
use guanxi_api::params::encode_form;
use guanxi_domain::{day, level};
use http::StatusCode;
use std::sync::Arc;

/// Members per page.
const PAGE_SIZE: u32 = 50;

/// The largest page that can be chosen. A form has a field for each ticked member.
const MAX_PAGE_SIZE: u32 = 500;

#[derive(Template)]
#[template(path = "operator/members.html")]
struct MembersPage {
    layout: Layout,
    /// The kind and the text of the search for one member.
    by: String,
    text: String,
    /// The filters as submitted.
    filters: Filters,
    /// Text of rejected filters; empty if they are valid.
    error: String,
    list: Vec<MemberRow>,
    /// Actions on the ticked members that the role permits.
    actions: Vec<(MemberAction, Key)>,
    /// URLs of the first and of the next page; empty if there is none.
    first_url: String,
    next_url: String,
    /// Formatted number of compared members, if the page ended for it.
    compared: Option<usize>,
    has_all_names: bool,
}

/// The values of the filters' fields.
struct Filters {
    text: String,
    joined_from: String,
    joined_until: String,
    active_from: String,
    active_until: String,
    exp_from: String,
    exp_until: String,
    silenced: bool,
    unverified_tel: bool,
    unverified_mail: bool,
    is_oldest_first: bool,
    limit: String,
}

/// A member of the list.
struct MemberRow {
    mid: u64,
    uname: String,
    avatar: Avatar,
    joined: String,
    active: String,
    exp: String,
    level: u8,
    badges: Vec<Key>,
}

/// Names of the parameters of the filters.
const PARAMS: [&str; 12] = [
    "text",
    "joined_from",
    "joined_until",
    "active_from",
    "active_until",
    "exp_from",
    "exp_until",
    "silenced",
    "unverified_tel",
    "unverified_mail",
    "order",
    "limit",
];

/// Shows the page.
pub async fn members(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let t = context.language();
    let found = match context.decode_query::<ListMembers>() {
        Ok(request) => {
            let limit = Some(request.limit.unwrap_or(PAGE_SIZE).min(MAX_PAGE_SIZE));
            context.call_api(list_members, ListMembers { limit, ..request }).await
        }
        Err(error) => Err(error),
    };
    let (data, error) = match found {
        Ok(data) => (Some(data), String::new()),
        Err(error @ ApiError::InvalidRequest(_)) => (None, messages::error_text(&error, t)),
        Err(error) => return Err(error),
    };
    let (next, compared, has_all_names) =
        data.as_ref().map_or((None, None, true), |data| (data.next, data.compared, data.complete));
    let is_later_page = context.query_param::<String>("after").is_some();
    let status = if data.is_some() { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    let page = MembersPage {
        layout: context.layout(t.text("members")),
        by: "mid".to_owned(),
        text: String::new(),
        filters: filters(&context),
        error,
        actions: batch::permitted(&context),
        list: rows(&context, data, t),
        first_url: if is_later_page { page_url(&context, None) } else { String::new() },
        next_url: next.map(|mid| page_url(&context, Some(mid.to_string()))).unwrap_or_default(),
        compared,
        has_all_names,
    };
    let mut response = context.render(&page)?;
    if status != StatusCode::OK {
        *response.status_mut() = status;
    }
    Ok(response)
}

fn filters(context: &OperatorContext) -> Filters {
    let text = |name| context.query_param::<String>(name).unwrap_or_default();
    let is_set = |name| text(name) == "true";
    Filters {
        text: text("text"),
        joined_from: text("joined_from"),
        joined_until: text("joined_until"),
        active_from: text("active_from"),
        active_until: text("active_until"),
        exp_from: text("exp_from"),
        exp_until: text("exp_until"),
        silenced: is_set("silenced"),
        unverified_tel: is_set("unverified_tel"),
        unverified_mail: is_set("unverified_mail"),
        is_oldest_first: text("order") == "asc",
        limit: text("limit"),
    }
}

impl Filters {
    /// Returns true if a filter beside the text is set.
    fn has_any(&self) -> bool {
        let texts = [
            &self.joined_from,
            &self.joined_until,
            &self.active_from,
            &self.active_until,
            &self.exp_from,
            &self.exp_until,
        ];
        let is_set = texts.iter().any(|text| !text.is_empty());
        is_set || self.silenced || self.unverified_tel || self.unverified_mail
    }
}

/// Returns the URL of a page with the same filters.
fn page_url(context: &OperatorContext, after: Option<String>) -> String {
    let filters = PARAMS.into_iter().filter_map(|name| Some((name, context.query_param::<String>(name)?)));
    let params: Vec<(&str, String)> = filters.chain(after.map(|after| ("after", after))).collect();
    let query = encode_form(params.iter().map(|(name, value)| (*name, value.as_str())));
    if query.is_empty() { "/members".to_owned() } else { format!("/members?{query}") }
}

fn rows(context: &OperatorContext, data: Option<Data>, language: Language) -> Vec<MemberRow> {
    let row = |entry: MemberEntry| {
        let flags = [
            (entry.silenced, Key("silenced")),
            (entry.unverified_tel, Key("phone-unverified")),
            (entry.unverified_mail, Key("mail-unverified")),
        ];
        let active = entry.active.as_deref().and_then(day::parse_day);
        MemberRow {
            mid: entry.mid.get(),
            avatar: Avatar::new(&context.app.image_origins, entry.mid, &entry.uname, &entry.face),
            uname: truncate_graphemes(&entry.uname, NAME_MAX_GRAPHEMES),
            joined: language.date(entry.joined),
            active: active.map(|day| language.date(day::start_of(day))).unwrap_or_default(),
            exp: format::format_count(entry.exp),
            level: level::compute_level(entry.exp).level,
            badges: flags.into_iter().filter(|(is_set, _)| *is_set).map(|(_, badge)| badge).collect(),
        }
    };
    data.map(|data| data.list).unwrap_or_default().into_iter().map(row).collect()
}
