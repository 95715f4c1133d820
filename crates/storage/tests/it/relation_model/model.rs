//! A naive model of relations and groups: maps without indexes or counters. Its rules follow the tables of the
//! contract.

use super::steps::ModelCommand;
use guanxi_domain::group::{GroupChange, LeftGroups};
use guanxi_domain::relation::RelationKind;
use guanxi_storage::commands::{
    AssignGroups, ChangeMany, ChangeRelation, CreateGroup, DeleteGroup, ManyChange, RenameGroup, Undo,
};
use guanxi_storage::store::List;
use guanxi_types::{ErrorCode, Mid, RelationAction, Tagid};
use std::collections::{BTreeMap, BTreeSet};

/// A relation. `groups` are in the order they were joined, each with the number of its joining. The default group is
/// one of them.
#[derive(Clone, Debug, PartialEq)]
struct ModelRelation {
    kind: RelationKind,
    since: i64,
    /// The number of the creation or renewal. It orders relations of one second.
    creation: u64,
    source: u32,
    groups: Vec<(Tagid, u64)>,
}

/// A relation before and after a command.
type BeforeAndAfter = [Option<ModelRelation>; 2];

/// The relations of pairs after an undo.
type Restored = Vec<((Mid, Mid), Option<ModelRelation>)>;

/// The changes of a command: relations before and after, and the deleted group with its name.
#[derive(Clone, Debug, Default, PartialEq)]
struct ModelChange {
    relations: Vec<((Mid, Mid), BeforeAndAfter)>,
    group: Option<(Tagid, String)>,
    /// True if each member is undone on its own.
    is_batch: bool,
}

/// The part of a list that its version covers. Groups are not part of it.
type ListContent = BTreeSet<(Mid, RelationKind, i64, u64)>;

#[derive(Debug, Default)]
pub(crate) struct Model {
    /// The time, in seconds.
    pub(crate) now: i64,
    /// The latest time so far.
    latest: i64,
    /// The ids of records since whose creation the clock was never behind the latest time.
    ids_in_time: Vec<u64>,
    /// The last id of a record.
    last_id: u64,
    /// The number of creations and renewals so far.
    creation: u64,
    /// The number of joinings so far.
    joinings: u64,
    /// All tagids that were ever assigned.
    pub(crate) created_groups: Vec<Tagid>,
    members: Vec<Mid>,
    /// The display names that members were given.
    pub(crate) unames: BTreeMap<Mid, String>,
    relations: BTreeMap<(Mid, Mid), ModelRelation>,
    names: BTreeMap<(Mid, Tagid), String>,
    /// The record of each member that undoes a command: its id, and what the command changed.
    undo: BTreeMap<Mid, (u64, ModelChange)>,
    /// The two versions of each member at the last comparison, and true if the list changed since.
    versions: BTreeMap<Mid, [(u32, bool); 2]>,
}

impl Model {
    pub(crate) fn new(members: impl Iterator<Item = Mid>) -> Model {
        let members: Vec<Mid> = members.collect();
        let versions = members.iter().map(|member| (*member, [(0, false); 2])).collect();
        Model { now: 100, latest: 100, members, versions, ..Model::default() }
    }

