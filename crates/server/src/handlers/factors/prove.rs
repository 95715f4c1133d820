//! `POST /passport/proof`: proves that the caller is the member.

use crate::app::App;
use crate::auth::factor_check::{count_attempt, verify_code};
use crate::auth::passkeys;
use crate::auth::password_check::verify_password;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::factors::prove::Prove;
use guanxi_storage::Store;
use guanxi_storage::commands::ProveSession;
use guanxi_types::{ErrorCode, Secret};

/// Renews the proofs of the session by a password, a code or a passkey. At least one is needed.
pub async fn prove(
    app: App,
    ApiRequest { caller: me, params, client, now }: ApiRequest<Prove>,
) -> Result<(), ApiError> {
    let session = client.token.as_ref().ok_or(ErrorCode::NotLoggedIn)?.hash();
    // A form sends the fields that are not filled in too.
    let filled = |text: Option<Secret>| text.filter(|text| !text.0.is_empty());
    let (password, code, credential) =
        (filled(params.password), filled(params.code), filled(params.credential));
    if password.is_none() && code.is_none() && credential.is_none() {
        return Err(ErrorCode::BadRequest.into());
    }
    let (mut attempts, mut factor) = (Vec::new(), None);
    let has_password = password.is_some();
    if let Some(password) = password {
        attempts.push(verify_password(&app, &client, Some(me), "", password).await?.attempts);
    }
    if let Some(code) = code {
        attempts.push(count_attempt(&app, &client, me, now).await?);
        factor = Some(verify_code(&app, me, &code, now).await?);
    }
    if let Some(credential) = credential {
        let (member, proof) = passkeys::verify(&app, &client, &credential, now).await?;
        if member != me {
            return Err(ErrorCode::WrongFactor.into());
        }
        factor = Some(proof);
    }
    Ok(app.store.run(ProveSession { me, session, password: has_password, factor, attempts, now }).await?)
}
