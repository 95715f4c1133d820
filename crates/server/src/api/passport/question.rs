//! `POST /passport/question`: a safe question.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use crate::prove::prove_and_go_on;
use guanxi_api::api::passport::question::SetQuestion;
use guanxi_api::param::{BadParam, Malformed, Secret};
use guanxi_domain::value::QUESTION;
use guanxi_storage::Store;
use guanxi_storage::command;
use std::sync::Arc;

/// Sets one's safe question.
pub async fn question(
    app: App,
    ApiRequest { who: me, req, sender, .. }: ApiRequest<SetQuestion>,
) -> Result<(), ApiError> {
    let (question, answer) = (text("question", &req.question)?, text("answer", &req.answer)?);
    let place = match prove_and_go_on(&app, &sender, me, req.password).await? {
        Some(place) => place,
        None => app.passwords.place(Some(sender.address(&app.trusted_proxies)))?,
    };
    let (answer, vault) = (app.passwords.keep(place, answer).await?, Arc::clone(&app.vault));
    Ok(app.store.run(command::SetQuestion { me, question, answer, vault }).await?)
}

fn text(name: &'static str, given: &Secret) -> Result<String, ApiError> {
    let text = given.0.trim();
    if QUESTION.fits(text) {
        Ok(text.to_owned())
    } else {
        Err(BadParam { name, why: Malformed("has not 1 to 100 characters") }.into())
    }
}
