//! Dumps as text and as rows, and a sample community with rows of every kind.

use crate::community::{Community, mid};
use guanxi_domain::news::{NewsItem, NewsKind, NewsLimits};
use guanxi_domain::privacy::Audience;
use guanxi_domain::relation::{GroupMembership, Relation, RelationKind};
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::commands::{ImportChunk, ImportResult, InsertRows, SetImportProgress};
use guanxi_storage::dump::{self, Chunk, ChunkLimit, ImportMode, ImportProgress, Reader, decrypt_row};
use guanxi_storage::model::{
    Account, AuditRow, BioReview, Card, CoinRow, ContactKind, EventIdWatermark, EventRow, Experience, Group,
    Jpeg, Leaving, LoginMethod, LoginRow, MemberNote, Message, MessageKind, NameReview, NewsRow, NextIds,
    Official, OfficialKind, Password, Picture, Privacy, Profile, Question, Realname, RelationRow, Remark,
    RewardRow, Sensitive, Sex, Tombstone, Upstat, Versions, Vip,
};
use guanxi_storage::model::{Factors, Passkey};
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, Tagid};
use jiff::civil::date;
use std::sync::Arc;
use tokio::sync::mpsc;

/// Returns rows as a dump.
pub(crate) fn dump_text(rows: &[Row]) -> String {
    let mut out = Vec::new();
    dump::write_header(&mut out).expect("memory is writable");
    for row in rows {
        dump::write_row(&mut out, row).expect("the row has no ciphertext");
    }
    String::from_utf8(out).expect("a dump is text")
}

/// Returns the rows of a dump.
pub(crate) fn parse_dump(dump: &str) -> Vec<Row> {
    let rows = dump::read_rows(dump.as_bytes()).map(|row| row.map(|(_, row)| row));
    rows.collect::<Result<_, _>>().expect("each line is a row")
}

/// The result of an import by chunks: the number of imported rows, and the line with an error.
pub(crate) type ImportOutcome = (usize, Option<(usize, String)>);

impl<S: Store> Community<S> {
    /// Exports the community with private fields as plaintext.
    pub(crate) async fn exported(&self) -> Vec<Row> {
        let rows = self.exported_encrypted().await.into_iter();
        rows.map(|row| decrypt_row(row, &self.cipher).expect("these keys encrypted it")).collect()
    }

    /// Exports the community as it is stored.
    pub(crate) async fn exported_encrypted(&self) -> Vec<Row> {
        let (out, mut batches) = mpsc::channel(2);
        let receive = async {
            let mut rows = Vec::new();
            while let Some(batch) = batches.recv().await {
                rows.extend(batch);
            }
            rows
        };
        let (exported, rows) = tokio::join!(self.store.export(out), receive);
        exported.expect("the store is readable");
        rows
    }

    pub(crate) async fn import_progress(&self) -> Option<ImportProgress> {
        self.store.import_progress().await.expect("the store is readable")
    }

    /// Imports a dump in chunks of `size` rows, at most `chunks` of them. Resumes an unfinished import.
    pub(crate) async fn import_chunks(
        &self,
        dump: &str,
        mode: ImportMode,
        size: usize,
        chunks: usize,
    ) -> ImportOutcome {
        let mut dump = Reader::new(dump.as_bytes(), mode).expect("the dump has a header");
        if let Some(progress) = self.import_progress().await {
            assert!(dump.skip_imported(&progress).expect("the dump is text"), "another dump was begun");
        }
        let mut imported = 0;
        for _ in 0..chunks {
            let limit = ChunkLimit { rows: size, bytes: usize::MAX };
            let Chunk { rows, lines, progress, .. } = dump.read_chunk(limit).expect("each line is a row");
            if rows.is_empty() {
                assert_eq!(self.run(SetImportProgress(None)).await, Ok(()));
                break;
            }
            let insert = InsertRows { rows, cipher: Arc::clone(&self.cipher) };
            let ImportResult { rows, error } =
                self.run(ImportChunk { insert, mode, progress }).await.expect("an import is never rejected");
            imported += rows;
            if let Some(error) = error {
                return (imported, Some((lines[rows], error)));
            }
        }
        (imported, None)
    }

    /// Merges rows, none of which may be rejected.
    pub(crate) async fn merge(&self, rows: &[Row]) {
        let outcome = self.import_chunks(&dump_text(rows), ImportMode::Merge, 3, usize::MAX).await;
        assert_eq!(outcome, (rows.len(), None));
        assert_eq!(self.import_progress().await, None);
    }
}

pub(crate) fn plaintext(text: &str) -> Sensitive {
    Sensitive::Plaintext(text.to_owned())
}

/// Returns a relation row. `groups` are (tagid, join_seq).
pub(crate) fn relation(from: u64, kind: RelationKind, to: u64, mtime: i64, groups: &[(i64, u32)]) -> Row {
    let groups =
        groups.iter().map(|(tagid, seq)| GroupMembership { tagid: Tagid(*tagid), seq: *seq }).collect();
    Row::Relation(RelationRow {
        from: mid(from),
        to: mid(to),
        relation: Relation { kind, mtime, seq: 0, source: 11, groups },
    })
}

