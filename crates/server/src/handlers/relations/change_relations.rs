//! `POST /passport/relations/change`: one change of the relations to many members.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_api::relations::change_relations::{ChangeRelations, Data, Refusal, RelationOp};
use guanxi_domain::group::{GroupChange, LeftGroups};
use guanxi_storage::Store;
use guanxi_storage::commands::{ChangeMany, ManyChange, ManyResult, WithUndo};
use guanxi_types::{Mid, RelationSource, Tagid};
use std::collections::HashSet;

/// The number of members that one command changes, so that it holds no other command up for long.
const PART: usize = 200;

/// Changes the caller's relation to many members.
pub async fn change_relations(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ChangeRelations>,
) -> Result<Data, ApiError> {
    let ChangeRelations { mids, op, groups, from, re_src: source } = params;
    if mids.0.len() > app.limits.batch {
        let reason = InvalidValue("has more values than the service accepts");
        return Err(BadParam { name: "mids", reason }.into());
    }
    let groups = groups.map(|groups| groups.0).unwrap_or_default();
    let batch = Batch { me, change: many_change("groups", op, groups, from)?, source, now, undo: None };
    batch.run(&app, &mids.0).await
}

/// Returns the change of each relation. The parameter `name` has the groups.
///
/// # Errors
///
/// Returns an error if a change of groups names none.
pub(crate) fn many_change(
    name: &'static str,
    op: RelationOp,
    tagids: Vec<Tagid>,
    from: Option<Tagid>,
) -> Result<ManyChange, ApiError> {
    if let Some(action) = op.action() {
        return Ok(ManyChange::Relation { action, groups: tagids });
    }
    if tagids.is_empty() {
        return Err(BadParam { name, reason: InvalidValue("is missing") }.into());
    }
    Ok(ManyChange::Groups(match op {
        RelationOp::RemoveGroups => GroupChange::leaving(tagids),
        RelationOp::MoveGroups => {
            let leaves = from.map_or(LeftGroups::All, |from| LeftGroups::These(vec![from]));
            GroupChange { leaves, joins: tagids }
        }
        _ => GroupChange::joining(tagids),
    }))
}

fn refusal(mid: Mid, error: &ApiError) -> Refusal {
    Refusal { mid, code: error.code(), message: error.message().to_owned() }
}

/// A change of many relations.
pub(crate) struct Batch {
    pub(crate) me: Mid,
    pub(crate) change: ManyChange,
    pub(crate) source: RelationSource,
    pub(crate) now: i64,
    /// The id of the record that undoes all of it, and the second from which it is expired.
    pub(crate) undo: Option<(u64, i64)>,
}

impl Batch {
    /// Changes the relations in parts. If a part fails, the parts before stay, and its members and the later ones are
    /// refused with the code of the failure. The failure of the first part is an error.
    pub(crate) async fn run(&self, app: &App, fids: &[Mid]) -> Result<Data, ApiError> {
        let mut seen = HashSet::with_capacity(fids.len());
        let fids: Vec<Mid> = fids.iter().copied().filter(|fid| seen.insert(*fid)).collect();
        let mut result = Data { done: 0, refused: Vec::new() };
        for (number, part) in fids.chunks(PART).enumerate() {
            match self.run_part(app, part.to_vec()).await {
                Ok(changed) => {
                    for (mid, changed) in changed {
                        match changed {
                            Ok(()) => result.done += 1,
                            Err(code) => result.refused.push(refusal(mid, &ApiError::Code(code))),
                        }
                    }
                }
                Err(error) if number == 0 => return Err(error),
                Err(error) => {
                    result.refused.extend(fids[number * PART..].iter().map(|mid| refusal(*mid, &error)));
                    break;
                }
            }
        }
        Ok(result)
    }

    async fn run_part(&self, app: &App, fids: Vec<Mid>) -> Result<Vec<ManyResult>, ApiError> {
        let &Batch { me, ref change, source, now, undo } = self;
        let limit = app.limits.max_followings;
        let command = ChangeMany { me, fids, change: change.clone(), source, limit, now };
        Ok(match undo {
            Some((id, expires)) => app.store.run(WithUndo { command, id, expires }).await?,
            None => app.store.run(command).await?,
        })
    }
}
