//! `POST /passport/news/read`: marks an item of the news as read.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::mark_news_read::MarkNewsRead;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Marks an item of the caller's news as read.
pub async fn mark_news_read(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<MarkNewsRead>,
) -> Result<(), ApiError> {
    Ok(app.store.run(commands::MarkNewsRead { me, id: params.item, now }).await?)
}
