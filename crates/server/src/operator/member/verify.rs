//! `POST /operator/member/verify`: a phone or a mail address is a member's.

use crate::app::App;
use crate::operator::denied::AdminError;
use crate::operator::duty::AdminRequest;
use guanxi_api::operator::member::verify::{Reach, Verify};
use guanxi_storage::Store;
use guanxi_storage::command;
use guanxi_storage::command::operate::{self, Audited};

/// Marks it as verified.
pub async fn verify(app: App, AdminRequest { by, req, now }: AdminRequest<Verify>) -> Result<(), AdminError> {
    let by_what = match req.what {
        Reach::Tel => command::ContactKind::Tel,
        Reach::Mail => command::ContactKind::Mail,
    };
    Ok(app.store.run(Audited { by, now, deed: operate::Verify { mid: req.mid, by: by_what } }).await?)
}
