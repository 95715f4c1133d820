//! What a member can do to the chain, drawn at random.

use super::MEMBERS;
use super::model::Model;
use crate::community::mid;
use guanxi_api::api::relation::modify::{RelationAction, Source};
use guanxi_storage::command::{AssignGroups, ChangeRelation, CreateGroup, DeleteGroup, RenameGroup};
use guanxi_storage::store::List;
use guanxi_types::{Mid, Tagid};
use proptest::prelude::*;
use proptest::sample::Index;

/// Small, so that it is reached.
const FOLLOW_LIMIT: u32 = 3;
const GROUP_LIMIT: usize = 3;

/// A blank name, a taken one, one that is too long, and few enough others to meet again.
const NAMES: [&str; 7] =
    ["同学", " 同学 ", "vUP", "膜法师", "默认分组", " ", "一二三四五六七八九十一二三四五六七"];

/// A command, but for what its time alone can tell: a group, and who is put into one, is the how manieth of those there are.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// An act, so many seconds after the last; or before it, where the clock was set back.
    Relate {
        me: u64,
        act: RelationAction,
        them: u64,
        source: u32,
        later: i64,
    },
    Create {
        me: u64,
        name: &'static str,
    },
    Rename {
        me: u64,
        group: Index,
        name: &'static str,
    },
    Delete {
        me: u64,
        group: Index,
    },
    Assign {
        me: u64,
        fids: Vec<Index>,
        groups: Vec<Index>,
    },
}

/// A command.
#[derive(Clone, Debug)]
pub(crate) enum Deed {
    Relate(ChangeRelation),
    Create(CreateGroup),
    Rename(RenameGroup),
    Delete(DeleteGroup),
    Assign(AssignGroups),
}

/// Acts are drawn most, follows most of them: else there is little to group, to block, to kick.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    let me = || 1..=MEMBERS;
    let group = any::<Index>;
    let name = || prop::sample::select(&NAMES[..]);
    let act = prop_oneof![Just(RelationAction::Follow), prop::sample::select(&RelationAction::ALL[..])];
    prop_oneof![
        10 => (ends(), act, 11..14u32, later())
            .prop_map(|((me, them), act, source, later)| Step::Relate { me, act, them, source, later }),
        2 => (me(), name()).prop_map(|(me, name)| Step::Create { me, name }),
        1 => (me(), group(), name()).prop_map(|(me, group, name)| Step::Rename { me, group, name }),
        1 => (me(), group()).prop_map(|(me, group)| Step::Delete { me, group }),
        4 => (me(), prop::collection::vec(any::<Index>(), 1..=3), prop::collection::vec(group(), 1..=3))
            .prop_map(|(me, fids, groups)| Step::Assign { me, fids, groups }),
    ]
}

/// Mostly the same second; seldom one that has passed.
fn later() -> impl Strategy<Value = i64> {
    prop_oneof![10 => Just(0), 4 => 1..3i64, 1 => -3..0i64]
}

/// Two members: seldom one and the same, seldom one and nobody.
fn ends() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![
        12 => (1..=MEMBERS, 1..MEMBERS).prop_map(|(me, off)| (me, (me - 1 + off) % MEMBERS + 1)),
        1 => (1..=MEMBERS, 1..=MEMBERS + 1),
    ]
}

impl Step {
    /// The command that it is by now.
    pub(crate) fn deed(&self, model: &mut Model) -> Deed {
        if let Step::Relate { later, .. } = self {
            model.now += later;
        }
        let group = |index: Index, me| group(index, &model.tagids(mid(me)), &model.ever);
        let followings = |me| model.list(mid(me), List::Followings);
        match self.clone() {
            Step::Relate { me, act, them, source, .. } => {
                let (me, them, source) = (mid(me), mid(them), Source(source));
                Deed::Relate(ChangeRelation { me, them, act, source, limit: FOLLOW_LIMIT, now: model.now })
            }
            Step::Create { me, name } => {
                Deed::Create(CreateGroup { me: mid(me), name: name.to_owned(), limit: GROUP_LIMIT })
            }
            Step::Rename { me, group: index, name } => {
                let tagid = group(index, me);
                Deed::Rename(RenameGroup { me: mid(me), tagid, name: name.to_owned() })
            }
            Step::Delete { me, group: index } => {
                Deed::Delete(DeleteGroup { me: mid(me), tagid: group(index, me) })
            }
            Step::Assign { me, fids, groups } => Deed::Assign(AssignGroups {
                me: mid(me),
                fids: fids.into_iter().map(|index| following(index, &followings(me))).collect(),
                tagids: groups.into_iter().map(|index| group(index, me)).collect(),
            }),
        }
    }
}

/// Somebody followed, or seldom anybody at all.
fn following(index: Index, followings: &[(Mid, i64)]) -> Mid {
    let followings: Vec<Mid> = followings.iter().map(|(member, _)| *member).collect();
    let all: Vec<Mid> = followings.repeat(10).into_iter().chain((1..=MEMBERS + 1).map(mid)).collect();
    all[index.index(all.len())]
}

/// One of the groups everybody has, one's own (thrice, to meet them oftener), and any that ever was: others', deleted ones.
fn group(index: Index, own: &[Tagid], ever: &[Tagid]) -> Tagid {
    let built_in = [Tagid::SPECIAL, Tagid::DEFAULT];
    let all: Vec<Tagid> = built_in.into_iter().chain(own.repeat(3)).chain(ever.iter().copied()).collect();
    all[index.index(all.len())]
}
