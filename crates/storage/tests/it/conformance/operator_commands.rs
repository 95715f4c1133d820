//! Commands of operators.

use crate::community::{Community, expect_read, mid};
use crate::dump_state::{member_states, service_state};
use crate::members::{
    NOW, login_origin, member_named, member_with_phone, new_password, new_session, no_outbox,
};
use guanxi_storage::commands::operator::{AdjustCoins, CreateToken, MemberPatch, RevokeToken, UpdateMember};
use guanxi_storage::commands::{ContactKind, NewMember, NewSession, RegisterMember};
use guanxi_storage::encryption::IdentifierKind;
use guanxi_storage::model::{Card, CoinRow, OperatorToken, Password, Profile, Sex, Vip, VipLabel};
use guanxi_storage::{Row, Store};
use guanxi_types::{Coins, ErrorCode, EventId, EventOutcome, Role};
use jiff::civil::date;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Returns the fields of a JSON object.
pub(super) fn part(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(part) => part,
        _ => panic!("the part is not an object"),
    }
}

impl<S: Store> Community<S> {
    /// Updates a member. Returns the error of an invalid part.
    pub(super) async fn update(&self, member: u64, patch: MemberPatch) -> Result<Option<String>, ErrorCode> {
        let cipher = Arc::clone(&self.cipher);
        let result = self.run_as_operator(UpdateMember { mid: mid(member), patch, cipher }).await?;
        Ok(result.err())
    }

    pub(super) async fn set_contact(&self, member: u64, kind: ContactKind, value: Option<&str>) {
        let contacts = vec![(kind, value.map(str::to_owned))];
        assert_eq!(self.update(member, MemberPatch { contacts, ..MemberPatch::default() }).await, Ok(None));
    }

    async fn card(&self, member: u64) -> Card {
        expect_read(self.store.get(mid(member)).await).expect("the member exists")
    }
}

/// Returns a payment without an id.
pub(super) fn payment(member: u64, delta: Coins, reason: &str) -> AdjustCoins {
    AdjustCoins { mid: mid(member), delta, reason: reason.to_owned(), id: None, id_retention: 100 }
}

pub(super) fn card_patch(value: Value) -> MemberPatch {
    MemberPatch { card: part(value), ..MemberPatch::default() }
}

pub(crate) async fn member_update_merges_parts(store: impl Store) {
    let community = Community::new(store);
    let (vip, label) =
        (Vip { kind: 2, ..Vip::default() }, VipLabel { theme: "t".to_owned(), ..VipLabel::default() });
    let card = Card { uname: "甲".to_owned(), vip: Vip { label, ..vip }, ..Card::new(mid(1)) };
    let profile = Profile { tags: Some(vec!["a".to_owned()]), sex: Sex::Woman, ..Profile::new(mid(1)) };
    let rows = vec![Row::Card(Box::new(card.clone())), Row::Profile(Box::new(profile.clone()))];
    assert_eq!(community.import(rows).await.error, None);

    assert_eq!(
        community.update(1, card_patch(json!({"vip": {"status": 1, "label": {"text": "年度"}}}))).await,
        Ok(None)
    );
    let label = VipLabel { theme: "t".to_owned(), text: "年度".to_owned(), ..VipLabel::default() };
    let vip = Vip { kind: 2, status: 1, label, ..Vip::default() };
    assert_eq!(community.card(1).await, Card { vip: vip.clone(), ..card.clone() });
    let one = card_patch(json!({"vip": {"kind": null, "label": null}, "sign": "早"}));
    assert_eq!(community.update(1, one).await, Ok(None));
    let vip = Vip { kind: 0, label: VipLabel::default(), ..vip };
    assert_eq!(community.card(1).await, Card { vip, sign: "早".to_owned(), ..card.clone() });
    assert_eq!(community.update(1, card_patch(json!({"vip": null, "sign": null}))).await, Ok(None));
    assert_eq!(community.card(1).await, Card { vip: Vip::default(), ..card });

    let of_profile = MemberPatch {
        profile: part(
            json!({"tags": ["b", "c"], "birthday": "2002-03-05", "sex": null, "medal": {"wear": true}}),
        ),
        ..MemberPatch::default()
    };
    assert_eq!(community.update(1, of_profile).await, Ok(None));
    let stored: Profile = expect_read(community.store.get(mid(1)).await).expect("the row exists");
    assert_eq!(stored.tags, Some(vec!["b".to_owned(), "c".to_owned()]), "a list is replaced, not merged");
    assert_eq!((stored.birthday, stored.sex, stored.medal.wear), (Some(date(2002, 3, 5)), Sex::Secret, true));
}

