//! `POST /operator/member/verify`: a phone or a mail address is a member's.

use crate::app::App;
use crate::operator::denied::Denied;
use crate::operator::duty::Duty;
use guanxi_api::operator::member::verify::{Reach, Verify};
use guanxi_storage::Store;
use guanxi_storage::command;
use guanxi_storage::command::operate::{self, Operate};

/// Marks it as verified.
pub async fn verify(app: App, Duty { by, req, now }: Duty<Verify>) -> Result<(), Denied> {
    let by_what = match req.what {
        Reach::Tel => command::Reach::Tel,
        Reach::Mail => command::Reach::Mail,
    };
    Ok(app.store.run(Operate { by, now, deed: operate::Verify { mid: req.mid, by: by_what } }).await?)
}
