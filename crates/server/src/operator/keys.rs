//! `GET /operator/keys`: the keys of private data.

pub mod rotate;

use super::denied::OperatorError;
use super::duty::OperatorRequest;
use crate::app::App;
use guanxi_api::operator::keys::{Data, Keys};

/// Tells how the keys stand.
pub async fn keys(app: App, _: OperatorRequest<Keys>) -> Result<Data, OperatorError> {
    Ok(standing(&app))
}

fn standing(app: &App) -> Data {
    let ring = app.vault.ring();
    Data { key: ring.newest().id, rotating: ring.is_rotating() }
}
