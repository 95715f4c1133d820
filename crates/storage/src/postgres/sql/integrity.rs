//! Aggregates of the integrity check. Each joins tables by `mid` only, so that every Citus node answers for its own
//! members.

/// Returns the counters of each member that follow from their relations. The last column is the newest (mtime,
/// seq).
pub(crate) const COUNT_RELATIONS: &str = "select mid, count(*) filter (where attribute = 2), \
     count(*) filter (where attribute = 1), count(*) filter (where attribute = 128), count(join_seq), \
     coalesce(max(join_seq) + 1, 0), max(array[mtime, seq]) from relation group by mid";
pub(crate) const COUNT_FOLLOWERS: &str = "select mid, count(*) filter (where attribute = 2), \
     max(array[mtime, seq]) filter (where attribute = 2) from follower_index group by mid";
pub(crate) const COUNT_GROUP_MEMBERS: &str = "select mid, count(*) filter (where tagid = -10), count(*), \
     max(join_seq) + 1 from group_member group by mid";
pub(crate) const COUNT_COINS: &str = "select mid, sum(delta)::bigint, count(*) from coin group by mid";
/// Returns the number and the sum of hashes of the relations to each member.
pub(crate) const RELATION_CHECKSUMS: &str = "select fid, count(*), \
     sum(hashint8extended(mid, hashint8extended(seq, mtime * 256 + attribute))::numeric)::text \
     from relation group by fid";
/// Returns the same of the follower index.
pub(crate) const FOLLOWER_CHECKSUMS: &str = "select mid, count(*), \
     sum(hashint8extended(fid, hashint8extended(seq, mtime * 256 + attribute))::numeric)::text \
     from follower_index group by mid";
/// Returns the blocks whose target has a relation to the owner that is not a block.
pub(crate) const BLOCKS_WITH_REVERSE: &str = "select r.mid, r.fid, f.attribute from relation r \
     join follower_index f on f.mid = r.mid and f.fid = r.fid where r.attribute = 128 and f.attribute <> 128";
/// Counts mutual follows. Each pair counts twice.
pub(crate) const MUTUAL_FOLLOWS: &str = "select count(*) from relation r \
     join follower_index f on f.mid = r.mid and f.fid = r.fid where r.attribute = 2 and f.attribute = 2";
/// Returns the follows without a group, and other relations in a group.
pub(crate) const WRONG_GROUPING: &str = "select r.mid, r.fid from relation r \
     left join (select mid, fid from group_member group by mid, fid) g on g.mid = r.mid and g.fid = r.fid \
     where (r.attribute = 2) <> (r.join_seq is not null or g.mid is not null)";
pub(crate) const DEFAULT_AND_OTHER_GROUP: &str = "select r.mid, r.fid from relation r \
     join group_member g on g.mid = r.mid and g.fid = r.fid where r.join_seq is not null";
pub(crate) const GROUP_MEMBER_WITHOUT_FOLLOW: &str = "select g.mid, g.fid from group_member g \
     left join relation r on r.mid = g.mid and r.fid = g.fid where r.mid is null or r.attribute <> 2";
pub(crate) const GROUP_MEMBER_WITHOUT_GROUP: &str = "select g.mid, g.fid, g.tagid from group_member g \
     left join member_group m on m.mid = g.mid and m.tagid = g.tagid where m.mid is null and g.tagid <> -10";
pub(crate) const OWNERS_OF_GROUPS: &str = "select tagid, count(*) from member_group group by tagid";
pub(crate) const LARGEST_TAGID: &str = "select coalesce(max(tagid), 0) from member_group";
/// Returns the largest mid up to `MAX_ASSIGNED_ID` of the domain.
pub(crate) const LARGEST_MID: &str =
    "select coalesce(max(mid), 0) from counters where mid <= 4503599627370496";
pub(crate) const LARGEST_AUDIT_SEQ: &str = "select coalesce(max(seq), 0) from audit";
pub(crate) const SESSIONS: &str = "select hash, mid from session";
pub(crate) const SESSION_INDEX: &str = "select hash, mid from member_session";
pub(crate) const CARDS: &str = "select mid from card";
