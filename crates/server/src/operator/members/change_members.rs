//! `POST /operator/members/batch`: one action on many members.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::operator::members::adjust_coins::validate_payment;
use futures_util::stream::{self, StreamExt};
use guanxi_api::operator::members::change_members::{ChangeMembers, Data, MemberAction, MemberResult};
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{self, Audited};
use guanxi_types::{Coins, EventId, HttpError, Mid, Role};
use std::collections::HashSet;
use std::sync::Arc;

/// The number of members whose commands wait for a commit at the same time, so that they share commits.
const CONCURRENCY: usize = 32;

/// The largest length of an id, so that the mid fits behind it.
const MAX_ID_CHARS: usize = 100;

/// Does an action on many members.
pub async fn change_members(
    app: App,
    ApiRequest { caller: (by, role), params, now, .. }: ApiRequest<ChangeMembers>,
) -> Result<Data, ApiError> {
    if params.action.is_admins() && role != Role::Admin {
        return Err(HttpError::Forbidden.into());
    }
    validate_mids(&params.mids, app.limits.batch)?;
    let payment = payment(&params)?;
    let results = stream::iter(params.mids.iter().copied()).map(|mid| {
        let (app, by, payment) = (app.clone(), by.clone(), payment.as_ref());
        async move { (mid, change_member(&app, by, now, params.action, payment, mid).await) }
    });
    let results: Vec<(Mid, Result<(), ApiError>)> = results.buffered(CONCURRENCY).collect().await;
    let result = |(mid, result): (Mid, Result<(), ApiError>)| match result {
        Ok(()) => MemberResult { mid, code: 0, message: "0".to_owned() },
        Err(error) => MemberResult { mid, code: error.code(), message: error.message().to_owned() },
    };
    Ok(Data { results: results.into_iter().map(result).collect() })
}

fn validate_mids(mids: &[Mid], max: usize) -> Result<(), ApiError> {
    let invalid = |reason: String| Err(ApiError::InvalidRequest(reason));
    let mut known = HashSet::new();
    if mids.is_empty() {
        return invalid("mids are none".to_owned());
    }
    if mids.len() > max {
        return invalid(format!("mids: {} in one request, at most {max} are allowed", mids.len()));
    }
    match mids.iter().find(|mid| !known.insert(**mid)) {
        Some(mid) => invalid(format!("mids has {mid} twice")),
        None => Ok(()),
    }
}

/// The coins for each member.
struct Payment {
    delta: Coins,
    reason: String,
    id: String,
}

/// Returns the coins of the action `coins`, and `None` for other actions, which have none.
fn payment(params: &ChangeMembers) -> Result<Option<Payment>, ApiError> {
    let ChangeMembers { delta, reason, id, .. } = params.clone();
    if params.action != MemberAction::Coins {
        let is_absent = delta.is_none() && reason.is_none() && id.is_none();
        let error = || ApiError::InvalidRequest("delta, reason and id are for the action coins".to_owned());
        return if is_absent { Ok(None) } else { Err(error()) };
    }
    let missing = |name: &str| ApiError::InvalidRequest(format!("{name} is missing"));
    let (delta, reason) = (delta.ok_or_else(|| missing("delta"))?, reason.ok_or_else(|| missing("reason"))?);
    let id: String = id.ok_or_else(|| missing("id"))?.into();
    validate_payment(delta, &reason)?;
    if id.chars().count() > MAX_ID_CHARS {
        return Err(ApiError::InvalidRequest(format!("id has more than {MAX_ID_CHARS} characters")));
    }
    Ok(Some(Payment { delta, reason, id }))
}

async fn change_member(
    app: &App,
    by: String,
    now: i64,
    action: MemberAction,
    payment: Option<&Payment>,
    mid: Mid,
) -> Result<(), ApiError> {
    let cipher = Arc::clone(&app.cipher);
    match (action, payment) {
        (MemberAction::Silence | MemberAction::Unsilence, _) => {
            let command = operator::SilenceMember { mid, silence: action == MemberAction::Silence, cipher };
            app.store.run(Audited { by, now, command }).await?.map_err(ApiError::InvalidRequest)
        }
        (MemberAction::EndSessions, _) => {
            let command = operator::RevokeMemberSessions(mid);
            Ok(app.store.run(Audited { by, now, command }).await.map(drop)?)
        }
        (MemberAction::RemovePicture, _) => {
            Ok(app.store.run(Audited { by, now, command: operator::RemovePicture(mid) }).await?)
        }
        (MemberAction::Delete, _) => {
            Ok(app.store.run(Audited { by, now, command: operator::DeleteMember { mid, cipher } }).await?)
        }
        (MemberAction::Coins, Some(Payment { delta, reason, id })) => {
            let id = EventId::try_from(format!("{id}/{mid}"))
                .map_err(|error| ApiError::InvalidRequest(error.to_owned()))?;
            let command = operator::AdjustCoins {
                mid,
                delta: *delta,
                reason: reason.clone(),
                id: Some(id),
                id_retention: app.limits.event_retention_secs,
            };
            Ok(app.store.run(Audited { by, now, command }).await.map(drop)?)
        }
        (MemberAction::Coins, None) => Err(ApiError::InvalidRequest("delta is missing".to_owned())),
    }
}
