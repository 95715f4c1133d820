//! Random commands of members on their relations and groups.

use super::MEMBERS;
use super::model::Model;
use crate::community::mid;
use guanxi_domain::group::{GroupChange, LeftGroups};
use guanxi_storage::commands::{
    AssignGroups, ChangeMany, ChangeRelation, CreateGroup, DeleteGroup, ManyChange, Prefetch, RenameGroup,
    Undo, WithUndo,
};
use guanxi_storage::model::{Card, Official, OfficialKind};
use guanxi_storage::store::List;
use guanxi_types::{Mid, RelationAction, RelationSource, Tagid};
use proptest::prelude::*;
use proptest::sample::Index;

/// Small limits, so that tests reach them.
const FOLLOW_LIMIT: u32 = 3;
const GROUP_LIMIT: usize = 3;

/// Group names: blank, reserved, too long, and a few valid ones that repeat.
const NAMES: [&str; 7] =
    ["同学", " 同学 ", "vUP", "膜法师", "默认分组", " ", "一二三四五六七八九十一二三四五六七"];

/// Names that share parts, readings and their folded form.
const UNAMES: [&str; 7] = ["陈睿", "睿陈", "Chen", "chen 睿", "ＣＨＥＮ", "单", ""];

/// A command whose groups and members are indexes into those that exist when it runs.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// A relation action, `delay` seconds after the last one. A negative delay is a clock that was set back.
    Relate {
        me: u64,
        action: RelationAction,
        them: u64,
        source: u32,
        delay: i64,
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
    /// Another name, and the state of the official verification.
    SetName {
        me: u64,
        uname: &'static str,
        is_official: bool,
    },
    /// A change of many members: an action, or a change of groups, which leaves groups as `leaves` says.
    Many {
        me: u64,
        fids: Vec<Index>,
        action: Option<RelationAction>,
        leaves: Option<Vec<Index>>,
        joins: Vec<Index>,
    },
    /// The undoing of the member's last undoable command, or of an earlier one.
    Undo {
        me: u64,
        is_last: bool,
    },
}

/// A command.
#[derive(Clone, Debug)]
pub(crate) enum ModelCommand {
    Relate(WithUndo<ChangeRelation>),
    Create(CreateGroup),
    Rename(RenameGroup),
    Delete(WithUndo<DeleteGroup>),
    Assign(WithUndo<AssignGroups>),
    SetName(Box<Card>),
    Many(WithUndo<ChangeMany>),
    Undo(Undo),
}

/// Draws a step. Most are relation actions, and most of those are follows, so that groups, blocks and kicks have
/// targets.
pub(crate) fn step() -> impl Strategy<Value = Step> {
    let me = || 1..=MEMBERS;
    let group = any::<Index>;
    let name = || prop::sample::select(&NAMES[..]);
    let action = prop_oneof![Just(RelationAction::Follow), prop::sample::select(&RelationAction::ALL[..])];
    prop_oneof![
        10 => (ends(), action, 11..14u32, delay())
            .prop_map(|((me, them), action, source, delay)| Step::Relate { me, action, them, source, delay }),
        2 => (me(), name()).prop_map(|(me, name)| Step::Create { me, name }),
        1 => (me(), group(), name()).prop_map(|(me, group, name)| Step::Rename { me, group, name }),
        1 => (me(), group()).prop_map(|(me, group)| Step::Delete { me, group }),
        4 => (me(), prop::collection::vec(any::<Index>(), 1..=3), prop::collection::vec(group(), 1..=3))
            .prop_map(|(me, fids, groups)| Step::Assign { me, fids, groups }),
        4 => (me(), prop::sample::select(&UNAMES[..]), any::<bool>())
            .prop_map(|(me, uname, is_official)| Step::SetName { me, uname, is_official }),
        4 => (
            me(),
            prop::collection::vec(group(), 1..=4),
            prop::option::of(prop::sample::select(&RelationAction::ALL[..])),
            prop::option::of(prop::collection::vec(group(), 0..=2)),
            prop::collection::vec(group(), 0..=2),
        )
            .prop_map(|(me, fids, action, leaves, joins)| Step::Many { me, fids, action, leaves, joins }),
        5 => (me(), prop::bool::weighted(0.9)).prop_map(|(me, is_last)| Step::Undo { me, is_last }),
    ]
}

/// Draws a delay: mostly 0, rarely negative.
fn delay() -> impl Strategy<Value = i64> {
    prop_oneof![10 => Just(0), 4 => 1..3i64, 1 => -3..0i64]
}

