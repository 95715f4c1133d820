//! The routes of the members' service: all endpoints with their handlers, pages and documents. `Routes` builds
//! those of either service.

use crate::app::App;
use crate::compat::{Compat, Served};
use crate::config::{Settings, SettingsError};
use crate::extract::{self, ApiRequest};
use crate::handlers;
use crate::http::response::{ApiError, Success};
use crate::http::security_headers;
use crate::metrics::{EndpointMetrics, Metrics};
use crate::net::route_table::RouteTable;
use crate::net::service::HttpService;
use crate::openapi::{self, RenderedDocument, listeners};
use crate::served_endpoint::ServedEndpoint;
use crate::web::member::data_import;
use crate::web::{self, forms, many, member, preferences, undo};
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_api::Endpoint;
use guanxi_api::endpoint::EndpointInfo;
use guanxi_types::HttpError;
use http::Method;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use serde_json::Value;
use std::sync::{Arc, LazyLock};
use tokio::time::Instant;

/// Returns the routes of all endpoints: those of the contract in its order, then those of the passport, then those
/// of a member's pages.
fn routes(metrics: Option<&Metrics>) -> Routes {
    Routes::new(metrics)
        .endpoint(handlers::account::get_account::get_account)
        .endpoint(handlers::account::get_daily_rewards::get_daily_rewards)
        .endpoint(handlers::account::get_vip::get_vip)
        .endpoint(handlers::account::get_account_security::get_account_security)
        .endpoint(handlers::realname::get_realname_status::get_realname_status)
        .endpoint(handlers::realname::get_realname_application::get_realname_application)
        .endpoint(handlers::account::get_coin_log::get_coin_log)
        .endpoint(handlers::account::submit_bio::submit_bio)
        .endpoint(handlers::profile::get_space::get_space)
        .endpoint(handlers::profile::get_card::get_encoded_card)
        .endpoint(handlers::profile::get_upstat::get_upstat)
        .endpoint(handlers::relations::get_relation_counters::get_relation_counters)
        .endpoint(handlers::relations::list_followers::list_followers)
        .endpoint(handlers::relations::list_followings::list_followings)
        .endpoint_and_form(handlers::relations::modify_relation::modify_relation, undo::modify_relation)
        .endpoint(handlers::relations::get_relation::get_relation)
        .endpoint(handlers::relations::get_relation_pair::get_relation_pair)
        .endpoint(handlers::groups::list_groups::list_groups)
        .endpoint(handlers::groups::list_group_members::list_group_members)
        .endpoint(handlers::groups::list_member_groups::list_member_groups)
        .endpoint(handlers::groups::create_group::create_group)
        .endpoint(handlers::groups::rename_group::rename_group)
        .endpoint_and_form(handlers::groups::delete_group::delete_group, undo::delete_group)
        .endpoint_and_form(handlers::groups::assign_groups::assign_groups, undo::assign_groups)
        .endpoint(handlers::login::get_login_notice::get_login_notice)
        .endpoint(handlers::login::get_login_log::get_login_log)
        .endpoint(handlers::login::sign_up::sign_up)
        .endpoint(handlers::login::log_in::log_in)
        .endpoint(handlers::login::finish_login::finish_login)
        .endpoint(handlers::login::log_out::log_out)
        .endpoint(handlers::account::change_password::change_password)
        .endpoint(handlers::account::change_tel::change_tel)
        .endpoint(handlers::account::change_mail::change_mail)
        .endpoint(handlers::contact::send_contact_code::send_contact_code)
        .endpoint(handlers::contact::verify_contact::verify_contact)
        .endpoint(handlers::recovery::send_recovery_code::send_recovery_code)
        .endpoint(handlers::recovery::get_recovery_question::get_recovery_question)
        .endpoint(handlers::recovery::recover_account::recover_account)
        .endpoint(handlers::account::set_security_question::set_security_question)
        .endpoint(handlers::factors::list_factors::list_factors)
        .endpoint(handlers::factors::start_totp::start_totp)
        .endpoint(handlers::factors::confirm_totp::confirm_totp)
        .endpoint(handlers::factors::remove_totp::remove_totp)
        .endpoint(handlers::factors::renew_recovery_codes::renew_recovery_codes)
        .endpoint(handlers::factors::prove::prove)
        .endpoint(handlers::factors::create_passkey_challenge::create_passkey_challenge)
        .endpoint(handlers::factors::log_in_with_passkey::log_in_with_passkey)
        .endpoint(handlers::factors::start_passkey::start_passkey)
        .endpoint(handlers::factors::add_passkey::add_passkey)
        .endpoint(handlers::factors::rename_passkey::rename_passkey)
        .endpoint(handlers::factors::remove_passkey::remove_passkey)
        .endpoint(handlers::realname::apply_realname::apply_realname)
        .endpoint(handlers::sessions::list_sessions::list_sessions)
        .endpoint(handlers::sessions::revoke_session::revoke_session)
        .endpoint(handlers::login::create_qr_code::create_qr_code)
        .endpoint(handlers::login::poll_qr_code::poll_qr_code)
        .endpoint(handlers::login::scan_qr_code::scan_qr_code)
        .endpoint(handlers::login::confirm_qr_code::confirm_qr_code)
        .endpoint(handlers::login::cancel_qr_code::cancel_qr_code)
        .endpoint(handlers::relations::list_whispers::list_whispers)
        .endpoint(handlers::relations::list_blocks::list_blocks)
        .endpoint(handlers::account::get_bio::get_bio)
        .endpoint(handlers::login::list_logins::list_logins)
        .endpoint(handlers::account::list_news::list_news)
        .endpoint(handlers::account::mark_news_seen::mark_news_seen)
        .endpoint(handlers::profile::find_members::find_members)
        .endpoint(handlers::account::get_name::get_name)
        .endpoint(handlers::account::change_name::change_name)
        .endpoint(handlers::account::change_sex::change_sex)
        .endpoint(handlers::account::change_birthday::change_birthday)
        .endpoint(handlers::account::upload_picture::upload_picture)
        .endpoint(handlers::account::delete_picture::delete_picture)
        .endpoint(handlers::account::mark_news_read::mark_news_read)
        .endpoint(handlers::account::count_news::count_news)
        .endpoint(handlers::account::get_levels::get_levels)
        .endpoint(handlers::account::list_exp_days::list_exp_days)
        .endpoint(handlers::account::list_coins::list_coins)
        .endpoint(handlers::account::get_first_steps::get_first_steps)
        .endpoint(handlers::account::dismiss_first_steps::dismiss_first_steps)
        .endpoint(handlers::relations::list_relations::list_relations)
        .endpoint(handlers::relations::change_relations::change_relations)
        .endpoint(handlers::relations::get_remark::get_remark)
        .endpoint(handlers::relations::set_remark::set_remark)
        .endpoint(handlers::own_data::get_privacy::get_privacy)
        .endpoint(handlers::own_data::change_privacy::change_privacy)
        .endpoint(handlers::own_data::leave::leave)
        .endpoint(handlers::own_data::get_departure::get_departure)
        .endpoint(handlers::own_data::stay::stay)
        .endpoint(handlers::own_data::request_export::request_export)
        .endpoint(handlers::own_data::get_export::get_export)
        .endpoint(handlers::own_data::import_relations::import_relations)
        .form(undo::undo)
        .form(data_import::import)
        .form(many::change_many)
        .form(preferences::set_preferences)
}

