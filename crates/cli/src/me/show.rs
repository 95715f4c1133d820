//! `guanxi show MID`: a member.

use super::account::facts;
use super::caller::Caller;
use super::ties::word;
use crate::Failure;
use guanxi_api::api::relation::stat::{self, RelationStat};
use guanxi_api::api::space::acc::relation::{self, AccRelation, Tie};
use guanxi_api::api::web_interface::card::{self, Card};
use guanxi_api::param::Flag;
use guanxi_domain::day::time_at;
use guanxi_types::Mid;
use serde::Serialize;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The member.
    mid: Mid,
}

/// What three endpoints tell.
#[derive(Serialize)]
struct Shown {
    card: card::Data,
    stat: stat::Data,
    /// Both ties; none if nobody is logged in.
    relation: Option<relation::Data>,
}

pub(crate) async fn show(me: &Caller, args: &Args) -> Result<(), Failure> {
    let mid = args.mid;
    let card = me.ask(&Card { mid, photo: Flag(false) }).await?;
    let stat = me.ask(&RelationStat { vmid: mid }).await?;
    let is_member = me.client.cookies().is_some();
    let relation = if is_member { Some(me.ask(&AccRelation { mid }).await?) } else { None };
    let shown = Shown { card, stat, relation };
    me.tell(&shown, || lines(&shown))
}

fn lines(Shown { card: about, stat, relation }: &Shown) -> Vec<String> {
    let card = &about.card;
    let verified = [&card.official.title, &card.official.desc].map(String::as_str);
    let between = |tie: fn(&relation::Data) -> &Tie| {
        let tie = relation.as_ref().map(tie).filter(|tie| tie.attribute > 0);
        tie.map_or(String::new(), |tie| format!("{} since {}", word(tie.attribute), time_at(tie.mtime)))
    };
    let since = if card.regtime > 0 { time_at(card.regtime) } else { String::new() };
    facts(&[
        ("mid", card.mid.clone()),
        ("name", card.name.clone()),
        ("sign", card.sign.clone()),
        ("sex", card.sex.clone()),
        ("level", card.level_info.current_level.to_string()),
        ("verified", verified.join(" ").trim().to_owned()),
        ("VIP", card.vip.vip.label.text.clone()),
        ("member since", since),
        ("fans", stat.follower.to_string()),
        ("follows", stat.following.to_string()),
        ("videos", about.archive_count.to_string()),
        ("likes", about.like_num.to_string()),
        ("you to them", between(|both| &both.relation)),
        ("they to you", between(|both| &both.be_relation)),
    ])
}
