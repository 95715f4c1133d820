//! `POST /operator/keys/rotate`: a new key.

use super::standing;
use crate::app::App;
use crate::keys;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use guanxi_api::operator::keys::Data;
use guanxi_api::operator::keys::rotate::Rotate;
use guanxi_types::ErrorCode;

/// Begins a rotation; the service ends it by itself.
pub async fn rotate(
    app: App,
    OperatorRequest { by, .. }: OperatorRequest<Rotate>,
) -> Result<Data, OperatorError> {
    if app.store.is_shared() {
        let why = "others may serve the same database: stop all of them, and run `guanxi keys rotate`";
        return Err(OperatorError::Wrong(why.to_owned()));
    }
    let Ok(_turn) = app.rotation.try_lock() else { return Err(ErrorCode::Rotating.into()) };
    if app.vault.ring().is_rotating() {
        return Err(ErrorCode::Rotating.into());
    }
    keys::begin(&app, &by).await?;
    Ok(standing(&app))
}
