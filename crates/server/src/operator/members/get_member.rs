//! `GET /operator/member`: the record of a member.

use crate::app::App;
use crate::auth::factor_check::load_factors;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::identifiers;
use guanxi_api::operator::members::get_member::{Data, GetMember};
use guanxi_domain::verification::VerificationStatus;
use guanxi_domain::{contact, mask};
use guanxi_storage::StorageError;
use guanxi_storage::Store;
use guanxi_storage::encryption::{IdentifierKind, SensitiveField};
use guanxi_storage::model::{
    Account, Card, Entity, Experience, Leaving, PendingDeletion, Profile, Realname, Sensitive, Upstat,
};
use guanxi_types::{ErrorCode, Mid};
use serde_json::{Map, Value};

/// Returns the record of a member, with masked private fields.
pub async fn get_member(
    app: App,
    ApiRequest { params, now, .. }: ApiRequest<GetMember>,
) -> Result<Data, ApiError> {
    let mid = find_member(&app, params).await?.ok_or(ErrorCode::MemberNotFound)?;
    read_member(&app, mid, now).await
}

/// Reads the record of a member.
pub(crate) async fn read_member(app: &App, mid: Mid, now: i64) -> Result<Data, ApiError> {
    let counters = app.store.counters(mid).await?.ok_or(ErrorCode::MemberNotFound)?;
    let realname: Option<Realname> = app.store.get(mid).await?;
    let sessions = app.store.sessions(mid).await?;
    Ok(Data {
        mid,
        card: to_object(&app.store.get(mid).await?.unwrap_or(Card::new(mid)))?,
        profile: to_object(&app.store.get(mid).await?.unwrap_or(Profile::new(mid)))?,
        account: to_object(&masked_account(app, mid).await?)?,
        growth: to_object(&app.store.get(mid).await?.unwrap_or(Experience::new(mid)))?,
        upstat: to_object(&app.store.get(mid).await?.unwrap_or(Upstat::new(mid)))?,
        coins: counters.coins,
        following: counters.following,
        follower: counters.follower,
        realname: match realname.map(|row| row.status) {
            None => "none",
            Some(VerificationStatus::Waiting) => "waiting",
            Some(VerificationStatus::Verified) => "verified",
            Some(VerificationStatus::Rejected(_)) => "rejected",
        }
        .to_owned(),
        second_factor: load_factors(app, mid).await?.has_any(),
        sessions: sessions.iter().filter(|session| session.expires > now).count(),
        leaves_at: app.store.get::<Leaving>(mid).await?.map_or(0, |row| row.due),
        leaving: app.store.get::<PendingDeletion>(mid).await?.is_some(),
    })
}

/// Returns the member with the given identifier. Exactly one identifier must be present.
async fn find_member(app: &App, params: GetMember) -> Result<Option<Mid>, ApiError> {
    let normalized = |text: Option<String>, normalize: fn(&str) -> Option<String>| {
        text.map(|text| normalize(&text).unwrap_or(text))
    };
    let identifiers = [
        (IdentifierKind::Uname, params.uname),
        (IdentifierKind::Userid, params.userid),
        (IdentifierKind::Tel, normalized(params.tel, contact::normalize_phone)),
        (IdentifierKind::Mail, normalized(params.mail, contact::normalize_mail)),
    ];
    let mut identifiers = identifiers.into_iter().filter_map(|(kind, text)| Some((kind, text?)));
    let (mid, identifier) = (params.mid, identifiers.next());
    if identifiers.next().is_some() || mid.is_some() == identifier.is_some() {
        let message = "send exactly one of mid, uname, userid, tel and mail";
        return Err(ApiError::InvalidRequest(message.to_owned()));
    }
    let Some((kind, text)) = identifier else { return Ok(mid) };
    Ok(identifiers::find_by_identifier(app, kind, &text).await?)
}

/// Returns the account of a member, with its private fields masked as the member sees them.
async fn masked_account(app: &App, mid: Mid) -> Result<Account, StorageError> {
    let account = app.store.get(mid).await?.unwrap_or(Account::new(mid));
    let masked = |field, text: Option<&Sensitive>, mask: fn(&str) -> String| {
        let text = app.cipher.decrypt_optional(field, mid, text)?;
        Ok::<_, StorageError>(text.map(|text| Sensitive::Plaintext(mask(&text))))
    };
    let tel = masked(SensitiveField::Tel, account.tel.as_ref(), mask::mask_phone)?;
    let mail = masked(SensitiveField::Mail, account.mail.as_ref(), mask::mask_mail)?;
    Ok(Account { tel, mail, ..account })
}

fn to_object<R: Entity>(row: &R) -> Result<Map<String, Value>, ApiError> {
    match serde_json::to_value(row) {
        Ok(Value::Object(mut object)) => {
            object.remove("mid");
            Ok(object)
        }
        _ => Err(guanxi_types::HttpError::InternalError.into()),
    }
}