/// Draws two members. Rarely they are the same, or the second does not exist.
fn ends() -> impl Strategy<Value = (u64, u64)> {
    prop_oneof![
        12 => (1..=MEMBERS, 1..MEMBERS).prop_map(|(me, offset)| (me, (me - 1 + offset) % MEMBERS + 1)),
        1 => (1..=MEMBERS, 1..=MEMBERS + 1),
    ]
}

impl Step {
    /// Returns the command of the step, for the state of the model.
    pub(crate) fn command(&self, model: &mut Model) -> ModelCommand {
        if let Step::Relate { delay, .. } = self {
            model.advance(*delay);
        }
        let group = |index: Index, me| pick_group(index, &model.tagids(mid(me)), &model.created_groups);
        let followings = |me| model.list(mid(me), List::Followings);
        match self.clone() {
            Step::Relate { me, action, them, source, .. } => {
                let (me, them, source) = (mid(me), mid(them), RelationSource(source));
                let (limit, now) = (FOLLOW_LIMIT, model.now);
                let command = ChangeRelation { me, them, action, source, limit, now };
                ModelCommand::Relate(with_undo(model, command))
            }
            Step::Create { me, name } => {
                ModelCommand::Create(CreateGroup { me: mid(me), name: name.to_owned(), limit: GROUP_LIMIT })
            }
            Step::Rename { me, group: index, name } => {
                let tagid = group(index, me);
                ModelCommand::Rename(RenameGroup { me: mid(me), tagid, name: name.to_owned() })
            }
            Step::Delete { me, group: index } => {
                let tagid = group(index, me);
                ModelCommand::Delete(with_undo(model, DeleteGroup { me: mid(me), tagid }))
            }
            Step::Assign { me, fids, groups } => {
                let fids = fids.into_iter().map(|index| pick_following(index, &followings(me))).collect();
                let tagids = groups.into_iter().map(|index| group(index, me)).collect();
                ModelCommand::Assign(with_undo(model, AssignGroups { me: mid(me), fids, tagids }))
            }
            Step::SetName { me, uname, is_official } => {
                let verified = if is_official { OfficialKind::Person } else { OfficialKind::None };
                let official = Official { verified, ..Official::default() };
                ModelCommand::SetName(Box::new(Card {
                    uname: uname.to_owned(),
                    official,
                    ..Card::new(mid(me))
                }))
            }
            Step::Many { me, fids, action, leaves, joins } => {
                let followings = followings(me);
                let fids = fids.into_iter().map(|index| pick_following(index, &followings)).collect();
                let tagids = |groups: Vec<Index>| groups.into_iter().map(|index| group(index, me)).collect();
                let joins = tagids(joins);
                let change = if let Some(action) = action {
                    ManyChange::Relation { action, groups: joins }
                } else {
                    let leaves = leaves.map_or(LeftGroups::All, |left| LeftGroups::These(tagids(left)));
                    ManyChange::Groups(GroupChange { leaves, joins })
                };
                let (me, source, limit, now) = (mid(me), RelationSource(11), FOLLOW_LIMIT, model.now);
                let command = ChangeMany { me, fids, change, source, limit, now };
                ModelCommand::Many(with_undo(model, command))
            }
            Step::Undo { me, is_last } => ModelCommand::Undo(Undo {
                me: mid(me),
                id: model.undo_id(mid(me)).filter(|_| is_last).unwrap_or(0),
                prefetch: Prefetch::default(),
                following_limit: FOLLOW_LIMIT,
                group_limit: GROUP_LIMIT,
                now: model.now,
            }),
        }
    }
}

/// Returns a command with an unused id.
fn with_undo<C>(model: &mut Model, command: C) -> WithUndo<C> {
    WithUndo { command, id: model.new_id(), expires: i64::MAX }
}

/// Picks a followed member, or rarely any member.
fn pick_following(index: Index, followings: &[(Mid, i64)]) -> Mid {
    let followings: Vec<Mid> = followings.iter().map(|(member, _)| *member).collect();
    let all: Vec<Mid> = followings.repeat(10).into_iter().chain((1..=MEMBERS + 1).map(mid)).collect();
    all[index.index(all.len())]
}

/// Picks a built-in group, a group of the member (three times as likely), or any group that ever existed.
fn pick_group(index: Index, own: &[Tagid], all_ever: &[Tagid]) -> Tagid {
    let built_in = [Tagid::SPECIAL, Tagid::DEFAULT];
    let all: Vec<Tagid> = built_in.into_iter().chain(own.repeat(3)).chain(all_ever.iter().copied()).collect();
    all[index.index(all.len())]
}
