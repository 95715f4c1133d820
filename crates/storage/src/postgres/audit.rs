//! The invariants, counted again from the ties and the logs: what is derived must agree with what it is derived from.
//!
//! Each question is one that nodes of Citus answer by themselves; what lies with several of them is compared here.

use super::link::Link;
use super::reads::{END, SNAPSHOT};
use super::sql;
use crate::StorageError;
use crate::check::Report;
use crate::row::{
    Card, Columns, Door, EventRow, Farewell, Handle, Qr, Realname, Record, Session, SignReview, TokenHash,
    Value, Values,
};
use crate::stat::{Counters, second};
use futures_util::StreamExt;
use guanxi_domain::tie::RelationKind;
use guanxi_types::{Coins, Mid, Tagid};
use std::collections::{HashMap, HashSet};

/// Reads everything in one snapshot, and compares.
pub(super) async fn audit(link: Link) -> Result<Report, StorageError> {
    link.hold();
    link.say(SNAPSHOT).await?;
    link.say(sql::UNHURRIED).await?;
    let leaving = HashSet::new();
    let mut audit = Audit { link: &link, report: Report::default(), counted: HashMap::new(), leaving };
    audit.all().await?;
    let report = audit.report;
    link.say(END).await?;
    link.let_go();
    Ok(report)
}

struct Audit<'l> {
    link: &'l Link,
    report: Report,
    /// Each member's counters as their ties and their coin log have them.
    counted: HashMap<Mid, Counters>,
    leaving: HashSet<Mid>,
}

