//! `/me`: the viewer's profile, and the form for their bio.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::avatar::{Avatar, BIO_MAX_GRAPHEMES, NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_account::{self, GetAccount};
use guanxi_api::account::get_bio::{self, GetBio};
use guanxi_api::profile::get_space::GetSpace;
use guanxi_domain::bio::MAX_BIO_CHARS;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/me.html")]
struct ProfilePage {
    layout: Layout,
    avatar: Avatar,
    account: get_account::Data,
    joined: String,
    bio: get_bio::Data,
    /// Text in the form.
    form_text: String,
    length: usize,
    max_length: usize,
    submitted_at: String,
    effective_at: String,
    reviewed_at: String,
}

/// Shows the page.
pub async fn me(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let (mid, t) = (context.require_login()?, context.language());
    let account = context.call_api(handlers::account::get_account::get_account, GetAccount {}).await?;
    let space = context.call_api(handlers::profile::get_space::get_space, GetSpace { mid }).await?;
    let bio = context.call_api(handlers::account::get_bio::get_bio, GetBio {}).await?;
    let stored = || bio.waits.as_ref().map_or(&bio.sign, |pending| &pending.sign).clone();
    let form_text = context.submitted_field("user_sign").unwrap_or_else(stored);
    let bio = truncate_bios(bio);
    let pending = bio.waits.as_ref();
    context.render(&ProfilePage {
        layout: context.layout(t.text("my-profile"), NavSection::Account).await?,
        avatar: Avatar::new(&context.app.image_origins, mid, &account.uname, &space.face),
        joined: t.date(space.jointime),
        length: form_text.chars().count(),
        max_length: MAX_BIO_CHARS,
        form_text,
        submitted_at: pending.map(|pending| t.minute(pending.submitted)).unwrap_or_default(),
        effective_at: pending.and_then(|pending| pending.due).map(|due| t.minute(due)).unwrap_or_default(),
        reviewed_at: bio.ended.as_ref().map(|ended| t.minute(ended.time)).unwrap_or_default(),
        account: get_account::Data {
            uname: truncate_graphemes(&account.uname, NAME_MAX_GRAPHEMES),
            sex: t.sex(&account.sex).unwrap_or_else(|| t.text("sex-secret").to_string()),
            rank: t.rank(account.rank),
            ..account
        },
        bio,
    })
}

/// Truncates the bios for display. The form contains the full text.
fn truncate_bios(get_bio::Data { sign, waits, ended }: get_bio::Data) -> get_bio::Data {
    get_bio::Data {
        sign: truncate_graphemes(&sign, BIO_MAX_GRAPHEMES),
        waits: waits.map(|pending| get_bio::PendingBio {
            sign: truncate_graphemes(&pending.sign, BIO_MAX_GRAPHEMES),
            ..pending
        }),
        ended: ended.map(|ended| get_bio::ReviewedBio {
            sign: truncate_graphemes(&ended.sign, BIO_MAX_GRAPHEMES),
            ..ended
        }),
    }
}