/// Creates the members' service, with the compatibility file of the settings. Responses are compressed for clients
/// that accept it (D10).
pub fn service(app: App, settings: &Settings) -> Result<HttpService, SettingsError> {
    let compat = load_compat(settings)?;
    Ok(uncompressed_service(app, compat.as_ref()).with_compression(settings.compression_min_bytes))
}

/// Creates the members' service without compression, for a caller that compresses.
pub fn uncompressed_service(app: App, compat: Option<&Arc<Compat>>) -> HttpService {
    let mut table = table(Some(&app.metrics));
    if let Some(compat) = compat {
        table = compat.extend(table, routes(Some(&app.metrics)).table, &app);
    }
    let public_url = app.public_url.clone();
    HttpService::new(table.with_state(app)).with_public_url(&public_url)
}

/// Returns the routes of endpoints, pages and documents.
pub(crate) fn table(metrics: Option<&Metrics>) -> RouteTable {
    routes(metrics)
        .table
        .merge(RenderedDocument::routes(cached_document))
        .merge(member::routes(metrics))
        .route(Method::GET, "/.well-known/security.txt", security_txt)
        .fallback(not_found)
}

/// Reads and checks the compatibility file of the settings.
pub fn load_compat(settings: &Settings) -> Result<Option<Arc<Compat>>, SettingsError> {
    let Some(file) = &settings.compat else { return Ok(None) };
    let compat = Compat::load(file, &Served { endpoints: &endpoints(), table: &table(None) })?;
    Ok(Some(Arc::new(compat)))
}

