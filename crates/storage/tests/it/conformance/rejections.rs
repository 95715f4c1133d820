//! Rejected commands write nothing: all reads are equal before and after.

use crate::community::{Community, card, change_relation, expect_read, mid};
use crate::dump_state::member_states;
use guanxi_domain::relation::{Relation, RelationKind};
use guanxi_storage::commands::{ChangeRelation, Command, CreateGroup, GrantDailyLogin, ImportResult};
use guanxi_storage::model::RelationRow;
use guanxi_storage::{Row, Store};
use guanxi_types::{ErrorCode, RelationAction, Tagid};

/// Creates members with relations of every kind, a group and coins.
async fn sample_members<S: Store>(store: S) -> (Community<S>, Tagid) {
    let community = Community::with_members(store, 5).await;
    community
        .relate_all(&[
            (1, RelationAction::Follow, 2, 100),
            (2, RelationAction::Follow, 1, 100),
            (1, RelationAction::Whisper, 3, 100),
        ])
        .await;
    community.relate_all(&[(4, RelationAction::Block, 1, 100), (1, RelationAction::Block, 5, 100)]).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    assert_eq!(community.assign_groups(1, &[2], &[tagid]).await, Ok(()));
    assert_eq!(community.run(GrantDailyLogin { me: mid(1), now: 100 }).await, Ok(()));
    (community, tagid)
}

async fn assert_rejected<S: Store, C: Command + Clone>(
    community: &Community<S>,
    command: C,
    rejection: ErrorCode,
) {
    let before = member_states(&community.store, 5).await;
    let name = std::any::type_name::<C>();
    assert_eq!(community.run(command).await.err(), Some(rejection), "{name}");
    assert_eq!(
        member_states(&community.store, 5).await,
        before,
        "{name} was rejected with {rejection:?}, but wrote"
    );
}

pub(crate) async fn rejection_writes_nothing(store: impl Store) {
    let (community, _) = sample_members(store).await;
    #[rustfmt::skip]
    let actions = [
        // action, them, limit -> rejection
        (RelationAction::Follow,         4, 9, ErrorCode::Blocked),
        (RelationAction::Whisper,        4, 9, ErrorCode::Blocked),
        (RelationAction::Follow,         5, 9, ErrorCode::Blocked),
        (RelationAction::Whisper,        5, 0, ErrorCode::Blocked),
        (RelationAction::Follow,         9, 9, ErrorCode::MemberNeverExisted),
        (RelationAction::Block,          9, 9, ErrorCode::MemberNeverExisted),
        (RelationAction::RemoveFollower, 9, 9, ErrorCode::MemberNeverExisted),
        (RelationAction::Follow,         1, 9, ErrorCode::TargetIsSelf),
        (RelationAction::Block,          1, 9, ErrorCode::TargetIsSelf),
        (RelationAction::Unblock,        1, 9, ErrorCode::TargetIsSelf),
        (RelationAction::Follow,         3, 1, ErrorCode::FollowingLimitReached),
        (RelationAction::Whisper,        2, 1, ErrorCode::FollowingLimitReached),
    ];
    for (action, them, limit, rejection) in actions {
        assert_rejected(
            &community,
            ChangeRelation { limit, ..change_relation(1, action, them, 200) },
            rejection,
        )
        .await;
    }
    assert_eq!(expect_read(community.store.counters(mid(9)).await), None, "no member was created");
    let create = |name: &str, limit| CreateGroup { me: mid(1), name: name.to_owned(), limit };
    assert_rejected(&community, create(" ", 9), ErrorCode::BadRequest).await;
    assert_rejected(&community, create("同学", 9), ErrorCode::GroupExists).await;
    assert_rejected(&community, create(&"字".repeat(17), 9), ErrorCode::GroupNameTooLong).await;
    assert_rejected(&community, create("vUP", 1), ErrorCode::GroupLimitReached).await;
}

pub(crate) async fn import_of_a_bad_row_writes_nothing(store: impl Store) {
    let (community, _) = sample_members(store).await;
    let before = member_states(&community.store, 5).await;
    let relation = Relation { kind: RelationKind::Block, mtime: 100, seq: 0, source: 11, groups: vec![] };
    let invalid = Row::Relation(RelationRow { from: mid(1), to: mid(2), relation });
    let ImportResult { rows, error } = community.import(vec![invalid, card(4)]).await;
    assert_eq!((rows, error.is_some()), (0, true));
    assert_eq!(member_states(&community.store, 5).await, before);
}
