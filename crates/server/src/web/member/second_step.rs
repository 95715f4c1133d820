//! `/login/factor`: the second step of a login.

use super::login::{back, login_page};
use crate::auth::factor_check::load_factors;
use crate::handlers::login::second_step as step;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::redirect::{path_with_back, redirect};
use askama::Template;
use axum::response::Response;
use guanxi_storage::Store;
use guanxi_storage::model::Challenge;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/second_step.html")]
struct SecondStep {
    layout: Layout,
    /// Path to redirect to after login.
    back: String,
    /// Path of the first step.
    login_path: String,
    has_totp: bool,
    has_passkeys: bool,
}

/// Shows the second step, or the login page if none waits.
pub async fn second_step(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let back = back(&context);
    if context.viewer.is_some() {
        return Ok(redirect(&back, Vec::new()));
    }
    let challenge: Option<Challenge> = context.app.store.get(step::hash_of(&context.client)).await?;
    let waiting = challenge.filter(|challenge| challenge.expires > context.now);
    let Some(mid) = waiting.and_then(|challenge| challenge.mid) else {
        return login_page(&context, None).await;
    };
    let factors = load_factors(&context.app, mid).await?;
    context.render(&SecondStep {
        layout: context.layout(context.language().text("second-step"), NavSection::Auth).await?,
        login_path: path_with_back("/login", &back),
        back,
        has_totp: factors.totp.is_some(),
        has_passkeys: !factors.passkeys.is_empty()
            && context.app.passkeys.are_available(&context.client.headers),
    })
}
