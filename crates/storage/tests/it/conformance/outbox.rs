//! The outbox: notices in the commit of their event, claims, retries, and the end of a message.

use crate::community::{Community, expect_read, mid};
use crate::members::{NOW, member_with_phone, new_password, new_session, no_outbox, sending_outbox};
use guanxi_storage::Store;
use guanxi_storage::commands::operator::VerifyContact;
use guanxi_storage::commands::{
    ChangeContact, ChangePassword, Claim, ClaimMessage, ContactKind, FinishMessage, NewMember, NewSession,
    Outbox, RecordKeys, ReencryptFields, RegisterMember, SessionRenewal,
};
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{Message, MessageKind, Table};
use guanxi_types::ErrorCode;
use std::sync::Arc;

const TEL: &str = "15312345056";
const MAIL: &str = "a@b.cn";

impl<S: Store> Community<S> {
    /// Creates member 1 with a verified phone and a verified mail address, and session 1.
    async fn with_contacts(store: S) -> Community<S> {
        let community = Community::new(store);
        let new = NewMember { mail: Some(MAIL.to_owned()), ..member_with_phone("甲", TEL) };
        assert_eq!(community.sign_up(new, 1).await, Ok(1));
        for kind in [ContactKind::Tel, ContactKind::Mail] {
            assert_eq!(community.run_as_operator(VerifyContact { mid: mid(1), kind }).await, Ok(()));
        }
        community
    }

    async fn waiting(&self, member: u64) -> Vec<Message> {
        let mut waiting = expect_read(self.store.rows_of::<Message>(mid(member), 99).await);
        waiting.sort_by_key(|message| {
            (message.created, message.kind.name(), message.contact == ContactKind::Mail)
        });
        waiting
    }

    /// Returns the waiting messages of a member: kind, address and detail.
    pub(super) async fn messages(&self, member: u64) -> Vec<(MessageKind, String, Option<String>)> {
        let mut messages = Vec::new();
        for message in self.waiting(member).await {
            let address = self.decrypt(SensitiveField::MessageAddress, member, message.address.as_ref());
            let detail = self.decrypt(SensitiveField::MessageDetail, member, message.detail.as_ref());
            messages.push((message.kind, address.expect("a message has an address"), detail));
        }
        messages
    }

    async fn change_tel(&self, value: Option<&str>, outbox: Outbox) {
        let value = value.map(str::to_owned);
        let change = ChangeContact { me: mid(1), kind: ContactKind::Tel, value, outbox };
        assert_eq!(self.run(change).await, Ok(()));
    }

    async fn claim_message(&self, id: u64, now: i64) -> Claim {
        let claim = ClaimMessage { mid: mid(1), id, now, leased_until: now + 60 };
        self.run(claim).await.expect("a claim is never rejected")
    }

    async fn finish_message(&self, id: u64, leased_until: i64, error: Option<&str>, now: i64) {
        let error = error.map(str::to_owned);
        assert_eq!(self.run(FinishMessage { mid: mid(1), id, leased_until, error, now }).await, Ok(()));
    }
}

pub(crate) async fn notice_is_sent_to_verified_contacts(store: impl Store) {
    let community = Community::with_contacts(store).await;
    let outbox = sending_outbox(&community.cipher);
    let change = |outbox, old, new| ChangePassword {
        me: mid(1),
        expected_phc: None,
        new_password: new_password("phc"),
        renewal: SessionRenewal { old: [old; 32], new: [new; 32], expires: NOW * 2 },
        attempts: None,
        outbox,
    };
    let rejected = ChangePassword { expected_phc: Some("phc".to_owned()), ..change(outbox.clone(), 1, 2) };
    assert_eq!(community.run(rejected).await, Err(ErrorCode::WrongCredentials));
    assert_eq!(community.messages(1).await, [], "a rejected command sends nothing");
    assert_eq!(community.run(change(outbox.clone(), 1, 2)).await, Ok(()));
    let notice = |address: &str| (MessageKind::PasswordChanged, address.to_owned(), None);
    assert_eq!(community.messages(1).await, [notice(TEL), notice(MAIL)]);
    for message in community.waiting(1).await {
        assert_eq!((message.created, message.next_attempt, message.expires), (NOW, NOW, NOW + 259_200));
        assert_eq!((message.language.as_str(), message.failures), ("en", 0));
    }
}

pub(crate) async fn contact_without_sender_gets_no_message(store: impl Store) {
    let community = Community::with_contacts(store).await;
    community.change_tel(None, no_outbox(&community.cipher)).await;
    assert_eq!(community.messages(1).await, []);
    let mut outbox = sending_outbox(&community.cipher);
    outbox.limits.sends_tel = false;
    community.change_tel(Some("15312345057"), outbox).await;
    assert_eq!(community.messages(1).await, [(MessageKind::TelChanged, MAIL.to_owned(), None)]);
}

pub(crate) async fn changed_contact_is_told_and_the_new_one_gets_a_code(store: impl Store) {
    let community = Community::with_contacts(store).await;
    let outbox = Outbox {
        limits: guanxi_storage::commands::OutboxLimits {
            max_waiting: 9,
            ..sending_outbox(&community.cipher).limits
        },
        ..sending_outbox(&community.cipher)
    };
    community.change_tel(Some(TEL), outbox.clone()).await;
    assert_eq!(community.messages(1).await, [], "an unchanged contact is no event");
    community.change_tel(Some("15312345057"), outbox.clone()).await;
    let messages = community.messages(1).await;
    let told: Vec<_> = messages.iter().map(|(kind, address, _)| (*kind, address.as_str())).collect();
    let new = (MessageKind::VerificationCode, "15312345057");
    assert_eq!(told, [(MessageKind::TelChanged, TEL), (MessageKind::TelChanged, MAIL), new]);
    assert!(messages[2].2.as_ref().is_some_and(|code| code.len() == 6), "{messages:?}");
    // The replaced phone was not verified, so it is not told.
    community.change_tel(Some("15312345058"), outbox).await;
    assert!(
        community
            .messages(1)
            .await
            .iter()
            .all(|(kind, address, _)| { *kind == MessageKind::VerificationCode || address != "15312345057" })
    );
}

