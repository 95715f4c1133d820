//! `GET /passport/news`: the news of the caller's account.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::handlers::login::list_logins::{RecentLogin, recent_logins};
use crate::http::response::ApiError;
use guanxi_api::account::list_news::{Data, ListNews, NewsItem, NewsKind};
use guanxi_domain::mask;
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::Store;
use guanxi_storage::model::{Account, BioReview, Realname};
use std::cmp::Reverse;

/// The largest number of news in a response.
const MAX_NEWS: usize = 20;

/// Returns finished reviews and unfamiliar logins since the time up to which the news are marked as seen.
pub async fn list_news(
    app: App,
    ApiRequest { caller: me, now, client, .. }: ApiRequest<ListNews>,
) -> Result<Data, ApiError> {
    let seen = app.store.get(me).await?.map_or(0, |account: Account| account.seen);
    let (bio, realname): (Option<BioReview>, Option<Realname>) =
        (app.store.get(me).await?, app.store.get(me).await?);
    let current = client.token.map(|token| token.hash());
    let mut logins = recent_logins(&app, me, now).await?;
    logins.retain(|RecentLogin { unfamiliar, session, .. }| {
        (unfamiliar.device || unfamiliar.location) && (session.is_none() || *session != current)
    });
    let mut list: Vec<NewsItem> = logins.into_iter().map(login_news).collect();
    list.extend(bio.map(bio_news));
    list.extend(realname.and_then(realname_news));
    list.retain(|item| item.time > seen);
    list.sort_by_key(|item| Reverse(item.time));
    list.truncate(MAX_NEWS);
    Ok(Data { seen, list })
}

fn login_news(RecentLogin { row, .. }: RecentLogin) -> NewsItem {
    let remark = format!("{}{}", row.location, row.isp);
    NewsItem {
        r#type: NewsKind::Login,
        time: row.time,
        text: row.device,
        remark,
        ip: mask::mask_ip_in_log(row.ip),
    }
}

/// Returns the news item of a review. The time of a pending review is 0, so that the item is never newer than the
/// seen ones.
fn bio_news(review: BioReview) -> NewsItem {
    let BioReview { sign: text, rejected, ended: time, .. } = review;
    let r#type = if rejected.is_some() { NewsKind::SignRejected } else { NewsKind::SignApproved };
    NewsItem { r#type, time, text, remark: rejected.unwrap_or_default(), ip: String::new() }
}

fn realname_news(row: Realname) -> Option<NewsItem> {
    let (r#type, remark) = match row.status {
        VerificationStatus::Waiting => return None,
        VerificationStatus::Verified => (NewsKind::RealnameVerified, String::new()),
        VerificationStatus::Rejected(remark) => (NewsKind::RealnameRejected, remark),
    };
    Some(NewsItem { r#type, time: row.ended, text: String::new(), remark, ip: String::new() })
}
