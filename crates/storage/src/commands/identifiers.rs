//! The unique identifiers of members: display names, user names, phone numbers and mail addresses.

use crate::StorageError;
use crate::encryption::{FieldCipher, IdentifierKind};
use crate::model::LoginIdentifier;
use crate::transaction::Transaction;
use guanxi_types::Mid;

/// Returns the member that an identifier belongs to.
pub(super) async fn find_member<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    kind: IdentifierKind,
    text: &str,
) -> Result<Option<Mid>, StorageError> {
    for hash in cipher.lookup_hashes(kind, text) {
        if let Some(identifier) = tx.get::<LoginIdentifier>(hash).await? {
            return Ok(Some(identifier.mid));
        }
    }
    Ok(None)
}

/// Returns true if another member has this identifier of this kind.
pub(super) async fn is_taken<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    kind: IdentifierKind,
    text: &str,
    mid: Mid,
) -> Result<bool, StorageError> {
    Ok(!text.is_empty() && find_member(tx, cipher, kind, text).await?.is_some_and(|other| other != mid))
}

/// Returns true if an identifier conflicts with one of another member. A login name is unique among display
/// names and user names together, and no two display names look alike.
pub(super) async fn conflicts<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    kind: IdentifierKind,
    text: &str,
    mid: Mid,
) -> Result<bool, StorageError> {
    let alike: &[IdentifierKind] = match kind {
        IdentifierKind::Uname => &[IdentifierKind::Skeleton, IdentifierKind::Userid],
        IdentifierKind::Userid => &[IdentifierKind::Uname],
        IdentifierKind::Skeleton | IdentifierKind::Tel | IdentifierKind::Mail => &[],
    };
    for kind in [kind].iter().chain(alike).copied() {
        if is_taken(tx, cipher, kind, text, mid).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Replaces an identifier of a member. An identifier of another member is not overwritten: of two imported
/// members with one name, the first keeps it.
pub(super) async fn replace_identifier<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    kind: IdentifierKind,
    mid: Mid,
    old: Option<&str>,
    new: Option<&str>,
) -> Result<(), StorageError> {
    for hash in old.into_iter().flat_map(|old| cipher.possible_hashes(kind, old)) {
        if tx.get::<LoginIdentifier>(hash).await?.is_some_and(|identifier| identifier.mid == mid) {
            tx.delete::<LoginIdentifier>(hash).await?;
        }
    }
    let new = new.filter(|new| !new.is_empty());
    for hash in new.into_iter().flat_map(|new| cipher.hashes_to_store(kind, new)) {
        if tx.get::<LoginIdentifier>(hash).await?.is_none() {
            tx.put(&LoginIdentifier { hash, mid }).await?;
        }
    }
    Ok(())
}

/// Replaces the display name of a member, and the identifier that reserves names that look alike.
pub(super) async fn replace_name<T: Transaction>(
    tx: &mut T,
    cipher: &FieldCipher,
    mid: Mid,
    old: Option<&str>,
    new: Option<&str>,
) -> Result<(), StorageError> {
    replace_identifier(tx, cipher, IdentifierKind::Uname, mid, old, new).await?;
    replace_identifier(tx, cipher, IdentifierKind::Skeleton, mid, old, new).await
}
