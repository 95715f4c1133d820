//! The relation chain as the contract's tables have it, kept in maps and counted by looking at all of it.

use super::deed::Deed;
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::tie::RelationKind;
use guanxi_storage::command::{AssignGroups, ChangeRelation, CreateGroup, DeleteGroup, RenameGroup};
use guanxi_storage::store::List;
use guanxi_types::{ErrorCode, Mid, Tagid};
use std::collections::{BTreeMap, BTreeSet};

/// A tie. `tags` are the groups it is in, in the order joined: none for the default group.
#[derive(Clone, Debug, PartialEq)]
struct Bond {
    kind: RelationKind,
    since: i64,
    /// The how manieth relation it was that was made, or became mutual: what orders those of one second.
    made: u64,
    source: u32,
    tags: Vec<Tagid>,
}

/// What of the ties a list's version stands for: a change of groups is none.
type Face = BTreeSet<(Mid, RelationKind, i64, u64)>;

#[derive(Debug, Default)]
pub(crate) struct Model {
    /// The time, in seconds.
    pub(crate) now: i64,
    /// How many relations were made.
    made: u64,
    /// Every tagid that was ever given.
    pub(crate) ever: Vec<Tagid>,
    members: Vec<Mid>,
    bonds: BTreeMap<(Mid, Mid), Bond>,
    names: BTreeMap<(Mid, Tagid), String>,
    /// Who is in each group, the default one too, in the order they joined it.
    places: BTreeMap<(Mid, Tagid), Vec<Mid>>,
    /// Each member's two versions when they were last told, and whether the ties changed since.
    versions: BTreeMap<Mid, [(u32, bool); 2]>,
}

impl Model {
    pub(crate) fn new(members: impl Iterator<Item = Mid>) -> Model {
        let members: Vec<Mid> = members.collect();
        let versions = members.iter().map(|member| (*member, [(0, false); 2])).collect();
        Model { now: 100, members, versions, ..Model::default() }
    }

    /// Does a deed, or tells the refusal. `made` is the tagid that the store gave, if it gave one.
    pub(crate) fn play(&mut self, deed: &Deed, made: Option<Tagid>) -> Result<(), ErrorCode> {
        let faces: Vec<[Face; 2]> = self.members.iter().map(|member| self.faces(*member)).collect();
        let done = match deed {
            Deed::Relate(deed) => self.relate(deed),
            Deed::Create(deed) => self.create(deed, made),
            Deed::Rename(deed) => self.rename(deed),
            Deed::Delete(deed) => self.delete(*deed),
            Deed::Assign(deed) => self.assign(deed),
        };
        for (member, before) in self.members.clone().into_iter().zip(faces) {
            let after = self.faces(member);
            let versions = self.versions.entry(member).or_default();
            for (at, (_, changed)) in versions.iter_mut().enumerate() {
                *changed |= before[at] != after[at];
            }
        }
        done
    }

    fn relate(&mut self, deed: &ChangeRelation) -> Result<(), ErrorCode> {
        let &ChangeRelation { me, them, act, source, limit, now } = deed;
        let (mine, theirs) = (self.kind(me, them), self.kind(them, me));
        let wanted = match act {
            RelationAction::Follow => Some(RelationKind::Follow),
            RelationAction::Whisper => Some(RelationKind::Whisper),
            _ => None,
        };
        if wanted.is_some() && (mine == Some(RelationKind::Black) || theirs == Some(RelationKind::Black)) {
            return Err(ErrorCode::Blocked);
        }
        if !self.members.contains(&them) {
            return Err(ErrorCode::NeverMember);
        }
        if me == them {
            return Err(ErrorCode::Oneself);
        }
        if wanted.is_some() && wanted != mine && self.counts(me)[0] >= limit {
            return Err(ErrorCode::FollowingFull);
        }
        let was_mutual = self.attribute(me, them) == 6;
        match act {
            RelationAction::Follow => self.tie_to(me, them, RelationKind::Follow, source.0, now),
            RelationAction::Whisper => self.tie_to(me, them, RelationKind::Whisper, source.0, now),
            RelationAction::Unfollow => self.untie(me, them, &[RelationKind::Follow, RelationKind::Whisper]),
            RelationAction::Unwhisper => self.untie(me, them, &[RelationKind::Whisper]),
            RelationAction::Unblack => self.untie(me, them, &[RelationKind::Black]),
            RelationAction::Kick => self.untie(them, me, &[RelationKind::Follow, RelationKind::Whisper]),
            RelationAction::Black => {
                self.tie_to(me, them, RelationKind::Black, source.0, now);
                self.untie(them, me, &[RelationKind::Follow, RelationKind::Whisper]);
            }
        }
        if !was_mutual && self.attribute(me, them) == 6 {
            self.made += 1;
            for ends in [(me, them), (them, me)] {
                let made = self.made;
                self.bonds.entry(ends).and_modify(|bond| (bond.since, bond.made) = (now, made));
            }
        }
        Ok(())
    }

