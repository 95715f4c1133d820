//! `/prove`: the proof before a dangerous operation. It leads back to the page of the operation.

use super::login::back;
use crate::handlers::account::get_account::get_account;
use crate::handlers::factors::list_factors::list_factors;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::redirect::redirect;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::factors::list_factors::ListFactors;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/prove.html")]
struct Prove {
    layout: Layout,
    back: String,
    /// Account name for the browser's password manager.
    uname: String,
    needs_password: bool,
    needs_code: bool,
    has_passkeys: bool,
}

/// Shows the page, or redirects to `back` if nothing is to be proved.
pub async fn prove(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let back = back(&context);
    let factors = context.call_api(list_factors, ListFactors {}).await?;
    if !factors.needs_password && !factors.needs_factor {
        return Ok(redirect(&back, Vec::new()));
    }
    let account = context.call_api(get_account, GetAccount {}).await?;
    context.render(&Prove {
        layout: context.layout(context.language().text("prove"), NavSection::Account).await?,
        back,
        uname: account.uname,
        needs_password: factors.needs_password,
        needs_code: factors.needs_factor,
        has_passkeys: !factors.passkeys.is_empty()
            && context.app.passkeys.are_available(&context.client.headers),
    })
}
