//! `GET /x/member/web/exp/reward`: the caller's rewards of today.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::get_daily_rewards::{Data, GetDailyRewards};
use guanxi_domain::{day, verification};
use guanxi_storage::Store;
use guanxi_storage::model::{Account, Realname, RewardRow};

/// Returns the rewards of today, and the rewards that are granted once.
pub async fn get_daily_rewards(
    app: App,
    ApiRequest { caller: me, now, .. }: ApiRequest<GetDailyRewards>,
) -> Result<Data, ApiError> {
    let today =
        app.store.get::<RewardRow>((me, day::date_at(now))).await?.map(|row| row.granted).unwrap_or_default();
    let account = app.store.get(me).await?.unwrap_or(Account::new(me));
    let realname: Option<Realname> = app.store.get(me).await?;
    Ok(Data {
        login: today.login,
        watch: today.watch,
        coins: today.coins,
        share: today.share,
        email: account.mail.is_some(),
        tel: account.tel.is_some(),
        safe_question: account.safe_question,
        identify_card: verification::is_verified(realname.as_ref().map(|row| &row.status)),
    })
}
