//! What operators do is done as asked, and stands in their log with nothing private in it.

use crate::community::{Community, mid, read};
use crate::members::{NOW, arrival, named, password, reached, whence};
use crate::told::{common, told};
use guanxi_api::operator::events::{Counted, EventId};
use guanxi_storage::command::operate::{
    CreateMember, CreateToken, DeleteMember, EndSessions, KeyRotationLogged, Patch, Pay, ReviewRealname,
    RevokeToken, UpdateMember, Verdict, Verify,
};
use guanxi_storage::command::{ApplyRealname, ContactKind, NewMember, NewSession, SetQuestion, SignUp};
use guanxi_storage::row::{Card, CoinRow, Label, OperatorToken, Password, Profile, Sex, Vip};
use guanxi_storage::vault::IdentifierKind;
use guanxi_storage::{Row, Store};
use guanxi_types::Role;
use guanxi_types::{Coins, ErrorCode};
use jiff::civil::date;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The fields of an object.
fn part(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(part) => part,
        _ => panic!("a part is an object"),
    }
}

impl<S: Store> Community<S> {
    /// Changes a member; what is wrong with the change.
    async fn update(&self, member: u64, with: Patch) -> Result<Option<String>, ErrorCode> {
        let vault = Arc::clone(&self.vault);
        let told = self.operate(UpdateMember { mid: mid(member), with, vault }).await?;
        Ok(told.err())
    }

    async fn set_reach(&self, member: u64, by: ContactKind, next: Option<&str>) {
        let reach = vec![(by, next.map(str::to_owned))];
        assert_eq!(self.update(member, Patch { reach, ..Patch::default() }).await, Ok(None));
    }

    async fn card_of(&self, member: u64) -> Card {
        read(self.store.get(mid(member)).await).expect("the member exists")
    }
}

/// A payment without an id.
pub(super) fn pay_of(member: u64, delta: Coins, reason: &str) -> Pay {
    Pay { mid: mid(member), delta, reason: reason.to_owned(), id: None, remember: 100 }
}

fn of_card(value: Value) -> Patch {
    Patch { card: part(value), ..Patch::default() }
}

pub(crate) async fn the_log_is_numbered_and_told_newest_first(store: impl Store) {
    let community = Community::of(store, 1).await;
    let pay = |coins| pay_of(1, Coins::whole(coins), "");
    for coins in 1..=5 {
        assert!(community.operate(pay(coins)).await.is_ok());
        assert_eq!(community.operate(pay(-100)).await, Err(ErrorCode::CoinsShort), "a refusal leaves no row");
    }
    let newest_first = community.audit().await;
    assert_eq!(newest_first.iter().map(|row| row.seq).collect::<Vec<_>>(), [5, 4, 3, 2, 1]);
    assert!(newest_first.iter().all(|row| row.by == "操作员" && row.time == NOW && row.mid == Some(mid(1))));
    #[rustfmt::skip]
    let cases: [(Option<u64>, usize, &[u64]); 7] = [
        (None,     3, &[5, 4, 3]),
        (Some(3),  2, &[2, 1]),
        (Some(5),  2, &[4, 3]),
        (Some(2),  9, &[1]),
        (Some(1),  9, &[]),
        (Some(99), 9, &[5, 4, 3, 2, 1]),
        (None,     0, &[]),
    ];
    for (before, most, expected) in cases {
        let rows = read(community.store.audit(before, most).await);
        let told: Vec<u64> = rows.iter().map(|row| row.seq).collect();
        assert_eq!(told, expected, "before {before:?}, at most {most}");
    }
}

