//! `POST /passport/news/seen`: one has seen the news.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_store::Store;
use guanxi_store::command;
use guanxi_wire::api::passport::news::seen::SeeNews;

/// Keeps until when one has seen them.
pub async fn seen(app: App, Call { who: me, req, now, .. }: Call<SeeNews>) -> Result<(), Reject> {
    Ok(app.store.run(command::SeeNews { me, until: req.until, now }).await?)
}