pub(crate) async fn unfamiliar_login_is_told(store: impl Store) {
    let community = Community::with_contacts(store).await;
    let session =
        NewSession { is_unfamiliar: true, outbox: sending_outbox(&community.cipher), ..new_session(9) };
    let new_member = NewMember { mail: Some("c@d.cn".to_owned()), ..NewMember::default() };
    let new_member = NewMember { uname: "乙".to_owned(), ..new_member };
    let outbox = sending_outbox(&community.cipher);
    let register = RegisterMember { new_member, session, outbox, now: NOW };
    assert_eq!(community.run(register).await, Ok(mid(2)));
    let messages = community.messages(2).await;
    assert_eq!(messages.len(), 1, "the mail address is not verified, and gets its code only: {messages:?}");
    assert_eq!(messages[0].0, MessageKind::VerificationCode);
}

pub(crate) async fn waiting_messages_are_bounded(store: impl Store) {
    let community = Community::with_contacts(store).await;
    for number in 0..4 {
        let outbox = Outbox { now: NOW + number, ..sending_outbox(&community.cipher) };
        community.change_tel(Some(&format!("1531234506{number}")), outbox).await;
    }
    let created: Vec<i64> = community.waiting(1).await.iter().map(|message| message.created).collect();
    assert_eq!(created, [NOW + 2, NOW + 3, NOW + 3], "the oldest are replaced");
}

pub(crate) async fn message_is_claimed_by_one_sender(store: impl Store) {
    let community = Community::with_contacts(store).await;
    let mut outbox = sending_outbox(&community.cipher);
    outbox.limits.sends_tel = false;
    community.change_tel(None, outbox).await;
    let message = community.waiting(1).await.remove(0);
    let due = expect_read(community.store.due_tasks(NOW, &[Table::Message]).await);
    assert_eq!(due.len(), 1);
    let key = [mid(1).get().to_be_bytes(), message.id.to_be_bytes()].concat();
    assert_eq!((due[0].table, &due[0].key), (Table::Message, &key));

    let claimed = Message { next_attempt: NOW + 60, ..message.clone() };
    assert_eq!(community.claim_message(message.id, NOW - 1).await, Claim::NotDue);
    assert_eq!(community.claim_message(message.id, NOW).await, Claim::Send(Box::new(claimed)));
    assert_eq!(
        community.claim_message(message.id, NOW + 59).await,
        Claim::NotDue,
        "another program has the lease"
    );
    assert_eq!(expect_read(community.store.due_tasks(NOW + 59, &[Table::Message]).await), []);
    assert!(
        matches!(community.claim_message(message.id, NOW + 60).await, Claim::Send(_)),
        "the lease has ended"
    );
    community.finish_message(message.id, NOW + 60, Some("late"), NOW + 61).await;
    assert_eq!(community.waiting(1).await[0].failures, 0, "a failure of an old lease does not count");
    community.finish_message(message.id, NOW + 120, Some("refused"), NOW + 61).await;
    let failed = community.waiting(1).await.remove(0);
    assert_eq!((failed.failures, failed.next_attempt, failed.error.as_str()), (1, NOW + 71, "refused"));
    assert!(matches!(community.claim_message(message.id, NOW + 71).await, Claim::Send(_)));
    community.finish_message(message.id, NOW + 131, None, NOW + 72).await;
    assert_eq!(community.waiting(1).await, []);
    assert_eq!(community.claim_message(message.id, NOW + 9_999).await, Claim::NotDue);
}

pub(crate) async fn expired_message_is_given_up(store: impl Store) {
    let community = Community::with_contacts(store).await;
    let mut outbox = sending_outbox(&community.cipher);
    outbox.limits.sends_tel = false;
    community.change_tel(None, outbox).await;
    let id = community.waiting(1).await[0].id;
    assert!(matches!(community.claim_message(id, NOW + 86_400).await, Claim::Send(_)), "a day is survived");
    assert!(matches!(community.claim_message(id, NOW + 259_200).await, Claim::GivenUp(_)));
    assert_eq!(community.waiting(1).await, []);
}

pub(crate) async fn messages_are_reencrypted(store: impl Store) {
    let community = Community::with_contacts(store).await;
    community.change_tel(Some("15312345057"), sending_outbox(&community.cipher)).await;
    let before = community.messages(1).await;
    let keyring = community.cipher.keyring().with_new_key();
    let record = RecordKeys { fingerprints: keyring.fingerprints(), forget_others: false };
    assert_eq!(community.run(record).await, Ok(true));
    community.cipher.set_keyring(keyring);
    let reencrypt = ReencryptFields { after: None, limit: 9, cipher: Arc::clone(&community.cipher) };
    assert!(community.run(reencrypt).await.is_ok());
    for message in community.waiting(1).await {
        for text in [message.address, message.detail].into_iter().flatten() {
            assert!(community.cipher.uses_newest_key(&text));
        }
    }
    assert_eq!(community.messages(1).await, before);
}