    /// Runs a command, or returns its rejection. `tagid` is the one that the store assigned, if any.
    pub(crate) fn run(&mut self, command: &ModelCommand, tagid: Option<Tagid>) -> Result<(), ErrorCode> {
        let contents: Vec<[ListContent; 2]> =
            self.members.iter().map(|member| self.contents(*member)).collect();
        let (relations, names) = (self.relations.clone(), self.names.clone());
        let (result, record) = match command {
            ModelCommand::Relate(with) => {
                let ChangeRelation { me, them, .. } = with.command;
                (self.relate(&with.command), Some((me, with.id, vec![(me, them), (them, me)])))
            }
            ModelCommand::Create(command) => (self.create(command, tagid), None),
            ModelCommand::Rename(command) => (self.rename(command), None),
            ModelCommand::Delete(with) => {
                let me = with.command.me;
                (self.delete(with.command), Some((me, with.id, self.pairs_of(me))))
            }
            ModelCommand::Assign(with) => {
                let me = with.command.me;
                (self.assign(&with.command), Some((me, with.id, self.pairs_of(me))))
            }
            ModelCommand::SetName(card) => {
                self.unames.insert(card.mid, card.uname.clone());
                (Ok(()), None)
            }
            ModelCommand::Many(with) => {
                let ChangeMany { me, ref fids, .. } = with.command;
                let fids: BTreeSet<Mid> = fids.iter().copied().collect();
                let pairs = fids.into_iter().flat_map(|them| [(me, them), (them, me)]).collect();
                (self.change_many(&with.command), Some((me, with.id, pairs)))
            }
            ModelCommand::Undo(command) => (self.undo(command), None),
        };
        if let (Ok(()), Some((me, id, pairs))) = (result, record) {
            let is_batch = matches!(command, ModelCommand::Many(_));
            let is_regrouping = match command {
                ModelCommand::Relate(_) => false,
                ModelCommand::Many(with) => matches!(with.command.change, ManyChange::Groups(_)),
                _ => true,
            };
            let change =
                |ends| (ends, [relations.get(&ends), self.relations.get(&ends)].map(Option::<&_>::cloned));
            let relations = pairs.into_iter().map(change);
            let relations: Vec<_> =
                relations.filter(|(_, [before, after])| !is_regrouping || before != after).collect();
            // A member without a change is in no record of a batch.
            let is_changed = |pair: &[((Mid, Mid), BeforeAndAfter)]| {
                pair.iter().any(|(_, [before, after])| before != after)
            };
            let of_pairs = relations.chunks(if is_regrouping { 1 } else { 2 });
            let relations =
                of_pairs.filter(|pair| !is_batch || is_changed(pair)).flatten().cloned().collect();
            let group = names.iter().find(|(key, _)| !self.names.contains_key(key));
            let group = group.map(|((_, tagid), name)| (*tagid, name.clone()));
            let change = ModelChange { relations, group, is_batch };
            self.undo.remove(&me);
            if change.is_loss() || is_batch && !change.relations.is_empty() {
                self.undo.insert(me, (id, change));
            }
        }
        for (member, before) in self.members.clone().into_iter().zip(contents) {
            let after = self.contents(member);
            let versions = self.versions.entry(member).or_default();
            for (at, (_, changed)) in versions.iter_mut().enumerate() {
                *changed |= before[at] != after[at];
            }
        }
        result
    }

    fn change_many(&mut self, command: &ChangeMany) -> Result<(), ErrorCode> {
        let ChangeMany { me, fids, change, source, limit, now } = command;
        let joins = match change {
            ManyChange::Relation { groups, .. } => groups,
            ManyChange::Groups(change) => &change.joins,
        };
        if joins.iter().any(|tagid| tagid.0 > 0 && !self.names.contains_key(&(*me, *tagid))) {
            return Err(ErrorCode::GroupNotFound);
        }
        let mut done = BTreeSet::new();
        for them in fids.iter().copied().filter(|them| done.insert(*them)) {
            match change {
                ManyChange::Relation { action, groups } => {
                    let (me, source, limit, now) = (*me, *source, *limit, *now);
                    let one = ChangeRelation { me, them, action: *action, source, limit, now };
                    if self.relate(&one).is_ok() && *action == RelationAction::Follow && !groups.is_empty() {
                        self.regroup(me, them, Some(&[]), groups);
                    }
                }
                ManyChange::Groups(GroupChange { leaves, joins }) => {
                    if self.kind(*me, them) == Some(RelationKind::Follow) {
                        let left = match leaves {
                            LeftGroups::These(left) => Some(left.as_slice()),
                            LeftGroups::All => None,
                        };
                        self.regroup(*me, them, left, joins);
                    }
                }
            }
        }
        Ok(())
    }

    /// Takes a following out of groups, `None` for all, and puts it into others.
    fn regroup(&mut self, me: Mid, them: Mid, left: Option<&[Tagid]>, joins: &[Tagid]) {
        let old = self.relations[&(me, them)].groups.clone();
        let stays = |tagid: &Tagid| left.is_some_and(|left| !left.contains(tagid)) || joins.contains(tagid);
        let mut groups: Vec<(Tagid, u64)> =
            old.iter().copied().filter(|(tagid, _)| *tagid != Tagid::DEFAULT && stays(tagid)).collect();
        for tagid in joins.iter().filter(|tagid| **tagid != Tagid::DEFAULT) {
            if groups.iter().all(|(group, _)| group != tagid) {
                groups.push((*tagid, self.join_number()));
            }
        }
        if groups.is_empty() {
            let default = old.into_iter().find(|(tagid, _)| *tagid == Tagid::DEFAULT);
            groups.push(default.unwrap_or_else(|| (Tagid::DEFAULT, self.join_number())));
        }
        self.relations.entry((me, them)).and_modify(|relation| relation.groups = groups);
    }

