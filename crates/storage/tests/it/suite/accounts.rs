//! Members sign up, and are found by what is theirs alone: a name, a user name, a phone, a mail address.

use crate::community::{Community, mid, read};
use crate::members::{NOW, arrival, named, password, reached, whence};
use crate::told::{common, told};
use guanxi_storage::command::operate::{CreateMember, Patch, UpdateMember, Verify};
use guanxi_storage::command::{ChangeReach, ContactKind, ImportResult, NewMember, SeeNews, SetQuestion};
use guanxi_storage::row::{
    Account, Card, LatestLogin, LoginMethod, Next, Password, Profile, Question, Sensitive,
};
use guanxi_storage::vault::{Field, IdentifierKind};
use guanxi_storage::{Counters, Row, Store};
use guanxi_types::{ErrorCode, Mid};
use std::sync::Arc;

/// Somebody with something of everything.
fn whole() -> NewMember {
    NewMember {
        mid: None,
        uname: "陈Ab".to_owned(),
        userid: Some("Bili_1".to_owned()),
        password: Some(password("phc")),
        tel: Some("15312345056".to_owned()),
        mail: Some("a@b.cn".to_owned()),
    }
}

fn card(member: u64, uname: &str) -> Row {
    Row::Card(Box::new(Card { uname: uname.to_owned(), ..Card::of(mid(member)) }))
}

fn account(member: u64, userid: &str, tel: &str, mail: &str) -> Row {
    let clear = |text: &str| Some(Sensitive::Clear(text.to_owned())).filter(|_| !text.is_empty());
    let (userid, tel, mail) = (userid.to_owned(), clear(tel), clear(mail));
    Row::Account(Box::new(Account { userid, tel, mail, ..Account::of(mid(member)) }))
}

pub(crate) async fn news_are_seen_and_stay_so(store: impl Store) {
    let community = Community::of(store, 2).await;
    let seen = async |member: u64| {
        read(community.store.get::<Account>(mid(member)).await).map_or(0, |account| account.seen)
    };
    #[rustfmt::skip]
    let cases = [
        // until, now -> seen
        (100,      200, 100),
        (50,       200, 100),
        (0,        200, 100),
        (i64::MAX, 200, 200),
        (201,      200, 200),
        (250,      300, 250),
        (-1,       300, 250),
    ];
    for (until, now, expected) in cases {
        assert_eq!(community.run(SeeNews { me: mid(1), until, now }).await, Ok(()));
        assert_eq!(seen(1).await, expected, "until {until} at {now}");
    }
    assert_eq!(seen(2).await, 0);
    let before = told(&community.store, 2).await;
    assert_eq!(community.run(SeeNews { me: mid(9), until: 1, now: 2 }).await, Err(ErrorCode::NoMember));
    assert_eq!(told(&community.store, 2).await, before);
    // What else is of the account stays.
    community.load(vec![account(2, "yi", "", "")]).await;
    assert_eq!(community.run(SeeNews { me: mid(2), until: 5, now: 9 }).await, Ok(()));
    let kept = read(community.store.get::<Account>(mid(2)).await).expect("it is there");
    assert_eq!((kept.userid.as_str(), kept.seen), ("yi", 5));
}

impl<S: Store> Community<S> {
    async fn create_member(&self, new: NewMember) -> Result<u64, ErrorCode> {
        let vault = Arc::clone(&self.vault);
        self.operate(CreateMember { new, vault }).await.map(Mid::get)
    }

    async fn reach(&self, me: u64, by: ContactKind, next: Option<&str>) -> Result<(), ErrorCode> {
        let (next, vault) = (next.map(str::to_owned), Arc::clone(&self.vault));
        self.run(ChangeReach { me: mid(me), by, next, vault }).await
    }

    /// A member's phone and mail address, and whether each is verified.
    async fn reaches(&self, member: u64) -> [(Option<String>, bool); 2] {
        let account = self.account(member).await;
        let tel = self.open(Field::Tel, member, account.tel.as_ref());
        let mail = self.open(Field::Mail, member, account.mail.as_ref());
        [(tel, account.tel_verified), (mail, account.mail_verified)]
    }
}

