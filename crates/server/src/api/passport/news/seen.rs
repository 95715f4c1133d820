//! `POST /passport/news/seen`: one has seen the news.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::passport::news::seen::SeeNews;
use guanxi_storage::Store;
use guanxi_storage::command;

/// Keeps until when one has seen them.
pub async fn seen(
    app: App,
    ApiRequest { who: me, req, now, .. }: ApiRequest<SeeNews>,
) -> Result<(), ApiError> {
    Ok(app.store.run(command::SeeNews { me, until: req.until, now }).await?)
}
