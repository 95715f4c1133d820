//! `/security`: how safe one's account is, and what makes it safer.

use super::frame::{Layout, Section};
use super::visit::PageContext;
use crate::answer::ApiError;
use crate::api;
use askama::Template;
use axum::response::Response;
use guanxi_api::api::member::web::account::Account;
use guanxi_api::api::member::web::exp::reward::Reward;
use guanxi_api::api::web::site::user::info::{Data, SiteInfo};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "security.html")]
struct Security {
    frame: Layout,
    /// For the browser, which keeps passwords by it.
    uname: String,
    info: Data,
    strength: &'static str,
    question: bool,
    least: usize,
    typed_tel: String,
    typed_mail: String,
    typed_question: String,
}

/// Shows it.
pub async fn security(visit: Arc<PageContext>) -> Result<Response, ApiError> {
    let info = visit.ask(api::web::site::user::info::info, SiteInfo {}).await?;
    let reward = visit.ask(api::member::web::exp::reward::reward, Reward {}).await?;
    let account = visit.ask(api::member::web::account::account, Account {}).await?;
    let strength = match info.account_safe.pwd_level {
        _ if info.account_info.unneeded_check => "未设置",
        0 | 1 => "弱",
        2 => "中",
        _ => "强",
    };
    visit.show(&Security {
        frame: visit.frame("账号安全", Section::Centre).await?,
        uname: account.uname,
        info,
        strength,
        question: reward.safe_question,
        least: visit.app.limits.password_length,
        typed_tel: visit.typed("tel"),
        typed_mail: visit.typed("mail"),
        typed_question: visit.typed("question"),
    })
}
