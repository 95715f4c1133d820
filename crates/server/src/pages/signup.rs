//! `/signup`: somebody becomes a member.

use super::act::see;
use super::frame::{Layout, Section};
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::settings;
use askama::Template;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "signup.html")]
struct Signup {
    frame: Layout,
    open: bool,
    least: usize,
    uname: String,
    tel: String,
    mail: String,
}

/// Shows it.
pub async fn signup(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    if visit.me.is_some() {
        return Ok(see("/", Vec::new()));
    }
    visit.show(&Signup {
        frame: visit.frame("注册", Section::Door).await?,
        open: visit.app.signup == settings::Signup::Open,
        least: visit.app.limits.password_length,
        uname: visit.typed("uname"),
        tel: visit.typed("tel"),
        mail: visit.typed("mail"),
    })
}
