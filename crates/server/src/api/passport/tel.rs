//! `POST /passport/tel`: a new phone.

use super::signup;
use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use crate::prove::{pass_to_reach, prove_and_go_on};
use guanxi_store::Store;
use guanxi_store::command::{ChangeReach, Reach};
use guanxi_wire::api::passport::tel::ChangeTel;
use std::sync::Arc;

/// Changes one's phone.
pub async fn tel(app: App, Call { who: me, req, now, sender }: Call<ChangeTel>) -> Result<(), Reject> {
    let next = signup::tel(req.tel)?;
    pass_to_reach(&app, &sender, me, now).await?;
    prove_and_go_on(&app, &sender, me, req.password).await?;
    let vault = Arc::clone(&app.vault);
    Ok(app.store.run(ChangeReach { me, by: Reach::Tel, next, vault }).await?)
}
