//! `/data`: the viewer's own data: who sees it, and the deletion of the account.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::own_data::change_privacy::Audience;
use guanxi_api::own_data::get_privacy::GetPrivacy;
use guanxi_storage::Store;
use guanxi_storage::model::{Card, Password};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/data.html")]
struct Data {
    layout: Layout,
    /// Account name for the browser's password manager.
    uname: String,
    mid: String,
    has_password: bool,
    leave_days: i64,
    lists: [ListPrivacy; 2],
}

/// The choice of a list's audience.
struct ListPrivacy {
    /// The name of the parameter.
    name: &'static str,
    label: Key,
    audience: Audience,
}

const AUDIENCES: [(Audience, Key); 3] = [
    (Audience::Everybody, Key("audience-everybody")),
    (Audience::Mutuals, Key("audience-mutuals")),
    (Audience::Oneself, Key("audience-oneself")),
];

/// Shows the page.
pub async fn data(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let privacy = context.call_api(handlers::own_data::get_privacy::get_privacy, GetPrivacy {}).await?;
    let mid = context.require_login()?;
    let card = context.app.store.get::<Card>(mid).await?;
    let has_password = context.app.store.get::<Password>(mid).await?.is_some();
    let list = |name, label, audience| ListPrivacy { name, label, audience };
    context.render(&Data {
        layout: context.layout(context.language().text("your-data"), NavSection::Account).await?,
        uname: card.map(|card| card.uname).unwrap_or_default(),
        mid: mid.to_string(),
        has_password,
        leave_days: context.app.limits.leave_secs / 86_400,
        lists: [
            list("followings", Key("followings"), privacy.followings),
            list("followers", Key("followers"), privacy.followers),
        ],
    })
}
