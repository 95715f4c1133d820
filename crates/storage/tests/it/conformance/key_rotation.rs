//! The keys of private data: their fingerprints, and their rotation during writes.

use crate::community::{Community, expect_read, mid, new_cipher};
use crate::members::{NOW, member_with_phone, new_password, no_outbox};
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::commands::operator::AddNote;
use guanxi_storage::commands::{
    ChangeContact, ContactKind, NewMember, RecordKeys, ReencryptFields, SetQuestion, SetRemark, StartTotp,
    SubmitRealname,
};
use guanxi_storage::encryption::{IdentifierKind, KeyFingerprint, Keyring, SensitiveField};
use guanxi_storage::model::{
    Account, Card, Factors, KeyFingerprintRow, LoginIdentifier, MemberNote, Question, Realname, Remark,
    Sensitive,
};
use guanxi_storage::{FieldCipher, Row, Store};
use guanxi_types::Mid;
use std::sync::Arc;

/// The number of members before the rotation.
const MEMBERS: u64 = 25;

/// A secret of one-time codes.
const TOTP: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

fn tel(member: u64) -> String {
    format!("153{member:08}")
}

fn mail(member: u64) -> String {
    format!("{member}@b.cn")
}

impl<S: Store> Community<S> {
    async fn record_keys(&self, keyring: &Keyring, forget_others: bool) -> bool {
        self.run(RecordKeys { fingerprints: keyring.fingerprints(), forget_others })
            .await
            .expect("the command is never rejected")
    }

    async fn fingerprints(&self) -> Vec<KeyFingerprint> {
        let rows = expect_read(self.store.all::<KeyFingerprintRow>().await);
        rows.iter().map(|row| KeyFingerprint { id: row.id, fingerprint: row.fingerprint }).collect()
    }

    async fn reencrypt(&self, after: Option<Mid>, limit: usize) -> Option<Mid> {
        let cipher = Arc::clone(&self.cipher);
        self.run(ReencryptFields { after, limit, cipher }).await.expect("the command is never rejected")
    }

    /// Registers members with all private fields.
    async fn with_secrets(store: S) -> Community<S> {
        let community = Community::new(store);
        for member in 1..=MEMBERS {
            let new = NewMember {
                mail: Some(mail(member)),
                password: Some(new_password("phc")),
                ..member_with_phone(&format!("甲{member}"), &tel(member))
            };
            assert_eq!(community.sign_up(new, u8::try_from(member).unwrap_or(0)).await, Ok(member));
            let (me, cipher) = (mid(member), || Arc::clone(&community.cipher));
            let (name, card) = ("陈唯恺".to_owned(), "61".to_owned());
            let apply = SubmitRealname { me, name, card, card_type: 0, cipher: cipher(), now: NOW };
            assert_eq!(community.run(apply).await, Ok(()));
            let (question, answer_hash) = ("谁？".to_owned(), "phc".to_owned());
            assert_eq!(
                community.run(SetQuestion { me, question, answer_hash, cipher: cipher() }).await,
                Ok(())
            );
            let secret = TOTP.to_owned();
            assert_eq!(community.run(StartTotp { me, secret, cipher: cipher() }).await, Ok(()));
            if member > 1 {
                let text = Some("老同学".to_owned());
                let remark = SetRemark { me, them: mid(1), text, limit: 9, cipher: cipher() };
                assert_eq!(community.run(remark).await, Ok(()));
                let (by, text) = ("boss".to_owned(), "记一笔".to_owned());
                let note = AddNote { mid: me, by, text, limit: 9, cipher: cipher() };
                assert!(community.run_as_operator(note).await.is_ok());
            }
        }
        community
    }

    async fn set_tel(&self, member: u64, next: &str) {
        let (next, outbox) = (Some(next.to_owned()), no_outbox(&self.cipher));
        let change = ChangeContact { me: mid(member), kind: ContactKind::Tel, value: next, outbox };
        assert_eq!(self.run(change).await, Ok(()));
    }

