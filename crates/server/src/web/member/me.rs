//! `/me`: the viewer's profile, with a form for each of its parts.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::avatar::{Avatar, BIO_MAX_GRAPHEMES, NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::format;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::account::get_account::{self, GetAccount};
use guanxi_api::account::get_bio::{self, GetBio};
use guanxi_api::account::get_name::{self, GetName};
use guanxi_api::param::Sex;
use guanxi_api::profile::get_space::GetSpace;
use guanxi_domain::bio::MAX_BIO_CHARS;
use guanxi_domain::day;
use guanxi_domain::name::MAX_NAME_CHARS;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/me.html")]
struct ProfilePage {
    layout: Layout,
    avatar: Avatar,
    account: get_account::Data,
    joined: String,
    name: NamePart,
    /// Text in the form of the birthday.
    form_birthday: String,
    /// Choice in the form of the sex.
    form_sex: String,
    today: String,
    max_picture_bytes: usize,
    max_picture_size: String,
    bio: get_bio::Data,
    /// Text in the form of the bio.
    form_text: String,
    length: usize,
    max_length: usize,
    submitted_at: String,
    effective_at: String,
    reviewed_at: String,
}

/// The name, and the state of its change.
struct NamePart {
    uname: String,
    /// Text in the form.
    form_text: String,
    max_length: usize,
    pending: Option<(String, String)>,
    /// The rejected name, the reason, and the time of the decision.
    rejected: Option<(String, String, String)>,
    /// The time from which it may be changed; empty if it may be changed now.
    changeable: String,
    interval_days: i64,
    is_reviewed: bool,
}

/// The choices of the sex.
const SEXES: [(Sex, Key); 3] =
    [(Sex::Man, Key("sex-man")), (Sex::Woman, Key("sex-woman")), (Sex::Secret, Key("sex-secret"))];

/// Shows the page.
pub async fn me(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let (mid, t) = (context.require_login()?, context.language());
    let account = context.call_api(handlers::account::get_account::get_account, GetAccount {}).await?;
    let space = context.call_api(handlers::profile::get_space::get_space, GetSpace { mid }).await?;
    let name = context.call_api(handlers::account::get_name::get_name, GetName {}).await?;
    let bio = context.call_api(handlers::account::get_bio::get_bio, GetBio {}).await?;
    let stored = || bio.waits.as_ref().map_or(&bio.sign, |pending| &pending.sign).clone();
    let form_text = context.submitted_field("user_sign").unwrap_or_else(stored);
    let bio = truncate_bios(bio);
    let pending = bio.waits.as_ref();
    context.render(&ProfilePage {
        layout: context.layout(t.text("my-profile"), NavSection::Account).await?,
        avatar: context.avatar(mid, &account.uname, &space.face),
        joined: t.date(space.jointime),
        name: name_part(&context, name),
        form_birthday: context.submitted_field("birthday").unwrap_or_else(|| account.birthday.clone()),
        form_sex: context.submitted_field("sex").unwrap_or_else(|| account.sex.clone()),
        today: day::date_at(context.now).to_string(),
        max_picture_bytes: context.app.limits.picture_bytes,
        max_picture_size: format::format_file_limit(context.app.limits.picture_bytes),
        length: form_text.chars().count(),
        max_length: MAX_BIO_CHARS,
        form_text,
        submitted_at: pending.map(|pending| t.minute(pending.submitted)).unwrap_or_default(),
        effective_at: pending.and_then(|pending| pending.due).map(|due| t.minute(due)).unwrap_or_default(),
        reviewed_at: bio.ended.as_ref().map(|ended| t.minute(ended.time)).unwrap_or_default(),
        account: get_account::Data {
            sex: t.sex(&account.sex).unwrap_or_else(|| t.text("sex-secret").to_string()),
            rank: t.rank(account.rank),
            ..account
        },
        bio,
    })
}

fn name_part(context: &PageContext, name: get_name::Data) -> NamePart {
    let t = context.language();
    let shown = |uname: &str| truncate_graphemes(uname, NAME_MAX_GRAPHEMES);
    let rejected = name.ended.filter(|review| !review.approved);
    let pending = name.waits.as_ref();
    let form_text = pending.map_or(&name.uname, |pending| &pending.uname);
    NamePart {
        form_text: context.submitted_field("uname").unwrap_or_else(|| form_text.clone()),
        max_length: MAX_NAME_CHARS,
        pending: pending.map(|name| (shown(&name.uname), t.minute(name.submitted))),
        rejected: rejected.map(|name| (shown(&name.uname), name.remark, t.minute(name.time))),
        changeable: t.minute(name.changeable),
        interval_days: context.app.limits.name_change_secs / 86_400,
        is_reviewed: context.app.limits.name_review,
        uname: shown(&name.uname),
    }
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
