//! Passkeys (WebAuthn): their challenges, and the verification of their responses.
//!
//! A challenge is a row, so it survives a restart and serves several programs on one database. A passkey is
//! discoverable and names its member by the user handle, so a login needs no name.

use crate::app::App;
use crate::auth::factor_check::load_factors;
use crate::auth::login_session::build_cookie;
use crate::http::client_info::ClientInfo;
use crate::http::cookies;
use crate::http::response::ApiError;
use crate::session_token::{Token, random_bytes, to_hex};
use guanxi_storage::Store;
use guanxi_storage::commands::{FactorProof, NewPasskey, StorePasskeyChallenge, TakePasskeyChallenge};
use guanxi_storage::encryption::Hash;
use guanxi_storage::model::Factors;
use guanxi_types::{ErrorCode, HttpError, Mid, Secret};
use http::HeaderValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::sync::Arc;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

/// The cookie with the secret of a challenge for a login or a proof.
const CALLER_COOKIE: &str = "passkey_caller";

/// The passkeys of the service's domain.
#[derive(Clone, Debug)]
pub struct Passkeys(Option<Arc<Webauthn>>);

impl Passkeys {
    /// Creates the passkeys of a URL. They are off if its host is an address, for which browsers have no passkeys.
    pub fn new(public_url: &str) -> Passkeys {
        let webauthn = Url::parse(public_url).ok().and_then(|url| {
            let domain = url.domain()?.to_owned();
            let builder = WebauthnBuilder::new(&domain, &url).ok()?.rp_name(&domain);
            // A service under development may have any port.
            builder.allow_any_port(domain == "localhost").build().ok()
        });
        Passkeys(webauthn.map(Arc::new))
    }

    /// Returns true if members can use passkeys.
    pub fn are_available(&self) -> bool {
        self.0.is_some()
    }

    fn webauthn(&self) -> Result<&Webauthn, ApiError> {
        Ok(self.0.as_deref().ok_or(ErrorCode::InvalidPasskey)?)
    }
}

/// Creates a challenge for a login or a proof. Returns its options, and the cookie that binds it to the client.
pub async fn create_challenge(
    app: &App,
    client: &ClientInfo,
    now: i64,
) -> Result<(Value, Option<HeaderValue>), ApiError> {
    let (mut options, state) =
        app.passkeys.webauthn()?.start_discoverable_authentication().map_err(|error| rejected(&error))?;
    // The member clicked a button, so the browser need not offer passkeys in a field.
    options.mediation = None;
    let (secret, ttl) = (to_hex(&random_bytes::<32>()), app.limits.login_step_secs);
    store_challenge(app, hash_secret(b"passkey", &secret), &state, now).await?;
    let cookie = build_cookie(app, client, CALLER_COOKIE, &secret, ttl, "; HttpOnly; SameSite=Strict");
    Ok((to_json(&options)?, cookie))
}

/// Verifies the response of a passkey to the challenge of the client. Returns the member and the proof. 30117 if the
/// response is invalid, and 30111 if no member has the passkey.
pub async fn verify(
    app: &App,
    client: &ClientInfo,
    credential: &Secret,
    now: i64,
) -> Result<(Mid, FactorProof), ApiError> {
    let webauthn = app.passkeys.webauthn()?;
    let response: PublicKeyCredential = parse(credential)?;
    let secret = cookies::request_cookie(&client.headers, CALLER_COOKIE).unwrap_or_default();
    let state: DiscoverableAuthentication =
        take_challenge(app, hash_secret(b"passkey", &secret), now).await?;
    let (handle, id) =
        webauthn.identify_discoverable_authentication(&response).map_err(|error| rejected(&error))?;
    let mid = member_of(handle).ok_or(ErrorCode::InvalidPasskey)?;
    let factors = load_factors(app, mid).await?;
    let mut known = factors.passkeys.iter().filter_map(|row| {
        let passkey: Passkey = serde_json::from_str(&row.credential).ok()?;
        (passkey.cred_id().as_slice() == id).then_some((row, passkey))
    });
    let (row, mut passkey) = known.next().ok_or(ErrorCode::WrongFactor)?;
    // A counter that does not rise is an error here: the passkey was copied.
    let result = webauthn
        .finish_discoverable_authentication_v2(&response, state, &passkey)
        .map_err(|error| rejected(&error))?;
    passkey.update_credential(&result);
    let (credential_id, before) = (row.credential_id.clone(), row.credential.clone());
    let after = serde_json::to_string(&passkey).map_err(|_| HttpError::InternalError)?;
    Ok((mid, FactorProof::Passkey { credential_id, before, after }))
}

