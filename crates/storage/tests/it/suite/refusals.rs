//! A refusal writes nothing: every read tells the same before and after.

use crate::community::{Community, card, mid, read, relate};
use crate::told::told;
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::tie::{Relation, RelationKind};
use guanxi_storage::command::{ChangeRelation, Command, CreateGroup, GrantDailyLogin, ImportResult};
use guanxi_storage::row::TieRow;
use guanxi_storage::{Row, Store};
use guanxi_types::{ErrorCode, Tagid};

/// Members with every kind of tie, a group, coins.
async fn settled<S: Store>(store: S) -> (Community<S>, Tagid) {
    let community = Community::of(store, 5).await;
    community
        .acts(&[
            (1, RelationAction::Follow, 2, 100),
            (2, RelationAction::Follow, 1, 100),
            (1, RelationAction::Whisper, 3, 100),
        ])
        .await;
    community.acts(&[(4, RelationAction::Black, 1, 100), (1, RelationAction::Black, 5, 100)]).await;
    let tagid = community.create(1, "同学").await.expect("a new name");
    assert_eq!(community.assign(1, &[2], &[tagid]).await, Ok(()));
    assert_eq!(community.run(GrantDailyLogin { me: mid(1), now: 100 }).await, Ok(()));
    (community, tagid)
}

async fn refused<S: Store, C: Command + Clone>(community: &Community<S>, command: C, refusal: ErrorCode) {
    let before = told(&community.store, 5).await;
    let name = std::any::type_name::<C>();
    assert_eq!(community.run(command).await.err(), Some(refusal), "{name}");
    assert_eq!(told(&community.store, 5).await, before, "{name} was refused with {refusal:?} and wrote");
}

pub(crate) async fn a_refusal_writes_nothing(store: impl Store) {
    let (community, _) = settled(store).await;
    #[rustfmt::skip]
    let acts = [
        // act, upon whom, limit -> refusal
        (RelationAction::Follow,  4, 9, ErrorCode::Blocked),
        (RelationAction::Whisper, 4, 9, ErrorCode::Blocked),
        (RelationAction::Follow,  5, 9, ErrorCode::Blocked),
        (RelationAction::Whisper, 5, 0, ErrorCode::Blocked),
        (RelationAction::Follow,  9, 9, ErrorCode::NeverMember),
        (RelationAction::Black,   9, 9, ErrorCode::NeverMember),
        (RelationAction::Kick,    9, 9, ErrorCode::NeverMember),
        (RelationAction::Follow,  1, 9, ErrorCode::Oneself),
        (RelationAction::Black,   1, 9, ErrorCode::Oneself),
        (RelationAction::Unblack, 1, 9, ErrorCode::Oneself),
        (RelationAction::Follow,  3, 1, ErrorCode::FollowingFull),
        (RelationAction::Whisper, 2, 1, ErrorCode::FollowingFull),
    ];
    for (act, them, limit, refusal) in acts {
        refused(&community, ChangeRelation { limit, ..relate(1, act, them, 200) }, refusal).await;
    }
    assert_eq!(read(community.store.stat(mid(9)).await), None, "nobody came to be by being named");
    let create = |name: &str, limit| CreateGroup { me: mid(1), name: name.to_owned(), limit };
    refused(&community, create(" ", 9), ErrorCode::BadRequest).await;
    refused(&community, create("同学", 9), ErrorCode::GroupExists).await;
    refused(&community, create(&"字".repeat(17), 9), ErrorCode::GroupNameTooLong).await;
    refused(&community, create("vUP", 1), ErrorCode::GroupsFull).await;
}

pub(crate) async fn a_load_of_nothing_but_a_bad_row_writes_nothing(store: impl Store) {
    let (community, _) = settled(store).await;
    let before = told(&community.store, 5).await;
    let tie = Relation { kind: RelationKind::Black, mtime: 100, seq: 0, source: 11, groups: vec![] };
    let bad = Row::Tie(TieRow { from: mid(1), to: mid(2), tie });
    let ImportResult { rows, fault } = community.load(vec![bad, card(4)]).await;
    assert_eq!((rows, fault.is_some()), (0, true));
    assert_eq!(told(&community.store, 5).await, before);
}
