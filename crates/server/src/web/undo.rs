//! Forms that can be undone for a while, and the form that undoes the last of them. Only forms leave the record that
//! undoing needs: programs do not, since they can ask before they write.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::handlers::groups::{assign_groups, delete_group};
use crate::handlers::relations::modify_relation;
use crate::http::response::{ApiError, ApiResponse};
use crate::session_token::random_bytes;
use crate::web::avatar::{NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::flash;
use crate::web::page_context::PageContext;
use guanxi_api::Endpoint;
use guanxi_api::auth::SessionWithCsrf;
use guanxi_api::endpoint::{EncodedParams, InvalidRequest, ParamInfo};
use guanxi_api::groups::assign_groups::AssignGroups;
use guanxi_api::groups::delete_group::DeleteGroup;
use guanxi_api::params::encode_form;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_storage::commands::{self, UndoableCommand, WithUndo};
use guanxi_storage::model::{Card, UndoRow};
use guanxi_storage::{StorageError, Store};
use guanxi_types::{ErrorCode, Mid};
use http::Method;
use schemars::JsonSchema;
use std::collections::BTreeSet;

/// Lifetime of a record, in seconds. It leaves time for those who read and type slowly.
pub(super) const LIFETIME_SECS: i64 = 300;

/// Endpoints whose forms leave a record.
pub const UNDOABLE_FORMS: [&str; 3] = [ModifyRelation::PATH, DeleteGroup::PATH, AssignGroups::PATH];

/// Changes the member's relation to another one, by a form.
pub async fn modify_relation(app: App, request: ApiRequest<ModifyRelation>) -> Result<(), ApiError> {
    run(&app, request.now, modify_relation::command(&app, &request)).await
}

/// Deletes a group, by a form.
pub async fn delete_group(app: App, request: ApiRequest<DeleteGroup>) -> Result<(), ApiError> {
    run(&app, request.now, delete_group::command(&request)).await
}

/// Sets the groups of followed members, by a form.
pub async fn assign_groups(app: App, request: ApiRequest<AssignGroups>) -> Result<(), ApiError> {
    run(&app, request.now, assign_groups::command(&request)).await
}

async fn run(app: &App, now: i64, command: impl UndoableCommand<Output = ()>) -> Result<(), ApiError> {
    let (id, expires) = (u64::from_ne_bytes(random_bytes()), now.saturating_add(LIFETIME_SECS));
    Ok(app.store.run(WithUndo { command, id, expires }).await?)
}

/// The form that undoes the member's last form.
#[derive(Clone, Debug, JsonSchema)]
pub struct UndoForm {
    /// The id of the record.
    id: String,
}

impl Endpoint for UndoForm {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/undo";
    const PARAMS: &'static [ParamInfo] = &[ParamInfo { name: "id", required: true, is_file: false }];
    type Auth = SessionWithCsrf;
    type Data = ();

    fn decode(encoded: EncodedParams<'_>) -> Result<UndoForm, InvalidRequest> {
        Ok(UndoForm { id: encoded.pairs()?.get("id")? })
    }

    fn encode(&self) -> serde_json::Result<String> {
        Ok(encode_form([("id", self.id.as_str())]))
    }
}

/// Undoes the last form of the member.
pub async fn undo(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<UndoForm>,
) -> Result<ApiResponse<()>, ApiError> {
    let mut refused = 0;
    // A large batch is undone in parts. An interruption leaves the rest of it in the record.
    loop {
        let row: Option<UndoRow> = app.store.get(me).await?;
        let row = row.filter(|row| row.id.to_string() == params.id).ok_or(ErrorCode::UndoExpired)?;
        let (following_limit, group_limit) = (app.limits.max_followings, app.limits.max_groups);
        let (id, prefetch) = (row.id, row.prefetch());
        let command = commands::Undo { me, id, prefetch, following_limit, group_limit, now };
        let undone = app.store.run(command).await?;
        refused += undone.refused;
        if !undone.has_rest {
            break;
        }
    }
    let cookie = (refused > 0).then(|| flash::cookie(&format!("{}?refused={refused}", UndoForm::PATH)));
    Ok(ApiResponse::new((), cookie.into_iter().collect()))
}

/// Returns the number of members that could not be undone, from the flash cookie of the form.
pub(super) fn refused_count(cookie: &str) -> Option<u64> {
    cookie.strip_prefix(UndoForm::PATH)?.strip_prefix("?refused=")?.parse().ok()
}

/// The offer to undo a form, beside its message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UndoOffer {
    /// Id of the record.
    pub id: u64,
    /// Name of the member or group that the form was about, or the number of members. Empty for a batch, whose
    /// message has it.
    pub subject: String,
    /// The other member, if there is one.
    pub other: Option<Mid>,
}

impl UndoOffer {
    /// Returns the offer to undo the last form of a member, if there is a record of it.
    pub async fn of(context: &PageContext, me: Mid) -> Result<Option<UndoOffer>, StorageError> {
        let store = &context.app.store;
        let row: Option<UndoRow> = store.get(me).await?;
        let Some(row) = row.filter(|row| row.expires > context.now) else { return Ok(None) };
        let others: BTreeSet<Mid> = row
            .change
            .relations
            .iter()
            .flat_map(|change| [change.from, change.to])
            .filter(|mid| *mid != me)
            .collect();
        let other = others.first().copied().filter(|_| others.len() == 1 && row.change.group.is_none());
        let subject = match (row.change.group, other) {
            (Some(group), _) => group.name,
            (None, Some(other)) => store.get(other).await?.unwrap_or(Card::new(other)).uname,
            (None, None) if row.change.is_batch => String::new(),
            (None, None) => context.language().text("members-count").with("count", others.len()).to_string(),
        };
        Ok(Some(UndoOffer { id: row.id, subject: truncate_graphemes(&subject, NAME_MAX_GRAPHEMES), other }))
    }
}
