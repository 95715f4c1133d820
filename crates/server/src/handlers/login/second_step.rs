//! The second step of a login: its secret, which the client has in a cookie.

use super::qr_code::hash_secret;
use crate::app::App;
use crate::auth::login_session::build_cookie;
use crate::http::client_info::ClientInfo;
use crate::http::cookies::request_cookie;
use crate::session_token::{random_bytes, to_hex};
use guanxi_storage::commands::SecondStep;
use guanxi_storage::encryption::Hash;
use http::HeaderValue;

/// The cookie with the secret of a login whose password was right.
const STEP_COOKIE: &str = "login_step";

const ATTRIBUTES: &str = "; HttpOnly; SameSite=Strict";

/// Creates the secret of a second step, and the step as it is stored.
pub fn create(app: &App, now: i64) -> (String, SecondStep) {
    let secret = to_hex(&random_bytes::<32>());
    let expires = now.saturating_add(app.limits.login_step_secs);
    let hash = hash_secret(&secret);
    (secret, SecondStep { hash, expires })
}

/// Returns the cookie with a secret.
pub fn cookie(app: &App, client: &ClientInfo, secret: &str) -> Option<HeaderValue> {
    build_cookie(app, client, STEP_COOKIE, secret, app.limits.login_step_secs, ATTRIBUTES)
}

/// Returns a cookie that deletes the secret.
pub fn expired_cookie(app: &App, client: &ClientInfo) -> Option<HeaderValue> {
    build_cookie(app, client, STEP_COOKIE, "", 0, ATTRIBUTES)
}

/// Returns the hash of the client's second step.
pub fn hash_of(client: &ClientInfo) -> Hash {
    hash_secret(&request_cookie(&client.headers, STEP_COOKIE).unwrap_or_default())
}
