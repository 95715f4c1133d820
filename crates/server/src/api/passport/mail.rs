//! `POST /passport/mail`: a new mail address.

use super::signup;
use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use crate::prove::prove_to_reach;
use guanxi_api::api::passport::mail::ChangeMail;
use guanxi_storage::Store;
use guanxi_storage::command::{ChangeReach, ContactKind};
use std::sync::Arc;

/// Changes one's mail address.
pub async fn mail(
    app: App,
    ApiRequest { who: me, req, now, sender }: ApiRequest<ChangeMail>,
) -> Result<(), ApiError> {
    let next = signup::mail(req.mail)?;
    prove_to_reach(&app, &sender, me, req.password, now).await?;
    let vault = Arc::clone(&app.vault);
    Ok(app.store.run(ChangeReach { me, by: ContactKind::Mail, next, vault }).await?)
}
