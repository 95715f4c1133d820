//! `POST /passport/question`: a safe question.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use crate::prove::prove_and_go_on;
use guanxi_rules::value::QUESTION;
use guanxi_store::Store;
use guanxi_store::command;
use guanxi_wire::api::passport::question::SetQuestion;
use guanxi_wire::param::{BadParam, Malformed, Secret};
use std::sync::Arc;

/// Sets one's safe question.
pub async fn question(app: App, Call { who: me, req, sender, .. }: Call<SetQuestion>) -> Result<(), Reject> {
    let (question, answer) = (text("question", &req.question)?, text("answer", &req.answer)?);
    let place = match prove_and_go_on(&app, &sender, me, req.password).await? {
        Some(place) => place,
        None => app.passwords.place(Some(sender.address(&app.trusted_proxies)))?,
    };
    let (answer, vault) = (app.passwords.keep(place, answer).await?, Arc::clone(&app.vault));
    Ok(app.store.run(command::SetQuestion { me, question, answer, vault }).await?)
}

fn text(name: &'static str, given: &Secret) -> Result<String, Reject> {
    let text = given.0.trim();
    if QUESTION.fits(text) {
        Ok(text.to_owned())
    } else {
        Err(BadParam { name, why: Malformed("has not 1 to 100 characters") }.into())
    }
}
