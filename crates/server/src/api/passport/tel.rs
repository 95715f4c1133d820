//! `POST /passport/tel`: a new phone.

use super::signup;
use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use crate::prove::prove_to_reach;
use guanxi_api::api::passport::tel::ChangeTel;
use guanxi_storage::Store;
use guanxi_storage::command::{ChangeReach, ContactKind};
use std::sync::Arc;

/// Changes one's phone.
pub async fn tel(
    app: App,
    ApiRequest { who: me, req, now, sender }: ApiRequest<ChangeTel>,
) -> Result<(), ApiError> {
    let next = signup::tel(req.tel)?;
    prove_to_reach(&app, &sender, me, req.password, now).await?;
    let vault = Arc::clone(&app.vault);
    Ok(app.store.run(ChangeReach { me, by: ContactKind::Tel, next, vault }).await?)
}
