//! `POST /passport/tel`: a new phone.

use super::signup;
use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use crate::prove::prove_to_reach;
use guanxi_api::api::passport::tel::ChangeTel;
use guanxi_storage::Store;
use guanxi_storage::command::{ChangeReach, Reach};
use std::sync::Arc;

/// Changes one's phone.
pub async fn tel(app: App, Call { who: me, req, now, sender }: Call<ChangeTel>) -> Result<(), Reject> {
    let next = signup::tel(req.tel)?;
    prove_to_reach(&app, &sender, me, req.password, now).await?;
    let vault = Arc::clone(&app.vault);
    Ok(app.store.run(ChangeReach { me, by: Reach::Tel, next, vault }).await?)
}
