//! `POST /passport/question`: sets the caller's security question.

use crate::app::App;
use crate::auth::fresh_proof::require_proof_and_refund;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::set_security_question::SetSecurityQuestion;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_domain::value::QUESTION;
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_types::Secret;
use std::sync::Arc;

/// Sets the caller's security question after a check of the proofs.
pub async fn set_security_question(
    app: App,
    ApiRequest { caller: me, params, client, now }: ApiRequest<SetSecurityQuestion>,
) -> Result<(), ApiError> {
    let (question, answer) =
        (parse_text("question", &params.question)?, parse_text("answer", &params.answer)?);
    let permit = match require_proof_and_refund(&app, &client, me, params.password, now).await? {
        Some(permit) => permit,
        None => app.password_hasher.acquire(Some(client.client_ip(&app.trusted_proxies)))?,
    };
    let answer_hash = app.password_hasher.hash(permit, answer).await?;
    let cipher = Arc::clone(&app.cipher);
    Ok(app.store.run(commands::SetQuestion { me, question, answer_hash, cipher }).await?)
}

fn parse_text(name: &'static str, secret: &Secret) -> Result<String, ApiError> {
    let text = secret.0.trim();
    if QUESTION.is_valid(text) {
        Ok(text.to_owned())
    } else {
        Err(BadParam { name, reason: InvalidValue("has not 1 to 100 characters") }.into())
    }
}
