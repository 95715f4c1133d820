//! `/data`: the viewer's own data: its download, its import, who sees it, and the deletion of the account.
//! `/data.zip` is the download.

use crate::app::App;
use crate::auth::fresh_proof::{missing_proofs, require_proof};
use crate::data_export::ExportState;
use crate::handlers;
use crate::http::response::ApiError;
use crate::http::security_headers::with_no_compression;
use crate::web::format;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::redirect::{path_with_back, redirect};
use crate::web::text::Key;
use askama::Template;
use axum::body::Body;
use axum::response::Response;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use guanxi_api::own_data::change_privacy::Audience;
use guanxi_api::own_data::get_export::{self, ExportStatus, GetExport};
use guanxi_api::own_data::get_privacy::GetPrivacy;
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{Card, DataExport, DataExportChunk};
use guanxi_storage::{StorageError, Store};
use guanxi_types::ErrorCode;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_TYPE};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/data.html")]
struct Data {
    layout: Layout,
    /// Account name for the browser's password manager.
    uname: String,
    mid: String,
    /// True if the form asks for the password: its last proof is too old.
    needs_password: bool,
    leave_days: i64,
    export: get_export::Data,
    is_in_progress: bool,
    /// Time at which the archive was requested or finished.
    export_time: String,
    export_expires: String,
    /// Size of the archive; empty if there is none to download.
    export_size: String,
    lists: [ListPrivacy; 2],
}

/// The choice of a list's audience.
struct ListPrivacy {
    /// The name of the parameter.
    name: &'static str,
    label: Key,
    audience: Audience,
}

const AUDIENCES: [(Audience, Key); 3] = [
    (Audience::Everybody, Key("audience-everybody")),
    (Audience::Mutuals, Key("audience-mutuals")),
    (Audience::Oneself, Key("audience-oneself")),
];

/// Shows the page.
pub async fn data(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let privacy = context.call_api(handlers::own_data::get_privacy::get_privacy, GetPrivacy {}).await?;
    let export = context.call_api(handlers::own_data::get_export::get_export, GetExport {}).await?;
    let (mid, t) = (context.require_login()?, context.language());
    let card = context.app.store.get::<Card>(mid).await?;
    let needs_password = missing_proofs(&context.app, &context.client, mid, context.now).await?.password;
    let list = |name, label, audience| ListPrivacy { name, label, audience };
    context.render(&Data {
        layout: context.layout(context.language().text("your-data"), NavSection::Account).await?,
        uname: card.map(|card| card.uname).unwrap_or_default(),
        mid: mid.to_string(),
        needs_password,
        export,
        is_in_progress: export.status == ExportStatus::InProgress,
        export_time: t.minute(export.time),
        export_expires: t.minute(export.expires),
        export_size: if export.bytes > 0 { format::format_bytes(export.bytes) } else { String::new() },
        leave_days: context.app.limits.leave_secs / 86_400,
        lists: [
            list("followings", Key("followings"), privacy.followings),
            list("followers", Key("followers"), privacy.followers),
        ],
    })
}

/// Sends the archive of the viewer, after a fresh proof. Its chunks are read one by one.
pub async fn download(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let (mid, app) = (context.require_login()?, context.app.clone());
    match require_proof(&app, &context.client, mid, None, context.now).await {
        Err(ApiError::Code(ErrorCode::ProofRequired)) => {
            return Ok(redirect(&path_with_back("/prove", "/data"), Vec::new()));
        }
        proof => proof?,
    };
    let ExportState::Ready(export) = ExportState::of(&app, mid).await? else {
        return Err(ErrorCode::ExportNotFound.into());
    };
    let bytes = export.bytes;
    let body = stream::iter(0..export.chunks);
    let body = body.then(move |number| read_chunk(app.clone(), export.clone(), number));
    let mut response = Response::new(Body::from_stream(body));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/zip"));
    headers.insert(CONTENT_LENGTH, bytes.into());
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    let name = format!("attachment; filename=\"guanxi-{mid}.zip\"");
    if let Ok(name) = HeaderValue::try_from(name) {
        headers.insert(CONTENT_DISPOSITION, name);
    }
    Ok(with_no_compression(response))
}

/// Returns a chunk of an archive. Fails if the archive was replaced meanwhile, so that the download ends.
async fn read_chunk(app: App, export: DataExport, number: u32) -> Result<Bytes, StorageError> {
    let mid = export.mid;
    let chunk = app.store.get::<DataExportChunk>((mid, number)).await?.and_then(|chunk| chunk.data);
    // The chunk is read first, so that it is one of the archive.
    let is_current = app.store.get::<DataExport>(mid).await? == Some(export);
    let data = chunk.filter(|_| is_current);
    let data = data.ok_or_else(|| StorageError::engine("the archive was replaced"))?;
    app.cipher.decrypt_bytes(SensitiveField::Export, mid, &data).map(Bytes::from)
}
