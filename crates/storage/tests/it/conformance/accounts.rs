//! Registration and accounts.

use crate::community::{Community, expect_read, mid};
use crate::dump_state::member_states;
use crate::members::{
    NOW, login_origin, member_named, member_with_phone, new_password, new_session, no_outbox,
};
use guanxi_storage::commands::operator::{CreateMember, VerifyContact};
use guanxi_storage::commands::{
    ChangeContact, ContactKind, DismissFirstSteps, ImportResult, MarkNewsSeen, NewMember, SetQuestion,
};
use guanxi_storage::encryption::{IdentifierKind, SensitiveField};
use guanxi_storage::model::{
    Account, Card, LatestLogin, LoginMethod, NewsRow, NextIds, Password, Profile, Question, Sensitive,
};
use guanxi_storage::{Counters, Row, Store};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

/// Returns a new member with all fields.
pub(super) fn full_member() -> NewMember {
    NewMember {
        mid: None,
        uname: "陈Ab".to_owned(),
        userid: Some("Bili_1".to_owned()),
        password: Some(new_password("phc")),
        tel: Some("15312345056".to_owned()),
        mail: Some("a@b.cn".to_owned()),
    }
}

pub(super) fn card(member: u64, uname: &str) -> Row {
    Row::Card(Box::new(Card { uname: uname.to_owned(), ..Card::new(mid(member)) }))
}

pub(super) fn account(member: u64, userid: &str, tel: &str, mail: &str) -> Row {
    let clear = |text: &str| Some(Sensitive::Plaintext(text.to_owned())).filter(|_| !text.is_empty());
    let (userid, tel, mail) = (userid.to_owned(), clear(tel), clear(mail));
    Row::Account(Box::new(Account { userid, tel, mail, ..Account::new(mid(member)) }))
}

pub(crate) async fn seen_news_stay_seen(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let seen_until = async |member: u64| {
        expect_read(community.store.get::<NewsRow>(mid(member)).await).map_or(0, |news| news.seen)
    };
    #[rustfmt::skip]
    let cases = [
        // until, now -> stored time
        (100,      200, 100),
        (50,       200, 100),
        (0,        200, 100),
        (i64::MAX, 200, 200),
        (201,      200, 200),
        (250,      300, 250),
        (-1,       300, 250),
    ];
    for (until, now, expected) in cases {
        assert_eq!(community.run(MarkNewsSeen { me: mid(1), until, now }).await, Ok(()));
        assert_eq!(seen_until(1).await, expected, "until {until} at {now}");
    }
    assert_eq!(seen_until(2).await, 0);
    let before = member_states(&community.store, 2).await;
    assert_eq!(
        community.run(MarkNewsSeen { me: mid(9), until: 1, now: 2 }).await,
        Err(ErrorCode::MemberNotFound)
    );
    assert_eq!(member_states(&community.store, 2).await, before);
}

pub(crate) async fn dismissed_steps_stay_dismissed(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    community.import(vec![account(2, "yi", "", "")]).await;
    for _ in 0..2 {
        assert_eq!(community.run(DismissFirstSteps(mid(2))).await, Ok(()));
    }
    let stored = expect_read(community.store.get::<Account>(mid(2)).await).expect("the row exists");
    assert_eq!((stored.userid.as_str(), stored.steps_dismissed), ("yi", true));
    assert_eq!(community.run(DismissFirstSteps(mid(9))).await, Err(ErrorCode::MemberNotFound));
}

impl<S: Store> Community<S> {
    pub(super) async fn create_member(&self, new: NewMember) -> Result<u64, ErrorCode> {
        let cipher = Arc::clone(&self.cipher);
        self.run_as_operator(CreateMember { new_member: new, cipher }).await.map(Mid::get)
    }

    pub(super) async fn change_contact(
        &self,
        me: u64,
        kind: ContactKind,
        value: Option<&str>,
    ) -> Result<(), ErrorCode> {
        let (value, outbox) = (value.map(str::to_owned), no_outbox(&self.cipher));
        self.run(ChangeContact { me: mid(me), kind, value, outbox }).await
    }

    /// Returns the phone and the mail address of a member, each with its verification.
    pub(super) async fn contacts(&self, member: u64) -> [(Option<String>, bool); 2] {
        let account = self.account(member).await;
        let tel = self.decrypt(SensitiveField::Tel, member, account.tel.as_ref());
        let mail = self.decrypt(SensitiveField::Mail, member, account.mail.as_ref());
        [(tel, account.tel_verified), (mail, account.mail_verified)]
    }
}

