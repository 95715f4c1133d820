//! `GET /x/member/web/exp/reward`: what today has brought.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::member::web::exp::reward::{Data, Reward};
use guanxi_domain::{day, realname};
use guanxi_storage::Store;
use guanxi_storage::row::{Account, Realname, RewardRow};

/// Tells today's rewards, and the one-off ones.
pub async fn reward(app: App, ApiRequest { who: me, now, .. }: ApiRequest<Reward>) -> Result<Data, ApiError> {
    let today =
        app.store.get::<RewardRow>((me, day::of(now))).await?.map(|row| row.given).unwrap_or_default();
    let account = app.store.get(me).await?.unwrap_or(Account::of(me));
    let realname: Option<Realname> = app.store.get(me).await?;
    Ok(Data {
        login: today.login,
        watch: today.watch,
        coins: today.coins,
        share: today.share,
        email: account.mail.is_some(),
        tel: account.tel.is_some(),
        safe_question: account.safe_question,
        identify_card: realname::verified(realname.as_ref().map(|row| &row.standing)),
    })
}
