//! Parts that the endpoints of QR code login share.

use crate::app::App;
use crate::http::response::ApiError;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::qr::QRBuilder;
use guanxi_storage::encryption::Hash;
use guanxi_types::HttpError;
use sha2::{Digest, Sha256};

/// The cookie with a secret that only the client of a code has. The code logs in no client without it.
pub(super) const CALLER_COOKIE: &str = "qrcode_caller";

/// Returns the URL in the code of a key, and the code as an SVG image.
pub fn render_qr_code(app: &App, key: &str) -> Result<(String, String), ApiError> {
    // The camera of a phone opens this page, which calls `/passport/qrcode/confirm`.
    let url = format!("{}/login/confirm?key={key}", app.public_url);
    let code = QRBuilder::new(url.as_str()).build().map_err(|_| HttpError::InternalError)?;
    Ok((url, SvgBuilder::default().to_str(&code)))
}

/// Returns the hash that is stored for a key, or for the secret of a client.
pub fn hash_secret(secret: &str) -> Hash {
    Sha256::digest(secret).into()
}
