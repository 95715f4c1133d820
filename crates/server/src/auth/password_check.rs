//! Verification of members' passwords, within the rate limits of the account and of the address.
//!
//! An attempt is counted before the password is verified. A successful attempt is refunded.

use crate::app::App;
use crate::auth::fresh_proof::require_proof_and_refund;
use crate::auth::password_hasher::{HashPermit, PASSWORD_MAX_CHARS, Verification};
use crate::auth::rate_limit::{
    account_bucket_key, address_bucket_key, check_lockout, consume_attempts, member_bucket_key,
};
use crate::http::client_info::ClientInfo;
use crate::http::response::ApiError;
use crate::identifiers;
use guanxi_domain::contact;
use guanxi_domain::value::QUESTION;
use guanxi_storage::commands::{ConsumedAttempts, ContactKind, NewPassword};
use guanxi_storage::encryption::IdentifierKind;
use guanxi_storage::model::{Account, Password, Question};
use guanxi_storage::{StorageError, Store};
use guanxi_types::{ErrorCode, Mid, Secret};

/// The proof that a password is right.
#[derive(Debug)]
pub struct VerifiedPassword {
    /// The member.
    pub mid: Mid,
    /// The stored hash of the password.
    pub stored_hash: String,
    /// The hash that replaces the stored one, if that has lower parameters than the current ones.
    pub new_hash: Option<String>,
    /// The attempts that were counted. A successful login refunds them.
    pub attempts: ConsumedAttempts,
    /// The hashing slot, for further passwords of the same request.
    pub permit: HashPermit,
}

/// Returns the member with an account name: a verified mail address, a verified phone, a user id or a name. Anybody may
/// register with the contact of somebody else, so that one that is not verified logs nobody in.
pub async fn find_account(app: &App, account: &str) -> Result<Option<Mid>, StorageError> {
    let mail = contact::normalize_mail(account).map(|mail| (IdentifierKind::Mail, mail));
    let tel = contact::normalize_phone(account).map(|tel| (IdentifierKind::Tel, tel));
    let names = [IdentifierKind::Userid, IdentifierKind::Uname].map(|kind| (kind, account.to_owned()));
    for (kind, text) in mail.into_iter().chain(tel).chain(names) {
        let found = identifiers::find_by_identifier(app, kind, &text).await?;
        if let Some(mid) = found
            && is_login_name(app, kind, mid).await?
        {
            return Ok(found);
        }
    }
    Ok(None)
}

async fn is_login_name(app: &App, kind: IdentifierKind, mid: Mid) -> Result<bool, StorageError> {
    let contact = match kind {
        IdentifierKind::Tel => ContactKind::Tel,
        IdentifierKind::Mail => ContactKind::Mail,
        IdentifierKind::Uname | IdentifierKind::Skeleton | IdentifierKind::Userid => return Ok(true),
    };
    Ok(app.store.get::<Account>(mid).await?.is_some_and(|account| contact.is_verified(&account)))
}

/// Verifies the password of a member. Returns 30011 if it is wrong, or 30012 if the account or the address is
/// locked.
///
/// Unknown accounts (`mid` is `None`) return 30011 after the same time and have the same rate limit. `account` is
/// the text by which the client named the account.
pub async fn verify_password(
    app: &App,
    client: &ClientInfo,
    mid: Option<Mid>,
    account: &str,
    password: Secret,
) -> Result<VerifiedPassword, ApiError> {
    let (at, client_ip) = (app.now(), client.client_ip(&app.trusted_proxies));
    let (account, address) = (account_bucket_key(mid, account), address_bucket_key(b"login", client_ip));
    check_lockout(app, [account, address], at).await?;
    // The slot comes before the attempt is counted, so that overload does not lock accounts.
    let permit = app.password_hasher.acquire(Some(client_ip))?;
    let buckets =
        vec![(account, app.limits.failures_per_account), (address, app.limits.failures_per_address)];
    consume_attempts(app, buckets, at).await?;
    let stored_hash = match mid {
        Some(mid) => app.store.get::<Password>(mid).await?.map(|row| row.phc),
        None => None,
    };
    // No stored password is longer. The empty text is wrong after the same time.
    let password = if password.0.chars().count() > PASSWORD_MAX_CHARS { String::new() } else { password.0 };
    let attempts = ConsumedAttempts { account, address, at };
    let (verification, permit) = app.password_hasher.verify(permit, password, stored_hash.clone()).await?;
    let new_hash = match verification {
        Verification::Wrong => return Err(ErrorCode::WrongCredentials.into()),
        Verification::Ok => None,
        Verification::OkNeedsRehash(new_hash) => Some(new_hash),
    };
    let (mid, stored_hash) = mid.zip(stored_hash).ok_or(ErrorCode::WrongCredentials)?;
    Ok(VerifiedPassword { mid, stored_hash, new_hash, attempts, permit })
}

