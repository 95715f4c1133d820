//! `GET /passport/news/unread`: the number of the caller's unread news.

use super::list_news::count_unread;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::count_news::{CountNews, Data};

/// Returns the number of the caller's unread news.
pub async fn count_news(
    app: App,
    ApiRequest { caller: me, now, client, .. }: ApiRequest<CountNews>,
) -> Result<Data, ApiError> {
    Ok(Data { count: count_unread(&app, me, &client, now).await? })
}
