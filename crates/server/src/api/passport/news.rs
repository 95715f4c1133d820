//! `GET /passport/news`: what one has not seen yet.

pub mod seen;

use super::logins::{Recent, recent};
use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::passport::news::{Data, Happened, Item, News};
use guanxi_domain::mask;
use guanxi_domain::realname::VerificationStatus;
use guanxi_storage::Store;
use guanxi_storage::row::{Account, Realname, SignReview};
use std::cmp::Reverse;

/// How much is told at once.
const MOST: usize = 20;

/// Tells the reviews that ended, and the logins that are worth a second look, since one last said to have seen them.
pub async fn news(
    app: App,
    ApiRequest { who: me, now, sender, .. }: ApiRequest<News>,
) -> Result<Data, ApiError> {
    let seen = app.store.get(me).await?.map_or(0, |account: Account| account.seen);
    let (sign, realname): (Option<SignReview>, Option<Realname>) =
        (app.store.get(me).await?, app.store.get(me).await?);
    let current = sender.token.map(|token| token.hash());
    let mut logins = recent(&app, me, now).await?;
    logins.retain(|Recent { new, session, .. }| {
        (new.device || new.place) && (session.is_none() || *session != current)
    });
    let mut list: Vec<Item> = logins.into_iter().map(of_login).collect();
    list.extend(sign.map(of_sign));
    list.extend(realname.and_then(of_realname));
    list.retain(|item| item.time > seen);
    list.sort_by_key(|item| Reverse(item.time));
    list.truncate(MOST);
    Ok(Data { seen, list })
}

fn of_login(Recent { row, .. }: Recent) -> Item {
    let remark = format!("{}{}", row.place, row.carrier);
    Item { r#type: Happened::Login, time: row.time, text: row.device, remark, ip: mask::ip_in_log(row.ip) }
}

/// Of one that waits, the time is 0: nobody has yet to see it.
fn of_sign(review: SignReview) -> Item {
    let SignReview { sign: text, rejected, ended: time, .. } = review;
    let r#type = if rejected.is_some() { Happened::SignRejected } else { Happened::SignApproved };
    Item { r#type, time, text, remark: rejected.unwrap_or_default(), ip: String::new() }
}

fn of_realname(row: Realname) -> Option<Item> {
    let (r#type, remark) = match row.standing {
        VerificationStatus::Waiting => return None,
        VerificationStatus::Verified => (Happened::RealnameVerified, String::new()),
        VerificationStatus::Rejected(remark) => (Happened::RealnameRejected, remark),
    };
    Some(Item { r#type, time: row.ended, text: String::new(), remark, ip: String::new() })
}
