//! A model of a store with a few members: relations, groups and the number of the last marked command.

use super::super::QueuedCommand;
use crate::commands::{ChangeRelation, Command, CreateGroup, ProbeWrites, SetImportProgress};
use crate::dump::ImportProgress;
use crate::embedded::queries::Queries;
use crate::pending_command::{Answer, PendingCommand};
use crate::{CommandError, StorageError};
use guanxi_domain::relation::RelationKind;
use guanxi_types::{Mid, RelationAction, RelationSource};
use std::collections::{BTreeMap, BTreeSet};

/// The number of members.
pub(super) const MEMBERS: u64 = 3;

pub(super) fn mid(number: u64) -> Mid {
    Mid::new(number).unwrap()
}

/// A command, with members as numbers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Changes the relation of the first member with the second.
    Relate(u64, u64, RelationAction),
    /// Creates a group with a number as its name.
    Group(u64, u64),
    /// Stores a number.
    Mark(u64),
    /// Writes a record of several sectors, which changes nothing that the model has.
    Probe,
}

/// The answer to a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Ok,
    Rejected,
    /// An error after which nothing of the command remains.
    Failed,
    /// An error after which a restart may find the command.
    Unknown,
}

/// A queued command, and the function that returns its answer.
pub(super) type Queued = (Box<dyn QueuedCommand>, Box<dyn FnOnce() -> Outcome>);

impl Step {
    /// Draws a command. `number` is unique.
    pub(super) fn draw(random: &mut fastrand::Rng, number: u64) -> Step {
        let me = random.u64(1..=MEMBERS);
        let them = (me + random.u64(0..MEMBERS - 1)) % MEMBERS + 1;
        let actions = [
            RelationAction::Follow,
            RelationAction::Unfollow,
            RelationAction::Block,
            RelationAction::Unblock,
        ];
        match random.u8(..16) {
            0 => Step::Probe,
            1..=2 => Step::Group(me, number),
            3..=9 => Step::Mark(number),
            _ => Step::Relate(me, them, actions[random.usize(..actions.len())]),
        }
    }

    pub(super) fn queued(self, now: i64) -> Queued {
        match self {
            Step::Relate(me, them, action) => {
                let (me, them, source) = (mid(me), mid(them), RelationSource::DEFAULT);
                queue(ChangeRelation { me, them, action, source, limit: 1000, now })
            }
            Step::Group(me, number) => {
                queue(CreateGroup { me: mid(me), name: number.to_string(), limit: usize::MAX })
            }
            Step::Mark(rows) => queue(SetImportProgress(Some(ImportProgress { rows, digest: [0; 32] }))),
            Step::Probe => queue(ProbeWrites),
        }
    }
}

fn queue<C: Command>(command: C) -> Queued {
    let (pending, mut answer): (_, Answer<C>) = PendingCommand::new(command);
    let outcome = move || match answer.try_recv().unwrap() {
        Ok(_) => Outcome::Ok,
        Err(CommandError::Rejected(_)) => Outcome::Rejected,
        Err(CommandError::Fault(StorageError::Io(_))) => Outcome::Failed,
        Err(CommandError::Fault(StorageError::CommitUnknown(_))) => Outcome::Unknown,
        Err(other) => panic!("{other}"),
    };
    (Box::new(pending), Box::new(outcome))
}

/// The state of a store.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Model {
    follows: BTreeSet<(u64, u64)>,
    blocks: BTreeSet<(u64, u64)>,
    groups: BTreeMap<u64, BTreeSet<String>>,
    mark: u64,
}

impl Model {
    /// Applies a command. Returns false if it is rejected.
    pub(super) fn apply(&mut self, step: Step) -> bool {
        match step {
            Step::Relate(me, them, RelationAction::Follow) => {
                if self.blocks.contains(&(me, them)) || self.blocks.contains(&(them, me)) {
                    return false;
                }
                self.follows.insert((me, them));
            }
            Step::Relate(me, them, RelationAction::Block) => {
                self.blocks.insert((me, them));
                self.follows.remove(&(me, them));
                self.follows.remove(&(them, me));
            }
            Step::Relate(me, them, RelationAction::Unblock) => drop(self.blocks.remove(&(me, them))),
            Step::Relate(me, them, _) => drop(self.follows.remove(&(me, them))),
            Step::Group(me, name) => drop(self.groups.entry(me).or_default().insert(name.to_string())),
            Step::Mark(number) => self.mark = number,
            Step::Probe => (),
        }
        true
    }

    /// Returns the state after any of the commands, in their order.
    pub(super) fn after_any_of(&self, steps: &[Step]) -> Vec<Model> {
        let mut states = vec![self.clone()];
        for step in steps {
            let mut next = states.clone();
            for state in &mut next {
                _ = state.apply(*step);
            }
            states.extend(next);
        }
        states
    }

    /// Reads the state of a store. Asserts that the counters are those of the relations.
    pub(super) fn read(queries: &Queries<'_>) -> Result<Model, StorageError> {
        let mut model = Model::default();
        for me in 1..=MEMBERS {
            for them in (1..=MEMBERS).filter(|them| *them != me) {
                match queries.relation(mid(me), mid(them))?.map(|relation| relation.kind) {
                    Some(RelationKind::Follow) => drop(model.follows.insert((me, them))),
                    Some(RelationKind::Block) => drop(model.blocks.insert((me, them))),
                    None => (),
                    Some(RelationKind::Whisper) => panic!("no step whispers"),
                }
            }
            let names = queries.groups(mid(me))?.own.into_iter().map(|(group, _)| group.name);
            let names: BTreeSet<String> = names.collect();
            if !names.is_empty() {
                model.groups.insert(me, names);
            }
        }
        for me in 1..=MEMBERS {
            let counters = queries.counters(mid(me))?.unwrap();
            let count = |is: &dyn Fn(&&(u64, u64)) -> bool| model.follows.iter().filter(is).count();
            let expected = (count(&|(from, _)| *from == me), count(&|(_, to)| *to == me));
            assert_eq!((counters.following as usize, counters.follower as usize), expected);
        }
        model.mark = queries.import_progress()?.map_or(0, |progress| progress.rows);
        Ok(model)
    }
}