    fn relate(&mut self, command: &ChangeRelation) -> Result<(), ErrorCode> {
        let &ChangeRelation { me, them, action, source, limit, now } = command;
        let (outgoing, incoming) = (self.kind(me, them), self.kind(them, me));
        let wanted = match action {
            RelationAction::Follow => Some(RelationKind::Follow),
            RelationAction::Whisper => Some(RelationKind::Whisper),
            _ => None,
        };
        if wanted.is_some()
            && (outgoing == Some(RelationKind::Block) || incoming == Some(RelationKind::Block))
        {
            return Err(ErrorCode::Blocked);
        }
        if !self.members.contains(&them) {
            return Err(ErrorCode::MemberNeverExisted);
        }
        if me == them {
            return Err(ErrorCode::TargetIsSelf);
        }
        if wanted.is_some() && wanted != outgoing && self.counts(me)[0] >= limit {
            return Err(ErrorCode::FollowingLimitReached);
        }
        let was_mutual = self.attribute(me, them) == 6;
        match action {
            RelationAction::Follow => self.add_relation(me, them, RelationKind::Follow, source.0, now),
            RelationAction::Whisper => self.add_relation(me, them, RelationKind::Whisper, source.0, now),
            RelationAction::Unfollow => {
                self.remove_relation(me, them, &[RelationKind::Follow, RelationKind::Whisper]);
            }
            RelationAction::Unwhisper => self.remove_relation(me, them, &[RelationKind::Whisper]),
            RelationAction::Unblock => self.remove_relation(me, them, &[RelationKind::Block]),
            RelationAction::RemoveFollower => {
                self.remove_relation(them, me, &[RelationKind::Follow, RelationKind::Whisper]);
            }
            RelationAction::Block => {
                self.add_relation(me, them, RelationKind::Block, source.0, now);
                self.remove_relation(them, me, &[RelationKind::Follow, RelationKind::Whisper]);
            }
        }
        if !was_mutual && self.attribute(me, them) == 6 {
            for ends in [(them, me), (me, them)] {
                self.creation += 1;
                let creation = self.creation;
                self.relations
                    .entry(ends)
                    .and_modify(|relation| (relation.since, relation.creation) = (now, creation));
            }
        }
        Ok(())
    }

    fn add_relation(&mut self, me: Mid, them: Mid, kind: RelationKind, source: u32, now: i64) {
        if self.kind(me, them) == Some(kind) {
            return;
        }
        self.creation += 1;
        let groups =
            if kind == RelationKind::Follow { vec![(Tagid::DEFAULT, self.join_number())] } else { vec![] };
        self.relations
            .insert((me, them), ModelRelation { kind, since: now, creation: self.creation, source, groups });
    }

    fn join_number(&mut self) -> u64 {
        self.joinings += 1;
        self.joinings
    }

    /// Returns the pairs of a member and each other one.
    fn pairs_of(&self, me: Mid) -> Vec<(Mid, Mid)> {
        self.members.iter().map(|them| (me, *them)).collect()
    }

    /// Returns the members of a group, in the order they joined.
    fn group_members(&self, owner: Mid, tagid: Tagid) -> Vec<Mid> {
        let of_owner = self.relations.iter().filter(|((from, _), _)| *from == owner);
        let mut joined: Vec<(u64, Mid)> = of_owner
            .flat_map(|((_, to), relation)| relation.groups.iter().map(move |group| (*group, *to)))
            .filter(|((group, _), _)| *group == tagid)
            .map(|((_, number), member)| (number, member))
            .collect();
        joined.sort_unstable();
        joined.into_iter().map(|(_, member)| member).collect()
    }

    fn remove_relation(&mut self, me: Mid, them: Mid, kinds: &[RelationKind]) {
        if self.kind(me, them).is_some_and(|kind| kinds.contains(&kind)) {
            self.relations.remove(&(me, them));
        }
    }

