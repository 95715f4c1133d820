//! `POST /x/relation/modify`: follow, whisper, block, and the ways back.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_store::Store;
use guanxi_store::command::Relate;
use guanxi_wire::api::relation::modify::Modify;

/// Acts on one's tie to another.
pub async fn modify(app: App, Call { who: me, req, now, .. }: Call<Modify>) -> Result<(), Reject> {
    let Modify { fid: them, act, re_src: source } = req;
    Ok(app.store.run(Relate { me, them, act, source, limit: app.limits.following, now }).await?)
}
