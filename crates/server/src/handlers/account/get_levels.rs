//! `GET /passport/levels`: the levels, and the exp of the caller.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use futures_util::future::try_join;
use guanxi_api::account::get_levels::{Data, ExpSource, ExpSourceKind, GetLevels, LevelStep};
use guanxi_domain::level::{LEVEL_MIN_EXP, compute_level};
use guanxi_domain::reward::{
    DAILY_TASK_EXP, DailyRewards, EXP_PER_TIPPED_COIN, VERIFIED_REALNAME_EXP, VERIFIED_TEL_EXP,
};
use guanxi_domain::{day, value};
use guanxi_storage::Store;
use guanxi_storage::model::{Experience, RewardRow};

/// Returns the levels, and the exp of the caller.
pub async fn get_levels(
    app: App,
    ApiRequest { caller: me, now, .. }: ApiRequest<GetLevels>,
) -> Result<Data, ApiError> {
    let today = (me, day::date_at(now));
    let (experience, rewards) =
        try_join(app.store.get::<Experience>(me), app.store.get::<RewardRow>(today)).await?;
    let experience = experience.unwrap_or(Experience::new(me));
    let granted = rewards.map(|row| row.granted).unwrap_or_default();
    let levels = (0..).zip(LEVEL_MIN_EXP).map(|(level, min)| LevelStep { level, min }).collect();
    let level = compute_level(experience.exp).level;
    Ok(Data { exp: experience.exp, level, levels, sources: sources(granted, &experience).into() })
}

fn sources(granted: DailyRewards, experience: &Experience) -> [ExpSource; 6] {
    let source = |r#type, exp, once, is_granted: bool| {
        let granted = if is_granted { exp } else { 0 };
        ExpSource { r#type, exp, max: exp, once, granted }
    };
    let DailyRewards { login, watch, coins, share } = granted;
    let tip = ExpSource {
        r#type: ExpSourceKind::Coins,
        exp: EXP_PER_TIPPED_COIN.into(),
        max: value::MAX_TIP_EXP.into(),
        once: false,
        granted: coins.into(),
    };
    [
        source(ExpSourceKind::Login, DAILY_TASK_EXP, false, login),
        source(ExpSourceKind::Watch, DAILY_TASK_EXP, false, watch),
        tip,
        source(ExpSourceKind::Share, DAILY_TASK_EXP, false, share),
        source(ExpSourceKind::Tel, VERIFIED_TEL_EXP, true, experience.tel),
        source(ExpSourceKind::IdentifyCard, VERIFIED_REALNAME_EXP, true, experience.identify_card),
    ]
}
