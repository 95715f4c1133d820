//! The import of relations and groups from a CSV file: what it would change, and the change. Each line has the rules of
//! a change by hand.

use crate::app::App;
use crate::handlers::relations::change_relations::Batch;
use crate::http::response::ApiError;
use futures_util::{StreamExt, TryStreamExt, stream};
use guanxi_api::own_data::import_relations::{Data, ImportOutcome, ImportedRow};
use guanxi_domain::group::{self, GroupChange};
use guanxi_domain::relation::{Relation, RelationPair};
use guanxi_domain::relation_action::{self, RelationContext, TargetStatus};
use guanxi_domain::relation_csv::{self, CsvRow, ImportStep};
use guanxi_storage::commands::{CreateGroup, ManyChange};
use guanxi_storage::model::Tombstone;
use guanxi_storage::{StorageError, Store};
use guanxi_types::{ErrorCode, Mid, RelationAction, RelationSource, Tagid};
use std::collections::HashMap;

/// The number of relations that are read at the same time.
const READS_AT_ONCE: usize = 16;

/// A file with the relations and groups that exist.
pub(crate) struct RelationImport<'a> {
    app: &'a App,
    me: Mid,
    rows: Vec<CsvRow>,
    /// The relations to the members of the rows, and the state of their mids.
    targets: Vec<(RelationPair, TargetStatus)>,
    /// The member's groups by name.
    groups: HashMap<String, Tagid>,
    /// The groups of the rows that do not exist, in their order: those that can be created, and the others.
    new_groups: Vec<(String, Result<(), ErrorCode>)>,
}

/// The changes of one kind, by their members.
type Changes = Vec<(ManyChange, Vec<Mid>)>;

