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
use http::header::HOST;
use http::{HeaderMap, HeaderValue};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::net::IpAddr;
use std::sync::Arc;
use webauthn_rs::prelude::{
    CredentialID, DiscoverableAuthentication, Passkey, PasskeyRegistration, PublicKeyCredential,
    RegisterPublicKeyCredential, Url, Uuid, Webauthn, WebauthnBuilder, WebauthnError,
};

/// The cookie with the secret of a challenge for a login or a proof.
const CALLER_COOKIE: &str = "passkey_caller";

/// The passkeys of the service's domain.
#[derive(Clone, Debug)]
pub struct Passkeys(Option<Arc<Domain>>);

#[derive(Debug)]
struct Domain {
    webauthn: Webauthn,
    /// True for `localhost` in place of a loopback address, which clients may use too.
    is_substitute: bool,
}

impl Passkeys {
    /// Creates the passkeys of a URL. Browsers have none for an address, so those of a loopback address are for
    /// `localhost`, and other addresses have none.
    pub fn new(public_url: &str) -> Passkeys {
        let domain = Url::parse(public_url).ok().and_then(|mut url| {
            let address = url.host_str()?.trim_matches(['[', ']']).parse::<IpAddr>();
            let is_substitute = address.is_ok_and(|address| address.is_loopback());
            if is_substitute {
                url.set_host(Some("localhost")).ok()?;
            }
            let name = url.domain()?.to_owned();
            let builder = WebauthnBuilder::new(&name, &url).ok()?.rp_name(&name);
            // A service under development may have any port.
            let webauthn = builder.allow_any_port(name == "localhost").build().ok()?;
            Some(Domain { webauthn, is_substitute })
        });
        Passkeys(domain.map(Arc::new))
    }

    /// Returns true if members can use passkeys at the host of a request.
    pub fn are_available(&self, headers: &HeaderMap) -> bool {
        let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let host = host.split(':').next().unwrap_or_default();
        // Behind a proxy the header may name another host than the URL that members see.
        self.0.as_ref().is_some_and(|domain| !domain.is_substitute || host.eq_ignore_ascii_case("localhost"))
    }

    fn webauthn(&self) -> Result<&Webauthn, ApiError> {
        Ok(self.0.as_ref().map(|domain| &domain.webauthn).ok_or(ErrorCode::InvalidPasskey)?)
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
        for (url, host, available) in [
            ("https://members.example.cn", "members.example.cn", true),
            ("https://members.example.cn", "192.0.2.1", true),
            ("http://localhost:8080", "localhost:9090", true),
            ("http://127.0.0.1:8080", "127.0.0.1:8080", false),
            ("http://127.0.0.1:8080", "localhost:8080", true),
            ("http://[::1]:8080", "localhost:8080", true),
            ("http://[::1]:8080", "[::1]:8080", false),
            ("http://192.0.2.1:8080", "localhost:8080", false),
            ("no url", "localhost", false),
        ] {
            let headers = HeaderMap::from_iter([(HOST, HeaderValue::from_static(host))]);
            assert_eq!(Passkeys::new(url).are_available(&headers), available, "{url} at {host}");
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
