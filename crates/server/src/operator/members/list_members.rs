//! `GET /operator/members`: the list of members.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::operator::parse_limit;
use guanxi_api::operator::members::list_members::{Data, ListMembers, MemberEntry};
use guanxi_domain::day;
use guanxi_domain::member_filter::{MemberFilter, MemberFlag};
use guanxi_domain::name::MAX_SEARCH_CHARS;
use guanxi_domain::paging::PageWindow;
use guanxi_storage::member_list::{ListedMember, MemberQuery};
use guanxi_storage::name_search::NameQuery;
use guanxi_storage::{StorageError, Store};
use guanxi_types::Mid;
use jiff::civil::Date;

/// Returns a page of members.
pub async fn list_members(
    app: App,
    ApiRequest { params, .. }: ApiRequest<ListMembers>,
) -> Result<Data, ApiError> {
    let (filter, limit) = (filter(&params)?, parse_limit(params.limit)?);
    let (among, complete) = match params.text.as_deref().map(str::trim) {
        None | Some("") => (None, true),
        Some(text) if text.chars().count() > MAX_SEARCH_CHARS => {
            return Err(ApiError::InvalidRequest(format!(
                "text has more than {MAX_SEARCH_CHARS} characters"
            )));
        }
        Some(text) => {
            let (found, is_complete) = members_named(&app, text).await?;
            (Some(found), is_complete)
        }
    };
    let query = MemberQuery {
        filter,
        among,
        order: params.order.unwrap_or_default(),
        after: params.after,
        limit,
        max_compared: app.limits.member_scan,
    };
    let page = app.store.list_members(query).await?;
    let list = page.members.into_iter().map(entry).collect();
    Ok(Data { list, next: page.next, compared: page.compared, complete })
}

/// Returns the members that a text finds. The flag is false if there may be more.
async fn members_named(app: &App, text: &str) -> Result<(Vec<Mid>, bool), StorageError> {
    let window = PageWindow { offset: 0, limit: usize::MAX };
    let found = app.store.find_members(NameQuery::new(text, None, app.limits.find_scan, window)).await?;
    Ok((found.entries.into_iter().map(|entry| entry.mid).collect(), found.is_complete))
}

fn filter(params: &ListMembers) -> Result<MemberFilter, ApiError> {
    let is_set = [params.silenced, params.unverified_tel, params.unverified_mail];
    let flags = MemberFlag::ALL.into_iter().zip(is_set).filter(|(_, is_set)| *is_set);
    Ok(MemberFilter {
        joined_from: parse_day("joined_from", params.joined_from.as_deref())?.map(day::start_of),
        joined_until: parse_day("joined_until", params.joined_until.as_deref())?.map(day::end_of),
        active_from: parse_day("active_from", params.active_from.as_deref())?,
        active_until: parse_day("active_until", params.active_until.as_deref())?,
        exp_from: params.exp_from,
        exp_until: params.exp_until,
        flags: flags.map(|(flag, _)| flag).collect(),
    })
}

fn parse_day(name: &str, text: Option<&str>) -> Result<Option<Date>, ApiError> {
    let parse = |text| {
        day::parse_day(text)
            .ok_or_else(|| ApiError::InvalidRequest(format!("{name} must be a day, such as 2026-01-31")))
    };
    text.map(parse).transpose()
}

fn entry(ListedMember { card, facts }: ListedMember) -> MemberEntry {
    let has = |flag| facts.flags.contains(&flag);
    MemberEntry {
        mid: card.mid,
        joined: facts.joined,
        active: facts.active.map(|day| day.to_string()),
        exp: facts.exp,
        silenced: has(MemberFlag::Silenced),
        unverified_tel: has(MemberFlag::UnverifiedTel),
        unverified_mail: has(MemberFlag::UnverifiedMail),
        uname: card.uname,
        face: card.face,
    }
}