    fn tie_to(&mut self, me: Mid, them: Mid, kind: RelationKind, source: u32, now: i64) {
        if self.kind(me, them) == Some(kind) {
            return;
        }
        self.leave_all(me, them);
        self.made += 1;
        self.bonds.insert((me, them), Bond { kind, since: now, made: self.made, source, tags: vec![] });
        if kind == RelationKind::Follow {
            self.places.entry((me, Tagid::DEFAULT)).or_default().push(them);
        }
    }

    fn untie(&mut self, me: Mid, them: Mid, kinds: &[RelationKind]) {
        if self.kind(me, them).is_some_and(|kind| kinds.contains(&kind)) {
            self.leave_all(me, them);
            self.bonds.remove(&(me, them));
        }
    }

    fn leave_all(&mut self, me: Mid, them: Mid) {
        for ((owner, _), members) in &mut self.places {
            if *owner == me {
                members.retain(|member| *member != them);
            }
        }
    }

    fn create(&mut self, deed: &CreateGroup, made: Option<Tagid>) -> Result<(), ErrorCode> {
        let name = deed.name.trim();
        if name.is_empty() {
            return Err(ErrorCode::BadRequest);
        }
        if self.is_taken(deed.me, name, None) {
            return Err(ErrorCode::GroupExists);
        }
        if name.chars().count() > 16 {
            return Err(ErrorCode::GroupNameTooLong);
        }
        if self.tagids(deed.me).len() >= deed.limit {
            return Err(ErrorCode::GroupsFull);
        }
        let tagid = made.expect("a group that is made has a tagid");
        assert!(tagid.0 > 0 && !self.ever.contains(&tagid), "{tagid} was given before");
        self.ever.push(tagid);
        self.names.insert((deed.me, tagid), name.to_owned());
        Ok(())
    }

    fn rename(&mut self, deed: &RenameGroup) -> Result<(), ErrorCode> {
        let name = deed.name.trim();
        if deed.tagid.0 <= 0 || name.is_empty() {
            return Err(ErrorCode::BadRequest);
        }
        if name.chars().count() > 16 {
            return Err(ErrorCode::GroupNameTooLong);
        }
        if !self.names.contains_key(&(deed.me, deed.tagid)) {
            return Err(ErrorCode::NoGroup);
        }
        if self.is_taken(deed.me, name, Some(deed.tagid)) {
            return Err(ErrorCode::GroupExists);
        }
        self.names.insert((deed.me, deed.tagid), name.to_owned());
        Ok(())
    }

    fn is_taken(&self, me: Mid, name: &str, but: Option<Tagid>) -> bool {
        let own = self.names.iter().filter(|((owner, tagid), _)| *owner == me && Some(*tagid) != but);
        ["特别关注", "默认分组"].contains(&name) || own.map(|(_, name)| name).any(|own| own == name)
    }

    fn delete(&mut self, deed: DeleteGroup) -> Result<(), ErrorCode> {
        let DeleteGroup { me, tagid } = deed;
        if tagid.0 <= 0 {
            return Err(ErrorCode::BadRequest);
        }
        for them in self.places.remove(&(me, tagid)).unwrap_or_default() {
            let bond = self.bonds.get_mut(&(me, them)).expect("who is grouped is followed");
            bond.tags.retain(|tag| *tag != tagid);
            if bond.tags.is_empty() {
                self.places.entry((me, Tagid::DEFAULT)).or_default().push(them);
            }
        }
        self.names.remove(&(me, tagid));
        Ok(())
    }

    fn assign(&mut self, deed: &AssignGroups) -> Result<(), ErrorCode> {
        let me = deed.me;
        if deed.fids.iter().any(|them| self.kind(me, *them) != Some(RelationKind::Follow)) {
            return Err(ErrorCode::NotFollowed);
        }
        let is_known = |tagid: &Tagid| tagid.0 <= 0 || self.names.contains_key(&(me, *tagid));
        if !deed.tagids.iter().all(is_known) {
            return Err(ErrorCode::NoGroup);
        }
        for them in &deed.fids {
            let bond = self.bonds.get_mut(&(me, *them)).expect("they are followed");
            let was = std::mem::take(&mut bond.tags);
            let (mut tags, left): (Vec<Tagid>, Vec<Tagid>) =
                was.iter().partition(|tag| deed.tagids.contains(tag));
            for tagid in deed.tagids.iter().filter(|tagid| **tagid != Tagid::DEFAULT) {
                if !tags.contains(tagid) {
                    tags.push(*tagid);
                    self.places.entry((me, *tagid)).or_default().push(*them);
                }
            }
            for tagid in left {
                self.places.entry((me, tagid)).or_default().retain(|member| member != them);
            }
            let default = self.places.entry((me, Tagid::DEFAULT)).or_default();
            match (was.is_empty(), tags.is_empty()) {
                (true, false) => default.retain(|member| member != them),
                (false, true) => default.push(*them),
                _ => (),
            }
            bond.tags = tags;
        }
        Ok(())
    }

    fn kind(&self, me: Mid, them: Mid) -> Option<RelationKind> {
        self.bonds.get(&(me, them)).map(|bond| bond.kind)
    }