pub(crate) async fn a_deed_tells_what_it_changed(store: impl Store) {
    let community = Community::empty(store);
    let (vault, me) = (Arc::clone(&community.vault), mid(1));
    let told = async || {
        let (deed, before, after) = community.latest_deed().await;
        [deed, before, after].join(" ")
    };
    assert_eq!(community.operate(CreateMember { new: reached("甲", "15312345056"), vault }).await, Ok(me));
    assert_eq!(told().await, r#"member/create  {"uname":"甲"}"#);
    let mut update = of_card(json!({"uname": "乙", "vip": {"status": 1}}));
    update.growth = part(json!({"exp": 300}));
    assert_eq!(community.update(1, update).await, Ok(None));
    assert_eq!(
        told().await,
        r#"member/update {"card":{"uname":"甲","vip":null},"growth":{"exp":null}} {"card":{"uname":"乙","vip":{"status":1}},"growth":{"exp":300}}"#
    );
    assert_eq!(community.operate(Verify { mid: me, by: ContactKind::Tel }).await, Ok(()));
    assert_eq!(told().await, r#"member/verify {"tel_verified":false} {"tel_verified":true}"#);
    community.set_reach(1, ContactKind::Tel, Some("15312345057")).await;
    assert_eq!(
        told().await,
        r#"member/update {"account":{"tel_verified":true},"tel":"set"} {"account":{"tel_verified":null},"tel":"changed"}"#
    );
    community.set_reach(1, ContactKind::Tel, None).await;
    assert_eq!(told().await, r#"member/update {"tel":"set"} {"tel":null}"#);
    community.set_reach(1, ContactKind::Mail, Some("a@b.cn")).await;
    assert_eq!(told().await, r#"member/update {"mail":null} {"mail":"set"}"#);
    community.set_reach(1, ContactKind::Mail, Some("a@b.cn")).await;
    assert_eq!(told().await, "member/update {} {}", "it is the same");
    let pay = Pay { mid: me, ..pay_of(1, Coins::tenths(15), "补偿") };
    assert_eq!(community.operate(pay).await, Ok((Coins::tenths(15), Counted::Now)));
    assert_eq!(told().await, r#"member/coins {"coins":0,"reason":null} {"coins":1.5,"reason":"补偿"}"#);
    assert_eq!(community.operate(EndSessions(me)).await, Ok(0));
    assert_eq!(told().await, r#"member/sessions/revoke  {"sessions_ended":0}"#);
    assert_eq!(community.operate(KeyRotationLogged { key: 2 }).await, Ok(()));
    assert_eq!(told().await, r#"keys/rotate  {"key":2}"#);
    community.let_go(1).await;
    assert_eq!(told().await, r#"member/delete {"uname":"乙"} "#);
}

pub(crate) async fn the_log_has_nothing_private(store: impl Store) {
    let community = Community::empty(store);
    let vault = || Arc::clone(&community.vault);
    let secrets =
        ["15312345056", "15312345057", "a@b.cn", "b@b.cn", "陈唯恺", "610502200203054117", "谁？", "phc"];
    let new = NewMember {
        password: Some(password("phc-1")),
        mail: Some("a@b.cn".to_owned()),
        ..reached("甲", "15312345056")
    };
    assert_eq!(community.operate(CreateMember { new, vault: vault() }).await, Ok(mid(1)));
    let (question, answer) = ("谁？".to_owned(), "phc-2".to_owned());
    let set = SetQuestion { me: mid(1), question, answer, vault: vault() };
    assert_eq!(community.run(set).await, Ok(()));
    let reach = vec![
        (ContactKind::Tel, Some("15312345057".to_owned())),
        (ContactKind::Mail, Some("b@b.cn".to_owned())),
    ];
    let (profile, password) = (part(json!({"place": "陕西"})), Some((password("phc-3"), [9; 32])));
    assert_eq!(community.update(1, Patch { reach, profile, password, ..Patch::default() }).await, Ok(None));
    for by in [ContactKind::Tel, ContactKind::Mail] {
        assert_eq!(community.operate(Verify { mid: mid(1), by }).await, Ok(()));
    }
    let bad = Patch { account: part(json!({"tel": "15312345058"})), ..Patch::default() };
    assert!(community.update(1, bad).await.is_ok_and(|wrong| wrong.is_some()));
    for verdict in [Verdict::Reject("不清楚".to_owned()), Verdict::Approve] {
        let (name, card) = ("陈唯恺".to_owned(), "610502200203054117".to_owned());
        let apply = ApplyRealname { me: mid(1), name, card, card_type: 0, vault: vault(), now: NOW };
        assert_eq!(community.run(apply).await, Ok(()));
        let review = ReviewRealname { mid: mid(1), submitted: None, verdict };
        assert_eq!(community.operate(review).await, Ok(()));
    }
    community.set_reach(1, ContactKind::Mail, None).await;
    assert_eq!(community.operate(DeleteMember { mid: mid(1), vault: vault() }).await, Ok(()));

    let log = format!("{:?}", community.audit().await);
    assert_eq!(community.audit().await.len(), 8);
    for secret in secrets {
        assert!(!log.contains(secret), "{secret} stands in {log}");
    }
    for public in ["甲", "陕西", "不清楚", "verified"] {
        assert!(log.contains(public), "{public} stands not in {log}");
    }
}

pub(crate) async fn parts_are_merged(store: impl Store) {
    let community = Community::empty(store);
    let (vip, label) =
        (Vip { kind: 2, ..Vip::default() }, Label { theme: "t".to_owned(), ..Label::default() });
    let card = Card { uname: "甲".to_owned(), vip: Vip { label, ..vip }, ..Card::of(mid(1)) };
    let profile = Profile { tags: Some(vec!["a".to_owned()]), sex: Sex::Woman, ..Profile::of(mid(1)) };
    let rows = vec![Row::Card(Box::new(card.clone())), Row::Profile(Box::new(profile.clone()))];
    assert_eq!(community.load(rows).await.fault, None);

    assert_eq!(
        community.update(1, of_card(json!({"vip": {"status": 1, "label": {"text": "年度"}}}))).await,
        Ok(None)
    );
    let label = Label { theme: "t".to_owned(), text: "年度".to_owned(), ..Label::default() };
    let vip = Vip { kind: 2, status: 1, label, ..Vip::default() };
    assert_eq!(community.card_of(1).await, Card { vip: vip.clone(), ..card.clone() });
    let one = of_card(json!({"vip": {"kind": null, "label": null}, "sign": "早"}));
    assert_eq!(community.update(1, one).await, Ok(None));
    let vip = Vip { kind: 0, label: Label::default(), ..vip };
    assert_eq!(community.card_of(1).await, Card { vip, sign: "早".to_owned(), ..card.clone() });
    assert_eq!(community.update(1, of_card(json!({"vip": null, "sign": null}))).await, Ok(None));
    assert_eq!(community.card_of(1).await, Card { vip: Vip::default(), ..card });

    let of_profile = Patch {
        profile: part(
            json!({"tags": ["b", "c"], "birthday": "2002-03-05", "sex": null, "medal": {"wear": true}}),
        ),
        ..Patch::default()
    };
    assert_eq!(community.update(1, of_profile).await, Ok(None));
    let kept: Profile = read(community.store.get(mid(1)).await).expect("it is there");
    assert_eq!(kept.tags, Some(vec!["b".to_owned(), "c".to_owned()]), "a list takes the place of a list");
    assert_eq!((kept.birthday, kept.sex, kept.medal.wear), (Some(date(2002, 3, 5)), Sex::Secret, true));
}

pub(crate) async fn a_bad_part_is_named_and_changes_nothing(store: impl Store) {
    let community = Community::of(store, 1).await;
    let before = (told(&community.store, 1).await, common(&community.store).await);
    #[rustfmt::skip]
    let cases = [
        // part, what it says -> what is wrong
        ("card",    json!({"nmae": "x"}),             "card: unknown field `nmae`"),
        ("card",    json!({"vip": {"knid": 1}}),      "card: unknown field `knid`"),
        ("card",    json!({"uname": 7}),              "card: invalid type: integer `7`, expected a string"),
        ("card",    json!({"sign": {"text": "x"}}),   "card: invalid type: map, expected a string"),
        ("card",    json!({"mid": 2}),                "card.mid is not changed here"),
        ("card",    json!({"mid": null}),             "card.mid is not changed here"),
        ("profile", json!({"sex": "x"}),              "profile: unknown variant `x`"),
        ("profile", json!({"birthday": "x"}),         "profile: "),
        ("account", json!({"tel": "15312345056"}),    "account.tel is not changed here"),
        ("account", json!({"mail": null}),            "account.mail is not changed here"),
        ("growth",  json!({"exp": -1}),               "growth: invalid value: integer `-1`"),
        ("upstat",  json!({"likes": 1.5}),            "upstat: invalid type: floating point `1.5`"),
        ("card",    json!({"face": "javascript:x"}),  "card.face: not an http or https URL"),
        ("card",    json!({"sign": "😀"}),            "card.sign: not a sign"),
        ("card",    json!({"vip": {"status": 4}}),    "card.vip.status: not a number from 0 to 3"),
        ("profile", json!({"jointime": -1}),          "profile.jointime: not a time"),
        ("profile", json!({"live_room": {"roomid": u64::MAX}}), "profile.live_room.roomid: not a number"),
        ("account", json!({"userid": "甲"}),          "account.userid: not a user name"),
        ("account", json!({"score": 101}),            "account.score: not a number from 0 to 100"),
        ("growth",  json!({"exp": u64::MAX}),         "growth: 18446744073709551615 is no count"),
        ("upstat",  json!({"told": -1}),              "upstat.told: not a time"),
    ];
    for (of, value, wrong) in cases {
        // All other parts are good, and yet they are not changed.
        let mut update = Patch {
            reach: vec![(ContactKind::Tel, Some("15312345056".to_owned()))],
            ..of_card(json!({"sign": "早"}))
        };
        update.password = Some((password("phc"), [9; 32]));
        let part_of = match of {
            "card" => &mut update.card,
            "profile" => &mut update.profile,
            "account" => &mut update.account,
            "growth" => &mut update.growth,
            _ => &mut update.upstat,
        };
        part_of.extend(part(value.clone()));
        let told_wrong = community.update(1, update).await.expect("it is no refusal").unwrap_or_default();
        assert!(told_wrong.starts_with(wrong), "{of} {value}: {told_wrong}");
        let after = (told(&community.store, 1).await, common(&community.store).await);
        assert_eq!(after, before, "{of} {value}");
    }
    assert_eq!(community.update(9, Patch::default()).await, Err(ErrorCode::NoMember));
}

pub(crate) async fn a_new_name_is_found_and_a_taken_one_refused(store: impl Store) {
    let community = Community::empty(store);
    assert_eq!(
        community
            .sign_up(NewMember { userid: Some("jia".to_owned()), ..reached("甲", "15312345056") }, 1)
            .await,
        Ok(1)
    );
    assert_eq!(
        community
            .sign_up(NewMember { mail: Some("a@b.cn".to_owned()), ..reached("乙b", "15312345057") }, 2)
            .await,
        Ok(2)
    );
    let userid = |text: &str| Patch { account: part(json!({"userid": text})), ..Patch::default() };
    let reach = |by, text: &str| Patch {
        reach: vec![(by, Some(text.to_owned()))],
        ..of_card(json!({"sign": "早"}))
    };
    let before = (told(&community.store, 2).await, common(&community.store).await);
    for (update, refusal) in [
        (of_card(json!({"uname": "乙B"})), ErrorCode::NameTaken),
        (of_card(json!({"uname": "a@b.cn"})), ErrorCode::BadName),
        (of_card(json!({"uname": " 丙"})), ErrorCode::BadName),
        (of_card(json!({"uname": null})), ErrorCode::BadName),
        (userid("GX_2"), ErrorCode::UseridTaken),
        (reach(ContactKind::Tel, "15312345057"), ErrorCode::TelTaken),
        (reach(ContactKind::Mail, "a@b.cn"), ErrorCode::MailTaken),
    ] {
        assert_eq!(community.update(1, update.clone()).await, Err(refusal));
        let after = (told(&community.store, 2).await, common(&community.store).await);
        assert_eq!(after, before, "{refusal:?} left something");
    }
    assert_eq!(community.update(1, of_card(json!({"uname": "丙"}))).await, Ok(None));
    assert_eq!(community.update(1, userid("bing")).await, Ok(None));
    for (known, text, found) in [
        (IdentifierKind::Uname, "甲", None),
        (IdentifierKind::Uname, "丙", Some(1)),
        (IdentifierKind::Userid, "jia", None),
        (IdentifierKind::Userid, "bing", Some(1)),
    ] {
        assert_eq!(community.find(known, text).await, found, "{text}");
    }
    assert_eq!(
        community.update(1, of_card(json!({"uname": "丙"}))).await,
        Ok(None),
        "one's own is not taken"
    );
    assert_eq!(community.sign_up(named("甲"), 3).await, Ok(3), "the name is free");
}

pub(crate) async fn a_password_set_ends_every_session(store: impl Store) {
    let community = Community::of(store, 2).await;
    let vault = Arc::clone(&community.vault);
    assert_eq!(community.sign_up(named("甲"), 1).await, Ok(3));
    let arrival = NewSession { whence: whence("B"), ..arrival(2) };
    let new = named("乙");
    assert!(community.run(SignUp { new, arrival, vault, now: NOW }).await.is_ok());
    let set = Patch { password: Some((password("phc"), [9; 32])), ..Patch::default() };
    assert_eq!(community.update(3, set).await, Ok(None));
    assert_eq!((community.sessions(3).await, community.sessions(4).await), (vec![], vec![2]));
    assert!(community.account(3).await.has_password);
    let kept: Option<Password> = read(community.store.get(mid(3)).await);
    assert_eq!(kept.map(|kept| kept.phc), Some("phc".to_owned()));
    let (_, _, after) = community.latest_deed().await;
    assert!(after.contains(r#""sessions_ended":1"#) && after.contains(r#""password":"set""#), "{after}");
}

pub(crate) async fn a_balance_is_never_below_zero(store: impl Store) {
    let community = Community::of(store, 1).await;
    let pay = |tenths| pay_of(1, Coins::tenths(tenths), "补偿");
    for (tenths, told) in [
        (-1, Err(ErrorCode::CoinsShort)),
        (15, Ok(15)),
        (-16, Err(ErrorCode::CoinsShort)),
        (-15, Ok(0)),
        (-1, Err(ErrorCode::CoinsShort)),
    ] {
        let balance = community.operate(pay(tenths)).await.map(|(coins, _)| coins);
        assert_eq!(balance, told.map(Coins::tenths), "{tenths}");
    }
    let coin =
        |tenths| CoinRow {
            mid: mid(1), time: NOW, delta: Coins::tenths(tenths), reason: "补偿".to_owned()
        };
    assert_eq!(read(community.store.coins(mid(1), 0, usize::MAX).await), [coin(-15), coin(15)]);
    let stranger = Pay { mid: mid(9), ..pay(1) };
    assert_eq!(community.operate(stranger).await, Err(ErrorCode::NoMember));
    assert_eq!(community.audit().await.len(), 2);
}

pub(crate) async fn a_payment_with_an_id_counts_once(store: impl Store) {
    let community = Community::of(store, 2).await;
    let pay = |number, tenths, id: &str| Pay {
        id: Some(EventId::try_from(id.to_owned()).expect("an id")),
        ..pay_of(number, Coins::tenths(tenths), "补偿")
    };
    for (number, tenths, id, outcome) in [
        (1, 15, "a", Ok((15, Counted::Now))),
        (1, 15, "a", Ok((15, Counted::Before))),
        (1, 15, "b", Ok((30, Counted::Now))),
        (1, -30, "c", Ok((0, Counted::Now))),
        // A repetition is answered although the balance would not reach for another payment.
        (1, -30, "c", Ok((0, Counted::Before))),
        (1, 16, "a", Err(ErrorCode::EventChanged)),
        (2, 15, "a", Err(ErrorCode::EventChanged)),
        // A rejected payment does not use its id up.
        (1, -30, "d", Err(ErrorCode::CoinsShort)),
        (1, 30, "d", Ok((30, Counted::Now))),
    ] {
        let outcome = outcome.map(|(tenths, counted)| (Coins::tenths(tenths), counted));
        assert_eq!(community.operate(pay(number, tenths, id)).await, outcome, "{number} {tenths} {id}");
    }
    assert_eq!(read(community.store.coins(mid(1), 0, 10).await).len(), 4);
    assert_eq!(community.audit().await.len(), 4);
}

pub(crate) async fn a_token_has_a_name_of_its_own(store: impl Store) {
    let community = Community::empty(store);
    let token = |name: &str, byte, role| OperatorToken {
        hash: [byte; 32],
        role,
        name: name.to_owned(),
        created: NOW,
    };
    let revoke = |name: &str| RevokeToken(name.to_owned());
    assert_eq!(community.operate(CreateToken(token("审核", 1, Role::Moderator))).await, Ok(()));
    assert_eq!(
        community.operate(CreateToken(token("审核", 2, Role::Admin))).await,
        Err(ErrorCode::TokenExists)
    );
    assert_eq!(community.operate(CreateToken(token("事件", 3, Role::Ingest))).await, Ok(()));
    assert_eq!(read(community.store.get::<OperatorToken>([2; 32]).await), None);
    assert_eq!(read(community.store.all::<OperatorToken>().await).len(), 2);
    assert_eq!(community.operate(revoke("审核")).await, Ok(()));
    assert_eq!(community.operate(revoke("审核")).await, Err(ErrorCode::NoToken));
    assert_eq!(read(community.store.get::<OperatorToken>([1; 32]).await), None);
    assert_eq!(
        community.operate(CreateToken(token("审核", 2, Role::Admin))).await,
        Ok(()),
        "the name is free"
    );
    let deeds: Vec<String> = community
        .audit()
        .await
        .iter()
        .map(|row| format!("{}{}{}", row.deed, row.before, row.after))
        .collect();
    let of = |name: &str, role: &str| format!(r#"{{"name":"{name}","role":"{role}"}}"#);
    let newest_first = [
        format!("token/create{}", of("审核", "admin")),
        format!("token/revoke{}", of("审核", "moderator")),
        format!("token/create{}", of("事件", "ingest")),
        format!("token/create{}", of("审核", "moderator")),
    ];
    assert_eq!(deeds, newest_first);
}