pub(crate) async fn who_signs_up_is_there(store: impl Store) {
    let community = Community::empty(store);
    assert_eq!(community.sign_up(whole(), 1).await, Ok(1));
    let (store, me) = (&community.store, mid(1));
    assert_eq!(community.stat(1).await, Counters::default());
    let space = read(store.space(me, None).await).expect("they are there");
    assert_eq!(space.card, Card { uname: "陈Ab".to_owned(), ..Card::of(me) });
    assert_eq!(space.profile, Profile { jointime: NOW, ..Profile::of(me) });
    let account = community.account(1).await;
    assert_eq!(account.userid, "Bili_1");
    assert_eq!(
        (account.has_password, account.score, account.pwd_level, account.security),
        (true, 90, 3, true)
    );
    let reaches = [(Some("15312345056".to_owned()), false), (Some("a@b.cn".to_owned()), false)];
    assert_eq!(community.reaches(1).await, reaches);
    assert!(
        matches!(account.tel, Some(Sensitive::Sealed(_)))
            && matches!(account.mail, Some(Sensitive::Sealed(_)))
    );
    assert_eq!(read(store.get::<Password>(me).await).map(|kept| kept.phc), Some("phc".to_owned()));
    let session = community.session(1).await.expect("it was opened");
    assert_eq!((session.mid, session.created, session.expires), (me, NOW, arrival(1).expires));
    assert_eq!((session.how, session.ip), (Some(LoginMethod::Password), Some(whence("A").ip)));
    let login = whence("A").login(me, NOW, LoginMethod::Password, true);
    assert_eq!(read(store.logins(me, 0, usize::MAX).await), std::slice::from_ref(&login));
    let device = guanxi_storage::command::device("A");
    assert_eq!(read(store.get::<LatestLogin>((me, device)).await).map(|latest| latest.login), Some(login));
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
    for (known, text, found) in cases {
        assert_eq!(community.find(known, text).await, found, "{known:?} {text}");
    }
}

pub(crate) async fn what_is_anothers_is_refused_in_the_order_of_the_codes(store: impl Store) {
    let community = Community::empty(store);
    assert_eq!(community.sign_up(whole(), 1).await, Ok(1));
    assert_eq!(community.sign_up(named("乙"), 2).await, Ok(2));
    let mut new = NewMember {
        mid: Some(mid(2)),
        uname: "陈ＡB".to_owned(),
        userid: Some("bILI_1".to_owned()),
        ..whole()
    };
    let before = (told(&community.store, 3).await, common(&community.store).await);
    for refusal in [
        ErrorCode::NameTaken,
        ErrorCode::TelTaken,
        ErrorCode::MailTaken,
        ErrorCode::UseridTaken,
        ErrorCode::MidTaken,
    ] {
        assert_eq!(community.create_member(new.clone()).await, Err(refusal));
        if refusal != ErrorCode::MidTaken {
            assert_eq!(community.sign_up(NewMember { mid: None, ..new.clone() }, 3).await, Err(refusal));
        }
        match refusal {
            ErrorCode::NameTaken => "陈".clone_into(&mut new.uname),
            ErrorCode::TelTaken => new.tel = Some("15312345057".to_owned()),
            ErrorCode::MailTaken => new.mail = Some("b@b.cn".to_owned()),
            ErrorCode::UseridTaken => new.userid = Some("bili_3".to_owned()),
            _ => new.mid = None,
        }
        let after = (told(&community.store, 3).await, common(&community.store).await);
        assert_eq!(after, before, "{refusal:?} left something");
    }
    assert_eq!(community.sign_up(new, 3).await, Ok(3), "no mid was lost either");
}

/// The byte of a member's session.
fn byte(number: u64) -> u8 {
    u8::try_from(number).expect("a test has few members")
}

pub(crate) async fn a_mid_is_given_once(store: impl Store) {
    let community = Community::empty(store);
    for number in 1..=3 {
        assert_eq!(community.sign_up(named(&number.to_string()), byte(number)).await, Ok(number));
    }
    community.let_go(3).await;
    assert_eq!(
        community.create_member(NewMember { mid: Some(mid(3)), ..named("戊") }).await,
        Err(ErrorCode::MidTaken)
    );
    assert_eq!(community.sign_up(named("甲"), 4).await, Ok(4), "the largest is leaving");
    community.attend_all(NOW).await;
    for number in 5..=6 {
        community.let_go(number - 1).await;
        community.attend_all(NOW).await;
        assert_eq!(community.sign_up(named("甲"), byte(number)).await, Ok(number), "the largest has left");
    }
    assert_eq!(community.create_member(NewMember { mid: Some(mid(10)), ..named("乙") }).await, Ok(10));
    assert_eq!(community.sign_up(named("丙"), 11).await, Ok(11));
    assert_eq!(community.load(vec![card(20, "丁")]).await.fault, None);
    assert_eq!(community.sign_up(named("己"), 21).await, Ok(21));
}

