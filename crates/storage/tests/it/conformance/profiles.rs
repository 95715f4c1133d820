//! Members change their name, sex, birthday and picture.

use super::operator_commands::card_patch;
use crate::community::{Community, expect_read, mid};
use crate::dump_state::{member_states, service_state};
use crate::members::NOW;
use guanxi_domain::picture::{PicturePath, SIZES};
use guanxi_domain::rate_limit::Decision;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{Audited, RemovePicture, ReviewName, Verdict};
use guanxi_storage::commands::{ChangeName, ChangePicture, ChangeProfile, NewPicture, ProfileField};
use guanxi_storage::encryption::IdentifierKind;
use guanxi_storage::model::{Account, Card, NameReview, Picture, Profile, Sex};
use guanxi_types::ErrorCode;
use jiff::civil::date;
use serde_json::json;
use std::sync::Arc;

/// The minimum time between two changes of a name.
const INTERVAL: i64 = 100;

impl<S: Store> Community<S> {
    fn name_change(&self, me: u64, uname: &str, now: i64) -> ChangeName {
        let (uname, cipher) = (uname.to_owned(), Arc::clone(&self.cipher));
        ChangeName { me: mid(me), uname, interval: INTERVAL, is_reviewed: false, cipher, now }
    }

    async fn change_name(&self, me: u64, uname: &str, now: i64) -> Result<Decision, ErrorCode> {
        self.run(self.name_change(me, uname, now)).await
    }

    async fn submit_name(&self, me: u64, uname: &str, now: i64) -> Result<Decision, ErrorCode> {
        self.run(ChangeName { is_reviewed: true, ..self.name_change(me, uname, now) }).await
    }

    async fn review_name(
        &self,
        member: u64,
        submitted: Option<i64>,
        verdict: Verdict,
    ) -> Result<(), ErrorCode> {
        let cipher = Arc::clone(&self.cipher);
        let command = ReviewName { mid: mid(member), submitted, verdict, cipher };
        self.run(Audited { by: "mod".to_owned(), now: NOW, command }).await
    }

    async fn pending_names(&self) -> Vec<u64> {
        let rows = expect_read(self.store.pending_reviews::<NameReview>(0, 9).await);
        rows.into_iter().map(|row| row.mid.get()).collect()
    }

    async fn card_of(&self, member: u64) -> Card {
        expect_read(self.store.get(mid(member)).await).expect("the member exists")
    }

    async fn picture_hashes(&self, member: u64) -> Vec<u64> {
        let mut hashes = Vec::new();
        for size in SIZES {
            let picture: Option<Picture> = expect_read(self.store.get((mid(member), size)).await);
            hashes.extend(picture.map(|picture| picture.hash));
        }
        hashes
    }

    async fn change_picture(&self, me: u64, hash: Option<u64>) -> Result<(), ErrorCode> {
        let file = |content: u8| vec![0xff, 0xd8, 0xff, content, 0xff, 0xd9];
        let picture = hash.map(|hash| NewPicture { hash, sizes: [1, 2, 3].map(file) });
        self.run(ChangePicture { me: mid(me), picture }).await
    }
}