pub(crate) fn coin(member: u64, time: i64, tenths: i64, reason: &str) -> Row {
    let delta = Coins::from_tenths(tenths);
    Row::Coin(CoinRow { mid: mid(member), time, delta, reason: reason.to_owned() })
}

pub(crate) fn login(member: u64, time: i64, device: &str) -> Row {
    Row::Login(LoginRow {
        mid: mid(member),
        time,
        ip: [36, 40, 120, 15].into(),
        method: LoginMethod::Qr,
        success: true,
        device: device.to_owned(),
        buvid: "B1".to_owned(),
        location: "中国陕西渭南".to_owned(),
        isp: String::new(),
    })
}

pub(crate) fn audit(seq: u64, time: i64, action: &str) -> Row {
    Row::Audit(AuditRow {
        seq,
        time,
        operator: "admin".to_owned(),
        action: action.to_owned(),
        mid: Some(mid(1)),
        before: String::new(),
        after: r#"{"coins":10}"#.to_owned(),
    })
}

pub(crate) fn versions(member: u64, followers: u32, followings: u32) -> Row {
    Row::Versions(Versions { mid: mid(member), followers, followings })
}

/// Returns a stored size of a picture. Its file has the markers of JPEG only.
pub(crate) fn picture(member: u64, size: u32, content: &[u8]) -> Row {
    let jpeg = Jpeg([&[0xff, 0xd8, 0xff][..], content, &[0xff, 0xd9]].concat());
    Row::Picture(Picture { mid: mid(member), size, hash: u64::MAX - 9, jpeg })
}

pub(crate) fn event(byte: u8, time: i64) -> Row {
    Row::Event(EventRow { hash: [byte; 32], content_hash: u64::MAX - 7, time, expires: time + 100 })
}

/// Returns a community with rows of every kind, in the order of an export.
pub(crate) fn sample_community() -> Vec<Row> {
    [cards_and_profiles(), account_rows(), relation_rows(), log_rows(), service_rows()].concat()
}

/// Returns the cards and profiles.
fn cards_and_profiles() -> Vec<Row> {
    let official = Official {
        role: 1,
        title: "作者".to_owned(),
        desc: "\"\\\u{1f600}".to_owned(),
        verified: OfficialKind::Person,
    };
    let vip = Vip { kind: 2, status: 1, due_date: 1_700_000_000_000, ..Vip::default() };
    let first =
        Card { uname: "甲".to_owned(), sign: "一\n二".to_owned(), official, vip, ..Card::new(mid(1)) };
    let largest = Card { uname: "丙".to_owned(), ..Card::new(mid(9_007_199_254_740_990)) };
    let tags = Some(vec!["猫".to_owned(), String::new()]);
    let birthday = Some(date(2002, 3, 5));
    vec![
        Row::Card(Box::new(first)),
        Row::Card(Box::new(Card { uname: "乙".to_owned(), ..Card::new(mid(2)) })),
        Row::Card(Box::new(Card::new(mid(3)))),
        Row::Card(Box::new(largest)),
        Row::Profile(Box::new(Profile { sex: Sex::Woman, birthday, tags, ..Profile::new(mid(1)) })),
        Row::Profile(Box::new(Profile::new(mid(3)))),
    ]
}

