//! Nothing private stands in the files of a data directory, whatever was done with it.

use crate::community::{Community, card, mid};
use crate::home;
use crate::members::{NOW, arrival, named, password, reached};
use guanxi_domain::realname::VerificationStatus;
use guanxi_storage::command::operate::{CreateMember, Patch, ReviewRealname, UpdateMember, Verdict};
use guanxi_storage::command::{
    ApplyRealname, ChangeReach, ContactKind, NewMember, NewSession, RecordKeys, ReencryptFields, SetQuestion,
    SignUp,
};
use guanxi_storage::row::{Account, Card, Password, Question, Realname, Sensitive};
use guanxi_storage::{EmbeddedStore, Row};
use guanxi_types::ErrorCode;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

// What nobody who finds the disk may read.
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
const ANSWER: &str = "the answer is Mimi";
const PASSWORD: &str = "correct horse battery staple";
const TOKEN: &str = "c0ffee-session-token";

/// The name of a member, which everybody may read.
const NAME: &str = "社会易姐QwQ";

fn has(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// That none of the secrets stands in a file of the directory, and that a search would find it.
fn keeps_its_secrets(home: &Path, when: &str) {
    let files = fs::read_dir(home).expect("it is there").map(|file| file.expect("it is listed").path());
    let read = |path: PathBuf| (fs::read(&path).expect("it can be read"), path);
    let files: Vec<(Vec<u8>, PathBuf)> = files.map(read).collect();
    assert!(files.iter().any(|(bytes, _)| has(bytes, NAME.as_bytes())), "a public name is there {when}");
    let secrets = [&TELS[..], &MAILS, &NAMES, &CARDS, &QUESTIONS, &[ANSWER, PASSWORD, TOKEN]].concat();
    for secret in secrets {
        // A hash that needs no key is as good as a phone, of which there are few enough to try; a token is too long for that.
        let hash = Sha256::digest(secret);
        for (bytes, path) in &files {
            assert!(!has(bytes, secret.as_bytes()), "{secret} stands in {} {when}", path.display());
            assert!(secret == TOKEN || !has(bytes, &hash), "{secret} is hashed in {} {when}", path.display());
        }
    }
}

fn clear(text: &str) -> Sensitive {
    Sensitive::Clear(text.to_owned())
}

/// What a dump tells of a member.
fn loaded() -> Vec<Row> {
    let mid = mid(1);
    let account = Account { tel: Some(clear(TELS[0])), mail: Some(clear(MAILS[0])), ..Account::of(mid) };
    let (name, card) = (Some(clear(NAMES[0])), Some(clear(CARDS[0])));
    vec![
        Row::Card(Box::new(Card { uname: NAME.to_owned(), ..Card::of(mid) })),
        Row::Account(Box::new(account)),
        Row::Realname(Realname {
            mid,
            standing: VerificationStatus::Waiting,
            name,
            card,
            card_type: 0,
            submitted: 1,
            ended: 0,
        }),
        Row::Question(Question { mid, question: Some(clear(QUESTIONS[0])), answer: argon(ANSWER) }),
        Row::Password(Password { mid, phc: argon(PASSWORD) }),
    ]
}

/// Stands for what argon2 makes of a text.
fn argon(text: &str) -> String {
    format!("$argon2id$v=19$m=19456,t=2,p=1$c2FsdA${}", text.len())
}

/// Signs somebody up who has everything, and lets them say more.
async fn settle(community: &Community<EmbeddedStore>) {
    let vault = || Arc::clone(&community.vault);
    let new = NewMember {
        password: Some(password(&argon(PASSWORD))),
        mail: Some(MAILS[1].to_owned()),
        ..reached("乙", TELS[1])
    };
    let arrival = NewSession { hash: Sha256::digest(TOKEN).into(), ..arrival(1) };
    let me = community.run(SignUp { new, arrival, vault: vault(), now: NOW }).await.expect("all is free");
    let (name, card) = (NAMES[1].to_owned(), CARDS[1].to_owned());
    let apply = ApplyRealname { me, name, card, card_type: 0, vault: vault(), now: NOW };
    assert_eq!(community.run(apply).await, Ok(()));
    let (question, answer) = (QUESTIONS[1].to_owned(), argon(ANSWER));
    assert_eq!(community.run(SetQuestion { me, question, answer, vault: vault() }).await, Ok(()));
    let next = Some(TELS[2].to_owned());
    assert_eq!(community.run(ChangeReach { me, by: ContactKind::Tel, next, vault: vault() }).await, Ok(()));
    let reach =
        vec![(ContactKind::Tel, Some(TELS[3].to_owned())), (ContactKind::Mail, Some(MAILS[2].to_owned()))];
    let with = Patch { reach, password: Some((password("$"), [9; 32])), ..Patch::default() };
    let update = UpdateMember { mid: me, with, vault: vault() };
    assert_eq!(community.operate(update).await, Ok(Ok(())));
    let review = ReviewRealname { mid: me, submitted: None, verdict: Verdict::Approve };
    assert_eq!(community.operate(review).await, Ok(()));
}

/// Tries what is refused, at its very end where that can be.
async fn be_refused(community: &Community<EmbeddedStore>) {
    let vault = || Arc::clone(&community.vault);
    let new = NewMember { tel: Some(TELS[4].to_owned()), ..named(NAME) };
    let create = CreateMember { new: new.clone(), vault: vault() };
    assert_eq!(community.operate(create).await, Err(ErrorCode::NameTaken));
    assert_eq!(community.sign_up(new, 2).await, Err(ErrorCode::NameTaken));
    let (me, name, number) = (mid(2), NAMES[2].to_owned(), CARDS[2].to_owned());
    let apply = ApplyRealname { me, name, card: number, card_type: 0, vault: vault(), now: NOW };
    assert_eq!(community.run(apply).await, Err(ErrorCode::RealnameVerified));
    let reach =
        vec![(ContactKind::Tel, Some(TELS[4].to_owned())), (ContactKind::Mail, Some(MAILS[0].to_owned()))];
    let with = Patch { reach, ..Patch::default() };
    let update = UpdateMember { mid: mid(2), with, vault: vault() };
    assert_eq!(community.operate(update).await, Err(ErrorCode::MailTaken));
    // The last of these rows is a fault, and those before it stay.
    let account =
        |member, tel| Row::Account(Box::new(Account { tel: Some(clear(tel)), ..Account::of(mid(member)) }));
    let rows = vec![card(8), account(8, TELS[6]), card(9), account(9, TELS[5])];
    assert!(community.load(rows).await.fault.is_some());
}

#[tokio::test]
async fn nothing_private_comes_to_the_disk() {
    let (home, store) = home::fresh();
    let community = Community::empty(store);
    assert_eq!(community.load(loaded()).await.fault, None);
    keeps_its_secrets(home.path(), "after a load");
    settle(&community).await;
    keeps_its_secrets(home.path(), "after a sign-up");
    be_refused(&community).await;
    keeps_its_secrets(home.path(), "after refusals");

    let ring = community.vault.ring().with_new_key();
    assert_eq!(community.run(RecordKeys { marks: ring.marks(), alone: false }).await, Ok(true));
    community.vault.replace(ring);
    let reseal = ReencryptFields { after: None, most: 100, vault: Arc::clone(&community.vault) };
    assert_eq!(community.run(reseal).await, Ok(Some(mid(9))));
    community.vault.replace(community.vault.ring().newest_alone());
    keeps_its_secrets(home.path(), "after a rotation");

    community.let_go(2).await;
    keeps_its_secrets(home.path(), "while one leaves");
    community.attend_all(NOW).await;
    drop(community);
    keeps_its_secrets(home.path(), "after one has left");
}
