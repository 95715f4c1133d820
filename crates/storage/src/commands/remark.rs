//! The command behind `/passport/remark`.

use super::keys::follow_keys;
use super::{Command, Prefetch, active_member, delete_existing, require_member};
use crate::encryption::{FieldCipher, SensitiveField};
use crate::model::{Entity, Remark, RemarkedBy, Tombstone};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

/// Deletes a remark and its index entry.
pub(super) async fn delete_remark<T: Transaction>(
    tx: &mut T,
    author: Mid,
    subject: Mid,
) -> Result<(), StorageError> {
    delete_existing::<T, Remark>(tx, (author, subject)).await?;
    delete_existing::<T, RemarkedBy>(tx, (subject, author)).await
}

/// Stores a remark and its index entry.
pub(super) async fn put_remark<T: Transaction>(tx: &mut T, remark: &Remark) -> Result<(), StorageError> {
    let by_subject = RemarkedBy { mid: remark.fid, author: remark.mid };
    if tx.get::<RemarkedBy>(by_subject.key()).await?.is_none() {
        tx.put(&by_subject).await?;
    }
    tx.put(remark).await
}

/// Deletes some remarks by and on a member. Returns their number, 0 if there are no more.
pub(super) async fn delete_remarks_batch<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    limit: usize,
) -> Result<usize, StorageError> {
    let by_member = tx.rows_of::<Remark>(mid, limit).await?.into_iter().map(|row| (mid, row.fid));
    let on_member = tx.rows_of::<RemarkedBy>(mid, limit).await?.into_iter().map(|row| (row.author, mid));
    let remarks: Vec<(Mid, Mid)> = by_member.chain(on_member).collect();
    for (author, subject) in &remarks {
        delete_remark(tx, *author, *subject).await?;
    }
    Ok(remarks.len())
}

/// Sets or deletes the remark of a member on another. The remark stays whatever becomes of their relation, so that it
/// is there again after an undo or a new follow.
#[derive(Clone, Debug)]
pub struct SetRemark {
    /// The member.
    pub me: Mid,
    /// The other member.
    pub them: Mid,
    /// The remark. `None` deletes it.
    pub text: Option<String>,
    /// The maximum number of remarks of one member.
    pub limit: usize,
    /// The cipher of private fields.
    pub cipher: Arc<FieldCipher>,
}

impl Command for SetRemark {
    type Output = ();

    fn prefetch(&self) -> Prefetch {
        Prefetch::default()
            .active_member(self.me)
            .active_member(self.them)
            .row::<Remark>((self.me, self.them))
            .row::<RemarkedBy>((self.them, self.me))
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        let SetRemark { me, them, text, limit, cipher } = self;
        let key = (*me, *them);
        require_member(tx, *me).await?;
        let Some(text) = text else { return Ok(delete_remark(tx, *me, *them).await?) };
        if active_member(tx, *them).await?.is_none() {
            let is_deleted = tx.get::<Tombstone>(*them).await?.is_some();
            return Err(
                if is_deleted { ErrorCode::MemberDeleted } else { ErrorCode::MemberNeverExisted }.into()
            );
        }
        if me == them {
            return Err(ErrorCode::TargetIsSelf.into());
        }
        let is_new = tx.get::<Remark>(key).await?.is_none();
        if is_new && tx.rows_of::<Remark>(*me, *limit).await?.len() >= *limit {
            return Err(ErrorCode::RemarkLimitReached.into());
        }
        follow_keys(tx, cipher).await?;
        let text = Some(cipher.encrypt(SensitiveField::Remark, *me, text)?);
        Ok(put_remark(tx, &Remark { mid: *me, fid: *them, text }).await?)
    }
}