pub(crate) async fn signed_up_member_exists(store: impl Store) {
    let community = Community::new(store);
    assert_eq!(community.sign_up(full_member(), 1).await, Ok(1));
    let (store, me) = (&community.store, mid(1));
    assert_eq!(community.counters(1).await, Counters::default());
    let space = expect_read(store.space(me, None).await).expect("the member exists");
    assert_eq!(space.card, Card { uname: "陈Ab".to_owned(), ..Card::new(me) });
    assert_eq!(space.profile, Profile { jointime: NOW, ..Profile::new(me) });
    let account = community.account(1).await;
    assert_eq!(account.userid, "Bili_1");
    assert_eq!(
        (account.has_password, account.score, account.pwd_level, account.security),
        (true, 90, 3, true)
    );
    let contacts = [(Some("15312345056".to_owned()), false), (Some("a@b.cn".to_owned()), false)];
    assert_eq!(community.contacts(1).await, contacts);
    assert!(
        matches!(account.tel, Some(Sensitive::Ciphertext(_)))
            && matches!(account.mail, Some(Sensitive::Ciphertext(_)))
    );
    assert_eq!(expect_read(store.get::<Password>(me).await).map(|stored| stored.phc), Some("phc".to_owned()));
    let session = community.session(1).await.expect("the session exists");
    assert_eq!((session.mid, session.created, session.expires), (me, NOW, new_session(1).expires));
    assert_eq!((session.login_method, session.ip), (Some(LoginMethod::Password), Some(login_origin("A").ip)));
    let login = login_origin("A").login_row(me, NOW, LoginMethod::Password, true);
    assert_eq!(expect_read(store.login_log(me, 0, usize::MAX).await), std::slice::from_ref(&login));
    let device = guanxi_storage::commands::device_hash("A");
    assert_eq!(
        expect_read(store.get::<LatestLogin>((me, device)).await).map(|latest| latest.login),
        Some(login)
    );
    #[rustfmt::skip]
    let cases = [
        (IdentifierKind::Uname,  "陈Ab",        Some(1)),
        (IdentifierKind::Uname,  "陈ａｂ",      Some(1)),
        (IdentifierKind::Uname,  "Bili_1",      None),
        (IdentifierKind::Userid, "bili_1",      Some(1)),
        (IdentifierKind::Userid, "陈Ab",        None),
        (IdentifierKind::Tel,    "15312345056", Some(1)),
        (IdentifierKind::Mail,   "a@b.cn",      Some(1)),
        (IdentifierKind::Mail,   "15312345056", None),
    ];
    for (kind, text, found) in cases {
        assert_eq!(community.find(kind, text).await, found, "{kind:?} {text}");
    }
}

/// Returns the byte of a member's session.
fn byte(number: u64) -> u8 {
    u8::try_from(number).expect("a small number")
}

pub(crate) async fn mid_is_never_assigned_twice(store: impl Store) {
    let community = Community::new(store);
    for number in 1..=3 {
        assert_eq!(community.sign_up(member_named(&number.to_string()), byte(number)).await, Ok(number));
    }
    community.delete_member(3).await;
    assert_eq!(
        community.create_member(NewMember { mid: Some(mid(3)), ..member_named("戊") }).await,
        Err(ErrorCode::MidTaken)
    );
    assert_eq!(
        community.sign_up(member_named("甲"), 4).await,
        Ok(4),
        "the deletion of the largest mid is pending"
    );
    community.run_all_due_tasks(NOW).await;
    for number in 5..=6 {
        community.delete_member(number - 1).await;
        community.run_all_due_tasks(NOW).await;
        assert_eq!(
            community.sign_up(member_named("甲"), byte(number)).await,
            Ok(number),
            "the largest mid is deleted"
        );
    }
    assert_eq!(community.create_member(NewMember { mid: Some(mid(10)), ..member_named("乙") }).await, Ok(10));
    assert_eq!(community.sign_up(member_named("丙"), 11).await, Ok(11));
    assert_eq!(community.import(vec![card(20, "丁")]).await.error, None);
    assert_eq!(community.sign_up(member_named("己"), 21).await, Ok(21));
}

pub(crate) async fn taken_default_user_name_gets_a_suffix(store: impl Store) {
    let community = Community::new(store);
    let userid = |text: &str| Some(text.to_owned());
    assert_eq!(community.sign_up(NewMember { userid: userid("GX_2"), ..member_named("甲") }, 1).await, Ok(1));
    assert_eq!(community.sign_up(member_named("乙"), 2).await, Ok(2));
    assert_eq!(community.sign_up(member_named("丙"), 3).await, Ok(3));
    let (second, third) = (community.account(2).await.userid, community.account(3).await.userid);
    assert_eq!(third, "gx_3");
    assert!(second.starts_with("gx_2") && second != "gx_2", "{second}");
    for (text, member) in [("gx_2", 1), (&second, 2), ("gx_3", 3)] {
        assert_eq!(community.find(IdentifierKind::Userid, text).await, Some(member), "{text}");
    }
}