pub(crate) async fn bad_part_is_reported_and_changes_nothing(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let before = (member_states(&community.store, 1).await, service_state(&community.store).await);
    #[rustfmt::skip]
    let cases = [
        // part, value -> error
        ("card",    json!({"nmae": "x"}),             "card: unknown field `nmae`"),
        ("card",    json!({"vip": {"knid": 1}}),      "card: unknown field `knid`"),
        ("card",    json!({"uname": 7}),              "card: invalid type: integer `7`, expected a string"),
        ("card",    json!({"sign": {"text": "x"}}),   "card: invalid type: map, expected a string"),
        ("card",    json!({"mid": 2}),                "card.mid cannot be changed by an update"),
        ("card",    json!({"mid": null}),             "card.mid cannot be changed by an update"),
        ("profile", json!({"sex": "x"}),              "profile: unknown variant `x`"),
        ("profile", json!({"birthday": "x"}),         "profile: "),
        ("account", json!({"tel": "15312345056"}),    "account.tel cannot be changed by an update"),
        ("account", json!({"mail": null}),            "account.mail cannot be changed by an update"),
        ("growth",  json!({"exp": -1}),               "growth: invalid value: integer `-1`"),
        ("upstat",  json!({"likes": 1.5}),            "upstat: invalid type: floating point `1.5`"),
        ("card",    json!({"face": "javascript:x"}),  "card.face: not an http or https URL"),
        ("card",    json!({"sign": "😀"}),            "card.sign: not a sign"),
        ("card",    json!({"vip": {"status": 4}}),    "card.vip.status: not a number from 0 to 3"),
        ("profile", json!({"jointime": -1}),          "profile.jointime: not a time"),
        ("profile", json!({"live_room": {"roomid": u64::MAX}}), "profile.live_room.roomid: not a number"),
        ("account", json!({"userid": "甲"}),          "account.userid: not a user name"),
        ("account", json!({"score": 101}),            "account.score: not a number from 0 to 100"),
        ("growth",  json!({"exp": u64::MAX}),         "growth: 18446744073709551615 exceeds the maximum count"),
        ("upstat",  json!({"counted_at": -1}),        "upstat.counted_at: not a time"),
    ];
    for (name, value, message) in cases {
        // All other parts are valid, and are not changed either.
        let mut update = MemberPatch {
            contacts: vec![(ContactKind::Tel, Some("15312345056".to_owned()))],
            ..card_patch(json!({"sign": "早"}))
        };
        update.password = Some((new_password("phc"), [9; 32]));
        let invalid_part = match name {
            "card" => &mut update.card,
            "profile" => &mut update.profile,
            "account" => &mut update.account,
            "growth" => &mut update.growth,
            _ => &mut update.upstat,
        };
        invalid_part.extend(part(value.clone()));
        let error =
            community.update(1, update).await.expect("the command is not rejected").unwrap_or_default();
        assert!(error.starts_with(message), "{name} {value}: {error}");
        let after = (member_states(&community.store, 1).await, service_state(&community.store).await);
        assert_eq!(after, before, "{name} {value}");
    }
    assert_eq!(community.update(9, MemberPatch::default()).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn renamed_member_is_found_by_the_new_name(store: impl Store) {
    let community = Community::new(store);
    assert_eq!(
        community
            .sign_up(
                NewMember { userid: Some("jia".to_owned()), ..member_with_phone("甲", "15312345056") },
                1
            )
            .await,
        Ok(1)
    );
    assert_eq!(
        community
            .sign_up(
                NewMember { mail: Some("a@b.cn".to_owned()), ..member_with_phone("乙b", "15312345057") },
                2
            )
            .await,
        Ok(2)
    );
    let userid =
        |text: &str| MemberPatch { account: part(json!({"userid": text})), ..MemberPatch::default() };
    let contact = |kind, text: &str| MemberPatch {
        contacts: vec![(kind, Some(text.to_owned()))],
        ..card_patch(json!({"sign": "早"}))
    };
    let before = (member_states(&community.store, 2).await, service_state(&community.store).await);
    for (update, rejection) in [
        (card_patch(json!({"uname": "乙B"})), ErrorCode::NameTaken),
        (card_patch(json!({"uname": "a@b.cn"})), ErrorCode::InvalidName),
        (card_patch(json!({"uname": " 丙"})), ErrorCode::InvalidName),
        (card_patch(json!({"uname": null})), ErrorCode::InvalidName),
        (userid("GX_2"), ErrorCode::UseridTaken),
        (contact(ContactKind::Tel, "15312345057"), ErrorCode::TelTaken),
        (contact(ContactKind::Mail, "a@b.cn"), ErrorCode::MailTaken),
    ] {
        assert_eq!(community.update(1, update.clone()).await, Err(rejection));
        let after = (member_states(&community.store, 2).await, service_state(&community.store).await);
        assert_eq!(after, before, "{rejection:?} wrote something");
    }
    assert_eq!(community.update(1, card_patch(json!({"uname": "丙"}))).await, Ok(None));
    assert_eq!(community.update(1, userid("bing")).await, Ok(None));
    for (kind, text, found) in [
        (IdentifierKind::Uname, "甲", None),
        (IdentifierKind::Uname, "丙", Some(1)),
        (IdentifierKind::Userid, "jia", None),
        (IdentifierKind::Userid, "bing", Some(1)),
    ] {
        assert_eq!(community.find(kind, text).await, found, "{text}");
    }
    assert_eq!(
        community.update(1, card_patch(json!({"uname": "丙"}))).await,
        Ok(None),
        "the own name is not taken"
    );
    assert_eq!(community.sign_up(member_named("甲"), 3).await, Ok(3), "the name is free");
}

pub(crate) async fn password_reset_ends_every_session(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let outbox = no_outbox(&community.cipher);
    assert_eq!(community.sign_up(member_named("甲"), 1).await, Ok(3));
    let session = NewSession { origin: login_origin("B"), ..new_session(2) };
    let new_member = member_named("乙");
    assert!(community.run(RegisterMember { new_member, session, outbox, now: NOW }).await.is_ok());
    let patch = MemberPatch { password: Some((new_password("phc"), [9; 32])), ..MemberPatch::default() };
    assert_eq!(community.update(3, patch).await, Ok(None));
    assert_eq!((community.sessions(3).await, community.sessions(4).await), (vec![], vec![2]));
    assert!(community.account(3).await.has_password);
    let stored: Option<Password> = expect_read(community.store.get(mid(3)).await);
    assert_eq!(stored.map(|row| row.phc), Some("phc".to_owned()));
    let (_, _, after) = community.latest_audit_entry().await;
    assert!(after.contains(r#""sessions_ended":1"#) && after.contains(r#""password":"set""#), "{after}");
}

pub(crate) async fn balance_is_never_negative(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let pay = |tenths| payment(1, Coins::from_tenths(tenths), "补偿");
    for (tenths, expected) in [
        (-1, Err(ErrorCode::InsufficientCoins)),
        (15, Ok(15)),
        (-16, Err(ErrorCode::InsufficientCoins)),
        (-15, Ok(0)),
        (-1, Err(ErrorCode::InsufficientCoins)),
    ] {
        let balance = community.run_as_operator(pay(tenths)).await.map(|(coins, _)| coins);
        assert_eq!(balance, expected.map(Coins::from_tenths), "{tenths}");
    }
    let coin = |tenths| CoinRow {
        mid: mid(1),
        time: NOW,
        delta: Coins::from_tenths(tenths),
        reason: "补偿".to_owned(),
    };
    assert_eq!(expect_read(community.store.coin_log(mid(1), 0, usize::MAX).await), [coin(-15), coin(15)]);
    let unknown = AdjustCoins { mid: mid(9), ..pay(1) };
    assert_eq!(community.run_as_operator(unknown).await, Err(ErrorCode::MemberNotFound));
    assert_eq!(community.audit_log().await.len(), 2);
}

pub(crate) async fn payment_with_id_counts_once(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let pay = |number, tenths, id: &str| AdjustCoins {
        id: Some(EventId::try_from(id.to_owned()).expect("an id")),
        ..payment(number, Coins::from_tenths(tenths), "补偿")
    };
    for (number, tenths, id, outcome) in [
        (1, 15, "a", Ok((15, EventOutcome::Applied))),
        (1, 15, "a", Ok((15, EventOutcome::Duplicate))),
        (1, 15, "b", Ok((30, EventOutcome::Applied))),
        (1, -30, "c", Ok((0, EventOutcome::Applied))),
        // A repeated payment succeeds although the balance is too low for another one.
        (1, -30, "c", Ok((0, EventOutcome::Duplicate))),
        (1, 16, "a", Err(ErrorCode::EventIdReused)),
        (2, 15, "a", Err(ErrorCode::EventIdReused)),
        // A rejected payment does not use up its id.
        (1, -30, "d", Err(ErrorCode::InsufficientCoins)),
        (1, 30, "d", Ok((30, EventOutcome::Applied))),
    ] {
        let outcome = outcome.map(|(tenths, outcome)| (Coins::from_tenths(tenths), outcome));
        assert_eq!(
            community.run_as_operator(pay(number, tenths, id)).await,
            outcome,
            "{number} {tenths} {id}"
        );
    }
    assert_eq!(expect_read(community.store.coin_log(mid(1), 0, 10).await).len(), 4);
    assert_eq!(community.audit_log().await.len(), 4);
}

pub(crate) async fn operator_token_names_are_unique(store: impl Store) {
    let community = Community::new(store);
    let token = |name: &str, byte, role| OperatorToken {
        hash: [byte; 32],
        role,
        name: name.to_owned(),
        created: NOW,
    };
    let revoke = |name: &str| RevokeToken(name.to_owned());
    assert_eq!(community.run_as_operator(CreateToken(token("审核", 1, Role::Moderator))).await, Ok(()));
    assert_eq!(
        community.run_as_operator(CreateToken(token("审核", 2, Role::Admin))).await,
        Err(ErrorCode::TokenExists)
    );
    assert_eq!(community.run_as_operator(CreateToken(token("事件", 3, Role::Ingest))).await, Ok(()));
    assert_eq!(expect_read(community.store.get::<OperatorToken>([2; 32]).await), None);
    assert_eq!(expect_read(community.store.all::<OperatorToken>().await).len(), 2);
    assert_eq!(community.run_as_operator(revoke("审核")).await, Ok(()));
    assert_eq!(community.run_as_operator(revoke("审核")).await, Err(ErrorCode::TokenNotFound));
    assert_eq!(expect_read(community.store.get::<OperatorToken>([1; 32]).await), None);
    assert_eq!(
        community.run_as_operator(CreateToken(token("审核", 2, Role::Admin))).await,
        Ok(()),
        "the name is free"
    );
    let entries: Vec<String> = community
        .audit_log()
        .await
        .iter()
        .map(|row| format!("{}{}{}", row.action, row.before, row.after))
        .collect();
    let value = |name: &str, role: &str| format!(r#"{{"name":"{name}","role":"{role}"}}"#);
    let newest_first = [
        format!("/operator/tokens/create{}", value("审核", "admin")),
        format!("/operator/tokens/revoke{}", value("审核", "moderator")),
        format!("/operator/tokens/create{}", value("事件", "ingest")),
        format!("/operator/tokens/create{}", value("审核", "moderator")),
    ];
    assert_eq!(entries, newest_first);
}