/// Returns the accounts, with their private fields.
fn account_rows() -> Vec<Row> {
    let account = Account {
        userid: "gx_1".to_owned(),
        tel: Some(plaintext("15312345056")),
        tel_verified: true,
        mail: Some(plaintext("jia@example.cn")),
        has_password: true,
        score: 90,
        safe_question: true,
        steps_dismissed: true,
        name_changed: 186,
        ..Account::new(mid(1))
    };
    let realname = |member, status, name, card| {
        let ended = if status == VerificationStatus::Waiting { 0 } else { 95 };
        Row::Realname(Realname { mid: mid(member), status, name, card, card_type: 2, submitted: 90, ended })
    };
    vec![
        Row::Account(Box::new(account)),
        Row::Account(Box::new(Account { userid: "gx_2".to_owned(), weibo: true, ..Account::new(mid(2)) })),
        Row::Password(Password { mid: mid(1), phc: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".to_owned() }),
        Row::Question(Question {
            mid: mid(1),
            question: Some(plaintext("猫叫什么")),
            answer: "$argon2id$v=19$m=8,t=1,p=1$c2FsdA$aGFzaA".to_owned(),
        }),
        Row::Factors(Factors {
            totp: Some(plaintext("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")),
            totp_step: 59_000_000,
            recovery_codes: vec!["ab".repeat(32)],
            passkeys: vec![Passkey {
                id: 2,
                name: "手机".to_owned(),
                created: 90,
                used: 95,
                credential_id: "010203".to_owned(),
                credential: "{}".to_owned(),
            }],
            last_passkey: 2,
            ..Factors::new(mid(1))
        }),
        realname(1, VerificationStatus::Waiting, Some(plaintext("陈唯恺")), Some(plaintext("H12345678"))),
        realname(2, VerificationStatus::Rejected("照片不清楚".to_owned()), None, None),
        Row::Upstat(Upstat {
            likes: 7,
            archive_view: 9_007_199_254_740_991,
            counted_at: 5,
            ..Upstat::new(mid(2))
        }),
        Row::Experience(Experience {
            exp: 4500,
            tel: true,
            active: Some(date(2020, 5, 20)),
            ..Experience::new(mid(1))
        }),
    ]
}

/// Returns the groups, relations and versions.
fn relation_rows() -> Vec<Row> {
    let group = |owner, tagid, name: &str| {
        Row::Group(Group { mid: mid(owner), tagid: Tagid(tagid), name: name.to_owned() })
    };
    vec![
        group(1, 7, "同学"),
        group(1, 194_110, "vUP"),
        group(2, 9, "同学"),
        relation(1, RelationKind::Follow, 2, 20, &[(7, 0), (-10, 3)]),
        relation(1, RelationKind::Whisper, 3, 4_294_967_295, &[]),
        relation(2, RelationKind::Follow, 1, 20, &[(0, 0)]),
        relation(2, RelationKind::Block, 3, 30, &[]),
        Row::Remark(Remark { mid: mid(1), fid: mid(3), text: Some(plaintext("老同学")) }),
        versions(1, 77, 4_294_967_295),
        versions(2, 0, 0),
        versions(3, 0, 1),
        versions(9_007_199_254_740_990, 0, 0),
    ]
}

/// Returns the logs, rewards and reviews.
fn log_rows() -> Vec<Row> {
    let granted = DailyRewards { login: true, coins: 30, ..DailyRewards::default() };
    let reward = |day| Row::Reward(RewardRow { mid: mid(1), day, granted, other: -50 });
    let name_review = |member, rejected: Option<&str>, ended| {
        let (uname, rejected) = ("晚".to_owned(), rejected.map(str::to_owned));
        Row::NameReview(NameReview { mid: mid(member), uname, submitted: 100, rejected, ended })
    };
    let review = |member, rejected: Option<&str>, due, ended| {
        let (sign, rejected) = ("晚".to_owned(), rejected.map(str::to_owned));
        Row::BioReview(BioReview { mid: mid(member), sign, submitted: 100, due, rejected, ended })
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
        review(1, None, None, 180),
        review(2, None, Some(200), 0),
        review(3, Some("广告"), None, 190),
        name_review(1, None, 180),
        name_review(2, None, 0),
        name_review(3, Some("广告"), 190),
        Row::Privacy(Privacy { followings: Audience::Mutuals, followers: Audience::Oneself, mid: mid(2) }),
        Row::Leaving(Leaving { mid: mid(3), since: 100, due: 4_000_000_000 }),
        picture(1, 96, b"small"),
        picture(1, 256, b"medium"),
        picture(1, 512, b"large"),
        news(),
        note(),
        message(1),
    ]
}

/// Returns a message that waits for its second attempt.
pub(crate) fn message(member: u64) -> Row {
    Row::Message(Message {
        mid: mid(member),
        id: 7,
        kind: MessageKind::RecoveryCode,
        contact: ContactKind::Mail,
        language: "zh-CN".to_owned(),
        address: Some(plaintext("a@b.cn")),
        detail: Some(plaintext("271828")),
        created: 170,
        expires: 3_000_000_000,
        next_attempt: 2_000_000_000,
        failures: 1,
        error: "the server is down".to_owned(),
    })
}

fn news() -> Row {
    let level = NewsItem { id: 3, level: 2, read: true, ..NewsItem::new(NewsKind::Level, 150) };
    let login = NewsItem {
        id: 4,
        text: "Chrome".to_owned(),
        remark: "中国陕西".to_owned(),
        ip: "36.40.*.*".to_owned(),
        session: 9_007_199_254_740_991,
        ..NewsItem::new(NewsKind::Login, 160)
    };
    let expires = NewsLimits::default().expires(150);
    Row::News(NewsRow {
        seen: 185,
        followers_seen: 190,
        last_id: 4,
        expires: Some(expires),
        items: vec![level, login],
        ..NewsRow::new(mid(1))
    })
}

fn note() -> Row {
    let (operator, text) = ("boss".to_owned(), Some(plaintext("第一行\n第二行")));
    Row::MemberNote(MemberNote { mid: mid(1), id: 7, time: 40, operator, text })
}

/// Returns the rows of the whole service.
fn service_rows() -> Vec<Row> {
    vec![
        event(1, 500),
        event(0xfe, 400),
        Row::EventIdWatermark(EventIdWatermark { id: 0, time: 350 }),
        audit(3, 600, "pay"),
        audit(5, 600, "pay"),
        Row::Tombstone(Tombstone { mid: mid(77), since: 650 }),
        Row::Next(NextIds { mid: 4_503_599_627_370_497, tagid: 194_200 }),
    ]
}
