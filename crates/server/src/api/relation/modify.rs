//! `POST /x/relation/modify`: follow, whisper, block, and the ways back.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::relation::modify::Modify;
use guanxi_storage::Store;
use guanxi_storage::command::Relate;

/// Acts on one's tie to another.
pub async fn modify(app: App, Call { who: me, req, now, .. }: Call<Modify>) -> Result<(), Reject> {
    let Modify { fid: them, act, re_src: source } = req;
    Ok(app.store.run(Relate { me, them, act, source, limit: app.limits.following, now }).await?)
}
