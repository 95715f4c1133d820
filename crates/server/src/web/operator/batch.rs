//! `/members/batch`: an action on the ticked members of a list. The first post is answered with a question, and the
//! confirmed one with the result of each member.

use super::confirmation::CONFIRMED;
use super::context::{Layout, OperatorContext, authenticate};
use super::{error_page, error_title};
use crate::app::App;
use crate::http::client_info::ClientInfo;
use crate::http::params;
use crate::http::response::ApiError;
use crate::http::security_headers::with_security_headers;
use crate::operator::members::change_members::change_members;
use crate::session_token;
use crate::web::avatar::{NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::form_field::FormField;
use crate::web::messages;
use crate::web::preferences::Preferences;
use crate::web::redirect::back_path;
use crate::web::text::Key;
use askama::Template;
use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use guanxi_api::operator::members::change_members::{ChangeMembers, MemberAction, MemberResult};
use guanxi_api::params::Params;
use guanxi_storage::Store;
use guanxi_storage::model::Card;
use guanxi_types::{ErrorCode, HttpError, Mid};
use http::StatusCode;
use std::collections::HashMap;

/// Names that the question shows.
const SHOWN_NAMES: usize = 10;

/// The actions with their texts: name, question, effect, button.
const ACTIONS: [(MemberAction, Key, Key, Key, Key); 6] = [
    (
        MemberAction::Silence,
        Key("silence"),
        Key("batch-silence"),
        Key("batch-silence-effect"),
        Key("confirm-silence-button"),
    ),
    (
        MemberAction::Unsilence,
        Key("remove-silence"),
        Key("batch-unsilence"),
        Key("batch-unsilence-effect"),
        Key("remove-silence"),
    ),
    (
        MemberAction::EndSessions,
        Key("sign-out-everywhere"),
        Key("batch-sessions"),
        Key("batch-sessions-effect"),
        Key("confirm-revoke-button"),
    ),
    (
        MemberAction::RemovePicture,
        Key("remove-picture"),
        Key("batch-picture"),
        Key("batch-picture-effect"),
        Key("confirm-removal"),
    ),
    (
        MemberAction::Coins,
        Key("adjust-coins"),
        Key("batch-coins"),
        Key("batch-coins-effect"),
        Key("confirm-coins-button"),
    ),
    (
        MemberAction::Delete,
        Key("delete-account"),
        Key("batch-delete"),
        Key("batch-delete-effect"),
        Key("confirm-delete-button"),
    ),
];

/// Returns the actions that a token permits, with their names.
pub(super) fn permitted(context: &OperatorContext) -> Vec<(MemberAction, Key)> {
    let is_admin = context.viewer.token.role == guanxi_types::Role::Admin;
    let permitted = ACTIONS.into_iter().filter(|(action, ..)| is_admin || !action.is_admins());
    permitted.map(|(action, name, ..)| (action, name)).collect()
}

#[derive(Template)]
#[template(path = "operator/batch_question.html")]
struct QuestionPage {
    layout: Layout,
    title: Key,
    effect: Key,
    button: Key,
    action: MemberAction,
    count: usize,
    /// Names of the first members, and the number of further ones.
    names: Vec<String>,
    further: usize,
    /// The members, separated by commas.
    mids: String,
    /// Idempotency id of a payment.
    payment: String,
    submitted_delta: String,
    submitted_reason: String,
    /// Text of a rejected request, and the field that it is about.
    error: String,
    error_field: Option<&'static str>,
    back: String,
}

impl QuestionPage {
    /// Returns the field of a payment.
    fn field<'p>(&'p self, name: &'static str) -> FormField<'p> {
        let error = (self.error_field == Some(name)).then_some(self.error.as_str());
        FormField { id: name, hint: "", error }
    }
}

#[derive(Template)]
#[template(path = "operator/batch_result.html")]
struct ResultPage {
    layout: Layout,
    done: usize,
    refused: usize,
    rows: Vec<ResultRow>,
    back: String,
}

struct ResultRow {
    mid: Mid,
    uname: String,
    is_done: bool,
    result: String,
}

/// Answers the form.
pub async fn batch(app: App, request: Request) -> Response {
    let images = app.image_origins.clone();
    let preferences = Preferences::of(request.headers(), &app);
    let response = answer(app, request)
        .await
        .unwrap_or_else(|error| error_page(Layout::minimal(error_title(preferences), preferences), &error));
    with_security_headers(response, &images)
}

async fn answer(app: App, request: Request) -> Result<Response, ApiError> {
    let (parts, body) = request.into_parts();
    let form = params::read_params(&parts, body, &app.limits).await?;
    let client = ClientInfo::new(parts.headers.clone(), parts.extensions.get());
    let (_, cookie) = authenticate(&app, &parts.headers).await?;
    let has_csrf = form.params.get_raw("csrf").is_some_and(|csrf| cookie.has_csrf(csrf));
    if !has_csrf || client.is_cross_site() {
        return Err(ErrorCode::InvalidCsrf.into());
    }
    if form.is_malformed() {
        return Err(HttpError::BadRequest.into());
    }
    let context = OperatorContext::from_request(app, Request::from_parts(parts, Body::empty())).await?;
    let form = form.params;
    let text = |name| form.get::<Option<String>>(name).ok().flatten().unwrap_or_default();
    let action = MemberAction::from_name(&text("action"));
    let action =
        action.ok_or_else(|| ApiError::InvalidRequest("action is none of the known ones".to_owned()))?;
    let mids = submitted_mids(&form)?;
    if mids.is_empty() {
        return Err(ApiError::InvalidRequest("mids are none".to_owned()));
    }
    if form.get_raw(CONFIRMED).is_none() {
        return question(&context, action, &mids, &form, None).await;
    }
    match run(&context, action, mids.clone(), text).await {
        Ok(results) => result_page(&context, results, &form).await,
        Err(error @ ApiError::InvalidRequest(_)) => {
            question(&context, action, &mids, &form, Some(error)).await
        }
        Err(error) => Err(error),
    }
}

/// Returns the members of a form: one a field, or separated by commas.
fn submitted_mids(form: &Params) -> Result<Vec<Mid>, ApiError> {
    let invalid = |_| ApiError::InvalidRequest("mids are not numbers of members".to_owned());
    let values = form.iter().filter(|(name, _)| *name == b"mids").map(|(_, value)| str::from_utf8(value));
    let mut mids = Vec::new();
    for value in values {
        let value = value.map_err(|_| ApiError::InvalidRequest("mids are not UTF-8".to_owned()))?;
        for mid in value.split(',').filter(|mid| !mid.is_empty()) {
            mids.push(mid.parse::<Mid>().map_err(invalid)?);
        }
    }
    Ok(mids)
}

async fn run(
    context: &OperatorContext,
    action: MemberAction,
    mids: Vec<Mid>,
    text: impl Fn(&'static str) -> String,
) -> Result<Vec<MemberResult>, ApiError> {
    let mut request = ChangeMembers { mids, action, delta: None, reason: None, id: None };
    if action == MemberAction::Coins {
        let invalid = |name: &str| ApiError::InvalidRequest(format!("{name} is missing or not valid"));
        let delta = serde_json::from_str(&text("delta")).map_err(|_| invalid("delta"))?;
        request.delta = Some(delta);
        request.reason = Some(text("reason"));
        request.id = Some(text("id").try_into().map_err(|_| invalid("id"))?);
    }
    Ok(context.call_api(change_members, request).await?.results)
}

/// Returns the texts of an action: question, effect, button.
fn texts(action: MemberAction) -> (Key, Key, Key) {
    let (_, _, question, effect, button) =
        ACTIONS.into_iter().find(|(known, ..)| *known == action).unwrap_or(ACTIONS[0]);
    (question, effect, button)
}

/// Shows the question, or a rejected request again.
async fn question(
    context: &OperatorContext,
    action: MemberAction,
    mids: &[Mid],
    form: &Params,
    error: Option<ApiError>,
) -> Result<Response, ApiError> {
    let (title, effect, button) = texts(action);
    let (t, shown) = (context.language(), &mids[..mids.len().min(SHOWN_NAMES)]);
    let names = names(context, shown).await?;
    let text = |name| form.get::<Option<String>>(name).ok().flatten().unwrap_or_default();
    let id = Some(text("id")).filter(|id| !id.is_empty());
    let joined: Vec<String> = mids.iter().map(Mid::to_string).collect();
    let page = QuestionPage {
        layout: context.layout(t.text(title).with("count", mids.len()).to_string()),
        title,
        effect,
        button,
        action,
        count: mids.len(),
        names: shown.iter().map(|mid| names.get(mid).cloned().unwrap_or_else(|| mid.to_string())).collect(),
        further: mids.len() - shown.len(),
        mids: joined.join(","),
        payment: id.unwrap_or_else(session_token::generate_id),
        submitted_delta: text("delta"),
        submitted_reason: text("reason"),
        error: error.as_ref().map(|error| messages::error_text(error, t)).unwrap_or_default(),
        error_field: error
            .as_ref()
            .and_then(|error| messages::invalid_field(error, "/operator/member/coins")),
        back: back_path(form),
    };
    let mut response = context.render(&page)?;
    if error.is_some() {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    Ok(response)
}

async fn result_page(
    context: &OperatorContext,
    results: Vec<MemberResult>,
    form: &Params,
) -> Result<Response, ApiError> {
    let t = context.language();
    let mids: Vec<Mid> = results.iter().map(|result| result.mid).collect();
    let names = names(context, &mids).await?;
    let row = |result: MemberResult| ResultRow {
        mid: result.mid,
        uname: names.get(&result.mid).cloned().unwrap_or_default(),
        is_done: result.code == 0,
        result: match result.code {
            0 => t.text("batch-done").to_string(),
            code => t.code_of_number(code).unwrap_or(result.message),
        },
    };
    let rows: Vec<ResultRow> = results.into_iter().map(row).collect();
    let done = rows.iter().filter(|row| row.is_done).count();
    context.render(&ResultPage {
        layout: context.layout(t.text("batch-result")),
        done,
        refused: rows.len() - done,
        rows,
        back: back_path(form),
    })
}

/// Returns the names of members.
async fn names(context: &OperatorContext, mids: &[Mid]) -> Result<HashMap<Mid, String>, ApiError> {
    let cards: Vec<Option<Card>> = context.app.store.rows(mids.to_vec()).await?;
    let name = |card: Card| (card.mid, truncate_graphemes(&card.uname, NAME_MAX_GRAPHEMES));
    Ok(cards.into_iter().flatten().map(name).collect())
}
