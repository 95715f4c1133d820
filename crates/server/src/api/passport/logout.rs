//! `POST /passport/logout`: one's session ends.

use crate::answer::{Reject, Told};
use crate::app::App;
use crate::arrival::gone;
use crate::call::Call;
use guanxi_api::api::passport::logout::LogOut;
use guanxi_storage::Store;
use guanxi_storage::command::EndSession;

/// Ends the session that the request is made with.
pub async fn logout(app: App, Call { who: me, sender, .. }: Call<LogOut>) -> Result<Told<()>, Reject> {
    if let Some(token) = &sender.token {
        app.store.run(EndSession { me, id: token.id() }).await?;
    }
    Ok(Told::with((), gone(&app, &sender)))
}