pub(crate) async fn nobody_can_take_the_next_user_name_away(store: impl Store) {
    let community = Community::empty(store);
    let userid = |text: &str| Some(text.to_owned());
    assert_eq!(community.sign_up(NewMember { userid: userid("GX_2"), ..named("甲") }, 1).await, Ok(1));
    assert_eq!(community.sign_up(named("乙"), 2).await, Ok(2));
    assert_eq!(community.sign_up(named("丙"), 3).await, Ok(3));
    let (second, third) = (community.account(2).await.userid, community.account(3).await.userid);
    assert_eq!(third, "gx_3");
    assert!(second.starts_with("gx_2") && second != "gx_2", "{second}");
    for (text, member) in [("gx_2", 1), (&second, 2), ("gx_3", 3)] {
        assert_eq!(community.find(IdentifierKind::Userid, text).await, Some(member), "{text}");
    }
}

pub(crate) async fn a_phone_is_changed_and_no_longer_verified(store: impl Store) {
    let community = Community::empty(store);
    assert_eq!(community.sign_up(whole(), 1).await, Ok(1));
    assert_eq!(community.sign_up(reached("乙", "15312345057"), 2).await, Ok(2));
    for by in [ContactKind::Tel, ContactKind::Mail] {
        assert_eq!(community.operate(Verify { mid: mid(1), by }).await, Ok(()));
    }
    let (tel, mail) = (Some("15312345056".to_owned()), Some("a@b.cn".to_owned()));
    assert_eq!(community.reach(1, ContactKind::Tel, tel.as_deref()).await, Ok(()));
    assert_eq!(community.reaches(1).await, [(tel.clone(), true), (mail.clone(), true)], "it is the same");
    assert_eq!(community.reach(1, ContactKind::Tel, Some("15312345057")).await, Err(ErrorCode::TelTaken));
    assert_eq!(community.reaches(1).await, [(tel, true), (mail.clone(), true)]);

    let next = Some("15312345058".to_owned());
    assert_eq!(community.reach(1, ContactKind::Tel, next.as_deref()).await, Ok(()));
    assert_eq!(community.reaches(1).await, [(next, false), (mail, true)]);
    assert_eq!(community.reach(2, ContactKind::Tel, Some("15312345056")).await, Ok(()), "it is free");
    assert_eq!(community.reach(2, ContactKind::Mail, Some("a@b.cn")).await, Err(ErrorCode::MailTaken));
    assert_eq!(community.reach(1, ContactKind::Mail, None).await, Ok(()));
    assert_eq!(community.reach(2, ContactKind::Mail, Some("a@b.cn")).await, Ok(()));
    for (known, text, found) in [
        (IdentifierKind::Tel, "15312345056", Some(2)),
        (IdentifierKind::Tel, "15312345057", None),
        (IdentifierKind::Tel, "15312345058", Some(1)),
        (IdentifierKind::Mail, "a@b.cn", Some(2)),
    ] {
        assert_eq!(community.find(known, text).await, found, "{text}");
    }
    assert_eq!(community.reach(9, ContactKind::Tel, None).await, Err(ErrorCode::NoMember));
}

pub(crate) async fn a_safe_question_is_set(store: impl Store) {
    let community = Community::empty(store);
    assert_eq!(community.sign_up(whole(), 1).await, Ok(1));
    for question in ["谁？", "何时？"] {
        let (text, answer, vault) = (question.to_owned(), "phc".to_owned(), Arc::clone(&community.vault));
        let set = SetQuestion { me: mid(1), question: text, answer, vault };
        assert_eq!(community.run(set).await, Ok(()));
        let kept = read(community.store.get::<Question>(mid(1)).await).expect("it is set");
        let opened = community.open(Field::Question, 1, kept.question.as_ref());
        assert_eq!((opened.as_deref(), kept.answer.as_str()), (Some(question), "phc"));
        assert!(community.account(1).await.safe_question);
    }
}

