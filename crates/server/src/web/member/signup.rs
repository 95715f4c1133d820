//! `/signup`: registration of a new member.

use crate::config;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::redirect::redirect;
use askama::Template;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/signup.html")]
struct Signup {
    layout: Layout,
    is_open: bool,
    min_password_length: usize,
    uname: String,
    tel: String,
    mail: String,
}

/// Shows the page, or redirects a logged-in member.
pub async fn signup(context: Arc<PageContext>) -> Result<Response, ApiError> {
    if context.viewer.is_some() {
        return Ok(redirect("/", Vec::new()));
    }
    context.render(&Signup {
        layout: context.layout(context.language().text("sign-up"), NavSection::Auth).await?,
        is_open: context.app.registration == config::Registration::Open,
        min_password_length: context.app.limits.min_password_length,
        uname: context.submitted("uname"),
        tel: context.submitted("tel"),
        mail: context.submitted("mail"),
    })
}