pub(crate) async fn changed_name_is_found_and_the_old_one_free(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    assert_eq!(community.change_name(1, "Tom", NOW).await, Ok(Decision::Allow));
    assert_eq!(community.find(IdentifierKind::Uname, "ｔｏｍ").await, Some(1));
    assert_eq!(community.change_name(1, "Ann", NOW + INTERVAL).await, Ok(Decision::Allow));
    assert_eq!(
        (community.card_of(1).await.uname, community.find(IdentifierKind::Uname, "tom").await),
        ("Ann".to_owned(), None)
    );
    let account: Account = expect_read(community.store.get(mid(1)).await).expect("a change creates it");
    assert_eq!((account.name_changed, account.nick_free), (NOW + INTERVAL, false));
    assert_eq!(community.change_name(2, "Tom", NOW).await, Ok(Decision::Allow));
    assert_eq!(
        community.change_name(1, "ANN", NOW + 2 * INTERVAL).await,
        Ok(Decision::Allow),
        "the own name in capitals"
    );
    assert_eq!(community.card_of(1).await.uname, "ANN");
    assert_eq!(community.change_name(9, "Bob", NOW).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn name_of_another_member_is_rejected(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    assert_eq!(community.change_name(1, "paypal", NOW).await, Ok(Decision::Allow));
    let before = (member_states(&community.store, 2).await, service_state(&community.store).await);
    for name in ["paypal", "PAYPAL", "раураl", "PaypaI"] {
        assert_eq!(community.change_name(2, name, NOW).await, Err(ErrorCode::NameTaken), "{name}");
        assert_eq!(community.submit_name(2, name, NOW).await, Err(ErrorCode::NameTaken), "{name}");
    }
    assert_eq!((member_states(&community.store, 2).await, service_state(&community.store).await), before);
}

pub(crate) async fn name_changes_are_an_interval_apart(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.change_name(1, "甲", NOW).await, Ok(Decision::Allow));
    let before = member_states(&community.store, 1).await;
    assert_eq!(community.change_name(1, "乙", NOW + 1).await, Ok(Decision::RetryAfter(INTERVAL - 1)));
    assert_eq!(community.submit_name(1, "乙", NOW + 99).await, Ok(Decision::RetryAfter(1)));
    assert_eq!(
        community.change_name(1, "甲", NOW + 1).await,
        Ok(Decision::Allow),
        "the current name is no change"
    );
    assert_eq!(member_states(&community.store, 1).await, before);
    assert_eq!(community.change_name(1, "乙", NOW + INTERVAL).await, Ok(Decision::Allow));
}

pub(crate) async fn reviewed_name_waits_for_a_moderator(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.submit_name(1, "甲", 100).await, Ok(Decision::Allow));
    assert_eq!(community.submit_name(1, "乙", 100).await, Ok(Decision::Allow), "it replaces the first one");
    assert_eq!((community.pending_names().await, community.card_of(1).await.uname), (vec![1], String::new()));
    assert_eq!(community.review_name(1, Some(100), Verdict::Approve).await, Err(ErrorCode::ReviewOutdated));
    let remark = Verdict::Reject("广告".to_owned());
    assert_eq!(community.review_name(1, Some(101), remark.clone()).await, Ok(()));
    let row: NameReview = expect_read(community.store.get(mid(1)).await).expect("a rejection is kept");
    assert_eq!((row.uname.as_str(), row.rejected.as_deref(), row.ended), ("乙", Some("广告"), NOW));
    assert_eq!(community.review_name(1, None, remark).await, Err(ErrorCode::NothingToReview));

    assert_eq!(community.submit_name(1, "丙", 200).await, Ok(Decision::Allow));
    assert_eq!(community.review_name(1, Some(200), Verdict::Approve).await, Ok(()));
    assert_eq!(
        (community.card_of(1).await.uname, community.find(IdentifierKind::Uname, "丙").await),
        ("丙".to_owned(), Some(1))
    );
    let entry =
        ("/operator/reviews/name".to_owned(), r#"{"uname":""}"#.to_owned(), r#"{"uname":"丙"}"#.to_owned());
    assert_eq!(community.latest_audit_entry().await, entry);
    assert_eq!(community.submit_name(1, "丁", NOW + INTERVAL).await, Ok(Decision::Allow));
    assert_eq!(
        community.submit_name(1, "丙", NOW + INTERVAL).await,
        Ok(Decision::Allow),
        "the current name withdraws it"
    );
    assert_eq!(community.pending_names().await, [0; 0]);
}

pub(crate) async fn name_taken_during_its_review_is_rejected(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    assert_eq!(community.submit_name(1, "甲", 100).await, Ok(Decision::Allow));
    assert_eq!(community.change_name(2, "甲", 110).await, Ok(Decision::Allow));
    assert_eq!(community.review_name(1, Some(100), Verdict::Approve).await, Err(ErrorCode::NameTaken));
    assert_eq!(community.pending_names().await, [1], "the moderator can still reject it");
}

pub(crate) async fn profile_fields_change_separately(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let birthday = Some(date(2000, 2, 29));
    for field in [ProfileField::Sex(Sex::Woman), ProfileField::Birthday(birthday)] {
        assert_eq!(community.run(ChangeProfile { me: mid(1), field }).await, Ok(()));
    }
    let profile: Profile = expect_read(community.store.get(mid(1)).await).expect("it has fields");
    assert_eq!(profile, Profile { sex: Sex::Woman, birthday, ..Profile::new(mid(1)) });
    let field = ProfileField::Birthday(None);
    assert_eq!(community.run(ChangeProfile { me: mid(1), field }).await, Ok(()));
    let profile: Profile = expect_read(community.store.get(mid(1)).await).expect("it has fields");
    assert_eq!(profile, Profile { sex: Sex::Woman, ..Profile::new(mid(1)) });
    assert_eq!(community.run(ChangeProfile { me: mid(9), field }).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn picture_changes_with_the_face(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    for hash in [7, 8] {
        assert_eq!(community.change_picture(1, Some(hash)).await, Ok(()));
        let path = PicturePath { mid: mid(1), hash, size: 256 };
        assert_eq!(community.card_of(1).await.face, path.to_string());
        assert_eq!(community.picture_hashes(1).await, [hash; 3]);
    }
    assert_eq!(community.picture_hashes(2).await, [0; 0]);
    for _ in 0..2 {
        assert_eq!(community.change_picture(1, None).await, Ok(()));
        assert_eq!(
            (community.card_of(1).await.face, community.picture_hashes(1).await),
            (String::new(), vec![])
        );
    }
    assert_eq!(community.change_picture(9, Some(7)).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn replaced_face_deletes_the_picture(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.change_picture(1, Some(7)).await, Ok(()));
    assert_eq!(community.update(1, card_patch(json!({"sign": "早"}))).await, Ok(None));
    assert_eq!(community.picture_hashes(1).await, [7; 3], "the face is unchanged");
    let face = "https://a.cn/1.jpg";
    assert_eq!(community.update(1, card_patch(json!({"face": face}))).await, Ok(None));
    assert_eq!((community.card_of(1).await.face.as_str(), community.picture_hashes(1).await), (face, vec![]));
}

pub(crate) async fn operator_removes_a_picture(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    assert_eq!(community.change_picture(1, Some(7)).await, Ok(()));
    let remove = |member| Audited { by: "mod".to_owned(), now: NOW, command: RemovePicture(mid(member)) };
    assert_eq!(community.run(remove(1)).await, Ok(()));
    assert_eq!((community.card_of(1).await.face, community.picture_hashes(1).await), (String::new(), vec![]));
    let before = r#"{"face":"/face/1/0000000000000007/256.jpg"}"#.to_owned();
    let entry = ("/operator/member/face/delete".to_owned(), before, r#"{"face":""}"#.to_owned());
    assert_eq!(community.latest_audit_entry().await, entry);
    assert_eq!(community.run(remove(1)).await, Ok(()), "without a picture it has no effect");
    assert_eq!(expect_read(community.store.audit_log(None, 9).await).len(), 1);
    assert_eq!(community.run(remove(9)).await, Err(ErrorCode::MemberNotFound));
}