pub(crate) async fn of_two_cards_with_one_name_the_first_is_found(store: impl Store) {
    let community = Community::empty(store);
    let find = |text: &'static str| community.find(IdentifierKind::Uname, text);
    assert_eq!(community.load(vec![card(1, "甲a"), card(2, "甲A"), card(3, "")]).await.fault, None);
    assert_eq!(find("甲a").await, Some(1));
    // Loaded again, nothing is another's.
    assert_eq!(community.load(vec![card(2, "甲A"), card(1, "甲a")]).await.fault, None);
    assert_eq!(find("甲a").await, Some(1));
    // The second is renamed: the first is found still.
    assert_eq!(community.load(vec![card(2, "乙")]).await.fault, None);
    assert_eq!((find("甲a").await, find("乙").await, find("").await), (Some(1), Some(2), None));
    assert_eq!(community.load(vec![card(1, "丙")]).await.fault, None);
    assert_eq!((find("甲A").await, find("丙").await), (None, Some(1)));
    assert_eq!(community.sign_up(named("甲a"), 1).await, Ok(4), "the name is free");
}

pub(crate) async fn what_accounts_share_is_a_fault(store: impl Store) {
    let community = Community::of(store, 9).await;
    assert_eq!(community.load(vec![account(1, "bili", "15312345056", "a@b.cn")]).await.fault, None);
    #[rustfmt::skip]
    let cases = [
        // userid, phone, mail -> what is another's
        ("BILI", "",                  "",         "user name of 2 is"),
        ("",     "15312345056",       "",         "phone of 2 is"),
        ("",     "+86 153-1234-5056", "",         "phone of 2 is"),
        ("",     "",                  "A@B.cn ",  "mail address of 2 is"),
    ];
    for (userid, tel, mail, said) in cases {
        let ImportResult { rows, fault } = community.load(vec![account(2, userid, tel, mail)]).await;
        assert_eq!(rows, 0, "{said}");
        assert!(fault.as_ref().is_some_and(|fault| fault.contains(said)), "{fault:?}");
    }
    let nobodys =
        vec![account(2, "", "", ""), account(3, "", "", ""), account(1, "bili", "15312345056", "a@b.cn")];
    assert_eq!(community.load(nobodys).await.fault, None, "what is not said is nobody's");
}

pub(crate) async fn an_account_loaded_again_moves_what_finds_it(store: impl Store) {
    let community = Community::of(store, 2).await;
    let is_found = async |known, text: &str| community.find(known, text).await;
    // As people write them: they are kept as they are compared.
    assert_eq!(community.load(vec![account(1, "bili", "+86 153-1234-5056", "A@B.cn")]).await.fault, None);
    assert_eq!(community.reaches(1).await[0].0.as_deref(), Some("15312345056"));
    assert_eq!(community.reaches(1).await[1].0.as_deref(), Some("a@b.cn"));
    assert_eq!(community.load(vec![account(1, "dili", "15312345057", "")]).await.fault, None);
    for (known, old, new) in [
        (IdentifierKind::Userid, "bili", Some("dili")),
        (IdentifierKind::Tel, "15312345056", Some("15312345057")),
        (IdentifierKind::Mail, "a@b.cn", None),
    ] {
        assert_eq!(is_found(known, old).await, None, "{old}");
        if let Some(new) = new {
            assert_eq!(is_found(known, new).await, Some(1), "{new}");
        }
    }
    assert_eq!(community.load(vec![account(2, "bili", "153 1234 5056", "a@b.cn")]).await.fault, None);
    assert_eq!(is_found(IdentifierKind::Tel, "15312345056").await, Some(2));

    // What was loaded is changed and goes as what was signed up with.
    assert_eq!(community.reach(2, ContactKind::Tel, None).await, Ok(()));
    assert_eq!(is_found(IdentifierKind::Tel, "15312345056").await, None);
    community.let_go(2).await;
    assert_eq!(is_found(IdentifierKind::Mail, "a@b.cn").await, None);
    // What is no phone is refused, and not told.
    let ImportResult { rows, fault } = community.load(vec![account(1, "dili", "153****5056", "")]).await;
    assert_eq!((rows, fault.as_deref()), (0, Some("account.tel: not a phone")));
}

