//! Codes to phones and mail addresses: their rate limits, and the contact that recovers an account.

use crate::app::App;
use crate::auth::rate_limit::{address_bucket_key, check_lockout, consume_attempts, kind_of_bucket};
use crate::http::client_info::ClientInfo;
use crate::http::response::ApiError;
use crate::identifiers;
use guanxi_api::param::{BadParam, InvalidValue};
use guanxi_domain::{contact, contact_code};
use guanxi_storage::StorageError;
use guanxi_storage::commands::{ContactKind, RecoveryProof, SubmittedCode};
use guanxi_storage::encryption::{Hash, IdentifierKind};
use guanxi_types::{ErrorCode, Mid, Secret};
use std::sync::Arc;

/// Returns the bucket key of a phone or a mail address. It is keyed, since a plain hash would reveal a phone.
pub fn contact_key(app: &App, contact: ContactKind, address: &str) -> Hash {
    let kind = identifier_kind(contact);
    kind_of_bucket(
        b"contact",
        &app.cipher.possible_hashes(kind, address).first().copied().unwrap_or_default(),
    )
}

fn identifier_kind(contact: ContactKind) -> IdentifierKind {
    match contact {
        ContactKind::Tel => IdentifierKind::Tel,
        ContactKind::Mail => IdentifierKind::Mail,
    }
}

/// Counts a code to be sent, by its receivers and by the client's address.
pub async fn count_request(
    app: &App,
    client: &ClientInfo,
    receivers: &[Hash],
    now: i64,
) -> Result<(), ApiError> {
    let address = address_bucket_key(b"code", client.client_ip(&app.trusted_proxies));
    let limits = &app.limits;
    let mut buckets = vec![(address, limits.codes_per_address)];
    buckets.extend(receivers.iter().map(|key| (*key, limits.codes_per_contact)));
    let keys: Vec<Hash> = buckets.iter().map(|(key, _)| *key).collect();
    check_lockout(app, keys, now).await?;
    consume_attempts(app, buckets, now).await
}

/// Counts the code that a new contact gets, if there is one and it has a sender.
pub async fn count_change(
    app: &App,
    client: &ClientInfo,
    contact: ContactKind,
    address: Option<&str>,
    now: i64,
) -> Result<(), ApiError> {
    match address {
        Some(address) if app.limits.outbox.sends(contact) => {
            count_request(app, client, &[contact_key(app, contact, address)], now).await
        }
        _ => Ok(()),
    }
}

/// Counts a try with a code, by whom it is for and by the client's address. Returns the bucket of the first, which the
/// right code deletes.
pub async fn count_try(app: &App, client: &ClientInfo, of: Hash, now: i64) -> Result<Hash, ApiError> {
    let failures = kind_of_bucket(b"code try", &of);
    let address = address_bucket_key(b"code try", client.client_ip(&app.trusted_proxies));
    check_lockout(app, [failures, address], now).await?;
    let buckets = vec![(failures, app.limits.code_failures), (address, app.limits.failures_per_address)];
    consume_attempts(app, buckets, now).await?;
    Ok(failures)
}

/// Returns a submitted code. 30101 if it is no code.
pub fn submitted(app: &App, code: &Secret, now: i64) -> Result<SubmittedCode, ApiError> {
    let code = contact_code::normalize_code(&code.0).ok_or(ErrorCode::WrongContactCode)?;
    Ok(SubmittedCode { code, max_tries: app.limits.code_tries, cipher: Arc::clone(&app.cipher), now })
}

/// A phone or a mail address by which an account is recovered.
#[derive(Debug)]
pub struct RecoveryContact {
    /// The kind.
    pub contact: ContactKind,
    /// The contact, normalized.
    pub address: String,
    /// The member that has the contact, verified or not.
    pub mid: Option<Mid>,
}

impl RecoveryContact {
    /// Reads a contact, and looks up its member.
    pub async fn parse(app: &App, account: &Secret) -> Result<RecoveryContact, ApiError> {
        let mail = contact::normalize_mail(&account.0).map(|mail| (ContactKind::Mail, mail));
        let tel = || contact::normalize_phone(&account.0).map(|tel| (ContactKind::Tel, tel));
        let (contact, address) = mail.or_else(tel).ok_or(ApiError::BadParam(BadParam {
            name: "account",
            reason: InvalidValue("is neither a phone number nor a mail address"),
        }))?;
        let mid = RecoveryContact::find(app, contact, &address).await?;
        Ok(RecoveryContact { contact, address, mid })
    }

    async fn find(app: &App, contact: ContactKind, address: &str) -> Result<Option<Mid>, StorageError> {
        identifiers::find_by_identifier(app, identifier_kind(contact), address).await
    }

    /// Returns the bucket key of the contact.
    pub fn key(&self, app: &App) -> Hash {
        contact_key(app, self.contact, &self.address)
    }

    /// Returns the proof of the contact by a code.
    pub fn proof(&self, code: SubmittedCode) -> RecoveryProof {
        let RecoveryContact { contact, ref address, mid } = *self;
        RecoveryProof { mid, contact, address: address.clone(), code }
    }
}
