//! `/security`: account security, with the forms for password, phone, mail and security question.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::account::get_account_security::{Data, GetAccountSecurity};
use guanxi_api::account::get_daily_rewards::GetDailyRewards;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/security.html")]
struct Security {
    layout: Layout,
    /// Account name for the browser's password manager.
    uname: String,
    info: Data,
    has_password: bool,
    strength: Key,
    has_question: bool,
    min_password_length: usize,
    submitted_tel: String,
    submitted_mail: String,
    submitted_question: String,
}

/// Shows the page.
pub async fn security(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let info = context
        .call_api(handlers::account::get_account_security::get_account_security, GetAccountSecurity {})
        .await?;
    let rewards =
        context.call_api(handlers::account::get_daily_rewards::get_daily_rewards, GetDailyRewards {}).await?;
    let account = context.call_api(handlers::account::get_account::get_account, GetAccount {}).await?;
    let strength = match info.account_safe.pwd_level {
        _ if info.account_info.unneeded_check => Key("not-set"),
        0 | 1 => Key("strength-weak"),
        2 => Key("strength-medium"),
        _ => Key("strength-strong"),
    };
    context.render(&Security {
        layout: context.layout(context.language().text("account-security"), NavSection::Account).await?,
        uname: account.uname,
        has_password: !info.account_info.unneeded_check,
        info,
        strength,
        has_question: rewards.safe_question,
        min_password_length: context.app.limits.min_password_length,
        submitted_tel: context.submitted("tel"),
        submitted_mail: context.submitted("mail"),
        submitted_question: context.submitted("question"),
    })
}
