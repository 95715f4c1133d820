//! The values of `graph`: relations and counters.

use super::decoded;
use crate::StorageError;
use crate::counters::{Counters, clamp_secs};
use crate::key::{Key, KeyReader};
use crate::model::{kind_from_number, kind_number};
use crate::varint::{read_varint, unzigzag, write_varint, zigzag};
use guanxi_domain::relation::{GroupMembership, Relation};
use guanxi_types::{Coins, Tagid};

/// A flag in the byte of the kind: the `seq` follows the mtime. Without it the `seq` is 0, the common case.
const HAS_SEQ: u8 = 0x40;

/// Encodes a relation, as the value of its entry in its owner's list.
pub(in super::super) fn encode_relation(relation: &Relation) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(8 + 4 * relation.groups.len());
    bytes.push(kind_number(relation.kind) | if relation.seq > 0 { HAS_SEQ } else { 0 });
    clamp_secs(relation.mtime).write(&mut bytes);
    if relation.seq > 0 {
        write_varint(relation.seq.into(), &mut bytes);
    }
    write_varint(relation.source.into(), &mut bytes);
    for membership in &relation.groups {
        write_varint(zigzag(membership.tagid.0), &mut bytes);
        write_varint(membership.seq.into(), &mut bytes);
    }
    bytes
}

pub(in super::super) fn decode_relation(bytes: &[u8]) -> Result<Relation, StorageError> {
    decoded("a relation", parse_relation(bytes))
}

fn parse_relation(bytes: &[u8]) -> Option<Relation> {
    let mut reader = KeyReader(bytes);
    let (head, mtime) = (reader.byte()?, reader.u32()?);
    let kind = kind_from_number(head & !HAS_SEQ)?;
    let mut rest = reader.0;
    // Returns the next number, and whether it is the last.
    let mut next = || {
        let (length, number) = read_varint(rest)?;
        rest = &rest[length..];
        Some((number, rest.is_empty()))
    };
    let seq = if head & HAS_SEQ == 0 { 0 } else { u32::try_from(next()?.0).ok()? };
    let (source, mut is_last) = next()?;
    let mut groups = Vec::new();
    while !is_last {
        let tagid = Tagid(unzigzag(next()?.0));
        let (join_seq, last) = next()?;
        groups.push(GroupMembership { tagid, seq: u32::try_from(join_seq).ok()? });
        is_last = last;
    }
    Some(Relation { kind, mtime: i64::from(mtime), seq, source: u32::try_from(source).ok()?, groups })
}

pub(in super::super) fn encode_counters(counters: &Counters) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(56);
    for number in [
        counters.following,
        counters.whisper,
        counters.blocked,
        counters.follower,
        counters.special,
        counters.default,
        counters.followers_version,
        counters.followings_version,
        counters.private_version,
        counters.next_join_seq,
        counters.last_mtime,
        counters.last_seq,
    ] {
        number.write(&mut bytes);
    }
    bytes.extend(counters.coins.tenths().to_be_bytes());
    bytes
}

pub(in super::super) fn decode_counters(bytes: &[u8]) -> Result<Counters, StorageError> {
    decoded("a member's counters", parse_counters(bytes))
}

fn parse_counters(bytes: &[u8]) -> Option<Counters> {
    let mut reader = KeyReader(bytes);
    Some(Counters {
        following: reader.u32()?,
        whisper: reader.u32()?,
        blocked: reader.u32()?,
        follower: reader.u32()?,
        special: reader.u32()?,
        default: reader.u32()?,
        followers_version: reader.u32()?,
        followings_version: reader.u32()?,
        private_version: reader.u32()?,
        next_join_seq: reader.u32()?,
        last_mtime: reader.u32()?,
        last_seq: reader.u32()?,
        coins: Coins::from_tenths(i64::from_be_bytes(reader.0.try_into().ok()?)),
    })
}
