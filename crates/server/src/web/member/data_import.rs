//! The import of relations by a file: `POST /data/import` shows what would change, and a form changes it.

use crate::app::App;
use crate::extract::{self, ApiRequest};
use crate::handlers::own_data::import_relations;
use crate::http::response::{ApiError, ApiResponse};
use crate::http::security_headers::with_security_headers;
use crate::relation_import::RelationImport;
use crate::session_token::random_bytes;
use crate::web::avatar::{NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::flash::{self, Flash};
use crate::web::forms::RedisplayRequest;
use crate::web::layout::{Layout, NavSection};
use crate::web::many::{self, FormResult};
use crate::web::page_context::PageContext;
use crate::web::preferences::Preferences;
use crate::web::redirect::redirect_to_login;
use crate::web::text::Key;
use crate::web::undo::LIFETIME_SECS;
use askama::Template;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_api::Endpoint;
use guanxi_api::auth::SessionWithCsrf;
use guanxi_api::endpoint::{EncodedParams, InvalidRequest, ParamInfo, ParamLocation};
use guanxi_api::own_data::import_relations::{Data, ImportOutcome, ImportRelations, ImportedRow};
use guanxi_api::param::{File, Flag};
use guanxi_api::params::Params;
use guanxi_api::relations::change_relations::{self, Refusal};
use guanxi_storage::Store;
use guanxi_storage::model::Card;
use guanxi_types::ErrorCode;
use http::Method;
use schemars::JsonSchema;

/// The path of the form that shows what an import would change.
pub const DATA_IMPORT: &str = "/data/import";

/// The number of lines of each outcome that the page shows.
const SHOWN_LINES: usize = 50;

#[derive(Template)]
#[template(path = "member/data_import.html")]
struct ImportPage {
    layout: Layout,
    csv: String,
    groups: String,
    /// The numbers of added, joined, unchanged and refused lines.
    counts: [usize; 4],
    sections: Vec<Section>,
    has_change: bool,
}

/// The lines of an outcome.
struct Section {
    label: Key,
    lines: Vec<ShownLine>,
    /// The number of lines that are not shown.
    further: usize,
}

/// A line of the file, with the name of its member.
struct ShownLine {
    line: usize,
    mid: u64,
    name: String,
    reason: String,
}

/// Shows what an import would change, with the form that changes it.
pub async fn preview(app: App, request: Request) -> Response {
    let images = app.image_origins.clone();
    let (parts, body) = request.into_parts();
    let redisplay = RedisplayRequest::from_parts(&parts);
    let previewed = async {
        let form = extract::read_params(&app, &parts, body, ParamLocation::Multipart).await?;
        let csv = form.params.get::<File>("csv");
        let request: ApiRequest<ImportRelations> =
            ApiRequest::decode(extract::identify_member(&app, parts, form).await?)?;
        let request = ApiRequest {
            params: ImportRelations { dry_run: Flag(true), ..request.params },
            caller: request.caller,
            now: request.now,
            client: request.client,
        };
        let csv = csv.map(|File(bytes)| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        Ok::<_, ApiError>((csv, import_relations::import_relations(app.clone(), request).await?))
    };
    let response = match previewed.await {
        Ok((csv, data)) => {
            let context = PageContext::new(app, redisplay.into_request(DATA_IMPORT, None)).await;
            match context {
                Ok(context) => import_page(&context, csv, data).await,
                Err(error) => Err(error),
            }
        }
        Err(ApiError::Code(ErrorCode::NotLoggedIn)) => Ok(redirect_to_login("/data")),
        Err(error) => {
            let language = Preferences::of(&redisplay.headers, &app).language;
            let flash = Flash::from_error(&error, DATA_IMPORT, Params::default(), language);
            let pages = super::routes_without_metrics().with_state(app);
            Ok(redisplay.show(pages, "/data", flash).await)
        }
    };
    with_security_headers(response.unwrap_or_else(IntoResponse::into_response), &images)
}

async fn import_page(
    context: &PageContext,
    csv: String,
    Data { groups, rows }: Data,
) -> Result<Response, ApiError> {
    let of = |outcome| rows.iter().filter(move |row| row.outcome == outcome);
    let counts =
        [ImportOutcome::Added, ImportOutcome::Joined, ImportOutcome::Unchanged, ImportOutcome::Refused]
            .map(|outcome| of(outcome).count());
    let mut sections = Vec::new();
    for (label, outcome) in [
        (Key("import-refused"), ImportOutcome::Refused),
        (Key("import-added"), ImportOutcome::Added),
        (Key("import-joined"), ImportOutcome::Joined),
    ] {
        let lines = shown(context, of(outcome).take(SHOWN_LINES).collect()).await?;
        let further = of(outcome).count() - lines.len();
        if !lines.is_empty() {
            sections.push(Section { label, lines, further });
        }
    }
    let mut layout = context.layout(context.language().text("import-preview"), NavSection::Account).await?;
    // The page has no address of its own: its forms lead back to the page before.
    "/data".clone_into(&mut layout.path_and_query);
    context.render(&ImportPage {
        layout,
        csv,
        groups: groups.join(", "),
        has_change: counts[0] + counts[1] > 0,
        counts,
        sections,
    })
}

/// Returns lines with the names of their members.
async fn shown(context: &PageContext, rows: Vec<&ImportedRow>) -> Result<Vec<ShownLine>, ApiError> {
    let cards = context.app.store.rows::<Card>(rows.iter().map(|row| row.mid).collect()).await?;
    let line = |(row, card): (&ImportedRow, Option<Card>)| ShownLine {
        line: row.line,
        mid: row.mid.get(),
        name: card.map_or_else(String::new, |card| truncate_graphemes(&card.uname, NAME_MAX_GRAPHEMES)),
        reason: if row.code == 0 { String::new() } else { many::reason(row.code, context.language()) },
    };
    Ok(rows.into_iter().zip(cards).map(line).collect())
}

/// The form that imports the shown file.
#[derive(Clone, Debug, JsonSchema)]
pub struct ImportForm {
    csv: File,
}

impl Endpoint for ImportForm {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = DATA_IMPORT;
    const PARAMS: &'static [ParamInfo] = &[ParamInfo { name: "csv", required: true, is_file: true }];
    type Auth = SessionWithCsrf;
    type Data = ();

    fn decode(encoded: EncodedParams<'_>) -> Result<ImportForm, InvalidRequest> {
        Ok(ImportForm { csv: encoded.pairs()?.get("csv")? })
    }

    fn encode(&self) -> serde_json::Result<String> {
        Ok(String::new())
    }
}

/// Imports the file of the form. It can be undone.
pub async fn import(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ImportForm>,
) -> Result<ApiResponse<()>, ApiError> {
    let undo = Some((u64::from_ne_bytes(random_bytes()), now.saturating_add(LIFETIME_SECS)));
    let Data { rows, .. } = RelationImport::read(&app, me, &params.csv.0).await?.apply(now, undo).await?;
    let (refused, done): (Vec<ImportedRow>, Vec<ImportedRow>) = rows
        .into_iter()
        .filter(|row| row.outcome != ImportOutcome::Unchanged)
        .partition(|row| row.outcome == ImportOutcome::Refused);
    let refusal = |ImportedRow { mid, code, message, .. }| Refusal { mid, code, message };
    let refused = refused.into_iter().map(refusal).collect();
    let result = change_relations::Data { done: done.len() as u64, refused };
    let result = FormResult::new(None, &result, 0);
    match result.only_refusal() {
        Some(code) => Err(code.into()),
        None => Ok(ApiResponse::new((), vec![flash::cookie(&result.encode())])),
    }
}
