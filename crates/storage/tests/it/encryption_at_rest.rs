//! Private data is never in the files of a data directory as plaintext, or as a hash without a key.

use crate::community::{Community, card, mid};
use crate::members::{NOW, member_named, member_with_phone, new_password, new_session, sending_outbox};
use crate::tempdir;
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::commands::operator::{CreateMember, MemberPatch, ReviewRealname, UpdateMember, Verdict};
use guanxi_storage::commands::{
    ChangeContact, ContactKind, NewMember, NewSession, RecordKeys, ReencryptFields, RegisterMember,
    SetQuestion, SubmitRealname,
};
use guanxi_storage::model::{Account, Card, Message, MessageKind, Password, Question, Realname, Sensitive};
use guanxi_storage::{EmbeddedStore, Row};
use guanxi_types::ErrorCode;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

// The secrets of the members.
const TELS: [&str; 7] = [
    "15312345056",
    "15312345057",
    "15312345058",
    "15312345059",
    "15312345060",
    "15312345061",
    "+86 153-1234-5061",
];
const MAILS: [&str; 3] = ["jia.private@example.cn", "yi.private@example.cn", "bing.private@example.cn"];
const NAMES: [&str; 3] = ["陈唯恺", "司马相如", "欧阳修"];
const CARDS: [&str; 3] = ["610502200203054114", "610502200203054118", "610502200203054119"];
const QUESTIONS: [&str; 2] = ["你的第一只猫叫什么", "你在哪里上的小学"];
const CODE: &str = "271828";
const ANSWER: &str = "the answer is Mimi";
const PASSWORD: &str = "correct horse battery staple";
const TOKEN: &str = "c0ffee-session-token";

/// The public name of a member.
const NAME: &str = "社会易姐QwQ";

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// Asserts that no file contains a secret. A public name proves that the search works.
fn assert_no_secrets(home: &Path, when: &str) {
    let files = fs::read_dir(home)
        .expect("the directory exists")
        .map(|file| file.expect("the entry is readable").path());
    let read = |path: PathBuf| (fs::read(&path).expect("the file is readable"), path);
    let files: Vec<(Vec<u8>, PathBuf)> = files.map(read).collect();
    assert!(
        files.iter().any(|(bytes, _)| contains(bytes, NAME.as_bytes())),
        "the public name is found {when}"
    );
    let secrets = [&TELS[..], &MAILS, &NAMES, &CARDS, &QUESTIONS, &[ANSWER, CODE, PASSWORD, TOKEN]].concat();
    for secret in secrets {
        // A plain hash of a phone can be inverted by trying all phones. A token is too long for that.
        let hash = Sha256::digest(secret);
        for (bytes, path) in &files {
            assert!(!contains(bytes, secret.as_bytes()), "{secret} is in {} {when}", path.display());
            assert!(
                secret == TOKEN || !contains(bytes, &hash),
                "the plain hash of {secret} is in {} {when}",
                path.display()
            );
        }
    }
}

fn plaintext(text: &str) -> Sensitive {
    Sensitive::Plaintext(text.to_owned())
}

/// Returns the rows of a member, as in a dump.
fn dump_rows() -> Vec<Row> {
    let mid = mid(1);
    let account =
        Account { tel: Some(plaintext(TELS[0])), mail: Some(plaintext(MAILS[0])), ..Account::new(mid) };
    let (name, card) = (Some(plaintext(NAMES[0])), Some(plaintext(CARDS[0])));
    vec![
        Row::Card(Box::new(Card { uname: NAME.to_owned(), ..Card::new(mid) })),
        Row::Account(Box::new(account)),
        Row::Realname(Realname {
            mid,
            status: VerificationStatus::Waiting,
            name,
            card,
            card_type: 0,
            submitted: 1,
            ended: 0,
        }),
        Row::Question(Question { mid, question: Some(plaintext(QUESTIONS[0])), answer: fake_phc(ANSWER) }),
        Row::Password(Password { mid, phc: fake_phc(PASSWORD) }),
        Row::Message(Message {
            mid,
            id: 7,
            kind: MessageKind::VerificationCode,
            contact: ContactKind::Mail,
            language: "en".to_owned(),
            address: Some(plaintext(MAILS[0])),
            detail: Some(plaintext(CODE)),
            created: 1,
            expires: NOW * 2,
            next_attempt: NOW * 2,
            failures: 0,
            error: String::new(),
        }),
    ]
}

/// Returns a text in the format of an Argon2 hash.
fn fake_phc(text: &str) -> String {
    format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${}", text.len())
}

