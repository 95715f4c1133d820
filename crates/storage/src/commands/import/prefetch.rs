//! Prefetch hints of the import of rows.

use super::{account_identifiers, referenced_members};
use crate::Row;
use crate::commands::{Prefetch, session};
use crate::encryption::{FieldCipher, IdentifierKind, name_hashes};
use crate::model::{Entity, Group, LatestLogin, LoginIdentifier, RemarkedBy, Tombstone};

/// Returns the members that the rows reference, the rows with the same keys, and the rows that the checks read.
pub(super) fn prefetch(rows: &[Row], cipher: &FieldCipher) -> Prefetch {
    let prefetch = Prefetch { exclusive: true, ..Prefetch::default() };
    rows.iter().fold(prefetch, |prefetch, row| add_row(prefetch, row, cipher))
}

fn add_row(mut prefetch: Prefetch, row: &Row, cipher: &FieldCipher) -> Prefetch {
    prefetch.members.extend(referenced_members(row).into_iter().flatten());
    match row {
        Row::Card(row) => {
            let prefetch = with_key_of(prefetch.member(row.mid), &**row).row::<Tombstone>(row.mid);
            name_hashes(&row.uname).fold(prefetch, Prefetch::row::<LoginIdentifier>)
        }
        Row::Profile(row) => with_key_of(prefetch, &**row),
        Row::Account(row) => {
            let identifiers = account_identifiers(row);
            let identifiers: Vec<_> =
                identifiers.iter().filter_map(|(kind, _, text)| Some((*kind, text.as_deref()?))).collect();
            with_identifiers(with_key_of(prefetch, &**row), cipher, &identifiers)
        }
        Row::Realname(row) => with_key_of(prefetch, row),
        Row::Upstat(row) => with_key_of(prefetch, row),
        Row::Experience(row) => with_key_of(prefetch, row),
        Row::Group(row) => with_key_of(prefetch, row),
        Row::Relation(row) => {
            let groups = row.relation.groups.iter().map(|group| group.tagid);
            let own_groups = groups.filter(|tagid| !tagid.is_built_in());
            own_groups.fold(prefetch.relation_pair(row.from, row.to), |prefetch, tagid| {
                prefetch.row::<Group>((row.from, tagid))
            })
        }
        Row::Remark(row) => with_key_of(prefetch, row).row::<RemarkedBy>((row.fid, row.mid)),
        Row::Reward(row) => with_key_of(prefetch, row),
        Row::Login(row) => prefetch.row::<LatestLogin>((row.mid, session::device_hash(&row.buvid))),
        Row::BioReview(row) => with_key_of(prefetch, row),
        Row::NameReview(row) => with_key_of(prefetch, row),
        Row::Privacy(row) => with_key_of(prefetch, row),
        Row::Leaving(row) => with_key_of(prefetch, row),
        Row::Picture(row) => with_key_of(prefetch, row),
        Row::News(row) => with_key_of(prefetch, row),
        Row::MemberNote(row) => with_key_of(prefetch, row),
        Row::Message(row) => with_key_of(prefetch, row),
        Row::Password(row) => with_key_of(prefetch, row),
        Row::Question(row) => with_key_of(prefetch, row),
        Row::Factors(row) => with_key_of(prefetch, row),
        Row::Event(row) => with_key_of(prefetch, row),
        Row::EventIdWatermark(row) => with_key_of(prefetch, row),
        Row::Audit(row) => with_key_of(prefetch, row),
        Row::Tombstone(row) => with_key_of(prefetch, row),
        Row::Versions(_) | Row::Coin(_) | Row::Next(_) => prefetch,
    }
}

fn with_key_of<R: Entity>(prefetch: Prefetch, row: &R) -> Prefetch {
    prefetch.row::<R>(row.key())
}

fn with_identifiers(
    prefetch: Prefetch,
    cipher: &FieldCipher,
    identifiers: &[(IdentifierKind, &str)],
) -> Prefetch {
    let hashes = identifiers.iter().flat_map(|(kind, text)| cipher.lookup_hashes(*kind, text));
    hashes.fold(prefetch, Prefetch::row::<LoginIdentifier>)
}
