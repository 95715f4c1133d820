//! `GET /x/space/upstat`: how a member's works are seen.

use crate::answer::Reject;
use crate::app::App;
use crate::call::Call;
use guanxi_api::api::space::upstat::{Data, Upstat, Views};
use guanxi_storage::Store;
use guanxi_storage::row::Upstat as UpstatRow;
use guanxi_types::Code;

/// Tells how they are.
pub async fn upstat(app: App, Call { req, .. }: Call<Upstat>) -> Result<Data, Reject> {
    app.store.stat(req.mid).await?.ok_or(Code::NoMember)?;
    let row = app.store.get(req.mid).await?.unwrap_or(UpstatRow::of(req.mid));
    Ok(Data {
        archive: Views { view: row.archive_view },
        article: Views { view: row.article_view },
        likes: row.likes,
    })
}