/// Verifies the answer of a member to their security question, if there is one. Returns 30102 if it is wrong, or 30012
/// if the account or the address is locked. The next login forgets the failures. Returns the hashing slot.
pub async fn verify_answer(
    app: &App,
    client: &ClientInfo,
    mid: Mid,
    answer: Option<Secret>,
) -> Result<HashPermit, ApiError> {
    let (now, client_ip) = (app.now(), client.client_ip(&app.trusted_proxies));
    let Some(question) = app.store.get::<Question>(mid).await? else {
        return app.password_hasher.acquire(Some(client_ip));
    };
    let answer = answer.map(|answer| answer.0.trim().to_owned()).filter(|answer| QUESTION.is_valid(answer));
    let answer = answer.ok_or(ErrorCode::WrongAnswer)?;
    let (account, address) = (account_bucket_key(Some(mid), ""), address_bucket_key(b"login", client_ip));
    check_lockout(app, [account, address], now).await?;
    let permit = app.password_hasher.acquire(Some(client_ip))?;
    let buckets =
        vec![(account, app.limits.failures_per_account), (address, app.limits.failures_per_address)];
    consume_attempts(app, buckets, now).await?;
    match app.password_hasher.verify(permit, answer, Some(question.answer)).await? {
        (Verification::Wrong, _) => Err(ErrorCode::WrongAnswer.into()),
        (Verification::Ok | Verification::OkNeedsRehash(_), permit) => Ok(permit),
    }
}

/// Checks the proofs of a member who changes a phone or a mail address, and counts the change in its rate limits.
///
/// 30003 and 30004 reveal that a contact belongs to another member. The limits keep a member from testing many
/// contacts.
pub async fn authorize_contact_change(
    app: &App,
    client: &ClientInfo,
    me: Mid,
    password: Option<Secret>,
    now: i64,
) -> Result<(), ApiError> {
    let address = address_bucket_key(b"contact", client.client_ip(&app.trusted_proxies));
    let buckets = [member_bucket_key(b"contact", me), address];
    check_lockout(app, buckets, now).await?;
    require_proof_and_refund(app, client, me, password, now).await?;
    consume_attempts(app, buckets.map(|bucket| (bucket, app.limits.contact_changes)).to_vec(), now).await
}

/// A new password of a valid length.
#[derive(Debug)]
pub struct NewPasswordInput(String);

impl NewPasswordInput {
    /// Checks the length of a new password. Returns 30010 if it is too short or too long.
    pub fn new(app: &App, password: Secret) -> Result<NewPasswordInput, ApiError> {
        let length = password.0.chars().count();
        let fits = (app.limits.min_password_length..=PASSWORD_MAX_CHARS).contains(&length);
        if fits { Ok(NewPasswordInput(password.0)) } else { Err(ErrorCode::InvalidPassword.into()) }
    }

    /// Hashes the password and estimates its strength. `guessable` are words that an attacker tries first.
    pub async fn hash(
        self,
        app: &App,
        permit: HashPermit,
        guessable: &[&str],
    ) -> Result<NewPassword, ApiError> {
        let guessable = guessable.iter().map(|&word| word.to_owned()).collect();
        let (phc, strength) = app.password_hasher.hash_with_strength(permit, self.0, guessable).await?;
        Ok(NewPassword { phc, score: strength.score, level: strength.level, safe: strength.is_safe })
    }
}