impl Audit<'_> {
    async fn all(&mut self) -> Result<(), StorageError> {
        let link = self.link;
        each(link, &sql::of(Farewell::TABLE).all, |row| {
            self.leaving.insert(Farewell::read(row)?.mid);
            Ok(())
        })
        .await?;
        self.ties().await?;
        self.groups().await?;
        self.coins().await?;
        self.awaited().await?;
        self.sessions().await?;
        self.members().await
    }

    async fn ties(&mut self) -> Result<(), StorageError> {
        let link = self.link;
        each(link, COUNT_TIES, |row| {
            let stat = self.counted.entry(Mid::read(row)?).or_default();
            (stat.following, stat.whisper, stat.black) = (u32::read(row)?, u32::read(row)?, u32::read(row)?);
            (stat.default, stat.turn) = (u32::read(row)?, u32::read(row)?);
            (stat.last_mtime, stat.last_seq) = last(row)?;
            let ties = [
                (RelationKind::Follow, stat.following),
                (RelationKind::Whisper, stat.whisper),
                (RelationKind::Black, stat.black),
            ];
            for (kind, count) in ties {
                *self.report.of(kind) += u64::from(count);
            }
            self.report.grouped += u64::from(stat.default);
            Ok(())
        })
        .await?;
        each(link, COUNT_FANS, |row| {
            let mid = Mid::read(row)?;
            let stat = self.counted.entry(mid).or_default();
            stat.follower = u32::read(row)?;
            (stat.last_mtime, stat.last_seq) = (stat.last_mtime, stat.last_seq).max(last(row)?);
            Ok(())
        })
        .await?;
        // A tie and what comes of it lie with two members: equal numbers and sums are equal sets.
        let mut come = HashMap::new();
        each(link, SUMS_OF_TIES, |row| {
            come.insert(Mid::read(row)?, (i64::read(row)?, String::read(row)?));
            Ok(())
        })
        .await?;
        each(link, SUMS_OF_FANS, |row| {
            let (mid, told) = (Mid::read(row)?, (i64::read(row)?, String::read(row)?));
            if come.remove(&mid) != Some(told) {
                self.report.blame(|| format!("the ties that come to {mid} are not those that others have"));
            }
            Ok(())
        })
        .await?;
        for mid in come.into_keys() {
            self.report.blame(|| format!("the ties that come to {mid} are not those that others have"));
        }
        each(link, ANSWERS, |row| {
            let (mid, fid, mine, theirs) = (Mid::read(row)?, Mid::read(row)?, u8::read(row)?, u8::read(row)?);
            self.report.blame(|| {
                format!("the tie from {mid} to {fid} is of {mine}, and one of {theirs} comes back to it")
            });
            Ok(())
        })
        .await?;
        each(link, MUTUAL, |row| {
            self.report.mutual = u64::read(row)? / 2;
            Ok(())
        })
        .await
    }

    async fn groups(&mut self) -> Result<(), StorageError> {
        let link = self.link;
        each(link, COUNT_GROUPED, |row| {
            let (mid, special) = (Mid::read(row)?, u32::read(row)?);
            let (all, turn) = (u64::read(row)?, u32::read(row)?);
            let stat = self.counted.entry(mid).or_default();
            stat.special = special;
            stat.turn = stat.turn.max(turn);
            self.report.grouped += all;
            Ok(())
        })
        .await?;
        for (text, what) in [
            (UNGROUPED, "is in no group and a follow, or in one and none"),
            (GROUPED_TWICE, "is in the default group and in another"),
            (GROUPED_NOWHERE, "is in a group, and is not there or no follow"),
            (GROUPED_ELSEWHERE, "is in a group that is not there"),
        ] {
            each(link, text, |row| {
                let (mid, fid) = (Mid::read(row)?, Mid::read(row)?);
                self.report.blame(|| format!("the tie from {mid} to {fid} {what}"));
                Ok(())
            })
            .await?;
        }
        each(link, TAGIDS, |row| {
            let (tagid, groups) = (Tagid::read(row)?, u64::read(row)?);
            if groups > 1 {
                self.report.blame(|| format!("the group {tagid} is {groups} members'"));
            }
            self.report.groups += groups;
            Ok(())
        })
        .await?;
        for (name, last) in [("tagid", LAST_TAGID), ("mid", LAST_MID), ("audit", LAST_AUDIT)] {
            let next = one(link, sql::NEXT_OF, vec![Value::Text(name.to_owned())]).await?;
            let last = one(link, last, Vec::new()).await?;
            if last >= next {
                self.report.blame(|| format!("the next {name} is {next}, and {last} was given"));
            }
        }
        Ok(())
    }

    async fn coins(&mut self) -> Result<(), StorageError> {
        each(self.link, COUNT_COINS, |row| {
            let mid = Mid::read(row)?;
            self.counted.entry(mid).or_default().coins = Coins::read(row)?;
            self.report.coin_entries += u64::read(row)?;
            Ok(())
        })
        .await
    }

    /// That the clock and the moderators find what waits for them.
    async fn awaited(&mut self) -> Result<(), StorageError> {
        self.awaited_in::<Card>().await?;
        self.awaited_in::<SignReview>().await?;
        self.awaited_in::<Realname>().await?;
        self.awaited_in::<Session>().await?;
        self.awaited_in::<Qr>().await?;
        self.awaited_in::<Door>().await?;
        self.awaited_in::<EventRow>().await?;
        self.awaited_in::<Farewell>().await
    }

    async fn awaited_in<R: Record>(&mut self) -> Result<(), StorageError> {
        let text = format!("select {} from {}", sql::of(R::TABLE).written, sql::name(R::TABLE));
        each(self.link, &text, |values| {
            let row = R::read(values)?;
            let told = (Option::<i64>::read(values)?, Option::<i64>::read(values)?);
            if told != (row.due(), row.waits()) {
                self.report.blame(|| {
                    format!("a row of {} waits, and is looked at at another time", sql::name(R::TABLE))
                });
            }
            Ok(())
        })
        .await
    }

    async fn sessions(&mut self) -> Result<(), StorageError> {
        let mut sessions: HashMap<TokenHash, Mid> = HashMap::new();
        each(self.link, "select hash, mid from session", |row| {
            sessions.insert(Columns::read(row)?, Columns::read(row)?);
            Ok(())
        })
        .await?;
        each(self.link, "select hash, mid from member_session", |row| {
            let (hash, mid) = (TokenHash::read(row)?, Mid::read(row)?);
            if sessions.remove(&hash) != Some(mid) {
                self.report.blame(|| format!("a session among those of {mid} is none of theirs"));
            }
            Ok(())
        })
        .await?;
        for mid in sessions.into_values() {
            self.report.blame(|| format!("a session of {mid} is not among theirs"));
        }
        Ok(())
    }

    async fn members(&mut self) -> Result<(), StorageError> {
        let mut there = HashSet::new();
        each(self.link, &sql::ALL_STATS, |row| {
            let (mid, told) = (Mid::read(row)?, Counters::read(row)?);
            let counted = self.counted.remove(&mid).unwrap_or_default();
            self.report.member_agrees(mid, &told, &counted, self.leaving.contains(&mid));
            self.report.members += 1;
            there.insert(mid);
            Ok(())
        })
        .await?;
        self.report.strangers(self.counted.keys().copied());
        let mut cards = there.clone();
        each(self.link, "select mid from card", |row| {
            cards.remove(&Mid::read(row)?);
            Ok(())
        })
        .await?;
        for mid in cards.difference(&self.leaving) {
            self.report.blame(|| format!("the member {mid} has no card"));
        }
        each(self.link, &sql::of(Handle::TABLE).all, |row| {
            let Handle { mid, .. } = Handle::read(row)?;
            if !there.contains(&mid) {
                self.report.blame(|| format!("a name or a phone finds {mid}, and there is no such member"));
            }
            Ok(())
        })
        .await
    }
}

