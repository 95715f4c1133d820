//! `/signup`: somebody becomes a member.

use super::act::see;
use super::frame::{Frame, Section};
use super::visit::Visit;
use crate::answer::Reject;
use crate::settings;
use askama::Template;
use axum::response::Response;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "signup.html")]
struct Signup {
    frame: Frame,
    open: bool,
    least: usize,
    uname: String,
    tel: String,
    mail: String,
}

/// Shows it.
pub async fn signup(visit: Arc<Visit>) -> Result<Response, Reject> {
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
