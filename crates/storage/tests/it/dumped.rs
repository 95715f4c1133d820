//! Dumps as text and as rows, and a community that has some of everything.

use crate::community::{Community, mid};
use guanxi_domain::realname::VerificationStatus;
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::tie::{GroupMembership, Relation, RelationKind};
use guanxi_storage::command::{ImportChunk, ImportResult, InsertRows, SetImportProgress};
use guanxi_storage::dump::{self, Chunk, ChunkLimit, ImportMode, Progress, Reader, in_the_clear};
use guanxi_storage::row::{
    Account, AuditRow, Card, CoinRow, EventHorizon, EventRow, Group, Growth, LoginMethod, LoginRow, Next,
    Official, Password, Profile, Question, Realname, RewardRow, Sensitive, Sex, SignReview, TieRow,
    Tombstone, Upstat, Verified, Versions, Vip,
};
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, Tagid};
use jiff::civil::date;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Rows as a dump.
pub(crate) fn dump(rows: &[Row]) -> String {
    let mut out = Vec::new();
    dump::write_header(&mut out).expect("memory takes it");
    for row in rows {
        dump::write_row(&mut out, row).expect("it has nothing sealed");
    }
    String::from_utf8(out).expect("a dump is text")
}

/// A dump's rows.
pub(crate) fn rows(dump: &str) -> Vec<Row> {
    let rows = dump::read(dump.as_bytes()).map(|row| row.map(|(_, row)| row));
    rows.collect::<Result<_, _>>().expect("each line is a row")
}

/// What a load by chunks came to: how many rows it took in, and the line with a fault.
pub(crate) type Taken = (usize, Option<(usize, String)>);

impl<S: Store> Community<S> {
    /// The whole community, its private texts in the clear.
    pub(crate) async fn exported(&self) -> Vec<Row> {
        let kept = self.exported_as_kept().await.into_iter();
        kept.map(|row| in_the_clear(row, &self.vault).expect("it was sealed here")).collect()
    }

    /// The whole community.
    pub(crate) async fn exported_as_kept(&self) -> Vec<Row> {
        let (out, mut batches) = mpsc::channel(2);
        let receive = async {
            let mut rows = Vec::new();
            while let Some(batch) = batches.recv().await {
                rows.extend(batch);
            }
            rows
        };
        let (exported, rows) = tokio::join!(self.store.export(out), receive);
        exported.expect("everything can be read");
        rows
    }

    pub(crate) async fn loading(&self) -> Option<Progress> {
        self.store.loading().await.expect("the engine reads")
    }

    /// Takes in a dump by chunks of so many rows, from where an earlier load was; `chunks` of them at most.
    pub(crate) async fn take_in(&self, dump: &str, purpose: ImportMode, size: usize, chunks: usize) -> Taken {
        let mut dump = Reader::new(dump.as_bytes(), purpose).expect("it has a header");
        if let Some(progress) = self.loading().await {
            assert!(dump.pass(&progress).expect("it is text"), "it is the dump of which some is in");
        }
        let mut taken = 0;
        for _ in 0..chunks {
            let most = ChunkLimit { rows: size, bytes: usize::MAX };
            let Chunk { rows, lines, progress, .. } = dump.chunk(most).expect("each line is a row");
            if rows.is_empty() {
                assert_eq!(self.run(SetImportProgress(None)).await, Ok(()));
                break;
            }
            let load = InsertRows { rows, vault: Arc::clone(&self.vault) };
            let ImportResult { rows, fault } =
                self.run(ImportChunk { load, purpose, progress }).await.expect("never");
            taken += rows;
            if let Some(fault) = fault {
                return (taken, Some((lines[rows], fault)));
            }
        }
        (taken, None)
    }

    /// Takes in the whole of a dump that has no fault.
    pub(crate) async fn merge(&self, rows: &[Row]) {
        let taken = self.take_in(&dump(rows), ImportMode::Merge, 3, usize::MAX).await;
        assert_eq!(taken, (rows.len(), None));
        assert_eq!(self.loading().await, None);
    }
}

fn clear(text: &str) -> Sensitive {
    Sensitive::Clear(text.to_owned())
}

/// A tie as a dump has it; `groups` are tagids with their turns.
pub(crate) fn tie(from: u64, kind: RelationKind, to: u64, mtime: i64, groups: &[(i64, u32)]) -> Row {
    let groups =
        groups.iter().map(|(tagid, turn)| GroupMembership { tagid: Tagid(*tagid), seq: *turn }).collect();
    Row::Tie(TieRow {
        from: mid(from),
        to: mid(to),
        tie: Relation { kind, mtime, seq: 0, source: 11, groups },
    })
}

pub(crate) fn coin(member: u64, time: i64, tenths: i64, reason: &str) -> Row {
    let delta = Coins::tenths(tenths);
    Row::Coin(CoinRow { mid: mid(member), time, delta, reason: reason.to_owned() })
}

pub(crate) fn login(member: u64, time: i64, device: &str) -> Row {
    Row::Login(LoginRow {
        mid: mid(member),
        time,
        ip: [36, 40, 120, 15].into(),
        how: LoginMethod::Qr,
        ok: true,
        device: device.to_owned(),
        buvid: "B1".to_owned(),
        place: "中国陕西渭南".to_owned(),
        carrier: String::new(),
    })
}

pub(crate) fn audit(seq: u64, time: i64, deed: &str) -> Row {
    Row::Audit(AuditRow {
        seq,
        time,
        by: "admin".to_owned(),
        deed: deed.to_owned(),
        mid: Some(mid(1)),
        before: String::new(),
        after: r#"{"coins":10}"#.to_owned(),
    })
}

