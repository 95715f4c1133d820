//! The tables `relation` and `follower_index`: each relation is a row of both, stored with its owner and with its
//! target.

use super::builder::{WriteStatements, delete, insert, numbers, statements, writes};
use guanxi_types::Tagid;

/// Returns the columns of a relation. `from` and `to` are SQL expressions of its two members.
pub(super) fn relation_columns(alias: &str, from: &str, to: &str) -> String {
    let groups = |column: &str, default_group: &str| {
        format!(
            "case when {alias}.join_seq is null then coalesce((select array_agg(g.{column} order by g.join_seq) \
             from group_member g where g.mid = {from} and g.fid = {to}), '{{}}') else array[{default_group}]::bigint[] end"
        )
    };
    format!(
        "{alias}.attribute, {alias}.mtime, {alias}.seq, {alias}.source, case when {alias}.mid is not null then {} end, \
         case when {alias}.mid is not null then {} end",
        groups("tagid", &Tagid::DEFAULT.0.to_string()),
        groups("join_seq", &format!("{alias}.join_seq")),
    )
}

statements! {
    GET = format!(
        "select {} from relation r where r.mid = $1 and r.fid = $2",
        relation_columns("r", "$1", "$2")
    );
    /// Returns a relation with its key.
    GET_WITH_KEY = format!(
        "select r.mid, r.fid, {} from relation r where r.mid = $1 and r.fid = $2",
        relation_columns("r", "$1", "$2")
    );
    /// Returns the relations between two members. One row if the second one exists, with nulls for relations they do
    /// not have.
    GET_PAIR = format!(
        "select {}, {} from counters c left join relation o on o.mid = $1 and o.fid = $2 \
         left join relation i on i.mid = $2 and i.fid = $1 where c.mid = $2",
        relation_columns("o", "$1", "$2"),
        relation_columns("i", "$2", "$1")
    );
    /// Returns relations with their keys. The two parameters are lists of equal length.
    GET_BATCH = format!(
        "select r.mid, r.fid, {} from unnest($1::bigint[], $2::bigint[]) k (mid, fid) \
         join relation r on r.mid = k.mid and r.fid = k.fid",
        relation_columns("r", "r.mid", "r.fid")
    );
    /// Returns the same relations, whose owners are of one shard. Citus finds the shard by the conditions with `any`.
    GET_OF_SHARD = format!(
        "select x.* from unnest($1::bigint[], $2::bigint[]) k (mid, fid) cross join lateral ( \
         select r.mid, r.fid, {} from relation r where r.mid = k.mid and r.fid = k.fid and r.mid = any($1) \
         offset 0) x",
        relation_columns("r", "r.mid and g.mid = any($1)", "r.fid")
    );
    /// Returns one row if the member exists, with nulls if they have no such relation.
    GET_OF_MEMBER = format!(
        "select {} from counters c left join relation r on r.mid = $1 and r.fid = $2 where c.mid = $1",
        relation_columns("r", "$1", "$2")
    );
    ALL = "select r.mid, r.fid, r.attribute, r.mtime, r.seq, r.source, \
         case when r.join_seq is null then coalesce(g.tagids, '{}') else array[0]::bigint[] end, \
         case when r.join_seq is null then coalesce(g.join_seqs, '{}') else array[r.join_seq]::bigint[] end \
         from relation r left join (select mid, fid, array_agg(tagid order by join_seq) as tagids, \
         array_agg(join_seq order by join_seq) as join_seqs from group_member group by mid, fid) g \
         on g.mid = r.mid and g.fid = r.fid order by r.mid, r.fid".to_owned();
}

writes! {
    UPSERT = insert(
        "relation",
        &numbers(&COLUMNS),
        " on conflict (mid, fid) do update set attribute = excluded.attribute, mtime = excluded.mtime, \
         seq = excluded.seq, source = excluded.source, join_seq = excluded.join_seq",
    );
    INSERT = insert_new(&UPSERT, &COLUMNS);
    DELETE = delete("relation", &numbers(&["mid", "fid"]));
    UPSERT_FOLLOWER = insert(
        "follower_index",
        &numbers(&FOLLOWER_COLUMNS),
        " on conflict (mid, fid) do update set attribute = excluded.attribute, mtime = excluded.mtime, \
         seq = excluded.seq",
    );
    INSERT_FOLLOWER = insert_new(&UPSERT_FOLLOWER, &FOLLOWER_COLUMNS);
    DELETE_FOLLOWER = delete("follower_index", &numbers(&["mid", "fid"]));
}

const COLUMNS: [&str; 7] = ["mid", "fid", "attribute", "mtime", "seq", "source", "join_seq"];
const FOLLOWER_COLUMNS: [&str; 5] = ["mid", "fid", "attribute", "mtime", "seq"];

/// Returns the statements for rows that were absent when their owner was locked. Many of them are inserted without
/// a search for existing ones. An unexpected one is a conflict, after which each command runs alone.
fn insert_new(upsert: &WriteStatements, columns: &[&str]) -> WriteStatements {
    let WriteStatements { table, one, .. } = upsert;
    WriteStatements { one: one.clone(), ..insert(table, &numbers(columns), "") }
}

/// Returns some relations of a member, for their deletion.
pub(crate) const BATCH: &str = "select mid, fid from relation where mid = $1 limit $2";

/// Returns some relations to a member, as (owner, target), for the member's deletion.
pub(crate) const FOLLOWER_BATCH: &str = "select fid, mid from follower_index where mid = $1 limit $2";

/// Returns the largest `seq` of a second in the lists of a member. The condition of each subquery is that of an
/// index.
pub(crate) const LAST_SEQ: &str = "select greatest( \
     (select max(seq) from relation where mid = $1 and attribute = 2 and mtime = $2), \
     (select max(seq) from relation where mid = $1 and attribute in (1, 128) and mtime = $2), \
     (select max(seq) from follower_index where mid = $1 and attribute = 2 and mtime = $2)) \
     from counters where mid = $1";
