//! `POST /operator/member/verify`: a phone or a mail address is a member's.

use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use guanxi_api::operator::member::verify::{Reach, Verify};
use guanxi_storage::Store;
use guanxi_storage::command;
use guanxi_storage::command::operate::{self, Audited};

/// Marks it as verified.
pub async fn verify(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<Verify>,
) -> Result<(), OperatorError> {
    let by_what = match req.what {
        Reach::Tel => command::ContactKind::Tel,
        Reach::Mail => command::ContactKind::Mail,
    };
    Ok(app.store.run(Audited { by, now, deed: operate::Verify { mid: req.mid, by: by_what } }).await?)
}