/// Registers a member, and changes all their private fields.
async fn change_all_secrets(community: &Community<EmbeddedStore>) {
    let cipher = || Arc::clone(&community.cipher);
    let outbox = || sending_outbox(&community.cipher);
    let new_member = NewMember {
        password: Some(new_password(&fake_phc(PASSWORD))),
        mail: Some(MAILS[1].to_owned()),
        ..member_with_phone("乙", TELS[1])
    };
    let session = NewSession { hash: Sha256::digest(TOKEN).into(), ..new_session(1) };
    let me = community
        .run(RegisterMember { new_member, session, outbox: outbox(), now: NOW })
        .await
        .expect("all identifiers are free");
    let (name, card) = (NAMES[1].to_owned(), CARDS[1].to_owned());
    let apply = SubmitRealname { me, name, card, card_type: 0, cipher: cipher(), now: NOW };
    assert_eq!(community.run(apply).await, Ok(()));
    let (question, answer_hash) = (QUESTIONS[1].to_owned(), fake_phc(ANSWER));
    assert_eq!(community.run(SetQuestion { me, question, answer_hash, cipher: cipher() }).await, Ok(()));
    let value = Some(TELS[2].to_owned());
    assert_eq!(
        community.run(ChangeContact { me, kind: ContactKind::Tel, value, outbox: outbox() }).await,
        Ok(())
    );
    let contacts =
        vec![(ContactKind::Tel, Some(TELS[3].to_owned())), (ContactKind::Mail, Some(MAILS[2].to_owned()))];
    let patch =
        MemberPatch { contacts, password: Some((new_password("$"), [9; 32])), ..MemberPatch::default() };
    let update = UpdateMember { mid: me, patch, cipher: cipher() };
    assert_eq!(community.run_as_operator(update).await, Ok(Ok(())));
    let review = ReviewRealname { mid: me, submitted: None, verdict: Verdict::Approve };
    assert_eq!(community.run_as_operator(review).await, Ok(()));
}

/// Runs commands that are rejected, as late as possible.
async fn run_rejected_commands(community: &Community<EmbeddedStore>) {
    let cipher = || Arc::clone(&community.cipher);
    let new_member = NewMember { tel: Some(TELS[4].to_owned()), ..member_named(NAME) };
    let create = CreateMember { new_member: new_member.clone(), cipher: cipher() };
    assert_eq!(community.run_as_operator(create).await, Err(ErrorCode::NameTaken));
    assert_eq!(community.sign_up(new_member, 2).await, Err(ErrorCode::NameTaken));
    let (me, name, number) = (mid(2), NAMES[2].to_owned(), CARDS[2].to_owned());
    let apply = SubmitRealname { me, name, card: number, card_type: 0, cipher: cipher(), now: NOW };
    assert_eq!(community.run(apply).await, Err(ErrorCode::RealnameAlreadyVerified));
    let contacts =
        vec![(ContactKind::Tel, Some(TELS[4].to_owned())), (ContactKind::Mail, Some(MAILS[0].to_owned()))];
    let patch = MemberPatch { contacts, ..MemberPatch::default() };
    let update = UpdateMember { mid: mid(2), patch, cipher: cipher() };
    assert_eq!(community.run_as_operator(update).await, Err(ErrorCode::MailTaken));
    // The last row is an error. The rows before it stay.
    let account = |member, tel| {
        Row::Account(Box::new(Account { tel: Some(plaintext(tel)), ..Account::new(mid(member)) }))
    };
    let rows = vec![card(8), account(8, TELS[6]), card(9), account(9, TELS[5])];
    assert!(community.import(rows).await.error.is_some());
}

#[tokio::test]
async fn data_dir_has_no_private_plaintext() {
    let (home, store) = tempdir::new_store();
    let community = Community::new(store);
    assert_eq!(community.import(dump_rows()).await.error, None);
    assert_no_secrets(home.path(), "after an import");
    change_all_secrets(&community).await;
    assert_no_secrets(home.path(), "after a sign-up");
    run_rejected_commands(&community).await;
    assert_no_secrets(home.path(), "after rejections");

    let keyring = community.cipher.keyring().with_new_key();
    assert_eq!(
        community.run(RecordKeys { fingerprints: keyring.fingerprints(), forget_others: false }).await,
        Ok(true)
    );
    community.cipher.set_keyring(keyring);
    let reencrypt = ReencryptFields { after: None, limit: 100, cipher: Arc::clone(&community.cipher) };
    assert_eq!(community.run(reencrypt).await, Ok(Some(mid(9))));
    let newest = community.cipher.keyring().newest_only();
    let record = RecordKeys { fingerprints: newest.fingerprints(), forget_others: true };
    assert_eq!(community.run(record).await, Ok(true));
    community.cipher.set_keyring(newest);
    assert_no_secrets(home.path(), "after a rotation");

    community.delete_member(2).await;
    assert_no_secrets(home.path(), "during a deletion");
    community.run_all_due_tasks(NOW).await;
    drop(community);
    assert_no_secrets(home.path(), "after a deletion");
}
