//! What the rows of a dump will have looked at.

use super::{known, members};
use crate::Row;
use crate::command::{Prefetch, session};
use crate::row::{Group, Handle, LatestLogin, Record};
use crate::vault::{FieldCipher, IdentifierKind};
use guanxi_types::{Mid, Tagid};

/// All that taking them in begins with: who they speak of, what is there under their keys, and what they are held against.
pub(super) fn ahead(rows: &[Row], vault: &FieldCipher) -> Prefetch {
    let nothing = Prefetch { alone: true, ..Prefetch::default() };
    rows.iter().fold(nothing, |ahead, row| of_row(ahead, row, vault))
}

fn of_row(mut ahead: Prefetch, row: &Row, vault: &FieldCipher) -> Prefetch {
    ahead.members.extend(members(row).into_iter().flatten());
    match row {
        Row::Card(row) => {
            let ahead = kept(ahead.member(row.mid), &**row);
            [IdentifierKind::Uname, IdentifierKind::Look].into_iter().fold(ahead, |ahead, known| {
                vault.new_handles(known, &row.uname).into_iter().fold(ahead, Prefetch::row::<Handle>)
            })
        }
        Row::Profile(row) => kept(ahead, &**row),
        Row::Account(row) => {
            let known = known(row);
            let texts: Vec<_> =
                known.iter().filter_map(|(by, _, text)| Some((*by, text.as_deref()?))).collect();
            found_by(kept(ahead, &**row), vault, &texts)
        }
        Row::Realname(row) => kept(ahead, row),
        Row::Upstat(row) => kept(ahead, row),
        Row::Growth(row) => kept(ahead, row),
        Row::Group(row) => kept(ahead, row),
        Row::Tie(row) => {
            let own = row.tie.groups.iter().map(|joined| joined.tagid).filter(|tagid| !tagid.is_built_in());
            own.fold(ahead.pair(row.from, row.to), |ahead, tagid| group(ahead, row.from, tagid))
        }
        Row::Reward(row) => kept(ahead, row),
        Row::Login(row) => ahead.row::<LatestLogin>((row.mid, session::device(&row.buvid))),
        Row::Sign(row) => kept(ahead, row),
        Row::Password(row) => kept(ahead, row),
        Row::Question(row) => kept(ahead, row),
        Row::Event(row) => kept(ahead, row),
        Row::EventHorizon(row) => kept(ahead, row),
        Row::Audit(row) => kept(ahead, row),
        Row::Tombstone(row) => kept(ahead, row),
        Row::Versions(_) | Row::Coin(_) | Row::Next(_) => ahead,
    }
}

fn kept<R: Record>(ahead: Prefetch, row: &R) -> Prefetch {
    ahead.row::<R>(row.key())
}

fn group(ahead: Prefetch, owner: Mid, tagid: Tagid) -> Prefetch {
    ahead.row::<Group>((owner, tagid))
}

fn found_by(ahead: Prefetch, vault: &FieldCipher, texts: &[(IdentifierKind, &str)]) -> Prefetch {
    let hashes = texts.iter().flat_map(|(by, text)| vault.handles(*by, text));
    hashes.fold(ahead, Prefetch::row::<Handle>)
}
