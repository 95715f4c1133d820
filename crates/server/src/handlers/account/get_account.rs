//! `GET /x/member/web/account`: the account of the caller.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::to_api;
use guanxi_api::account::get_account::{Data, GetAccount};
use guanxi_domain::rank;
use guanxi_storage::Store;
use guanxi_storage::model::{Account as AccountRow, Card, Profile};

/// Returns the account of the caller.
pub async fn get_account(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<GetAccount>,
) -> Result<Data, ApiError> {
    let card = app.store.get(me).await?.unwrap_or(Card::new(me));
    let account = app.store.get(me).await?.unwrap_or(AccountRow::new(me));
    let profile = app.store.get(me).await?.unwrap_or(Profile::new(me));
    Ok(Data {
        mid: me,
        uname: card.uname,
        userid: account.userid,
        sign: card.sign,
        birthday: profile.birthday.map(|day| day.to_string()).unwrap_or_default(),
        sex: to_api::sex(profile.sex),
        nick_free: account.nick_free,
        rank: rank::rank_title(profile.rank.0).to_owned(),
    })
}
