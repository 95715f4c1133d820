//! A naive model of relations and groups: maps without indexes or counters. Its rules follow the tables of the
//! contract.

use super::steps::ModelCommand;
use guanxi_domain::relation::RelationKind;
use guanxi_storage::commands::{AssignGroups, ChangeRelation, CreateGroup, DeleteGroup, RenameGroup};
use guanxi_storage::store::List;
use guanxi_types::{ErrorCode, Mid, RelationAction, Tagid};
use std::collections::{BTreeMap, BTreeSet};

/// A relation. `groups` are in the order they were joined. None means the default group.
#[derive(Clone, Debug, PartialEq)]
struct ModelRelation {
    kind: RelationKind,
    since: i64,
    /// The number of the creation or renewal. It orders relations of one second.
    creation: u64,
    source: u32,
    groups: Vec<Tagid>,
}

/// The part of a list that its version covers. Groups are not part of it.
type ListContent = BTreeSet<(Mid, RelationKind, i64, u64)>;

#[derive(Debug, Default)]
pub(crate) struct Model {
    /// The time, in seconds.
    pub(crate) now: i64,
    /// The number of creations and renewals so far.
    creation: u64,
    /// All tagids that were ever assigned.
    pub(crate) created_groups: Vec<Tagid>,
    members: Vec<Mid>,
    relations: BTreeMap<(Mid, Mid), ModelRelation>,
    names: BTreeMap<(Mid, Tagid), String>,
    /// The members of each group, the default group included, in the order they joined.
    members_of_groups: BTreeMap<(Mid, Tagid), Vec<Mid>>,
    /// The two versions of each member at the last comparison, and true if the list changed since.
    versions: BTreeMap<Mid, [(u32, bool); 2]>,
}

impl Model {
    pub(crate) fn new(members: impl Iterator<Item = Mid>) -> Model {
        let members: Vec<Mid> = members.collect();
        let versions = members.iter().map(|member| (*member, [(0, false); 2])).collect();
        Model { now: 100, members, versions, ..Model::default() }
    }

    /// Runs a command, or returns its rejection. `tagid` is the one that the store assigned, if any.
    pub(crate) fn run(&mut self, command: &ModelCommand, tagid: Option<Tagid>) -> Result<(), ErrorCode> {
        let contents: Vec<[ListContent; 2]> =
            self.members.iter().map(|member| self.contents(*member)).collect();
        let result = match command {
            ModelCommand::Relate(command) => self.relate(command),
            ModelCommand::Create(command) => self.create(command, tagid),
            ModelCommand::Rename(command) => self.rename(command),
            ModelCommand::Delete(command) => self.delete(*command),
            ModelCommand::Assign(command) => self.assign(command),
        };
        for (member, before) in self.members.clone().into_iter().zip(contents) {
            let after = self.contents(member);
            let versions = self.versions.entry(member).or_default();
            for (at, (_, changed)) in versions.iter_mut().enumerate() {
                *changed |= before[at] != after[at];
            }
        }
        result
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
            self.creation += 1;
            for ends in [(me, them), (them, me)] {
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
        self.leave_all(me, them);
        self.creation += 1;
        self.relations.insert(
            (me, them),
            ModelRelation { kind, since: now, creation: self.creation, source, groups: vec![] },
        );
        if kind == RelationKind::Follow {
            self.members_of_groups.entry((me, Tagid::DEFAULT)).or_default().push(them);
        }
    }

    fn remove_relation(&mut self, me: Mid, them: Mid, kinds: &[RelationKind]) {
        if self.kind(me, them).is_some_and(|kind| kinds.contains(&kind)) {
            self.leave_all(me, them);
            self.relations.remove(&(me, them));
        }
    }

    fn leave_all(&mut self, me: Mid, them: Mid) {
        for ((owner, _), members) in &mut self.members_of_groups {
            if *owner == me {
                members.retain(|member| *member != them);
            }
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
        for them in self.members_of_groups.remove(&(me, tagid)).unwrap_or_default() {
            let relation = self.relations.get_mut(&(me, them)).expect("group members are followed");
            relation.groups.retain(|tag| *tag != tagid);
            if relation.groups.is_empty() {
                self.members_of_groups.entry((me, Tagid::DEFAULT)).or_default().push(them);
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
        for them in &command.fids {
            let relation = self.relations.get_mut(&(me, *them)).expect("the members are followed");
            let old = std::mem::take(&mut relation.groups);
            let (mut groups, left): (Vec<Tagid>, Vec<Tagid>) =
                old.iter().partition(|tag| command.tagids.contains(tag));
            for tagid in command.tagids.iter().filter(|tagid| **tagid != Tagid::DEFAULT) {
                if !groups.contains(tagid) {
                    groups.push(*tagid);
                    self.members_of_groups.entry((me, *tagid)).or_default().push(*them);
                }
            }
            for tagid in left {
                self.members_of_groups.entry((me, tagid)).or_default().retain(|member| member != them);
            }
            let default = self.members_of_groups.entry((me, Tagid::DEFAULT)).or_default();
            match (old.is_empty(), groups.is_empty()) {
                (true, false) => default.retain(|member| member != them),
                (false, true) => default.push(*them),
                _ => (),
            }
            relation.groups = groups;
        }
        Ok(())
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
        let ModelRelation { since, source, groups, .. } = self.relations.get(&(me, them))?.clone();
        let special = u8::from(groups.contains(&Tagid::SPECIAL));
        Some((since, source, groups, special))
    }

    /// Returns the groups of a relation.
    pub(crate) fn groups_of_relation(&self, me: Mid, them: Mid) -> Vec<Tagid> {
        self.relations.get(&(me, them)).map(|relation| relation.groups.clone()).unwrap_or_default()
    }

    /// Returns the numbers of follows, whispers, blocks, followers, and the sizes of 特别关注 and 默认分组.
    pub(crate) fn counts(&self, owner: Mid) -> [u32; 6] {
        let count = |is: &dyn Fn(Mid, Mid, &ModelRelation) -> bool| {
            let count =
                self.relations.iter().filter(|((from, to), relation)| is(*from, *to, relation)).count();
            u32::try_from(count).expect("small number")
        };
        let own = |kind| count(&|from, _, relation| from == owner && relation.kind == kind);
        let within = |tagid| self.members_of_groups.get(&(owner, tagid)).map_or(0, Vec::len);
        let size = |tagid| u32::try_from(within(tagid)).expect("small number");
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
        let size = |tagid| self.members_of_groups.get(&(owner, tagid)).map_or(0, Vec::len);
        let group = |tagid: Tagid| {
            let size = u32::try_from(size(tagid)).expect("small number");
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
            let members = self.members_of_groups.get(&(owner, tagid)).cloned().unwrap_or_default();
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
