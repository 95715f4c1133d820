//! A follow by an anonymous visitor, which is done after the login. A cookie keeps it meanwhile.

use super::flash::{self, Flash};
use super::page_context::PageContext;
use super::redirect::redirect;
use super::undo;
use crate::extract::ApiRequest;
use crate::http::client_info;
use crate::http::cookies::request_cookie;
use axum::response::Response;
use guanxi_api::Endpoint;
use guanxi_api::params::{Params, encode_form};
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_types::{Mid, RelationAction, RelationSource};
use http::header::SET_COOKIE;
use http::{HeaderMap, HeaderValue};

/// Cookie with the member to follow and the page of the form, as `<mid>=<path>`.
const COOKIE: &str = "follow";
/// Lifetime of the cookie, in seconds: time enough to sign up.
const LIFETIME_SECS: u32 = 900;

/// Keeps the follow of a form for the page at `path`. The form of another site is not kept.
pub(super) fn keep(response: &mut Response, headers: &HeaderMap, path: &str, form: &str, submitted: &Params) {
    let is_follow = form == ModifyRelation::PATH && submitted.get("act") == Ok(RelationAction::Follow);
    let (true, Ok(fid)) = (is_follow, submitted.get::<Mid>("fid")) else { return };
    if !client_info::is_cross_site(headers) {
        set_cookie(response, &encode_form([(fid.to_string().as_str(), path)]), LIFETIME_SECS);
    }
}

fn set_cookie(response: &mut Response, value: &str, max_age: u32) {
    let cookie = format!("{COOKIE}={value}; Path=/; Max-Age={max_age}; HttpOnly; SameSite=Strict");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
}

/// Returns the first page of a member with the cookie expired, so that it cannot act later.
pub(super) fn cleared(mut response: Response, context: &PageContext) -> Response {
    if context.viewer.is_some() && request_cookie(&context.client.headers, COOKIE).is_some() {
        set_cookie(&mut response, "", 0);
    }
    response
}

/// Does the kept follow on the first page after the login, if that is the page of the form. Returns a redirect to the
/// page with the message of the follow; `None` if nothing was to be done.
pub(super) async fn finish(context: &mut PageContext) -> Option<Response> {
    let me = context.viewer?;
    let cookie = request_cookie(&context.client.headers, COOKIE)?;
    let (fid, _) = cookie.split_once('=').filter(|(_, path)| *path == context.path_and_query)?;
    let params = ModifyRelation {
        fid: fid.parse().ok()?,
        act: RelationAction::Follow,
        re_src: RelationSource::DEFAULT,
    };
    let request = ApiRequest { caller: me, params, now: context.now, client: context.client.clone() };
    match undo::modify_relation(context.app.clone(), request).await {
        Ok(()) => {
            let mut response = redirect(&format!("{}#flash", context.path_and_query), Vec::new());
            let act = RelationAction::Follow.number();
            let submitted = Params::parse(format!("act={act}&rows={fid}").as_bytes());
            flash::set_cookie(&mut response, ModifyRelation::PATH, &submitted);
            Some(response)
        }
        Err(error) => {
            context.flash =
                Some(Flash::from_error(&error, ModifyRelation::PATH, Params::default(), context.language()));
            None
        }
    }
}
