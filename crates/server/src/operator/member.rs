//! `GET /operator/member`: all that is known of a member.

pub mod coins;
pub mod create;
pub mod delete;
pub mod sessions {
    //! Their sessions.
    pub mod revoke;
}
pub mod silence;
pub mod update;
pub mod verify;

use super::denied::OperatorError;
use super::duty::OperatorRequest;
use crate::app::App;
use guanxi_api::operator::member::{Data, Member};
use guanxi_domain::realname::VerificationStatus;
use guanxi_domain::{contact, mask};
use guanxi_storage::StorageError;
use guanxi_storage::Store;
use guanxi_storage::row::{Account, Card, Farewell, Growth, Profile, Realname, Record, Sensitive, Upstat};
use guanxi_storage::vault::{Field, IdentifierKind};
use guanxi_types::{ErrorCode, Mid};
use serde_json::{Map, Value};

/// Tells all that is known of a member, what is private masked.
pub async fn member(
    app: App,
    OperatorRequest { req, now, .. }: OperatorRequest<Member>,
) -> Result<Data, OperatorError> {
    let mid = find(&app, req).await?.ok_or(ErrorCode::NoMember)?;
    let stat = app.store.stat(mid).await?.ok_or(ErrorCode::NoMember)?;
    let realname: Option<Realname> = app.store.get(mid).await?;
    let sessions = app.store.sessions(mid).await?;
    Ok(Data {
        mid,
        card: object(&app.store.get(mid).await?.unwrap_or(Card::of(mid)))?,
        profile: object(&app.store.get(mid).await?.unwrap_or(Profile::of(mid)))?,
        account: object(&masked(&app, mid).await?)?,
        growth: object(&app.store.get(mid).await?.unwrap_or(Growth::of(mid)))?,
        upstat: object(&app.store.get(mid).await?.unwrap_or(Upstat::of(mid)))?,
        coins: stat.coins,
        following: stat.following,
        follower: stat.follower,
        realname: match realname.map(|row| row.standing) {
            None => "none",
            Some(VerificationStatus::Waiting) => "waiting",
            Some(VerificationStatus::Verified) => "verified",
            Some(VerificationStatus::Rejected(_)) => "rejected",
        }
        .to_owned(),
        sessions: sessions.iter().filter(|session| session.expires > now).count(),
        leaving: app.store.get::<Farewell>(mid).await?.is_some(),
    })
}

/// Whom one of the things named finds.
async fn find(app: &App, req: Member) -> Result<Option<Mid>, OperatorError> {
    let kept = |given: Option<String>, rule: fn(&str) -> Option<String>| {
        given.map(|given| rule(&given).unwrap_or(given))
    };
    let named = [
        (IdentifierKind::Uname, req.uname),
        (IdentifierKind::Userid, req.userid),
        (IdentifierKind::Tel, kept(req.tel, contact::phone)),
        (IdentifierKind::Mail, kept(req.mail, contact::mail)),
    ];
    let mut named = named.into_iter().filter_map(|(known, text)| Some((known, text?)));
    let (mid, known) = (req.mid, named.next());
    if named.next().is_some() || mid.is_some() == known.is_some() {
        return Err(OperatorError::Wrong("name one of mid, uname, userid, tel and mail".to_owned()));
    }
    let Some((known, text)) = known else { return Ok(mid) };
    Ok(app.find(known, &text).await?)
}

/// A member's account, its private parts as the member sees them.
async fn masked(app: &App, mid: Mid) -> Result<Account, StorageError> {
    let account = app.store.get(mid).await?.unwrap_or(Account::of(mid));
    let seen = |field, text: Option<&Sensitive>, mask: fn(&str) -> String| {
        let text = app.vault.open_any(field, mid, text)?;
        Ok::<_, StorageError>(text.map(|text| Sensitive::Clear(mask(&text))))
    };
    let tel = seen(Field::Tel, account.tel.as_ref(), mask::phone)?;
    let mail = seen(Field::Mail, account.mail.as_ref(), mask::mail)?;
    Ok(Account { tel, mail, ..account })
}

fn object<R: Record>(row: &R) -> Result<Map<String, Value>, OperatorError> {
    match serde_json::to_value(row) {
        Ok(Value::Object(mut object)) => {
            object.remove("mid");
            Ok(object)
        }
        _ => Err(guanxi_types::HttpError::Broken.into()),
    }
}