    fn create(&mut self, command: &CreateGroup, tagid: Option<Tagid>) -> Result<(), ErrorCode> {
        let name = command.name.trim();
        if name.is_empty() {
            return Err(ErrorCode::BadRequest);
        }
        if self.is_taken(command.me, name, None) {
            return Err(ErrorCode::GroupExists);
        }
        if name.chars().count() > 16 {
            return Err(ErrorCode::GroupNameTooLong);
        }
        if self.tagids(command.me).len() >= command.limit {
            return Err(ErrorCode::GroupLimitReached);
        }
        let tagid = tagid.expect("the store assigned a tagid");
        assert!(tagid.0 > 0 && !self.created_groups.contains(&tagid), "{tagid} was assigned before");
        self.created_groups.push(tagid);
        self.names.insert((command.me, tagid), name.to_owned());
        Ok(())
    }

    fn rename(&mut self, command: &RenameGroup) -> Result<(), ErrorCode> {
        let name = command.name.trim();
        if command.tagid.0 <= 0 || name.is_empty() {
            return Err(ErrorCode::BadRequest);
        }
        if name.chars().count() > 16 {
            return Err(ErrorCode::GroupNameTooLong);
        }
        if !self.names.contains_key(&(command.me, command.tagid)) {
            return Err(ErrorCode::GroupNotFound);
        }
        if self.is_taken(command.me, name, Some(command.tagid)) {
            return Err(ErrorCode::GroupExists);
        }
        self.names.insert((command.me, command.tagid), name.to_owned());
        Ok(())
    }

    fn is_taken(&self, me: Mid, name: &str, except: Option<Tagid>) -> bool {
        let own = self.names.iter().filter(|((owner, tagid), _)| *owner == me && Some(*tagid) != except);
        ["特别关注", "默认分组"].contains(&name) || own.map(|(_, name)| name).any(|own| own == name)
    }

    fn delete(&mut self, command: DeleteGroup) -> Result<(), ErrorCode> {
        let DeleteGroup { me, tagid } = command;
        if tagid.0 <= 0 {
            return Err(ErrorCode::BadRequest);
        }
        for them in self.group_members(me, tagid) {
            let number = self.join_number();
            let relation = self.relations.get_mut(&(me, them)).expect("group members are followed");
            relation.groups.retain(|(group, _)| *group != tagid);
            if relation.groups.is_empty() {
                relation.groups.push((Tagid::DEFAULT, number));
            }
        }
        self.names.remove(&(me, tagid));
        Ok(())
    }

    fn assign(&mut self, command: &AssignGroups) -> Result<(), ErrorCode> {
        let me = command.me;
        if command.fids.iter().any(|them| self.kind(me, *them) != Some(RelationKind::Follow)) {
            return Err(ErrorCode::NotFollowing);
        }
        let is_known = |tagid: &Tagid| tagid.0 <= 0 || self.names.contains_key(&(me, *tagid));
        if !command.tagids.iter().all(is_known) {
            return Err(ErrorCode::GroupNotFound);
        }
        let mut wanted: Vec<Tagid> =
            command.tagids.iter().copied().filter(|tagid| *tagid != Tagid::DEFAULT).collect();
        if wanted.is_empty() {
            wanted.push(Tagid::DEFAULT);
        }
        for them in &command.fids {
            let old = self.relations[&(me, *them)].groups.clone();
            let mut groups: Vec<(Tagid, u64)> =
                old.into_iter().filter(|(group, _)| wanted.contains(group)).collect();
            for tagid in &wanted {
                if groups.iter().all(|(group, _)| group != tagid) {
                    groups.push((*tagid, self.join_number()));
                }
            }
            self.relations.entry((me, *them)).and_modify(|relation| relation.groups = groups);
        }
        Ok(())
    }

    /// Sets the clock.
    pub(crate) fn advance(&mut self, delay: i64) {
        self.now += delay;
        self.latest = self.latest.max(self.now);
        if self.now < self.latest {
            self.ids_in_time.clear();
        }
    }

    /// Returns the id of a new record.
    pub(crate) fn new_id(&mut self) -> u64 {
        self.last_id += 1;
        if self.now == self.latest {
            self.ids_in_time.push(self.last_id);
        }
        self.last_id
    }

    /// Returns the id of the member's record. `None` if the clock was behind since: a relation created then may
    /// have the position of the restored one.
    pub(crate) fn undo_id(&self, me: Mid) -> Option<u64> {
        self.undo.get(&me).map(|(id, _)| *id).filter(|id| self.ids_in_time.contains(id))
    }

