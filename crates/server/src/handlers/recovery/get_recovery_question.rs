//! `POST /passport/recovery/question`: the security question of an account that is recovered.

use crate::app::App;
use crate::auth::contact_codes::{self, RecoveryContact};
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::recovery::get_recovery_question::{Data, GetRecoveryQuestion};
use guanxi_storage::Store;
use guanxi_storage::commands::CheckRecoveryCode;
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::Question;
use guanxi_types::ErrorCode;

/// Returns the security question to whoever has the right code.
pub async fn get_recovery_question(
    app: App,
    ApiRequest { params, now, client, .. }: ApiRequest<GetRecoveryQuestion>,
) -> Result<Data, ApiError> {
    let account = RecoveryContact::parse(&app, &params.account).await?;
    let code = contact_codes::submitted(&app, &params.code, now)?;
    let failures = contact_codes::count_try(&app, &client, account.key(&app), now).await?;
    let member = app.store.run(CheckRecoveryCode { proof: account.proof(code), failures }).await?;
    let mid = member.ok_or(ErrorCode::WrongContactCode)?;
    let question = app.store.get::<Question>(mid).await?.and_then(|row| row.question);
    let question = app.cipher.decrypt_optional(SensitiveField::Question, mid, question.as_ref())?;
    Ok(Data { question: question.unwrap_or_default() })
}
