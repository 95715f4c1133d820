//! A member with rows of every kind.

use crate::community::{Community, mid};
use crate::fixtures::{message, picture, relation};
use crate::members::{NOW, login_origin};
use guanxi_domain::news::{NewsItem, NewsKind};
use guanxi_domain::privacy::Audience;
use guanxi_domain::relation::RelationKind;
use guanxi_domain::reward::DailyRewards;
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::commands::{
    AddExportChunk, ClaimExport, CreateSession, ExportClaim, FinishExport, RequestExport,
};
use guanxi_storage::model::{
    Account, BioReview, Card, CoinRow, Experience, Factors, Group, Leaving, LoginMethod, MemberNote,
    NameReview, NewsRow, Password, Privacy, Profile, Question, Realname, Remark, RewardRow, Sensitive,
    Upstat,
};
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, Tagid};
use jiff::civil::date;
use std::sync::Arc;

/// The member who is deleted. No other number in the test has these bytes.
pub(crate) const ME: u64 = 0x0002_3456_789a_bcde;
/// The number of other members.
pub(crate) const OTHERS: u64 = 700;

fn group(owner: u64, tagid: i64) -> Row {
    Row::Group(Group { mid: mid(owner), tagid: Tagid(tagid), name: "同学".to_owned() })
}

/// Returns 761 relations of the member, of every kind and in both directions.
fn relations() -> Vec<Row> {
    let mut rows: Vec<Row> = vec![group(ME, 7), group(1, 8)];
    rows.extend(
        (1..=150)
            .zip(0..)
            .map(|(them, seq)| relation(ME, RelationKind::Follow, them, 100, &[(7, seq), (-10, seq + 1000)])),
    );
    rows.extend((151..=250).map(|them| relation(ME, RelationKind::Whisper, them, 100, &[])));
    rows.extend((251..=350).map(|them| relation(ME, RelationKind::Block, them, 100, &[])));
    rows.push(relation(1, RelationKind::Follow, ME, 100, &[(8, 0)]));
    rows.extend(
        (2..=100)
            .chain(400..=500)
            .map(|follower| relation(follower, RelationKind::Follow, ME, 100, &[(0, 0)])),
    );
    rows.extend((501..=620).map(|them| relation(them, RelationKind::Whisper, ME, 100, &[])));
    rows.extend(
        (251..=260).chain(621..=OTHERS).map(|them| relation(them, RelationKind::Block, ME, 100, &[])),
    );
    rows
}

/// An Argon2 hash.
const PHC: &str = "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaGhhc2g";

/// Returns all other rows of the member.
fn other_rows() -> Vec<Row> {
    let (mid, plaintext) = (mid(ME), |text: &str| Some(Sensitive::Plaintext(text.to_owned())));
    let account = Account {
        userid: "gua".to_owned(),
        tel: plaintext("15312345056"),
        mail: plaintext("a@b.cn"),
        ..Account::new(mid)
    };
    let (name, card) = (plaintext("陈唯恺"), plaintext("610502200203054114"));
    let mut rows = vec![
        Row::Profile(Box::new(Profile { place: "陕西".to_owned(), ..Profile::new(mid) })),
        Row::Account(Box::new(account)),
        Row::Realname(Realname {
            mid,
            status: VerificationStatus::Waiting,
            name,
            card,
            card_type: 0,
            submitted: 90,
            ended: 0,
        }),
        Row::Upstat(Upstat { likes: 7, ..Upstat::new(mid) }),
        Row::Experience(Experience { exp: 7, ..Experience::new(mid) }),
        Row::BioReview(BioReview {
            mid,
            sign: "晚".to_owned(),
            submitted: 90,
            due: Some(NOW * 2),
            rejected: None,
            ended: 0,
        }),
        Row::NameReview(NameReview {
            mid,
            uname: "丁".to_owned(),
            submitted: 90,
            rejected: Some("广告".to_owned()),
            ended: 95,
        }),
        picture(ME, 96, b"1"),
        picture(ME, 256, b"2"),
        picture(ME, 512, b"3"),
        Row::Leaving(Leaving { mid, since: 90, due: NOW * 2 }),
        Row::Privacy(Privacy { followers: Audience::Oneself, ..Privacy::new(mid) }),
        Row::News(NewsRow {
            last_id: 1,
            expires: Some(NOW * 2),
            items: vec![NewsItem { id: 1, ..NewsItem::new(NewsKind::Level, NOW) }],
            ..NewsRow::new(mid)
        }),
        message(ME),
        Row::Password(Password { mid, phc: PHC.to_owned() }),
        Row::Factors(Factors { totp: plaintext("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"), ..Factors::new(mid) }),
        Row::Question(Question { mid, question: plaintext("谁？"), answer: PHC.to_owned() }),
    ];
    rows.extend((1..=300).map(|time| {
        Row::Coin(CoinRow { mid, time, delta: Coins::from_whole(1), reason: "打赏".to_owned() })
    }));
    rows.extend((1..=28).map(|day| {
        Row::Reward(RewardRow {
            other: 0,
            mid,
            day: date(2020, 2, day),
            granted: DailyRewards { watch: true, ..DailyRewards::default() },
        })
    }));
    rows.extend((1..=50).map(|time: i64| {
        Row::Login(login_origin(&time.to_string()).login_row(mid, time, LoginMethod::Password, true))
    }));
    rows
}

/// Creates a member with rows of every kind, among other members with relations of their own.
pub(crate) async fn create_full_member<S: Store>(store: S) -> Community<S> {
    let community = Community::with_members(store, OTHERS).await;
    let mut rows = vec![Row::Card(Box::new(Card { uname: "甲".to_owned(), ..Card::new(mid(ME)) }))];
    rows.extend(relations());
    rows.extend(other_rows());
    rows.extend([
        relation(1, RelationKind::Follow, 2, 100, &[(8, 5)]),
        relation(2, RelationKind::Whisper, 1, 100, &[]),
        relation(3, RelationKind::Block, 700, 100, &[]),
    ]);
    let remark = |author, fid| {
        Row::Remark(Remark {
            mid: mid(author),
            fid: mid(fid),
            text: Some(Sensitive::Plaintext("猫".to_owned())),
        })
    };
    rows.extend([remark(ME, 1), remark(ME, 700), remark(2, ME)]);
    let text = Some(Sensitive::Plaintext("猫".to_owned()));
    rows.push(Row::MemberNote(MemberNote { mid: mid(ME), id: 1, time: NOW, operator: "a".to_owned(), text }));
    assert_eq!(community.import(rows).await.error, None);
    make_export(&community).await;
    for byte in 1..=3 {
        let open = CreateSession { me: mid(ME), hash: [byte; 32], now: NOW, expires: NOW * 2 };
        assert_eq!(community.run(open).await, Ok(()));
    }
    community
}

/// Makes an archive of the member, and requests another one.
async fn make_export<S: Store>(community: &Community<S>) {
    let claim = ExportClaim { mid: mid(ME), id: 7, until: NOW * 2 };
    let (bytes, cipher) = (b"zip".to_vec(), Arc::clone(&community.cipher));
    assert_eq!(community.run(RequestExport { me: mid(ME), now: NOW }).await, Ok(()));
    assert_eq!(community.run(ClaimExport { claim, now: NOW }).await, Ok(true));
    assert_eq!(community.run(AddExportChunk { claim, bytes, cipher }).await, Ok(()));
    assert_eq!(community.run(FinishExport { claim, bytes: 3, expires: NOW * 2, now: NOW }).await, Ok(()));
    assert_eq!(community.run(RequestExport { me: mid(ME), now: NOW * 2 }).await, Ok(()));
}
