//! `POST /passport/relations/import`: imports relations and groups.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::relation_import::RelationImport;
use guanxi_api::own_data::import_relations::{Data, ImportRelations};
use guanxi_api::param::{File, Flag};

/// Imports the relations of a file, or returns what an import would change.
pub async fn import_relations(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ImportRelations>,
) -> Result<Data, ApiError> {
    let ImportRelations { csv: File(csv), dry_run: Flag(is_dry_run) } = params;
    let import = RelationImport::read(&app, me, &csv).await?;
    if is_dry_run { Ok(import.preview(now).await?) } else { import.apply(now, None).await }
}