/// Creates a challenge for a new passkey of a member. It belongs to their session.
pub async fn start_registration(
    app: &App,
    session: &Token,
    factors: &Factors,
    uname: &str,
    now: i64,
) -> Result<Value, ApiError> {
    let known =
        factors.passkeys.iter().filter_map(|row| serde_json::from_str::<Passkey>(&row.credential).ok());
    let known: Vec<CredentialID> = known.map(|passkey| passkey.cred_id().clone()).collect();
    let (options, state) = app
        .passkeys
        .webauthn()?
        .start_passkey_registration(user_handle(factors.mid), uname, uname, Some(known))
        .map_err(|error| rejected(&error))?;
    store_challenge(app, hash_secret(b"new passkey", session.as_str()), &state, now).await?;
    let mut options = to_json(&options)?;
    // A login without a name needs a discoverable passkey, which the library does not demand.
    let selection = &mut options["publicKey"]["authenticatorSelection"];
    (selection["residentKey"], selection["requireResidentKey"]) = ("required".into(), true.into());
    Ok(options)
}

/// Verifies the response of a new passkey to the challenge of the session. 30117 if it is invalid.
pub async fn finish_registration(
    app: &App,
    session: &Token,
    name: String,
    credential: &Secret,
    now: i64,
) -> Result<NewPasskey, ApiError> {
    let response: RegisterPublicKeyCredential = parse(credential)?;
    let state: PasskeyRegistration =
        take_challenge(app, hash_secret(b"new passkey", session.as_str()), now).await?;
    let verified = app.passkeys.webauthn()?.finish_passkey_registration(&response, &state);
    let passkey = verified.map_err(|error| rejected(&error))?;
    let credential = serde_json::to_string(&passkey).map_err(|_| HttpError::InternalError)?;
    Ok(NewPasskey { name, credential_id: to_hex(passkey.cred_id()), credential })
}

/// Returns the user handle of a member. It is no secret, since the id of a member is public.
fn user_handle(mid: Mid) -> Uuid {
    Uuid::from_u64_pair(0, mid.get())
}

fn member_of(handle: Uuid) -> Option<Mid> {
    let (0, mid) = handle.as_u64_pair() else { return None };
    Mid::new(mid)
}

fn hash_secret(purpose: &[u8], secret: &str) -> Hash {
    Sha256::new_with_prefix(purpose).chain_update(b"\0").chain_update(secret).finalize().into()
}

async fn store_challenge<S: Serialize>(app: &App, hash: Hash, state: &S, now: i64) -> Result<(), ApiError> {
    let state = serde_json::to_string(state).map_err(|_| HttpError::InternalError)?;
    let expires = now.saturating_add(app.limits.login_step_secs);
    Ok(app.store.run(StorePasskeyChallenge { hash, state, expires }).await?)
}

async fn take_challenge<S: DeserializeOwned>(app: &App, hash: Hash, now: i64) -> Result<S, ApiError> {
    let state = app.store.run(TakePasskeyChallenge { hash, now }).await?;
    Ok(serde_json::from_str(&state).map_err(|_| ErrorCode::InvalidPasskey)?)
}

fn parse<C: DeserializeOwned>(credential: &Secret) -> Result<C, ApiError> {
    Ok(serde_json::from_str(&credential.0).map_err(|_| ErrorCode::InvalidPasskey)?)
}

fn to_json(options: &impl Serialize) -> Result<Value, ApiError> {
    Ok(serde_json::to_value(options).map_err(|_| HttpError::InternalError)?)
}

fn rejected(error: &WebauthnError) -> ApiError {
    tracing::debug!(%error, "response of a passkey rejected");
    ErrorCode::InvalidPasskey.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passkeys_need_a_domain() {
        for (url, available) in [
            ("https://members.example.cn", true),
            ("http://localhost:8080", true),
            ("http://127.0.0.1:8080", false),
            ("http://[::1]:8080", false),
            ("no url", false),
        ] {
            assert_eq!(Passkeys::new(url).are_available(), available, "{url}");
        }
    }

    #[test]
    fn user_handle_names_its_member() {
        let mid = Mid::new(9_007_199_254_740_991).unwrap();
        assert_eq!(member_of(user_handle(mid)), Some(mid));
        assert_eq!(member_of(Uuid::from_u64_pair(1, 7)), None);
        assert_eq!(member_of(Uuid::from_u64_pair(0, 0)), None);
    }
}