impl<'a> RelationImport<'a> {
    /// Reads a file, and what exists.
    pub(crate) async fn read(app: &'a App, me: Mid, csv: &[u8]) -> Result<RelationImport<'a>, ApiError> {
        let rows = relation_csv::parse(csv, app.limits.import_rows).map_err(ApiError::InvalidCsv)?;
        let deleted = app.store.rows::<Tombstone>(rows.iter().map(|row| row.mid).collect()).await?;
        let mids: Vec<Mid> = rows.iter().map(|row| row.mid).collect();
        let store = app.store.clone();
        let pair = move |mid| {
            let store = store.clone();
            async move { store.relation_pair(me, mid).await }
        };
        let pairs = stream::iter(mids).map(pair).buffered(READS_AT_ONCE);
        let pairs: Vec<Option<RelationPair>> = pairs.try_collect().await?;
        let targets = pairs.into_iter().zip(deleted).map(|(pair, deleted)| match (pair, deleted) {
            (pair, Some(_)) => (pair.unwrap_or_default(), TargetStatus::Deleted),
            (Some(pair), None) => (pair, TargetStatus::Member),
            (None, None) => (RelationPair::default(), TargetStatus::NeverExisted),
        });
        let targets = targets.collect();
        let groups = groups_by_name(app, me).await?;
        let mut import = RelationImport { app, me, rows, targets, groups, new_groups: Vec::new() };
        import.find_new_groups();
        Ok(import)
    }

    fn find_new_groups(&mut self) {
        let mut own: Vec<&str> = self.groups.keys().map(String::as_str).collect();
        own.retain(|name| Some(*name) != group::built_in_name(Tagid::SPECIAL));
        for name in self.rows.iter().flat_map(|row| &row.groups) {
            if self.groups.contains_key(name) || self.new_groups.iter().any(|(known, _)| known == name) {
                continue;
            }
            let checked = group::check_create_group(name, &own, self.app.limits.max_groups);
            if checked.is_ok() {
                own.push(name);
            }
            self.new_groups.push((name.clone(), checked));
        }
    }

    /// Returns what the import would change.
    pub(crate) async fn preview(&self, now: i64) -> Result<Data, StorageError> {
        let mut following = self.app.store.counters(self.me).await?.unwrap_or_default().following;
        let rows = self.in_order_of_changes().into_iter().map(|(row, before, target)| {
            let outcome = match self.step(row, before) {
                Err(code) => Err(code),
                Ok(ImportStep::Nothing) => Ok(ImportOutcome::Unchanged),
                Ok(ImportStep::Join(_)) => Ok(ImportOutcome::Joined),
                Ok(ImportStep::Add(action)) => {
                    let context = self.context(row, target, following, now);
                    relation_action::apply_action(before, action, context).map(|after| {
                        following = following + count_follow(&after) - count_follow(before);
                        ImportOutcome::Added
                    })
                }
            };
            imported(row, outcome.map_err(ApiError::Code))
        });
        let mut rows: Vec<ImportedRow> = rows.collect();
        rows.sort_by_key(|row| row.line);
        let groups = self.new_groups.iter().filter(|(_, checked)| checked.is_ok());
        Ok(Data { groups: groups.map(|(name, _)| name.clone()).collect(), rows })
    }

    fn context(&self, row: &CsvRow, target: TargetStatus, following_count: u32, now: i64) -> RelationContext {
        RelationContext {
            target,
            is_self: row.mid == self.me,
            following_count,
            following_limit: self.app.limits.max_followings,
            join_seq: 0,
            seq: 0,
            source: RelationSource::DEFAULT.0,
            now,
        }
    }

    /// Returns the step of a row, or the code of a group that cannot be created.
    fn step(&self, row: &CsvRow, before: &RelationPair) -> Result<ImportStep, ErrorCode> {
        let refused = row.groups.iter().find_map(|name| {
            self.new_groups.iter().find(|(new, _)| new == name).and_then(|(_, checked)| checked.err())
        });
        if let Some(code) = refused {
            return Err(code);
        }
        let tagids: Vec<_> = row.groups.iter().map(|name| self.groups.get(name).copied()).collect();
        Ok(relation_csv::import_step(row, before.outgoing.as_ref(), &tagids))
    }

    /// Creates the groups, and changes the relations. `undo` is the id of the record that undoes the relations, and the
    /// second from which it is expired. If a part fails, its lines are refused, and the others stay.
    pub(crate) async fn apply(mut self, now: i64, undo: Option<(u64, i64)>) -> Result<Data, ApiError> {
        let mut created = Vec::new();
        for (name, checked) in self.new_groups.iter_mut().filter(|(_, checked)| checked.is_ok()) {
            let limit = self.app.limits.max_groups;
            let command = CreateGroup { me: self.me, name: name.clone(), limit };
            match self.app.store.run(command).await.map_err(ApiError::from) {
                Ok(_) => created.push(name.clone()),
                // Another request has created it.
                Err(ApiError::Code(ErrorCode::GroupExists)) => (),
                Err(ApiError::Code(code)) => *checked = Err(code),
                Err(error) => return Err(error),
            }
        }
        self.groups = groups_by_name(self.app, self.me).await?;
        let mut refused = HashMap::new();
        for (change, mids) in self.changes() {
            let batch = Batch { me: self.me, change, source: RelationSource::DEFAULT, now, undo };
            match batch.run(self.app, &mids).await {
                Ok(result) => {
                    refused.extend(result.refused.into_iter().map(|row| (row.mid, (row.code, row.message))));
                }
                Err(error) => {
                    let reason = (error.code(), error.message().to_owned());
                    refused.extend(mids.into_iter().map(|mid| (mid, reason.clone())));
                }
            }
        }
        let rows = self.rows.iter().zip(&self.targets).map(|(row, (before, _))| {
            let outcome = match self.step(row, before) {
                Err(code) => return imported(row, Err(code.into())),
                Ok(ImportStep::Nothing) => ImportOutcome::Unchanged,
                Ok(ImportStep::Join(_)) => ImportOutcome::Joined,
                Ok(ImportStep::Add(_)) => ImportOutcome::Added,
            };
            match refused.get(&row.mid) {
                Some((code, message)) => {
                    let refused = imported(row, Ok(ImportOutcome::Refused));
                    ImportedRow { code: *code, message: message.clone(), ..refused }
                }
                None => imported(row, Ok(outcome)),
            }
        });
        Ok(Data { rows: rows.collect(), groups: created })
    }

    /// Returns the rows with the state of their members, in the order in which they are changed: those with the same
    /// kind and groups are one change.
    fn in_order_of_changes(&self) -> Vec<(&CsvRow, &RelationPair, TargetStatus)> {
        let mut positions = HashMap::new();
        let rows = self.rows.iter().zip(&self.targets).map(|(row, (before, target))| (row, before, *target));
        let mut rows: Vec<_> = rows.collect();
        for row in &self.rows {
            let next = positions.len();
            positions.entry((row.kind, &row.groups)).or_insert(next);
        }
        rows.sort_by_key(|(row, ..)| positions[&(row.kind, &row.groups)]);
        rows
    }

    /// Returns the changes, each with its members in the order of their lines.
    fn changes(&self) -> Changes {
        let mut changes: Changes = Vec::new();
        for (row, before, _) in self.in_order_of_changes() {
            let change = match self.step(row, before) {
                Ok(ImportStep::Add(action)) => {
                    let joined = row.groups.iter().filter_map(|name| self.groups.get(name).copied());
                    let groups = if action == RelationAction::Follow { joined.collect() } else { Vec::new() };
                    ManyChange::Relation { action, groups }
                }
                Ok(ImportStep::Join(tagids)) if !tagids.is_empty() => {
                    ManyChange::Groups(GroupChange::joining(tagids))
                }
                Ok(ImportStep::Join(_) | ImportStep::Nothing) | Err(_) => continue,
            };
            match changes.iter_mut().find(|(known, _)| *known == change) {
                Some((_, mids)) => mids.push(row.mid),
                None => changes.push((change, vec![row.mid])),
            }
        }
        changes
    }
}

/// Returns the groups of a member that a file can name.
async fn groups_by_name(app: &App, me: Mid) -> Result<HashMap<String, Tagid>, StorageError> {
    let own = app.store.groups(me).await?.own.into_iter().map(|(group, _)| (group.name, group.tagid));
    let special = group::built_in_name(Tagid::SPECIAL).map(|name| (name.to_owned(), Tagid::SPECIAL));
    Ok(own.chain(special).collect())
}

fn count_follow(pair: &RelationPair) -> u32 {
    u32::from(pair.outgoing.as_ref().is_some_and(Relation::is_follow))
}

fn imported(row: &CsvRow, outcome: Result<ImportOutcome, ApiError>) -> ImportedRow {
    let (line, mid) = (row.line, row.mid);
    match outcome {
        Ok(outcome) => ImportedRow { line, mid, outcome, code: 0, message: String::new() },
        Err(error) => {
            let (code, message) = (error.code(), error.message().to_owned());
            ImportedRow { line, mid, outcome: ImportOutcome::Refused, code, message }
        }
    }
}
