//! `POST /operator/member/verify`: marks a contact of a member as verified.

use crate::app::App;
use crate::operator::error::OperatorError;
use crate::operator::request::OperatorRequest;
use guanxi_api::operator::members::verify_contact::{ContactKind, VerifyContact};
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_storage::commands::operator::{self, Audited};

/// Marks a contact as verified.
pub async fn verify_contact(
    app: App,
    OperatorRequest { by, params, now }: OperatorRequest<VerifyContact>,
) -> Result<(), OperatorError> {
    let kind = match params.what {
        ContactKind::Tel => commands::ContactKind::Tel,
        ContactKind::Mail => commands::ContactKind::Mail,
    };
    Ok(app.store.run(Audited { by, now, command: operator::VerifyContact { mid: params.mid, kind } }).await?)
}