/// Handles `GET /.well-known/security.txt` (RFC 9116). Returns 404 without a `security_contact`. The text is
/// generated from the current settings, and expires half a year from today.
async fn security_txt(app: App, request: Request) -> Response {
    const DAY: i64 = 86_400;
    const VALIDITY: i64 = 180 * DAY;
    let Some(contact) = &app.security_contact else { return not_found(app, request).await };
    let today = app.now().div_euclid(DAY) * DAY;
    let Ok(expires) = Timestamp::from_second(today.saturating_add(VALIDITY)) else {
        return ApiError::Http(HttpError::InternalError).into_response();
    };
    let url = &app.public_url;
    let text = format!(
        "Contact: {contact}\nExpires: {expires}\nPreferred-Languages: zh, en\nCanonical: {url}/.well-known/security.txt\n"
    );
    ([(CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response()
}

/// Handles unknown paths: browsers get a page, other clients get the envelope.
async fn not_found(app: App, request: Request) -> Response {
    if security_headers::accepts_html(request.headers()) {
        return member::not_found(app, request).await;
    }
    ApiError::Http(HttpError::NotFound).into_response()
}

/// Generates the OpenAPI document of all endpoints.
pub fn document() -> Value {
    openapi::document(&listeners::MEMBERS, &endpoints())
}

/// Returns the rendered OpenAPI document. The first request renders it.
fn cached_document() -> &'static RenderedDocument {
    static DOCUMENT: LazyLock<RenderedDocument> = LazyLock::new(|| RenderedDocument::new(&document()));
    &DOCUMENT
}

/// Returns the description of every endpoint, for documents and tests.
pub fn endpoints() -> Vec<EndpointInfo> {
    routes(None).endpoints
}

/// The routes of the endpoints of a service, with their forms and descriptions.
#[derive(Debug)]
pub struct Routes {
    /// The routes.
    pub(crate) table: RouteTable,
    /// The descriptions of the endpoints.
    pub endpoints: Vec<EndpointInfo>,
    metrics: Option<Metrics>,
}

impl Routes {
    /// Returns the routes of no endpoint. Without metrics they are for documents only.
    pub fn new(metrics: Option<&Metrics>) -> Routes {
        Routes { table: RouteTable::default(), endpoints: Vec::new(), metrics: metrics.cloned() }
    }

    /// Adds the endpoint of a handler. The handler's type has its method, path and access rule.
    #[must_use]
    pub fn endpoint<E, H, F, D>(mut self, handler: H) -> Routes
    where
        E: Endpoint + 'static,
        H: Fn(App, ApiRequest<E>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<D, ApiError>> + Send + 'static,
        D: Into<Success<E::Data>> + 'static,
    {
        let endpoint = Arc::new(ServedEndpoint::new(handler, self.endpoint_metrics::<E>()));
        if E::METHOD == Method::POST {
            self.add_form(Arc::clone(&endpoint));
        }
        self.add::<E>(endpoint)
    }

    /// Adds the endpoint of a handler whose form has a handler of its own.
    #[must_use]
    fn endpoint_and_form<E, H, I, F, G>(mut self, handler: H, form_handler: I) -> Routes
    where
        E: Endpoint<Data = ()> + 'static,
        H: Fn(App, ApiRequest<E>) -> F + Send + Sync + 'static,
        I: Fn(App, ApiRequest<E>) -> G + Send + Sync + 'static,
        F: Future<Output = Result<(), ApiError>> + Send + 'static,
        G: Future<Output = Result<(), ApiError>> + Send + 'static,
    {
        let metrics = self.endpoint_metrics::<E>();
        self.add_form(Arc::new(ServedEndpoint::new(form_handler, metrics.clone())));
        self.add::<E>(Arc::new(ServedEndpoint::new(handler, metrics)))
    }

    /// Adds a form that is no endpoint.
    #[must_use]
    fn form<E, H, F, D>(mut self, handler: H) -> Routes
    where
        E: Endpoint<Data = ()> + 'static,
        H: Fn(App, ApiRequest<E>) -> F + Send + Sync + 'static,
        F: Future<Output = Result<D, ApiError>> + Send + 'static,
        D: Into<Success<()>> + 'static,
    {
        self.add_form(Arc::new(ServedEndpoint::new(handler, None)));
        self
    }

    fn endpoint_metrics<E: Endpoint>(&self) -> Option<EndpointMetrics> {
        self.metrics.as_ref().map(|metrics| metrics.endpoint(&E::METHOD, E::PATH))
    }

    /// Adds the route of an endpoint for programs, and its description.
    fn add<E: Endpoint>(mut self, endpoint: Arc<ServedEndpoint>) -> Routes {
        let path = endpoint.path;
        let serve = move |app, request| serve_api(app, request, Arc::clone(&endpoint));
        self.table = self.table.route(E::METHOD, path, serve);
        self.endpoints.push(EndpointInfo::new::<E>());
        self
    }

    /// Adds the route of a form.
    fn add_form(&mut self, endpoint: Arc<ServedEndpoint>) {
        let path = endpoint.path;
        let serve = move |app, request| serve_form(app, request, Arc::clone(&endpoint));
        let table = std::mem::take(&mut self.table);
        self.table = table.merge(forms::routes(path, serve));
    }
}

async fn serve_api(app: App, request: Request, endpoint: Arc<ServedEndpoint>) -> Response {
    let started = Instant::now();
    let result = if app.store.is_shared() && endpoint.is_members_read {
        let answer = |request| endpoint.call(app.clone(), request);
        Box::pin(extract::answer_while_identified(&app, request, answer)).await
    } else {
        match extract::identify(&app, request, endpoint.auth, endpoint.param_location).await {
            Ok(request) => endpoint.call(app, request).await,
            Err(error) => Err(error),
        }
    };
    endpoint.record(result.as_ref().err().map_or(0, ApiError::code), started);
    result.unwrap_or_else(|error| {
        match &error {
            // The reason may contain private parameters.
            ApiError::InvalidRequest(_) => {
                tracing::debug!(path = endpoint.path, code = error.code(), "request rejected");
            }
            error => tracing::debug!(path = endpoint.path, ?error, "request rejected"),
        }
        if endpoint.is_operator() { error.into_operator_response() } else { error.into_response() }
    })
}

/// Does the same as [`serve_api`] for a form post of a page. The response is a redirect or a page.
async fn serve_form(app: App, request: Request, endpoint: Arc<ServedEndpoint>) -> Response {
    let started = Instant::now();
    let pages: fn() -> RouteTable =
        if endpoint.is_operator() { web::operator::routes } else { member::routes_without_metrics };
    let (code, response) = forms::handle_form(app, pages, request, &endpoint).await;
    if let Some(code) = code {
        endpoint.record(code, started);
    }
    response
}
