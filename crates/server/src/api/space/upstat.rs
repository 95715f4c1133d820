//! `GET /x/space/upstat`: how a member's works are seen.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::space::upstat::{Data, Upstat, Views};
use guanxi_storage::Store;
use guanxi_storage::row::Upstat as UpstatRow;
use guanxi_types::ErrorCode;

/// Tells how they are.
pub async fn upstat(app: App, ApiRequest { req, .. }: ApiRequest<Upstat>) -> Result<Data, ApiError> {
    app.store.stat(req.mid).await?.ok_or(ErrorCode::NoMember)?;
    let row = app.store.get(req.mid).await?.unwrap_or(UpstatRow::of(req.mid));
    Ok(Data {
        archive: Views { view: row.archive_view },
        article: Views { view: row.article_view },
        likes: row.likes,
    })
}
