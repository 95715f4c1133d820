//! Commands of the pictures of members. All sizes and the card's `face` change in one transaction.

use super::{Command, Prefetch, delete_existing, require_member};
use crate::model::{Card, Jpeg, Picture};
use crate::transaction::Transaction;
use crate::{CommandError, StorageError};
use guanxi_domain::picture::{FACE_SIZE, PicturePath, SIZES};
use guanxi_types::Mid;

/// A picture in all sizes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewPicture {
    /// The hash of the picture.
    pub hash: u64,
    /// The JPEG files, in the order of [`SIZES`].
    pub sizes: [Vec<u8>; 3],
}

/// Replaces the member's own picture, or removes it.
#[derive(Clone, Debug)]
pub struct ChangePicture {
    /// The member.
    pub me: Mid,
    /// The new picture. `None` removes the old one.
    pub picture: Option<NewPicture>,
}

impl Command for ChangePicture {
    type Output = ();
    const PREFETCHES_ALL_LOCKS: bool = true;

    fn prefetch(&self) -> Prefetch {
        prefetch(self.me)
    }

    async fn apply<T: Transaction>(&self, tx: &mut T) -> Result<(), CommandError> {
        require_member(tx, self.me).await?;
        replace(tx, self.me, self.picture.as_ref()).await?;
        Ok(())
    }
}

/// Returns the rows that [`replace`] reads.
pub(super) fn prefetch(mid: Mid) -> Prefetch {
    let rows = Prefetch::default().active_member(mid).row::<Card>(mid);
    SIZES.into_iter().fold(rows, |rows, size| rows.row::<Picture>((mid, size)))
}

/// Replaces or removes the picture of a member. Returns the `face` before.
pub(super) async fn replace<T: Transaction>(
    tx: &mut T,
    mid: Mid,
    picture: Option<&NewPicture>,
) -> Result<String, StorageError> {
    let card = tx.get::<Card>(mid).await?.unwrap_or(Card::new(mid));
    let face = picture.map(|picture| PicturePath { mid, hash: picture.hash, size: FACE_SIZE }.to_string());
    let face = face.unwrap_or_default();
    if face == card.face {
        return Ok(face);
    }
    match picture {
        None => delete_all(tx, mid).await?,
        Some(NewPicture { hash, sizes }) => {
            for (size, jpeg) in SIZES.into_iter().zip(sizes) {
                tx.put(&Picture { mid, size, hash: *hash, jpeg: Jpeg(jpeg.clone()) }).await?;
            }
        }
    }
    let before = card.face.clone();
    tx.put(&Card { face, ..card }).await?;
    Ok(before)
}

/// Deletes the picture of a card whose `face` is replaced.
pub(super) async fn delete_replaced<T: Transaction>(
    tx: &mut T,
    old: &Card,
    face: &str,
) -> Result<(), StorageError> {
    if old.face == face || PicturePath::parse(&old.face).is_none() {
        return Ok(());
    }
    delete_all(tx, old.mid).await
}

/// Deletes the picture of a member.
pub(super) async fn delete_all<T: Transaction>(tx: &mut T, mid: Mid) -> Result<(), StorageError> {
    for size in SIZES {
        delete_existing::<T, Picture>(tx, (mid, size)).await?;
    }
    Ok(())
}
