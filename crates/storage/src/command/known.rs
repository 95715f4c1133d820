//! By what members are found: names, user names, phones and mail addresses, each of one member alone.

use crate::StorageError;
use crate::row::Handle;
use crate::txn::Transaction;
use crate::vault::{FieldCipher, IdentifierKind};
use guanxi_types::Mid;

/// Whom something finds.
pub(super) async fn find<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    known: IdentifierKind,
    text: &str,
) -> Result<Option<Mid>, StorageError> {
    for hash in vault.handles(known, text) {
        if let Some(handle) = tx.get::<Handle>(hash).await? {
            return Ok(Some(handle.mid));
        }
    }
    Ok(None)
}

/// Whether something finds, as what it is, another than a member.
pub(super) async fn is_taken<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    known: IdentifierKind,
    text: &str,
    mid: Mid,
) -> Result<bool, StorageError> {
    Ok(!text.is_empty() && find(tx, vault, known, text).await?.is_some_and(|other| other != mid))
}

/// Whether something finds another than a member. What one logs in with is one member's, be it a name or a user name; and no
/// two names look alike.
pub(super) async fn is_anothers<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    known: IdentifierKind,
    text: &str,
    mid: Mid,
) -> Result<bool, StorageError> {
    let alike: &[IdentifierKind] = match known {
        IdentifierKind::Uname => &[IdentifierKind::Look, IdentifierKind::Userid],
        IdentifierKind::Userid => &[IdentifierKind::Uname],
        IdentifierKind::Look | IdentifierKind::Tel | IdentifierKind::Mail => &[],
    };
    for known in [known].iter().chain(alike).copied() {
        if is_taken(tx, vault, known, text, mid).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Has something find a member from now on, who was found by `was` before. A handle of another member stays theirs: of two
/// imported members with one name, it finds the first.
pub(super) async fn change<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    known: IdentifierKind,
    mid: Mid,
    was: Option<&str>,
    next: Option<&str>,
) -> Result<(), StorageError> {
    for hash in was.into_iter().flat_map(|was| vault.own_handles(known, was)) {
        if tx.get::<Handle>(hash).await?.is_some_and(|handle| handle.mid == mid) {
            tx.delete::<Handle>(hash).await?;
        }
    }
    let next = next.filter(|next| !next.is_empty());
    for hash in next.into_iter().flat_map(|next| vault.new_handles(known, next)) {
        if tx.get::<Handle>(hash).await?.is_none() {
            tx.put(&Handle { hash, mid }).await?;
        }
    }
    Ok(())
}

/// Has a name find a member from now on, who was found by `was` before, and keeps names that look like it from others.
pub(super) async fn rename<T: Transaction>(
    tx: &mut T,
    vault: &FieldCipher,
    mid: Mid,
    was: Option<&str>,
    next: Option<&str>,
) -> Result<(), StorageError> {
    change(tx, vault, IdentifierKind::Uname, mid, was, next).await?;
    change(tx, vault, IdentifierKind::Look, mid, was, next).await
}