    /// Decrypts all private fields of a member: phone, mail address, name, card, question, secret
    /// of one-time codes, remark, note.
    async fn secrets(&self, member: u64) -> [Option<String>; 8] {
        let account: Account = self.account(member).await;
        let realname: Option<Realname> = expect_read(self.store.get(mid(member)).await);
        let question: Option<Question> = expect_read(self.store.get(mid(member)).await);
        let factors: Option<Factors> = expect_read(self.store.get(mid(member)).await);
        let remark = expect_read(self.store.rows_of::<Remark>(mid(member), 9).await);
        let note = expect_read(self.store.rows_of::<MemberNote>(mid(member), 9).await);
        let open = |field, private: Option<&Sensitive>| self.decrypt(field, member, private);
        [
            open(SensitiveField::Tel, account.tel.as_ref()),
            open(SensitiveField::Mail, account.mail.as_ref()),
            open(SensitiveField::Name, realname.as_ref().and_then(|row| row.name.as_ref())),
            open(SensitiveField::Card, realname.as_ref().and_then(|row| row.card.as_ref())),
            open(SensitiveField::Question, question.as_ref().and_then(|row| row.question.as_ref())),
            open(SensitiveField::Totp, factors.as_ref().and_then(|row| row.pending_totp.as_ref())),
            open(SensitiveField::Remark, remark.first().and_then(|row| row.text.as_ref())),
            open(SensitiveField::Note, note.first().and_then(|row| row.text.as_ref())),
        ]
    }