pub(crate) async fn changed_phone_is_no_longer_verified(store: impl Store) {
    let community = Community::new(store);
    assert_eq!(community.sign_up(full_member(), 1).await, Ok(1));
    assert_eq!(community.sign_up(member_with_phone("乙", "15312345057"), 2).await, Ok(2));
    for kind in [ContactKind::Tel, ContactKind::Mail] {
        assert_eq!(community.run_as_operator(VerifyContact { mid: mid(1), kind }).await, Ok(()));
    }
    let (tel, mail) = (Some("15312345056".to_owned()), Some("a@b.cn".to_owned()));
    assert_eq!(community.change_contact(1, ContactKind::Tel, tel.as_deref()).await, Ok(()));
    assert_eq!(
        community.contacts(1).await,
        [(tel.clone(), true), (mail.clone(), true)],
        "the phone is unchanged"
    );
    assert_eq!(
        community.change_contact(1, ContactKind::Tel, Some("15312345057")).await,
        Err(ErrorCode::TelTaken)
    );
    assert_eq!(community.contacts(1).await, [(tel, true), (mail.clone(), true)]);

    let next = Some("15312345058".to_owned());
    assert_eq!(community.change_contact(1, ContactKind::Tel, next.as_deref()).await, Ok(()));
    assert_eq!(community.contacts(1).await, [(next, false), (mail, true)]);
    assert_eq!(
        community.change_contact(2, ContactKind::Tel, Some("15312345056")).await,
        Ok(()),
        "the phone is free"
    );
    assert_eq!(
        community.change_contact(2, ContactKind::Mail, Some("a@b.cn")).await,
        Err(ErrorCode::MailTaken)
    );
    assert_eq!(community.change_contact(1, ContactKind::Mail, None).await, Ok(()));
    assert_eq!(community.change_contact(2, ContactKind::Mail, Some("a@b.cn")).await, Ok(()));
    for (kind, text, found) in [
        (IdentifierKind::Tel, "15312345056", Some(2)),
        (IdentifierKind::Tel, "15312345057", None),
        (IdentifierKind::Tel, "15312345058", Some(1)),
        (IdentifierKind::Mail, "a@b.cn", Some(2)),
    ] {
        assert_eq!(community.find(kind, text).await, found, "{text}");
    }
    assert_eq!(community.change_contact(9, ContactKind::Tel, None).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn security_question_is_stored_encrypted(store: impl Store) {
    let community = Community::new(store);
    assert_eq!(community.sign_up(full_member(), 1).await, Ok(1));
    for question in ["谁？", "何时？"] {
        let (text, answer, cipher) = (question.to_owned(), "phc".to_owned(), Arc::clone(&community.cipher));
        let set = SetQuestion { me: mid(1), question: text, answer_hash: answer, cipher };
        assert_eq!(community.run(set).await, Ok(()));
        let stored = expect_read(community.store.get::<Question>(mid(1)).await).expect("the row exists");
        let decrypted = community.decrypt(SensitiveField::Question, 1, stored.question.as_ref());
        assert_eq!((decrypted.as_deref(), stored.answer.as_str()), (Some(question), "phc"));
        assert!(community.account(1).await.safe_question);
    }
}

pub(crate) async fn largest_mid_leaves_room_for_sign_ups(store: impl Store) {
    const COUNTED: u64 = 1 << 52;
    let community = Community::new(store);
    let largest = Mid::MAX.get();
    assert_eq!(community.import(vec![card(largest, "甲"), card(7, "乙")]).await.error, None);
    assert_eq!(community.sign_up(member_named("丙"), 1).await, Ok(8));
    assert_eq!(community.sign_up(member_named("丁"), 2).await, Ok(9));
    // Above the last assigned mid, existing mids are skipped.
    let there = [0, 1, 2, 4].map(|step| card(COUNTED + step, &format!("戊{step}")));
    assert_eq!(community.import(there.to_vec()).await.error, None);
    for (number, step) in (3..).zip([3, 5, 6]) {
        assert_eq!(community.sign_up(member_named(&format!("己{step}")), number).await, Ok(COUNTED + step));
    }
    let next = |mid| Row::Next(NextIds { mid, tagid: 1 });
    for mid in [largest, largest + 1] {
        let ImportResult { rows, error } = community.import(vec![next(mid)]).await;
        assert!(rows == 0 && error.is_some_and(|error| error.starts_with("next.mid")), "{mid}");
    }
}
