//! `guanxi show MID`: the card of a member.

use super::account::key_values;
use super::context::ClientContext;
use super::relations::relation_name;
use crate::Failure;
use guanxi_api::param::Flag;
use guanxi_api::profile::get_card::{self, GetCard};
use guanxi_api::relations::get_relation_counters::{self, GetRelationCounters};
use guanxi_api::relations::get_relation_pair::{self, DirectedRelation, GetRelationPair};
use guanxi_domain::day::format_time;
use guanxi_types::Mid;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The member.
    mid: Mid,
}

/// The responses of three endpoints.
#[derive(Serialize)]
struct MemberView {
    card: get_card::Data,
    stat: get_relation_counters::Data,
    /// Both relations. `None` without a login.
    relation: Option<get_relation_pair::Data>,
}

pub(crate) async fn show(context: &ClientContext, args: &Args) -> Result<(), Failure> {
    let mid = args.mid;
    let card = context.send(&GetCard { mid, photo: Flag(false) }).await?;
    let stat = context.send(&GetRelationCounters { vmid: mid }).await?;
    let is_member = context.client.cookies().is_some();
    let relation = if is_member { Some(context.send(&GetRelationPair { mid }).await?) } else { None };
    let view = MemberView { card, stat, relation };
    context.print_result(&view, || format_view(&view))
}

fn format_view(MemberView { card: details, stat, relation }: &MemberView) -> Vec<String> {
    let card = &details.card;
    let verified = [&card.official.title, &card.official.desc].map(String::as_str);
    let describe_relation = |direction: fn(&get_relation_pair::Data) -> &DirectedRelation| {
        let relation = relation.as_ref().map(direction).filter(|relation| relation.attribute > 0);
        relation.map_or(String::new(), |relation| {
            format!("{} since {}", relation_name(relation.attribute), format_time(relation.mtime))
        })
    };
    let since = if card.regtime > 0 { format_time(card.regtime) } else { String::new() };
    key_values(&[
        ("mid", card.mid.clone()),
        ("name", card.name.clone()),
        ("sign", card.sign.clone()),
        ("sex", card.sex.clone()),
        ("level", card.level_info.current_level.to_string()),
        ("verified", verified.join(" ").trim().to_owned()),
        ("VIP", card.vip.vip.label.text.clone()),
        ("member since", since),
        ("followers", stat.follower.to_string()),
        ("following", stat.following.to_string()),
        ("videos", details.archive_count.to_string()),
        ("likes", details.like_num.to_string()),
        ("you to them", describe_relation(|relations| &relations.relation)),
        ("they to you", describe_relation(|relations| &relations.be_relation)),
    ])
}
