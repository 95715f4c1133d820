//! `GET /x/space/upstat`: the statistics of a member's works.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::profile::get_upstat::{Data, GetUpstat, Views};
use guanxi_storage::Store;
use guanxi_storage::model::Upstat as UpstatRow;
use guanxi_types::ErrorCode;

/// Returns the views and likes of a member's works.
pub async fn get_upstat(
    app: App,
    ApiRequest { params, .. }: ApiRequest<GetUpstat>,
) -> Result<Data, ApiError> {
    app.store.counters(params.mid).await?.ok_or(ErrorCode::MemberNotFound)?;
    let row = app.store.get(params.mid).await?.unwrap_or(UpstatRow::new(params.mid));
    Ok(Data {
        archive: Views { view: row.archive_view },
        article: Views { view: row.article_view },
        likes: row.likes,
    })
}