    /// Asserts that all fields decrypt, and that phones and mail addresses find their members.
    async fn assert_all_decrypt(&self, when: &str, members: &[(u64, String)]) {
        for (member, tel) in members {
            let some = |text: &str| Some(text.to_owned());
            let rest = if *member <= MEMBERS {
                let later = |text| some(text).filter(|_| *member > 1);
                [some("陈唯恺"), some("61"), some("谁？"), some(TOTP), later("老同学"), later("记一笔")]
            } else {
                [const { None }; 6]
            };
            let [name, card, question, totp, remark, note] = rest;
            let expected = [some(tel), some(&mail(*member)), name, card, question, totp, remark, note];
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

pub(crate) async fn store_rejects_foreign_keys(store: impl Store) {
    let community = Community::new(store);
    let (keyring, foreign) = (Keyring::generate(), Keyring::generate());
    assert!(community.record_keys(&keyring, false).await, "a new store accepts any keys");
    assert!(community.record_keys(&keyring, false).await);
    assert!(!community.record_keys(&foreign, false).await, "another key with the same number");
    assert!(!community.record_keys(&foreign.with_new_key(), false).await);
    assert_eq!(community.fingerprints().await, keyring.fingerprints());

    let rotating = keyring.with_new_key();
    assert!(community.record_keys(&rotating, false).await);
    assert_eq!(community.fingerprints().await, rotating.fingerprints());
    assert!(!community.record_keys(&keyring, false).await, "the keys before the rotation");
    assert!(!community.record_keys(&rotating.newest_only(), false).await, "the old key is still needed");
    assert_eq!(community.fingerprints().await, rotating.fingerprints(), "a rejection writes nothing");
    assert!(community.record_keys(&rotating.newest_only(), true).await);
    assert_eq!(community.fingerprints().await, rotating.newest_only().fingerprints());
    assert!(community.record_keys(&rotating, false).await, "an additional old key is accepted");
    assert!(!community.record_keys(&keyring, false).await);
}

pub(crate) async fn keys_are_rotated_during_writes(store: impl Store) {
    let community = Community::with_secrets(store).await;
    let mut members: Vec<(u64, String)> = (1..=MEMBERS).map(|member| (member, tel(member))).collect();
    let old = community.cipher.keyring();
    assert!(community.record_keys(&old, false).await);
    community.assert_all_decrypt("before", &members).await;
    let old_cipher = FieldCipher::new(Keyring::clone(&old));

    community.cipher.set_keyring(old.with_new_key());
    assert!(community.record_keys(&community.cipher.keyring(), false).await);
    community.assert_all_decrypt("with a new key", &members).await;
    assert_eq!(
        community.sign_up(member_with_phone("乙", &tel(3)), 9).await.err(),
        Some(guanxi_types::ErrorCode::TelTaken)
    );

    // Between the steps, a reencrypted member and another member change.
    let (mut after, mut step) = (None, 0);
    while let Some(last) = community.reencrypt(after, 7).await {
        (after, step) = (Some(last), step + 1);
        for member in [last.get() - 1, MEMBERS - step] {
            let next = format!("+1{step}{member:06}");
            community.set_tel(member, &next).await;
            let index = usize::try_from(member).expect("a small number") - 1;
            members[index].1 = next;
        }
        // New members have larger mids, so the rotation reaches them.
        if step <= 2 {
            let number = MEMBERS + step;
            let new = NewMember {
                mail: Some(mail(number)),
                ..member_with_phone(&format!("乙{number}"), &tel(number))
            };
            assert_eq!(community.sign_up(new, u8::try_from(number).unwrap_or(0)).await, Ok(number));
            members.push((number, tel(number)));
        }
        // An unchanged account that is imported again is encrypted with the new key.
        let index = usize::try_from(MEMBERS - 6).expect("a small number") - 1;
        let (member, tel) = members[index].clone();
        let plaintext = |text: &str| Some(Sensitive::Plaintext(text.to_owned()));
        let account = Account {
            tel: plaintext(&tel),
            mail: plaintext(&mail(member)),
            ..community.account(member).await
        };
        assert_eq!(community.import(vec![Row::Account(Box::new(account))]).await.error, None);
        community.assert_all_decrypt(&format!("after step {step}"), &members).await;
        assert!(step < 9, "the rotation ends");
    }
    assert!(step >= 4, "there were {step} steps");

    community.cipher.set_keyring(community.cipher.keyring().newest_only());
    community.assert_all_decrypt("with the new key alone", &members).await;
    assert!(community.record_keys(&community.cipher.keyring(), true).await);
    assert_eq!(community.fingerprints().await, community.cipher.keyring().fingerprints());
    assert!(!community.record_keys(&old, false).await);

    // No identifier of the old key is left, and each member has exactly the identifiers of the new key.
    for (member, tel) in &members {
        assert_eq!(community.find_with(&old_cipher, IdentifierKind::Tel, tel).await, None, "{member}");
        let identifiers = expect_read(community.store.all::<LoginIdentifier>().await);
        let of_member = identifiers.iter().filter(|identifier| identifier.mid == mid(*member)).count();
        let card: Card = expect_read(community.store.get(mid(*member)).await).expect("a member has a card");
        let (userid, name) = (community.account(*member).await.userid, card.uname);
        let texts = [
            (IdentifierKind::Uname, &name),
            (IdentifierKind::Skeleton, &name),
            (IdentifierKind::Userid, &userid),
            (IdentifierKind::Tel, tel),
        ];
        let all = texts.map(|(kind, text)| community.cipher.hashes_to_store(kind, text).len());
        assert_eq!(of_member, all.iter().sum::<usize>() + 1, "and the mail address of {member}");
    }
    let newest = community.cipher.keyring().newest().id;
    assert_eq!(community.reencrypt(None, 100).await, Some(mid(MEMBERS + 2)));
    let account = community.account(1).await;
    assert!(
        community.cipher.uses_newest_key(account.tel.as_ref().expect("the field is set")),
        "encrypted with key {newest}"
    );
}

pub(crate) async fn reencryption_changes_only_ciphertext(store: impl Store) {
    let community = Community::with_secrets(store).await;
    let reviewed: Realname = expect_read(community.store.get(mid(1)).await).expect("the application exists");
    assert_eq!(reviewed.status, VerificationStatus::Waiting);
    let before = crate::dump_state::member_states(&community.store, 3).await;
    let identifiers: Vec<LoginIdentifier> = expect_read(community.store.all().await);
    assert_eq!(community.reencrypt(None, 10).await, Some(mid(10)));
    assert_eq!(community.reencrypt(Some(mid(10)), 100).await, Some(mid(MEMBERS)));
    assert_eq!(community.reencrypt(Some(mid(MEMBERS)), 100).await, None);
    assert_eq!(
        crate::dump_state::member_states(&community.store, 3).await,
        before,
        "current ciphertexts are unchanged"
    );
    assert_eq!(expect_read(community.store.all::<LoginIdentifier>().await), identifiers);

    community.cipher.set_keyring(community.cipher.keyring().with_new_key());
    assert_eq!(community.reencrypt(None, 100).await, Some(mid(MEMBERS)));
    let pending: Vec<Realname> = expect_read(community.store.pending_reviews(0, 100).await);
    assert_eq!(pending.len() as u64, MEMBERS, "the reviews are pending as before");
    let now: Realname = expect_read(community.store.get(mid(1)).await).expect("the application exists");
    assert_ne!(now.name, reviewed.name);
    assert_eq!(Realname { name: None, card: None, ..now }, Realname { name: None, card: None, ..reviewed });
}

pub(crate) async fn foreign_keys_decrypt_and_find_nothing(store: impl Store) {
    let community = Community::with_secrets(store).await;
    let foreign = new_cipher();
    assert_eq!(community.find_with(&foreign, IdentifierKind::Tel, &tel(1)).await, None);
    assert_eq!(
        community.find_with(&foreign, IdentifierKind::Uname, "甲1").await,
        Some(1),
        "names are hashed without a key"
    );
    let account = community.account(1).await;
    assert!(
        foreign
            .decrypt(SensitiveField::Tel, mid(1), account.tel.as_ref().expect("the field is set"))
            .is_err()
    );
    assert!(
        community
            .cipher
            .decrypt(SensitiveField::Tel, mid(2), account.tel.as_ref().expect("the field is set"))
            .is_err()
    );
}
