//! The keys of private data: whose they are, and how they are rotated while everything goes on.

use crate::community::{Community, mid, read, vault};
use crate::members::{NOW, password, reached};
use guanxi_domain::realname::VerificationStatus;
use guanxi_storage::command::{
    ApplyRealname, ChangeReach, ContactKind, NewMember, RecordKeys, ReencryptFields, SetQuestion,
};
use guanxi_storage::row::{Account, Card, Handle, KeyMark, Question, Realname, Sensitive};
use guanxi_storage::vault::{Field, IdentifierKind, KeyFingerprint, Keyring};
use guanxi_storage::{FieldCipher, Row, Store};
use guanxi_types::Mid;
use std::sync::Arc;

/// How many members there are at first.
const MEMBERS: u64 = 25;

fn tel(member: u64) -> String {
    format!("153{member:08}")
}

fn mail(member: u64) -> String {
    format!("{member}@b.cn")
}

impl<S: Store> Community<S> {
    async fn note(&self, ring: &Keyring, alone: bool) -> bool {
        self.run(RecordKeys { marks: ring.marks(), alone }).await.expect("it is told, not refused")
    }

    async fn marks(&self) -> Vec<KeyFingerprint> {
        let marks = read(self.store.all::<KeyMark>().await);
        marks.iter().map(|mark| KeyFingerprint { id: mark.id, check: mark.check }).collect()
    }

    async fn reseal(&self, after: Option<Mid>, most: usize) -> Option<Mid> {
        let vault = Arc::clone(&self.vault);
        self.run(ReencryptFields { after, most, vault }).await.expect("it is told, not refused")
    }

    /// Signs up members who have something of everything that is private.
    async fn with_secrets(store: S) -> Community<S> {
        let community = Community::empty(store);
        for member in 1..=MEMBERS {
            let new = NewMember {
                mail: Some(mail(member)),
                password: Some(password("phc")),
                ..reached(&format!("甲{member}"), &tel(member))
            };
            assert_eq!(community.sign_up(new, u8::try_from(member).unwrap_or(0)).await, Ok(member));
            let (me, vault) = (mid(member), || Arc::clone(&community.vault));
            let (name, card) = ("陈唯恺".to_owned(), "61".to_owned());
            let apply = ApplyRealname { me, name, card, card_type: 0, vault: vault(), now: NOW };
            assert_eq!(community.run(apply).await, Ok(()));
            let (question, answer) = ("谁？".to_owned(), "phc".to_owned());
            assert_eq!(community.run(SetQuestion { me, question, answer, vault: vault() }).await, Ok(()));
        }
        community
    }

    async fn set_tel(&self, member: u64, next: &str) {
        let (next, vault) = (Some(next.to_owned()), Arc::clone(&self.vault));
        let change = ChangeReach { me: mid(member), by: ContactKind::Tel, next, vault };
        assert_eq!(self.run(change).await, Ok(()));
    }

    /// All that is private of a member, opened: phone, mail address, name, card, question.
    async fn secrets(&self, member: u64) -> [Option<String>; 5] {
        let account: Account = self.account(member).await;
        let realname: Option<Realname> = read(self.store.get(mid(member)).await);
        let question: Option<Question> = read(self.store.get(mid(member)).await);
        let open = |field, private: Option<&Sensitive>| self.open(field, member, private);
        [
            open(Field::Tel, account.tel.as_ref()),
            open(Field::Mail, account.mail.as_ref()),
            open(Field::Name, realname.as_ref().and_then(|row| row.name.as_ref())),
            open(Field::Card, realname.as_ref().and_then(|row| row.card.as_ref())),
            open(Field::Question, question.as_ref().and_then(|row| row.question.as_ref())),
        ]
    }

    /// That everything opens, and everybody is found by their phone and mail address.
    async fn all_opens(&self, when: &str, members: &[(u64, String)]) {
        for (member, tel) in members {
            let some = |text: &str| Some(text.to_owned());
            let rest = if *member <= MEMBERS {
                [some("陈唯恺"), some("61"), some("谁？")]
            } else {
                [None, None, None]
            };
            let [name, card, question] = rest;
            let expected = [some(tel), some(&mail(*member)), name, card, question];
            assert_eq!(self.secrets(*member).await, expected, "{member} {when}");
            assert_eq!(self.find(IdentifierKind::Tel, tel).await, Some(*member), "{member} {when}");
            assert_eq!(
                self.find(IdentifierKind::Mail, &mail(*member)).await,
                Some(*member),
                "{member} {when}"
            );
        }
    }
}

pub(crate) async fn a_store_knows_its_keys(store: impl Store) {
    let community = Community::empty(store);
    let (ring, foreign) = (Keyring::draw(), Keyring::draw());
    assert!(community.note(&ring, false).await, "a new store takes any");
    assert!(community.note(&ring, false).await);
    assert!(!community.note(&foreign, false).await, "a key of that number, and another");
    assert!(!community.note(&foreign.with_new_key(), false).await);
    assert_eq!(community.marks().await, ring.marks());

    let rotating = ring.with_new_key();
    assert!(community.note(&rotating, false).await);
    assert_eq!(community.marks().await, rotating.marks());
    assert!(!community.note(&ring, false).await, "a copy from before the rotation");
    assert!(!community.note(&rotating.newest_alone(), false).await, "not while the old one is needed");
    assert_eq!(community.marks().await, rotating.marks(), "a refusal writes nothing");
    assert!(community.note(&rotating.newest_alone(), true).await);
    assert_eq!(community.marks().await, rotating.newest_alone().marks());
    assert!(community.note(&rotating, false).await, "an old key more does no harm");
    assert!(!community.note(&ring, false).await);
}