pub(crate) async fn what_one_logs_in_with_is_of_one_member(store: impl Store) {
    let community = Community::of(store, 0).await;
    let one = NewMember { userid: Some("yi".to_owned()), ..named("甲") };
    assert!(community.create_member(one).await.is_ok());
    assert_eq!(community.create_member(named("YI")).await, Err(ErrorCode::NameTaken));
    let other = NewMember { userid: Some("yi2".to_owned()), ..named("bing") };
    assert!(community.create_member(other).await.is_ok());
    let third = NewMember { userid: Some("Bing".to_owned()), ..named("丁") };
    assert_eq!(community.create_member(third).await, Err(ErrorCode::UseridTaken));
    let same = NewMember { userid: Some("wu".to_owned()), ..named("Wu") };
    assert!(community.create_member(same).await.is_ok(), "both may be one member's");
}

pub(crate) async fn alike_names_are_taken(store: impl Store) {
    let community = Community::of(store, 0).await;
    for (number, (name, alike)) in
        (1..).zip([("paypal", "раураl"), ("Tom1", "Toml"), ("力王", "カ王"), ("BILL", "bi1l"), ("m", "rn")])
    {
        assert_eq!(community.create_member(named(name)).await, Ok(number));
        assert_eq!(community.sign_up(named(alike), 1).await, Err(ErrorCode::NameTaken), "{alike}");
        assert_eq!(community.create_member(named(alike)).await, Err(ErrorCode::NameTaken), "{alike}");
        assert_eq!(community.find(IdentifierKind::Uname, name).await, Some(number));
        assert_eq!(
            community.find(IdentifierKind::Uname, alike).await,
            None,
            "a look is no name to log in with"
        );
    }
    let rename = async |member, uname: &str| {
        let vault = Arc::clone(&community.vault);
        let card = serde_json::Map::from_iter([("uname".to_owned(), uname.into())]);
        let with = Patch { card, ..Patch::default() };
        community.operate(UpdateMember { mid: mid(member), with, vault }).await.map(Result::ok)
    };
    assert_eq!(rename(1, "TomI").await, Err(ErrorCode::NameTaken));
    assert_eq!(rename(2, "Toml").await, Ok(Some(())), "one's own look is not taken");
    assert_eq!(rename(2, "Tom").await, Ok(Some(())));
    assert_eq!(rename(1, "TomI").await, Ok(Some(())), "a look is free once its name is");
    community.let_go(1).await;
    assert_eq!(community.sign_up(named("Toml"), 1).await, Ok(6), "and once its member leaves");
}

pub(crate) async fn alike_names_of_a_dump_are_kept(store: impl Store) {
    let community = Community::empty(store);
    assert_eq!(community.load(vec![card(1, "Tom1"), card(2, "Toml"), card(3, "admin")]).await.fault, None);
    for (name, member) in [("Tom1", 1), ("Toml", 2), ("admin", 3)] {
        assert_eq!(
            community.find(IdentifierKind::Uname, name).await,
            Some(member),
            "each has their own name"
        );
    }
    assert_eq!(community.sign_up(named("TomI"), 1).await, Err(ErrorCode::NameTaken));
    assert_eq!(community.load(vec![card(2, "乙")]).await.fault, None);
    assert_eq!(
        community.sign_up(named("TomI"), 1).await,
        Err(ErrorCode::NameTaken),
        "it looks like 1's still"
    );
}

pub(crate) async fn the_largest_mid_leaves_room_for_sign_ups(store: impl Store) {
    const COUNTED: u64 = 1 << 52;
    let community = Community::empty(store);
    let largest = Mid::MAX.get();
    assert_eq!(community.load(vec![card(largest, "甲"), card(7, "乙")]).await.fault, None);
    assert_eq!(community.sign_up(named("丙"), 1).await, Ok(8));
    assert_eq!(community.sign_up(named("丁"), 2).await, Ok(9));
    // Behind the last that is counted, those that are there are passed over.
    let there = [0, 1, 2, 4].map(|step| card(COUNTED + step, &format!("戊{step}")));
    assert_eq!(community.load(there.to_vec()).await.fault, None);
    for (number, step) in (3..).zip([3, 5, 6]) {
        assert_eq!(community.sign_up(named(&format!("己{step}")), number).await, Ok(COUNTED + step));
    }
    let next = |mid| Row::Next(Next { mid, tagid: 1 });
    for mid in [largest, largest + 1] {
        let ImportResult { rows, fault } = community.load(vec![next(mid)]).await;
        assert!(rows == 0 && fault.is_some_and(|fault| fault.starts_with("next.mid")), "{mid}");
    }
}
