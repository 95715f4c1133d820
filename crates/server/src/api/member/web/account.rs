//! `GET /x/member/web/account`: who one is.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use crate::show;
use guanxi_api::api::member::web::account::{Account, Data};
use guanxi_domain::rank;
use guanxi_storage::Store;
use guanxi_storage::row::{Account as AccountRow, Card, Profile};

/// Tells one's own account.
pub async fn account(app: App, ApiRequest { who: me, .. }: ApiRequest<Account>) -> Result<Data, ApiError> {
    let card = app.store.get(me).await?.unwrap_or(Card::of(me));
    let account = app.store.get(me).await?.unwrap_or(AccountRow::of(me));
    let profile = app.store.get(me).await?.unwrap_or(Profile::of(me));
    Ok(Data {
        mid: me,
        uname: card.uname,
        userid: account.userid,
        sign: card.sign,
        birthday: profile.birthday.map(|day| day.to_string()).unwrap_or_default(),
        sex: show::sex(profile.sex),
        nick_free: account.nick_free,
        rank: rank::title(profile.rank.0).to_owned(),
    })
}
