//! The private remarks of members on others, and the day a member was last seen.

use crate::community::{Community, expect_read, mid};
use guanxi_domain::day;
use guanxi_storage::Store;
use guanxi_storage::commands::{GrantDailyLogin, SetRemark};
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::{Experience, Remark, RemarkedBy, Sensitive};
use guanxi_types::{ErrorCode, RelationAction};
use std::sync::Arc;

const LIMIT: usize = 2;

impl<S: Store> Community<S> {
    async fn set_remark(&self, me: u64, them: u64, text: &str) -> Result<(), ErrorCode> {
        let text = Some(text.to_owned()).filter(|text| !text.is_empty());
        let (me, them, cipher) = (mid(me), mid(them), Arc::clone(&self.cipher));
        self.run(SetRemark { me, them, text, limit: LIMIT, cipher }).await
    }

    /// Returns the remarks of a member: subject and text.
    async fn remarks(&self, me: u64) -> Vec<(u64, String)> {
        let rows = expect_read(self.store.rows_of::<Remark>(mid(me), usize::MAX).await);
        let remark = |row: Remark| {
            assert!(matches!(row.text, Some(Sensitive::Ciphertext(_))), "it is encrypted where it is stored");
            let text = self.decrypt(SensitiveField::Remark, me, row.text.as_ref());
            (row.fid.get(), text.expect("there is a text"))
        };
        rows.into_iter().map(remark).collect()
    }
}

fn remark(subject: u64, text: &str) -> (u64, String) {
    (subject, text.to_owned())
}

pub(crate) async fn remark_is_private_and_replaced(store: impl Store) {
    let community = Community::with_members(store, 4).await;
    for (them, text) in [(3, "邻居"), (2, "同学"), (3, "老邻居")] {
        assert_eq!(community.set_remark(1, them, text).await, Ok(()));
    }
    assert_eq!(community.set_remark(2, 1, "甲").await, Ok(()));
    assert_eq!(community.remarks(1).await, [remark(2, "同学"), remark(3, "老邻居")]);
    assert_eq!(community.remarks(2).await, [remark(1, "甲")]);
    let first = expect_read(community.store.rows_of::<Remark>(mid(1), 1).await);
    assert_eq!(first.len(), 1, "the limit counts");
    let keys = vec![(mid(1), mid(3)), (mid(1), mid(4)), (mid(1), mid(2))];
    let rows = expect_read(community.store.rows::<Remark>(keys).await);
    let found: Vec<_> = rows.into_iter().map(|row| row.map(|row| row.fid.get())).collect();
    assert_eq!(found, [Some(3), None, Some(2)], "rows are in the order of their keys");
    assert_eq!(expect_read(community.store.rows::<Remark>(Vec::new()).await), []);
    assert_eq!(community.set_remark(1, 2, "").await, Ok(()));
    assert_eq!(community.set_remark(1, 2, "").await, Ok(()), "a deletion is repeated without an error");
    assert_eq!(community.remarks(1).await, [remark(3, "老邻居")]);
}

pub(crate) async fn remark_rejections(store: impl Store) {
    let community = Community::with_members(store, 5).await;
    community.delete_member(5).await;
    for (them, code) in
        [(1, ErrorCode::TargetIsSelf), (5, ErrorCode::MemberDeleted), (99, ErrorCode::MemberNeverExisted)]
    {
        assert_eq!(community.set_remark(1, them, "同学").await, Err(code));
    }
    assert_eq!(community.set_remark(5, 1, "同学").await, Err(ErrorCode::MemberNotFound));
    assert_eq!(community.set_remark(1, 2, "同学").await, Ok(()));
    assert_eq!(community.set_remark(1, 3, "同学").await, Ok(()));
    assert_eq!(community.set_remark(1, 4, "同学").await, Err(ErrorCode::RemarkLimitReached));
    assert_eq!(community.set_remark(1, 3, "邻居").await, Ok(()), "another text is no further remark");
}

pub(crate) async fn remark_survives_the_relation(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    assert_eq!(community.set_remark(1, 2, "同学").await, Ok(()));
    let actions = [RelationAction::Follow, RelationAction::Unfollow, RelationAction::Block];
    community.relate_all(&actions.map(|action| (1, action, 2, 100))).await;
    assert_eq!(community.remarks(1).await, [remark(2, "同学")]);
}

pub(crate) async fn remark_is_deleted_with_either_member(store: impl Store) {
    let community = Community::with_members(store, 4).await;
    for (me, them) in [(1, 2), (2, 1), (2, 3), (3, 2), (3, 4)] {
        assert_eq!(community.set_remark(me, them, "同学").await, Ok(()));
    }
    community.delete_member(2).await;
    while community.run_due_tasks(i64::MAX).await > 0 {}
    assert_eq!(community.remarks(1).await, []);
    assert_eq!(community.remarks(3).await, [remark(4, "同学")]);
    let index = expect_read(community.store.all::<RemarkedBy>().await);
    assert_eq!(index, [RemarkedBy { mid: mid(4), author: mid(3) }]);
}

pub(crate) async fn daily_login_sets_the_last_day(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let active = async || {
        let row = expect_read(community.store.get::<Experience>(mid(1)).await);
        row.and_then(|row| row.active)
    };
    assert_eq!(active().await, None);
    let (first, second) = (1_590_000_000, 1_590_000_000 + 2 * 86_400);
    for (now, seen) in [(first, first), (second, second), (first, second)] {
        assert_eq!(community.run(GrantDailyLogin { me: mid(1), now }).await, Ok(()));
        assert_eq!(active().await, Some(day::date_at(seen)), "{now}");
    }
}