/// Looks at every row of an answer.
async fn each(
    link: &Link,
    text: &str,
    mut look: impl FnMut(&mut Values) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    let mut rows = link.stream(text).await?;
    while let Some(row) = rows.next().await {
        look(&mut row?)?;
    }
    Ok(())
}

/// The last second in which a member's ties began, and the last place in it.
fn last(row: &mut Values) -> Result<(u32, u32), StorageError> {
    let last = Option::<Vec<i64>>::read(row)?.unwrap_or_default();
    let number = |at: usize| last.get(at).map_or(0, |number| second(*number));
    Ok((number(0), number(1)))
}

async fn one(link: &Link, text: &str, with: Vec<Value>) -> Result<i64, StorageError> {
    let told = link.ask(text, with).await?;
    told.into_iter().next().as_mut().map_or(Ok(0), i64::read)
}

const COUNT_TIES: &str = "select mid, count(*) filter (where attribute = 2), count(*) filter (where attribute = 1), \
     count(*) filter (where attribute = 128), count(turn), coalesce(max(turn) + 1, 0), max(array[mtime, seq]) from tie group by mid";
const COUNT_FANS: &str = "select mid, count(*) filter (where attribute = 2), \
     max(array[mtime, seq]) filter (where attribute = 2) from fan group by mid";
const COUNT_GROUPED: &str =
    "select mid, count(*) filter (where tagid = -10), count(*), max(turn) + 1 from grouped group by mid";
const COUNT_COINS: &str = "select mid, sum(delta)::bigint, count(*) from coin group by mid";
const SUMS_OF_TIES: &str = "select fid, count(*), sum(hashint8extended(mid, hashint8extended(seq, mtime * 256 + attribute))::numeric)::text from tie group by fid";
const SUMS_OF_FANS: &str = "select mid, count(*), sum(hashint8extended(fid, hashint8extended(seq, mtime * 256 + attribute))::numeric)::text from fan group by mid";
const ANSWERS: &str = "select t.mid, t.fid, t.attribute, b.attribute from tie t \
     join fan b on b.mid = t.mid and b.fid = t.fid where t.attribute = 128 and b.attribute <> 128";
const MUTUAL: &str = "select count(*) from tie t join fan b on b.mid = t.mid and b.fid = t.fid \
     where t.attribute = 2 and b.attribute = 2";
const UNGROUPED: &str = "select t.mid, t.fid from tie t left join (select mid, fid from grouped group by mid, fid) g \
     on g.mid = t.mid and g.fid = t.fid where (t.attribute = 2) <> (t.turn is not null or g.mid is not null)";
const GROUPED_TWICE: &str = "select t.mid, t.fid from tie t join grouped g on g.mid = t.mid and g.fid = t.fid where t.turn is not null";
const GROUPED_NOWHERE: &str = "select g.mid, g.fid from grouped g left join tie t on t.mid = g.mid and t.fid = g.fid \
     where t.mid is null or t.attribute <> 2";
const GROUPED_ELSEWHERE: &str = "select g.mid, g.fid from grouped g left join own_group o \
     on o.mid = g.mid and o.tagid = g.tagid where o.mid is null and g.tagid <> -10";
const TAGIDS: &str = "select tagid, count(*) from own_group group by tagid";
const LAST_TAGID: &str = "select coalesce(max(tagid), 0) from own_group";
/// Of the counted mids: `LARGEST_COUNTED` of the rules.
const LAST_MID: &str = "select coalesce(max(mid), 0) from stat where mid <= 4503599627370496";
const LAST_AUDIT: &str = "select coalesce(max(seq), 0) from audit";
