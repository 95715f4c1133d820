//! Lookup of members by what they log in with. The rotation of keys moves phone numbers and mail addresses.

use crate::app::App;
use crate::encryption_keys;
use guanxi_storage::encryption::IdentifierKind;
use guanxi_storage::model::LoginIdentifier;
use guanxi_storage::{StorageError, Store};
use guanxi_types::Mid;
use std::sync::Arc;

/// The maximum size of an identifier in a lookup. A mail address has at most 254 bytes, a name 16 characters.
pub const IDENTIFIER_MAX_BYTES: usize = 1_024;

/// Returns the member with an identifier. Texts longer than any identifier are not normalized, and find no
/// member.
pub async fn find_by_identifier(
    app: &App,
    kind: IdentifierKind,
    text: &str,
) -> Result<Option<Mid>, StorageError> {
    if text.len() > IDENTIFIER_MAX_BYTES {
        return Ok(None);
    }
    let mut is_repeated = false;
    loop {
        let keyring = app.cipher.keyring();
        let found = look_up(app, kind, text).await?;
        if found.is_some() || !matches!(kind, IdentifierKind::Tel | IdentifierKind::Mail) {
            return Ok(found);
        }
        // A key rotation, perhaps of another program, may have moved the identifier to the hash of a newer key.
        encryption_keys::follow_rotation(app).await?;
        let has_changed = !Arc::ptr_eq(&keyring, &app.cipher.keyring());
        if !has_changed && (is_repeated || !keyring.is_rotating()) {
            return Ok(None);
        }
        is_repeated = !has_changed;
    }
}

async fn look_up(app: &App, kind: IdentifierKind, text: &str) -> Result<Option<Mid>, StorageError> {
    for hash in app.cipher.lookup_hashes(kind, text) {
        let identifier: Option<LoginIdentifier> = app.store.get(hash).await?;
        if let Some(identifier) = identifier {
            return Ok(Some(identifier.mid));
        }
    }
    Ok(None)
}
