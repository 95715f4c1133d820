//! `POST /passport/news/seen`: one has seen the news.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::passport::news::seen::SeeNews;
use guanxi_storage::Store;
use guanxi_storage::command;

/// Keeps until when one has seen them.
pub async fn seen(app: App, Call { who: me, req, now, .. }: Call<SeeNews>) -> Result<(), Reject> {
    Ok(app.store.run(command::SeeNews { me, until: req.until, now }).await?)
}