    /// The wire's attribute of a tie.
    pub(crate) fn attribute(&self, me: Mid, them: Mid) -> u8 {
        match self.kind(me, them) {
            None => 0,
            Some(RelationKind::Whisper) => 1,
            Some(RelationKind::Follow) if self.kind(them, me) == Some(RelationKind::Follow) => 6,
            Some(RelationKind::Follow) => 2,
            Some(RelationKind::Black) => 128,
        }
    }

    /// When a tie came to be, from where, its groups, whether it is special.
    pub(crate) fn tie(&self, me: Mid, them: Mid) -> Option<(i64, u32, Vec<Tagid>, u8)> {
        let Bond { since, source, tags, .. } = self.bonds.get(&(me, them))?.clone();
        let special = u8::from(tags.contains(&Tagid::SPECIAL));
        Some((since, source, tags, special))
    }

    /// The groups of a tie.
    pub(crate) fn tags(&self, me: Mid, them: Mid) -> Vec<Tagid> {
        self.bonds.get(&(me, them)).map(|bond| bond.tags.clone()).unwrap_or_default()
    }

    /// How many one follows, whispers, blocks; has as fans; keeps in 特别关注, in 默认分组.
    pub(crate) fn counts(&self, owner: Mid) -> [u32; 6] {
        let count = |is: &dyn Fn(Mid, Mid, &Bond) -> bool| {
            let count = self.bonds.iter().filter(|((from, to), bond)| is(*from, *to, bond)).count();
            u32::try_from(count).expect("there are few")
        };
        let own = |kind| count(&|from, _, bond| from == owner && bond.kind == kind);
        let within = |tagid| self.places.get(&(owner, tagid)).map_or(0, Vec::len);
        let size = |tagid| u32::try_from(within(tagid)).expect("there are few");
        let fans = count(&|_, to, bond| to == owner && bond.kind == RelationKind::Follow);
        let (follows, whispers, blacks) =
            (own(RelationKind::Follow), own(RelationKind::Whisper), own(RelationKind::Black));
        [follows, whispers, blacks, fans, size(Tagid::SPECIAL), size(Tagid::DEFAULT)]
    }

    /// One's own groups by tagid.
    pub(crate) fn tagids(&self, owner: Mid) -> Vec<Tagid> {
        self.names.keys().filter(|(of, _)| *of == owner).map(|(_, tagid)| *tagid).collect()
    }

    /// One's own groups by tagid, with their names and how many are in each.
    pub(crate) fn groups(&self, owner: Mid) -> Vec<(Tagid, String, u32)> {
        let size = |tagid| self.places.get(&(owner, tagid)).map_or(0, Vec::len);
        let group = |tagid: Tagid| {
            let size = u32::try_from(size(tagid)).expect("there are few");
            (tagid, self.names[&(owner, tagid)].clone(), size)
        };
        self.tagids(owner).into_iter().map(group).collect()
    }

    /// A list, newest first: who, and since when.
    pub(crate) fn list(&self, owner: Mid, list: List) -> Vec<(Mid, i64)> {
        let at_end = |(from, to): (Mid, Mid)| match list {
            List::Fans => (to == owner).then_some(from),
            _ => (from == owner).then_some(to),
        };
        if let List::Group(tagid) = list {
            let members = self.places.get(&(owner, tagid)).cloned().unwrap_or_default();
            let since = |member| self.bonds.get(&(owner, member)).map_or(0, |bond| bond.since);
            return members.into_iter().rev().map(|member| (member, since(member))).collect();
        }
        let kind = match list {
            List::Whispers => RelationKind::Whisper,
            List::Blacks => RelationKind::Black,
            _ => RelationKind::Follow,
        };
        let ties = self.bonds.iter().filter(|(_, bond)| bond.kind == kind);
        let mut listed: Vec<(i64, u64, Mid)> =
            ties.filter_map(|(ends, bond)| Some((bond.since, bond.made, at_end(*ends)?))).collect();
        listed.sort_unstable();
        listed.into_iter().rev().map(|(since, _, member)| (member, since)).collect()
    }

    /// What the versions of a member's fans, and of their own ties, stand for.
    fn faces(&self, owner: Mid) -> [Face; 2] {
        let (mut fans, mut own) = (Face::new(), Face::new());
        for ((from, to), bond) in &self.bonds {
            if *to == owner && bond.kind == RelationKind::Follow {
                fans.insert((*from, bond.kind, bond.since, bond.made));
            }
            if *from == owner {
                own.insert((*to, bond.kind, bond.since, bond.made));
            }
        }
        [fans, own]
    }

    /// That each version is another than last time exactly if the ties changed since (D17).
    pub(crate) fn versions_agree(&mut self, owner: Mid, told: [u32; 2]) {
        let versions = self.versions.entry(owner).or_default();
        for (version, told) in versions.iter_mut().zip(told) {
            let (last, changed) = *version;
            assert_eq!(told != last, changed, "the version of {owner} was {last} and is {told}");
            *version = (told, false);
        }
    }
}