    fn undo(&mut self, command: &Undo) -> Result<(), ErrorCode> {
        let me = command.me;
        let record = self.undo.get(&me).filter(|(id, _)| *id == command.id).cloned();
        let (_, ModelChange { relations, group, is_batch }) = record.ok_or(ErrorCode::UndoExpired)?;
        if is_batch {
            self.undo.remove(&me);
            let other = |(from, to): (Mid, Mid)| if from == me { to } else { from };
            for unit in relations.chunk_by(|left, right| other(left.0) == other(right.0)) {
                if let Ok(restored) = self.restored(command, unit, None) {
                    self.restore(restored);
                }
            }
            return Ok(());
        }
        if let Some((_, name)) = &group {
            if self.is_taken(me, name, None) {
                return Err(ErrorCode::GroupExists);
            }
            if self.tagids(me).len() >= command.group_limit {
                return Err(ErrorCode::GroupLimitReached);
            }
        }
        let restored = self.restored(command, &relations, group.as_ref())?;
        self.names.extend(group.map(|(tagid, name)| ((me, tagid), name)));
        self.restore(restored);
        self.undo.remove(&me);
        Ok(())
    }

    fn restore(&mut self, restored: Vec<((Mid, Mid), Option<ModelRelation>)>) {
        for (ends, next) in restored {
            self.relations.remove(&ends);
            self.relations.extend(next.map(|next| (ends, next)));
        }
    }

    /// Returns the relations as they were before changes that are undone together.
    fn restored(
        &self,
        command: &Undo,
        relations: &[((Mid, Mid), BeforeAndAfter)],
        group: Option<&(Tagid, String)>,
    ) -> Result<Restored, ErrorCode> {
        let me = command.me;
        let mut restored = Vec::new();
        for (ends, [before, after]) in relations.iter().cloned() {
            let current = self.relations.get(&ends);
            let content = |relation: Option<&ModelRelation>| relation.map(|it| (it.kind, it.groups.clone()));
            let order = |relation: Option<&ModelRelation>| relation.map(|it| (it.creation, it.since));
            let is_regrouping = order(before.as_ref()) == order(after.as_ref());
            let is_unchanged = content(current) == content(after.as_ref())
                && (is_regrouping || order(current) == order(after.as_ref()));
            if !is_unchanged {
                return Err(ErrorCode::UndoExpired);
            }
            let mut next = before;
            if let (true, Some(next), Some(current)) = (is_regrouping, &mut next, current) {
                (next.creation, next.since) = (current.creation, current.since);
            }
            let exists = |(tagid, _): &(Tagid, u64)| {
                let is_restored = group.is_some_and(|(group, _)| ends.0 == me && group == tagid);
                tagid.0 <= 0 || is_restored || self.names.contains_key(&(ends.0, *tagid))
            };
            if next.as_ref() != current && !next.iter().flat_map(|next| &next.groups).all(exists) {
                return Err(ErrorCode::UndoExpired);
            }
            let is_follow = |relation: Option<&ModelRelation>| {
                relation.is_some_and(|relation| relation.kind == RelationKind::Follow)
            };
            let is_new = is_follow(next.as_ref()) && !is_follow(current);
            if is_new && self.counts(ends.0)[0] >= command.following_limit {
                return Err(ErrorCode::FollowingLimitReached);
            }
            restored.push((ends, next));
        }
        Ok(restored)
    }

    fn kind(&self, me: Mid, them: Mid) -> Option<RelationKind> {
        self.relations.get(&(me, them)).map(|relation| relation.kind)
    }

    /// Returns the API's attribute of a relation.
    pub(crate) fn attribute(&self, me: Mid, them: Mid) -> u8 {
        match self.kind(me, them) {
            None => 0,
            Some(RelationKind::Whisper) => 1,
            Some(RelationKind::Follow) if self.kind(them, me) == Some(RelationKind::Follow) => 6,
            Some(RelationKind::Follow) => 2,
            Some(RelationKind::Block) => 128,
        }
    }

    /// Returns the time, source and groups of a relation, and 1 if it is special.
    pub(crate) fn relation(&self, me: Mid, them: Mid) -> Option<(i64, u32, Vec<Tagid>, u8)> {
        let ModelRelation { since, source, .. } = *self.relations.get(&(me, them))?;
        let groups = self.groups_of_relation(me, them);
        let special = u8::from(groups.contains(&Tagid::SPECIAL));
        Some((since, source, groups, special))
    }

