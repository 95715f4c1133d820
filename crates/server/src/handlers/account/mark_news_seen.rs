//! `POST /passport/news/seen`: marks the news as seen.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::mark_news_seen::MarkNewsSeen;
use guanxi_storage::Store;
use guanxi_storage::commands;

/// Stores the time up to which the news are marked as seen.
pub async fn mark_news_seen(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<MarkNewsSeen>,
) -> Result<(), ApiError> {
    Ok(app.store.run(commands::MarkNewsSeen { me, until: params.until, now }).await?)
}
