//! `POST /passport/mail`: a new mail address.

use super::signup;
use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use crate::prove::prove_to_reach;
use guanxi_api::api::passport::mail::ChangeMail;
use guanxi_storage::Store;
use guanxi_storage::command::{ChangeReach, Reach};
use std::sync::Arc;

/// Changes one's mail address.
pub async fn mail(app: App, Call { who: me, req, now, sender }: Call<ChangeMail>) -> Result<(), Reject> {
    let next = signup::mail(req.mail)?;
    prove_to_reach(&app, &sender, me, req.password, now).await?;
    let vault = Arc::clone(&app.vault);
    Ok(app.store.run(ChangeReach { me, by: Reach::Mail, next, vault }).await?)
}
