//! `GET /passport/news`: the news of the caller's account.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::client_info::ClientInfo;
use crate::http::response::ApiError;
use guanxi_api::account::list_news::{Data, ListNews, NewsItem, NewsKind, NewsMember};
use guanxi_domain::day;
use guanxi_domain::news::{self, FollowerDay};
use guanxi_storage::commands::session_mark;
use guanxi_storage::model::Card;
use guanxi_storage::store::News;
use guanxi_storage::{StorageError, Store};
use guanxi_types::{Coins, Mid, TimeCursor};
use std::cmp::Reverse;

/// The number of news in a response.
const PAGE: usize = 20;

/// Returns a page of the caller's news.
pub async fn list_news(
    app: App,
    ApiRequest { caller: me, params, now, client }: ApiRequest<ListNews>,
) -> Result<Data, ApiError> {
    let ListNews { all, before } = params;
    let kept_since = app.limits.news.kept_since(now);
    let session = current_session(&client);
    let News { row, followers } = app.store.news(me, kept_since - 1).await?;
    let unread = news::count_unread(&row.items, &followers, row.seen.max(kept_since - 1), session);
    let is_before = |position: TimeCursor| before.is_none_or(|before| position < before);
    let is_shown = |item: &NewsItem| (all.0 || item.unread) && is_before(item.id);

    let followers_seen = row.seen.max(row.followers_seen);
    let since = if all.0 { kept_since } else { kept_since.max(followers_seen) };
    let last = before.map_or(now, |before| before.time.min(now));
    let days = if last < since || !all.0 && followers.is_empty() {
        Vec::new()
    } else {
        app.store.follower_days(me, day::date_at(since)..=day::date_at(last), PAGE + 2).await?
    };
    let (mut list, mut members): (Vec<NewsItem>, Vec<Vec<Mid>>) = (Vec::new(), Vec::new());
    for FollowerDay { newest, count, members: newest_members } in days {
        let unread = news::unread_of_day(&followers, followers_seen, newest) > 0;
        let item = NewsItem { count, ..empty_item(newest, 0, NewsKind::Followers, unread) };
        if is_shown(&item) {
            list.push(item);
            members.push(newest_members);
        }
    }
    let cards = app.store.rows::<Card>(members.concat()).await?;
    let mut cards = members.concat().into_iter().zip(cards).map(|(mid, card)| {
        let Card { uname, face, .. } = card.unwrap_or(Card::new(mid));
        NewsMember { mid, uname, face: app.face_origin.url(&client, face) }
    });
    for (item, members) in list.iter_mut().zip(&members) {
        item.members = cards.by_ref().take(members.len()).collect();
    }
    let stored = row.items.into_iter().filter(|item| item.time >= kept_since && !item.is_own_login(session));
    list.extend(stored.map(|item| stored_item(item, row.seen, session)).filter(is_shown));
    list.sort_by_key(|item| Reverse(item.id));
    let next = list.get(PAGE - 1).filter(|_| list.len() > PAGE).map(|item| item.id);
    list.truncate(PAGE);
    Ok(Data { seen: row.seen, unread, list, next })
}

/// Returns the number of unread news of a member, at most 100.
pub(crate) async fn count_unread(
    app: &App,
    me: Mid,
    client: &ClientInfo,
    now: i64,
) -> Result<usize, StorageError> {
    let since = app.limits.news.kept_since(now);
    let News { row, followers } = app.store.news(me, since - 1).await?;
    Ok(news::count_unread(&row.items, &followers, row.seen.max(since - 1), current_session(client)))
}

/// Returns the mark of the client's session in the news of its login.
fn current_session(client: &ClientInfo) -> Option<u64> {
    client.token.as_ref().map(|token| session_mark(&token.hash()))
}

fn empty_item(time: i64, number: u32, r#type: NewsKind, unread: bool) -> NewsItem {
    NewsItem {
        id: TimeCursor { time, number },
        r#type,
        time,
        unread,
        text: String::new(),
        remark: String::new(),
        ip: String::new(),
        level: 0,
        coins: Coins::ZERO,
        count: 0,
        members: Vec::new(),
    }
}

fn stored_item(item: news::NewsItem, seen: i64, session: Option<u64>) -> NewsItem {
    let unread = item.is_unread(seen, session);
    let r#type = match item.kind {
        news::NewsKind::SignApproved => NewsKind::SignApproved,
        news::NewsKind::SignRejected => NewsKind::SignRejected,
        news::NewsKind::RealnameVerified => NewsKind::RealnameVerified,
        news::NewsKind::RealnameRejected => NewsKind::RealnameRejected,
        news::NewsKind::Login => NewsKind::Login,
        news::NewsKind::Level => NewsKind::Level,
        news::NewsKind::Coins => NewsKind::Coins,
    };
    let news::NewsItem { id, time, text, remark, ip, level, coins, .. } = item;
    NewsItem { text, remark, ip, level, coins, ..empty_item(time, id, r#type, unread) }
}