    /// Returns the groups of a relation, without the default group.
    pub(crate) fn groups_of_relation(&self, me: Mid, them: Mid) -> Vec<Tagid> {
        let groups = self.relations.get(&(me, them)).into_iter().flat_map(|relation| &relation.groups);
        groups.map(|(tagid, _)| *tagid).filter(|tagid| *tagid != Tagid::DEFAULT).collect()
    }

    /// Returns the numbers of follows, whispers, blocks, followers, and the sizes of 特别关注 and 默认分组.
    pub(crate) fn counts(&self, owner: Mid) -> [u32; 6] {
        let count = |is: &dyn Fn(Mid, Mid, &ModelRelation) -> bool| {
            let count =
                self.relations.iter().filter(|((from, to), relation)| is(*from, *to, relation)).count();
            u32::try_from(count).expect("small number")
        };
        let own = |kind| count(&|from, _, relation| from == owner && relation.kind == kind);
        let size = |tagid| u32::try_from(self.group_members(owner, tagid).len()).expect("small number");
        let followers = count(&|_, to, relation| to == owner && relation.kind == RelationKind::Follow);
        let (follows, whispers, blocks) =
            (own(RelationKind::Follow), own(RelationKind::Whisper), own(RelationKind::Block));
        [follows, whispers, blocks, followers, size(Tagid::SPECIAL), size(Tagid::DEFAULT)]
    }

    /// Returns the groups that a member created, by tagid.
    pub(crate) fn tagids(&self, owner: Mid) -> Vec<Tagid> {
        self.names.keys().filter(|(of, _)| *of == owner).map(|(_, tagid)| *tagid).collect()
    }

    /// Returns the groups that a member created, with names and sizes.
    pub(crate) fn groups(&self, owner: Mid) -> Vec<(Tagid, String, u32)> {
        let group = |tagid: Tagid| {
            let size = u32::try_from(self.group_members(owner, tagid).len()).expect("small number");
            (tagid, self.names[&(owner, tagid)].clone(), size)
        };
        self.tagids(owner).into_iter().map(group).collect()
    }

    /// Returns a list, newest first: member and time.
    pub(crate) fn list(&self, owner: Mid, list: List) -> Vec<(Mid, i64)> {
        let at_end = |(from, to): (Mid, Mid)| match list {
            List::Followers => (to == owner).then_some(from),
            _ => (from == owner).then_some(to),
        };
        if let List::Group(tagid) = list {
            let members = self.group_members(owner, tagid);
            let since = |member| self.relations.get(&(owner, member)).map_or(0, |relation| relation.since);
            return members.into_iter().rev().map(|member| (member, since(member))).collect();
        }
        let kind = match list {
            List::Whispers => RelationKind::Whisper,
            List::Blocks => RelationKind::Block,
            _ => RelationKind::Follow,
        };
        let listed_relations = self.relations.iter().filter(|(_, relation)| relation.kind == kind);
        let mut listed: Vec<(i64, u64, Mid)> = listed_relations
            .filter_map(|(ends, relation)| Some((relation.since, relation.creation, at_end(*ends)?)))
            .collect();
        listed.sort_unstable();
        listed.into_iter().rev().map(|(since, _, member)| (member, since)).collect()
    }

    /// Returns the content of a member's followers, and of their own relations.
    fn contents(&self, owner: Mid) -> [ListContent; 2] {
        let (mut followers, mut own) = (ListContent::new(), ListContent::new());
        for ((from, to), relation) in &self.relations {
            if *to == owner && relation.kind == RelationKind::Follow {
                followers.insert((*from, relation.kind, relation.since, relation.creation));
            }
            if *from == owner {
                own.insert((*to, relation.kind, relation.since, relation.creation));
            }
        }
        [followers, own]
    }

    /// Asserts that each version changed since the last comparison exactly if its list did (D17).
    pub(crate) fn assert_versions(&mut self, owner: Mid, current: [u32; 2]) {
        let versions = self.versions.entry(owner).or_default();
        for (version, current) in versions.iter_mut().zip(current) {
            let (last, changed) = *version;
            assert_eq!(current != last, changed, "the version of {owner} was {last} and is {current}");
            *version = (current, false);
        }
    }
}

impl ModelChange {
    fn is_loss(&self) -> bool {
        let content = |relation: &ModelRelation| (relation.kind, relation.groups.clone());
        self.group.is_some()
            || self.relations.iter().any(|(_, [before, after])| {
                before.is_some() && before.as_ref().map(content) != after.as_ref().map(content)
            })
    }
}