pub(crate) fn versions(member: u64, fans: u32, followings: u32) -> Row {
    Row::Versions(Versions { mid: mid(member), fans, followings })
}

pub(crate) fn event(byte: u8, time: i64) -> Row {
    Row::Event(EventRow { hash: [byte; 32], what: u64::MAX - 7, time, forgotten: time + 100 })
}

/// A community that has some of everything, in the order of an export.
pub(crate) fn rich() -> Vec<Row> {
    [whom(), privately(), chain(), logs(), service()].concat()
}

/// Who they are.
fn whom() -> Vec<Row> {
    let official = Official {
        role: 1,
        title: "作者".to_owned(),
        desc: "\"\\\u{1f600}".to_owned(),
        verified: Verified::Person,
    };
    let vip = Vip { kind: 2, status: 1, due_date: 1_700_000_000_000, ..Vip::default() };
    let first =
        Card { uname: "甲".to_owned(), sign: "一\n二".to_owned(), official, vip, ..Card::of(mid(1)) };
    let largest = Card { uname: "丙".to_owned(), ..Card::of(mid(9_007_199_254_740_990)) };
    let tags = Some(vec!["猫".to_owned(), String::new()]);
    let birthday = Some(date(2002, 3, 5));
    vec![
        Row::Card(Box::new(first)),
        Row::Card(Box::new(Card { uname: "乙".to_owned(), ..Card::of(mid(2)) })),
        Row::Card(Box::new(Card::of(mid(3)))),
        Row::Card(Box::new(largest)),
        Row::Profile(Box::new(Profile { sex: Sex::Woman, birthday, tags, ..Profile::of(mid(1)) })),
        Row::Profile(Box::new(Profile::of(mid(3)))),
    ]
}

/// What only they see.
fn privately() -> Vec<Row> {
    let account = Account {
        userid: "gx_1".to_owned(),
        tel: Some(clear("15312345056")),
        tel_verified: true,
        mail: Some(clear("jia@example.cn")),
        has_password: true,
        score: 90,
        safe_question: true,
        seen: 185,
        ..Account::of(mid(1))
    };
    let realname = |member, standing, name, card| {
        let ended = if standing == VerificationStatus::Waiting { 0 } else { 95 };
        Row::Realname(Realname { mid: mid(member), standing, name, card, card_type: 2, submitted: 90, ended })
    };
    vec![
        Row::Account(Box::new(account)),
        Row::Account(Box::new(Account { userid: "gx_2".to_owned(), weibo: true, ..Account::of(mid(2)) })),
        Row::Password(Password { mid: mid(1), phc: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".to_owned() }),
        Row::Question(Question {
            mid: mid(1),
            question: Some(clear("猫叫什么")),
            answer: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".to_owned(),
        }),
        realname(1, VerificationStatus::Waiting, Some(clear("陈唯恺")), Some(clear("H12345678"))),
        realname(2, VerificationStatus::Rejected("照片不清楚".to_owned()), None, None),
        Row::Upstat(Upstat { likes: 7, archive_view: 9_007_199_254_740_991, told: 5, ..Upstat::of(mid(2)) }),
        Row::Growth(Growth { exp: 4500, tel: true, ..Growth::of(mid(1)) }),
    ]
}

/// Their ties.
fn chain() -> Vec<Row> {
    let group = |owner, tagid, name: &str| {
        Row::Group(Group { mid: mid(owner), tagid: Tagid(tagid), name: name.to_owned() })
    };
    vec![
        group(1, 7, "同学"),
        group(1, 194_110, "vUP"),
        group(2, 9, "同学"),
        tie(1, RelationKind::Follow, 2, 20, &[(7, 0), (-10, 3)]),
        tie(1, RelationKind::Whisper, 3, 4_294_967_295, &[]),
        tie(2, RelationKind::Follow, 1, 20, &[(0, 0)]),
        tie(2, RelationKind::Black, 3, 30, &[]),
        versions(1, 77, 4_294_967_295),
        versions(2, 0, 0),
        versions(3, 0, 1),
        versions(9_007_199_254_740_990, 0, 0),
    ]
}

/// What happened to them.
fn logs() -> Vec<Row> {
    let given = DailyRewards { login: true, coins: 30, ..DailyRewards::default() };
    let reward = |day| Row::Reward(RewardRow { mid: mid(1), day, given });
    let sign = |member, rejected: Option<&str>, due, ended| {
        let (sign, rejected) = ("晚".to_owned(), rejected.map(str::to_owned));
        Row::Sign(SignReview { mid: mid(member), sign, submitted: 100, due, rejected, ended })
    };
    vec![
        coin(1, 100, 15, "打赏"),
        coin(1, 100, -1, "打赏"),
        coin(1, 100, 15, "打赏"),
        coin(1, 200, 10, ""),
        coin(2, 50, 1, "登录奖励"),
        reward(date(2020, 5, 19)),
        reward(date(2020, 5, 20)),
        login(1, 100, "Chrome"),
        login(1, 100, "Chrome"),
        login(1, 300, "Firefox"),
        sign(1, None, None, 180),
        sign(2, None, Some(200), 0),
        sign(3, Some("广告"), None, 190),
    ]
}

/// What is nobody's alone.
fn service() -> Vec<Row> {
    vec![
        event(1, 500),
        event(0xfe, 400),
        Row::EventHorizon(EventHorizon { id: 0, time: 350 }),
        audit(3, 600, "pay"),
        audit(5, 600, "pay"),
        Row::Tombstone(Tombstone { mid: mid(77), since: 650 }),
        Row::Next(Next { mid: 4_503_599_627_370_497, tagid: 194_200 }),
    ]
}
