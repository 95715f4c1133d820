//! `/space/<mid>`: public profile of a member.

use super::lists::{GroupChoice, MemberRow, group_choices};
use crate::handlers;
use crate::http::response::ApiError;
use crate::remarks::Remarks;
use crate::web::avatar::{
    Avatar, BIO_MAX_GRAPHEMES, NAME_MAX_GRAPHEMES, truncate_graphemes, verification_label,
};
use crate::web::format::{self, Count};
use crate::web::language::Language;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::pager::{ListPage, read_page};
use crate::web::relation_buttons::RelationButtons;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::param::Flag;
use guanxi_api::profile::get_card::GetCard;
use guanxi_api::profile::get_space::{self, GetSpace};
use guanxi_api::profile::get_upstat::GetUpstat;
use guanxi_api::relations::get_relation_pair::GetRelationPair;
use guanxi_domain::relation::attribute;
use guanxi_storage::store::List;
use guanxi_types::{ErrorCode, Mid, Order, PageNumber, PageSize};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/space.html")]
struct Space {
    layout: Layout,
    mid: u64,
    is_own: bool,
    avatar: Avatar,
    uname: String,
    bio: String,
    verification: String,
    has_vip: bool,
    level: u8,
    is_silenced: bool,
    facts: Vec<(Key, String)>,
    counts: [Count; 5],
    buttons: Option<RelationButtons>,
    /// The viewer's groups, with those of the member ticked. Empty if the member cannot be in one.
    groups: Vec<GroupChoice>,
    /// True if the viewer follows the member publicly.
    is_followed: bool,
    /// The viewer's remark on the member; `None` if they cannot have one.
    remark: Option<String>,
    /// The remark typed into the rejected form, or the stored one.
    typed_remark: String,
    follows_viewer: bool,
    followings: ListPreview,
    followers: ListPreview,
}

/// First entries of a list.
struct ListPreview {
    label: Key,
    path: String,
    total: String,
    /// `None` if the owner hides the list from the viewer.
    list: Option<Vec<MemberRow>>,
}

/// Returns the first entries of a list, or `None` if the owner hides it from the viewer.
async fn preview_page(context: &PageContext, owner: Mid, list: List) -> Result<Option<ListPage>, ApiError> {
    let ps = PageSize::new(PREVIEW_SIZE).unwrap_or(PageSize::MAX);
    match read_page(context, owner, list, ps, PageNumber::FIRST, Order::Desc).await {
        Ok(page) => Ok(Some(page)),
        Err(ApiError::Code(ErrorCode::ListHidden)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Number of entries in a preview.
const PREVIEW_SIZE: u64 = 6;

/// Shows the page.
pub async fn space(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let mid = context.path_mid()?;
    let space = context.call_api(handlers::profile::get_space::get_space, GetSpace { mid }).await?;
    let card =
        context.call_api(handlers::profile::get_card::get_card, GetCard { mid, photo: Flag(false) }).await?;
    let upstat = context.call_api(handlers::profile::get_upstat::get_upstat, GetUpstat { mid }).await?;
    let followers = preview_page(&context, mid, List::Followers).await?;
    let followings = preview_page(&context, mid, List::Followings).await?;
    let is_own = context.viewer == Some(mid);
    let (mut buttons, mut follows_viewer) = ((!is_own).then(|| RelationButtons::new(0, false)), false);
    let (mut groups, mut is_followed) = (Vec::new(), false);
    let previewed = followings.iter().chain(&followers).flat_map(|page| &page.members);
    let previewed = previewed.map(|(entry, _)| entry.mid);
    let remarks = Remarks::on(&context.app, context.viewer, previewed.chain([mid])).await?;
    let is_other = context.viewer.is_some() && !is_own;
    let remark = if is_other { Some(remarks.get(mid)?.unwrap_or_default()) } else { None };
    if is_other {
        let relation = context
            .call_api(handlers::relations::get_relation_pair::get_relation_pair, GetRelationPair { mid })
            .await?;
        follows_viewer = attribute::is_follow(relation.be_relation.attribute);
        let own = relation.relation.attribute;
        buttons = Some(RelationButtons::new(own, follows_viewer));
        is_followed = attribute::is_follow(own);
        if is_followed || own == attribute::NONE && relation.be_relation.attribute != attribute::BLOCK {
            let joined = relation.relation.tag.unwrap_or_default();
            groups = group_choices(&context, &joined).await?;
        }
    }
    let preview = |label, list: &str, total: u64, page: Option<ListPage>| ListPreview {
        label,
        path: format!("/space/{mid}/{list}"),
        total: format::format_count(total),
        list: page.map(|page| MemberRow::list(&context, &page.members, false, &[])),
    };
    // A page is of the same moment as its total.
    let total = |page: &Option<ListPage>, counted| page.as_ref().map_or(counted, |page| page.total);
    let total_followings = total(&followings, card.card.attention);
    let total_followers = total(&followers, card.follower);
    let uname = truncate_graphemes(&space.name, NAME_MAX_GRAPHEMES);
    let t = context.language();
    let mut layout = context.layout(t.text("space-of").with("name", &uname), NavSection::Space).await?;
    let counts = [
        Count::new(t, Key("followings"), total_followings, format!("/space/{mid}/followings")),
        Count::new(t, Key("followers"), total_followers, format!("/space/{mid}/fans")),
        Count::new(t, Key("likes"), upstat.likes, String::new()),
        Count::new(t, Key("plays"), upstat.archive.view, String::new()),
        Count::new(t, Key("reads"), upstat.article.view, String::new()),
    ];
    let mut followings = preview(Key("followings"), "followings", total_followings, followings);
    let mut followers = preview(Key("followers"), "fans", total_followers, followers);
    for list in [&mut followings.list, &mut followers.list].into_iter().flatten() {
        MemberRow::add_remarks(list, &remarks)?;
        layout.move_flash_to(list);
    }
    context.render(&Space {
        layout,
        mid: mid.get(),
        is_own,
        avatar: context.avatar(mid, &space.name, &space.face),
        uname,
        bio: truncate_graphemes(&space.sign, BIO_MAX_GRAPHEMES),
        verification: verification_label(&card.card.official_verify, t),
        has_vip: space.vip.status == 1,
        level: space.level,
        is_silenced: space.silence == 1,
        counts,
        facts: facts(space, t),
        buttons,
        groups,
        is_followed,
        typed_remark: context.submitted_field("remark").or_else(|| remark.clone()).unwrap_or_default(),
        remark,
        follows_viewer,
        followings,
        followers,
    })
}

/// Returns the public profile fields, without empty ones.
fn facts(space: get_space::Data, language: Language) -> Vec<(Key, String)> {
    let profession = [space.profession.name, space.profession.department, space.profession.title];
    let profession: Vec<String> = profession.into_iter().filter(|part| !part.is_empty()).collect();
    let shown = space.profession.is_show == 1;
    let facts = [
        (Key("sex"), language.sex(&space.sex).unwrap_or_default()),
        (Key("birthday"), space.birthday),
        (Key("school"), space.school.map(|school| school.name).unwrap_or_default()),
        (Key("profession"), if shown { profession.join(" · ") } else { String::new() }),
        (Key("joined"), language.date(space.jointime)),
    ];
    let visible = facts.into_iter().filter(|(_, fact)| !fact.is_empty());
    visible.map(|(label, fact)| (label, truncate_graphemes(&fact, 60))).collect()
}