pub(crate) async fn keys_are_rotated_while_everything_goes_on(store: impl Store) {
    let community = Community::with_secrets(store).await;
    let mut members: Vec<(u64, String)> = (1..=MEMBERS).map(|member| (member, tel(member))).collect();
    let old = community.vault.ring();
    assert!(community.note(&old, false).await);
    community.all_opens("before", &members).await;
    let old_vault = FieldCipher::new(Keyring::clone(&old));

    community.vault.replace(old.with_new_key());
    assert!(community.note(&community.vault.ring(), false).await);
    community.all_opens("with a new key", &members).await;
    assert_eq!(
        community.sign_up(reached("乙", &tel(3)), 9).await.err(),
        Some(guanxi_types::ErrorCode::TelTaken)
    );

    // Between the steps somebody changes who was resealed, and somebody who was not.
    let (mut after, mut step) = (None, 0);
    while let Some(last) = community.reseal(after, 7).await {
        (after, step) = (Some(last), step + 1);
        for member in [last.get() - 1, MEMBERS - step] {
            let next = format!("+1{step}{member:06}");
            community.set_tel(member, &next).await;
            let at = usize::try_from(member).expect("few") - 1;
            members[at].1 = next;
        }
        // Who comes meanwhile is behind everybody, and looked at as well.
        if step <= 2 {
            let number = MEMBERS + step;
            let new =
                NewMember { mail: Some(mail(number)), ..reached(&format!("乙{number}"), &tel(number)) };
            assert_eq!(community.sign_up(new, u8::try_from(number).unwrap_or(0)).await, Ok(number));
            members.push((number, tel(number)));
        }
        // Told again as it is, it is kept anew.
        let again = usize::try_from(MEMBERS - 6).expect("few") - 1;
        let (member, tel) = members[again].clone();
        let clear = |text: &str| Some(Sensitive::Clear(text.to_owned()));
        let account =
            Account { tel: clear(&tel), mail: clear(&mail(member)), ..community.account(member).await };
        assert_eq!(community.load(vec![Row::Account(Box::new(account))]).await.fault, None);
        community.all_opens(&format!("after step {step}"), &members).await;
        assert!(step < 9, "it comes to an end");
    }
    assert!(step >= 4, "there were {step} steps");

    community.vault.replace(community.vault.ring().newest_alone());
    community.all_opens("with the new key alone", &members).await;
    assert!(community.note(&community.vault.ring(), true).await);
    assert_eq!(community.marks().await, community.vault.ring().marks());
    assert!(!community.note(&old, false).await);

    // Nothing is left of the old key: nobody is found by it, and each has as many handles as there is to find them by.
    for (member, tel) in &members {
        assert_eq!(community.find_with(&old_vault, IdentifierKind::Tel, tel).await, None, "{member}");
        let handles = read(community.store.all::<Handle>().await);
        let of_member = handles.iter().filter(|handle| handle.mid == mid(*member)).count();
        let card: Card = read(community.store.get(mid(*member)).await).expect("a member has a card");
        let (userid, name) = (community.account(*member).await.userid, card.uname);
        let texts = [
            (IdentifierKind::Uname, &name),
            (IdentifierKind::Look, &name),
            (IdentifierKind::Userid, &userid),
            (IdentifierKind::Tel, tel),
        ];
        let all = texts.map(|(known, text)| community.vault.new_handles(known, text).len());
        assert_eq!(of_member, all.iter().sum::<usize>() + 1, "and the mail address of {member}");
    }
    let newest = community.vault.ring().newest().id;
    assert_eq!(community.reseal(None, 100).await, Some(mid(MEMBERS + 2)));
    let account = community.account(1).await;
    assert!(community.vault.is_current(account.tel.as_ref().expect("it is set")), "sealed with {newest}");
}

pub(crate) async fn resealing_changes_nothing_else(store: impl Store) {
    let community = Community::with_secrets(store).await;
    let reviewed: Realname = read(community.store.get(mid(1)).await).expect("they have applied");
    assert_eq!(reviewed.standing, VerificationStatus::Waiting);
    let before = crate::told::told(&community.store, 3).await;
    let handles: Vec<Handle> = read(community.store.all().await);
    assert_eq!(community.reseal(None, 10).await, Some(mid(10)));
    assert_eq!(community.reseal(Some(mid(10)), 100).await, Some(mid(MEMBERS)));
    assert_eq!(community.reseal(Some(mid(MEMBERS)), 100).await, None);
    assert_eq!(crate::told::told(&community.store, 3).await, before, "what is current stays as it is");
    assert_eq!(read(community.store.all::<Handle>().await), handles);

    community.vault.replace(community.vault.ring().with_new_key());
    assert_eq!(community.reseal(None, 100).await, Some(mid(MEMBERS)));
    let waits: Vec<Realname> = read(community.store.waiting(0, 100).await);
    assert_eq!(waits.len() as u64, MEMBERS, "they wait as they did");
    let now: Realname = read(community.store.get(mid(1)).await).expect("they have applied");
    assert_ne!(now.name, reviewed.name);
    assert_eq!(Realname { name: None, card: None, ..now }, Realname { name: None, card: None, ..reviewed });
}

pub(crate) async fn foreign_keys_open_and_find_nothing(store: impl Store) {
    let community = Community::with_secrets(store).await;
    let foreign = vault();
    assert_eq!(community.find_with(&foreign, IdentifierKind::Tel, &tel(1)).await, None);
    assert_eq!(
        community.find_with(&foreign, IdentifierKind::Uname, "甲1").await,
        Some(1),
        "names are public"
    );
    let account = community.account(1).await;
    assert!(foreign.open(Field::Tel, mid(1), account.tel.as_ref().expect("it is set")).is_err());
    assert!(community.vault.open(Field::Tel, mid(2), account.tel.as_ref().expect("it is set")).is_err());
}
