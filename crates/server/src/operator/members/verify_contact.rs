//! `POST /operator/member/verify`: marks a contact of a member as verified.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::members::verify_contact::{ContactKind, VerifyContact};
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_storage::commands::operator::{self, Audited};

/// Marks a contact as verified.
pub async fn verify_contact(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<VerifyContact>,
) -> Result<(), ApiError> {
    let kind = match params.what {
        ContactKind::Tel => commands::ContactKind::Tel,
        ContactKind::Mail => commands::ContactKind::Mail,
    };
    Ok(app.store.run(Audited { by, now, command: operator::VerifyContact { mid: params.mid, kind } }).await?)
}
