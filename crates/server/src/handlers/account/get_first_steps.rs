//! `GET /passport/steps`: the first steps of a new member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use futures_util::future::try_join4;
use guanxi_api::account::get_first_steps::{Data, FirstStep, GetFirstSteps, Step};
use guanxi_storage::Store;
use guanxi_storage::model::{Account, BioReview, Card, Entity};

/// Returns the first steps, and which of them the caller has taken.
pub async fn get_first_steps(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<GetFirstSteps>,
) -> Result<Data, ApiError> {
    let store = &app.store;
    let rows = try_join4(
        store.get::<Account>(me),
        store.get::<Card>(me),
        store.get::<BioReview>(me),
        store.counters(me),
    );
    let (account, card, review, counters) = rows.await?;
    let (account, counters) = (account.unwrap_or(Account::new(me)), counters.unwrap_or_default());
    let has_bio = card.is_some_and(|card| !card.sign.is_empty())
        || review.is_some_and(|review| review.review_since().is_some());
    let list = [
        (Step::Sign, has_bio),
        (Step::Follow, counters.following + counters.whisper > 0),
        (Step::Contact, account.tel.is_some() || account.mail.is_some()),
        (Step::SafeQuestion, account.safe_question),
    ];
    let list = list.into_iter().map(|(step, done)| FirstStep { step, done }).collect();
    Ok(Data { dismissed: account.steps_dismissed, list })
}
