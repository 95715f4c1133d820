//! Groups of followings (section 5 of the contract).

use crate::community::{Community, mid, page_mids};
use crate::dump_state::member_states;
use guanxi_domain::paging::PageWindow;
use guanxi_storage::commands::CreateGroup;
use guanxi_storage::model::Group;
use guanxi_storage::store::{List, ListQuery};
use guanxi_storage::{Row, Store};
use guanxi_types::{ErrorCode, Order, RelationAction, Tagid};

const NOBODY: [u64; 0] = [];

/// Creates member 1, who follows the members 2 to `last`.
async fn with_followings<S: Store>(store: S, last: u64) -> Community<S> {
    let community = Community::with_members(store, last).await;
    for them in 2..=last {
        community.relate_all(&[(1, RelationAction::Follow, them, 100)]).await;
    }
    community
}

impl<S: Store> Community<S> {
    /// Returns the groups of a relation, in the order they were joined.
    async fn tags(&self, me: u64, them: u64) -> Option<Vec<Tagid>> {
        self.relation(me, them).await.expect("the relation exists").tag()
    }
}

pub(crate) async fn tagid_is_never_assigned_twice(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let mut tagids = Vec::new();
    for name in ["a", "b", "c"] {
        for me in [1, 2] {
            tagids.push(community.create_group(me, name).await.expect("a new name"));
        }
    }
    // A tagid is not assigned again after its group is deleted, or if it was imported.
    for (tagid, me) in tagids.clone().into_iter().zip([1, 2].into_iter().cycle()) {
        assert_eq!(community.delete_group(me, tagid).await, Ok(()));
        tagids.push(community.create_group(me, &tagid.to_string()).await.expect("a new name"));
    }
    let loaded = Tagid(tagids.iter().map(|tagid| tagid.0).max().unwrap_or(0) + 1000);
    let group = Group { mid: mid(1), tagid: loaded, name: "d".to_owned() };
    assert_eq!(community.import(vec![Row::Group(group)]).await.error, None);
    tagids.push(loaded);
    tagids.push(community.create_group(2, "e").await.expect("a new name"));
    assert!(tagids.iter().all(|tagid| !tagid.is_built_in()), "{tagids:?}");
    let count = tagids.len();
    tagids.sort_unstable();
    tagids.dedup();
    assert_eq!(tagids.len(), count, "a tagid was assigned twice: {tagids:?}");
}

pub(crate) async fn group_names_are_trimmed_and_unique_by_owner(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let first = community.create_group(1, " 我的同学\t").await.expect("a new name");
    let second = community.create_group(1, "vUP").await.expect("a new name");
    let longest =
        community.create_group(1, "一二三四五六七八九十一二三四五六").await.expect("16 characters fit");
    assert_eq!(
        community.create_group(2, "vUP").await.map(|tagid| tagid > longest),
        Ok(true),
        "names are unique by owner only"
    );
    assert_eq!(
        community.groups(1).await,
        [
            (first, "我的同学".to_owned(), 0),
            (second, "vUP".to_owned(), 0),
            (longest, "一二三四五六七八九十一二三四五六".to_owned(), 0)
        ]
    );
}

pub(crate) async fn group_name_rejections_have_a_fixed_order(store: impl Store) {
    let community = Community::with_members(store, 1).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    let other = community.create_group(1, "vUP").await.expect("a new name");
    let unknown = Tagid(other.0 + 1);
    let long = "字".repeat(17);
    for (name, rejection) in [
        ("", ErrorCode::BadRequest),
        (" \u{3000}", ErrorCode::BadRequest),
        ("同学", ErrorCode::GroupExists),
        (" 同学 ", ErrorCode::GroupExists),
        ("特别关注", ErrorCode::GroupExists),
        ("默认分组", ErrorCode::GroupExists),
        (&long, ErrorCode::GroupNameTooLong),
    ] {
        assert_eq!(community.create_group(1, name).await, Err(rejection), "{name:?}");
    }
    for (tagid, name, rejection) in [
        (Tagid::SPECIAL, "x", ErrorCode::BadRequest),
        (Tagid::DEFAULT, "x", ErrorCode::BadRequest),
        (tagid, " ", ErrorCode::BadRequest),
        (tagid, &long, ErrorCode::GroupNameTooLong),
        (unknown, &long, ErrorCode::GroupNameTooLong),
        (unknown, "x", ErrorCode::GroupNotFound),
        (unknown, "vUP", ErrorCode::GroupNotFound),
        (tagid, "vUP", ErrorCode::GroupExists),
        (tagid, "默认分组", ErrorCode::GroupExists),
    ] {
        assert_eq!(community.rename_group(1, tagid, name).await, Err(rejection), "{tagid} {name:?}");
    }
}

pub(crate) async fn group_count_is_limited(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let create = |me, name: &str| CreateGroup { me: mid(me), name: name.to_owned(), limit: 2 };
    let first = community.run(create(1, "a")).await.expect("the limit is not reached");
    assert!(community.run(create(1, "b")).await.is_ok());
    assert_eq!(community.run(create(1, "c")).await, Err(ErrorCode::GroupLimitReached));
    assert!(community.run(create(2, "c")).await.is_ok(), "the limit is by member");
    assert_eq!(community.delete_group(1, first).await, Ok(()));
    assert!(community.run(create(1, "c")).await.is_ok());
    assert_eq!(community.groups(1).await.len(), 2);
}

pub(crate) async fn group_is_renamed_by_its_owner(store: impl Store) {
    let community = with_followings(store, 2).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    assert_eq!(community.assign_groups(1, &[2], &[tagid]).await, Ok(()));
    assert_eq!(community.rename_group(1, tagid, " 膜法师 ").await, Ok(()));
    assert_eq!(community.rename_group(1, tagid, "膜法师").await, Ok(()), "a group may keep its name");
    assert_eq!(community.groups(1).await, [(tagid, "膜法师".to_owned(), 1)]);
    assert_eq!(community.rename_group(2, tagid, "我的").await, Err(ErrorCode::GroupNotFound));
    assert!(community.create_group(1, "同学").await.is_ok(), "the old name is free");
}

pub(crate) async fn deleted_group_returns_members_to_default(store: impl Store) {
    let community = with_followings(store, 4).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    assert_eq!(community.assign_groups(1, &[4, 2], &[tagid]).await, Ok(()));
    assert_eq!(community.assign_groups(1, &[3], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, NOBODY);

    assert_eq!(community.delete_group(2, tagid).await, Ok(()), "the group of another member is left alone");
    assert_eq!(community.group_members(1, tagid).await, [3, 2, 4]);
    assert_eq!(community.delete_group(1, tagid).await, Ok(()));
    assert_eq!(community.delete_group(1, tagid).await, Ok(()), "a deletion may be repeated (D23)");
    for tagid in [Tagid::SPECIAL, Tagid::DEFAULT] {
        assert_eq!(community.delete_group(1, tagid).await, Err(ErrorCode::BadRequest));
    }
    assert_eq!(community.groups(1).await, []);
    assert_eq!(
        community.group_members(1, Tagid::DEFAULT).await,
        [2, 4],
        "members return in the order of the group"
    );
    assert_eq!(community.group_members(1, Tagid::SPECIAL).await, [3]);
    assert_eq!(community.counts(1).await, [3, 0, 0, 0], "all follows are kept");
    assert_eq!((community.counters(1).await.special, community.counters(1).await.default), (1, 2));
    assert_eq!(community.tags(1, 3).await, Some(vec![Tagid::SPECIAL]));
}

pub(crate) async fn assign_sets_exactly_the_given_groups(store: impl Store) {
    let community = with_followings(store, 3).await;
    let a = community.create_group(1, "a").await.expect("a new name");
    let b = community.create_group(1, "b").await.expect("a new name");
    #[rustfmt::skip]
    let cases = [
        // tagids -> groups of the relation
        (vec![b, a],                        Some(vec![b, a])),
        (vec![a, b],                        Some(vec![b, a])), // existing memberships keep their order
        (vec![Tagid::SPECIAL, a],           Some(vec![a, Tagid::SPECIAL])),
        (vec![Tagid::DEFAULT, b],           Some(vec![b])), // 0 beside other groups is ignored
        (vec![a, a],                        Some(vec![a])),
        (vec![Tagid::DEFAULT],              None),
        (vec![Tagid::SPECIAL],              Some(vec![Tagid::SPECIAL])),
    ];
    for (tagids, expected) in cases {
        assert_eq!(community.assign_groups(1, &[2], &tagids).await, Ok(()), "{tagids:?}");
        assert_eq!(community.tags(1, 2).await, expected, "{tagids:?}");
        for tagid in [Tagid::SPECIAL, a, b] {
            let within = expected.as_ref().is_some_and(|tags| tags.contains(&tagid));
            assert_eq!(
                community.group_members(1, tagid).await.contains(&2),
                within,
                "{tagid} after {tagids:?}"
            );
        }
        assert_eq!(
            community.group_members(1, Tagid::DEFAULT).await.contains(&2),
            expected.is_none(),
            "{tagids:?}"
        );
    }
    assert_eq!(community.groups(1).await, [(a, "a".to_owned(), 0), (b, "b".to_owned(), 0)]);
    assert_eq!(community.tags(1, 3).await, None, "other members are unchanged");
}

pub(crate) async fn assign_is_atomic(store: impl Store) {
    let community = with_followings(store, 4).await;
    let mine = community.create_group(1, "mine").await.expect("a new name");
    let theirs = community.create_group(2, "theirs").await.expect("a new name");
    community.relate_all(&[(1, RelationAction::Whisper, 4, 200)]).await;
    let before = member_states(&community.store, 4).await;
    #[rustfmt::skip]
    let cases = [
        // fids, tagids -> rejection
        (vec![2, 9],    vec![mine],                 ErrorCode::NotFollowing),
        (vec![2, 4],    vec![mine],                 ErrorCode::NotFollowing),
        (vec![2, 1],    vec![mine],                 ErrorCode::NotFollowing),
        (vec![2, 3],    vec![mine, theirs],         ErrorCode::GroupNotFound),
        (vec![2, 3],    vec![Tagid(theirs.0 + 1)],  ErrorCode::GroupNotFound),
        (vec![2, 9],    vec![theirs],               ErrorCode::NotFollowing),
    ];
    for (fids, tagids, rejection) in cases {
        assert_eq!(community.assign_groups(1, &fids, &tagids).await, Err(rejection), "{fids:?} {tagids:?}");
        assert_eq!(member_states(&community.store, 4).await, before, "{fids:?} {tagids:?}");
    }
}

pub(crate) async fn last_joined_group_member_is_first(store: impl Store) {
    let community = with_followings(store, 6).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    assert_eq!(
        community.group_members(1, Tagid::DEFAULT).await,
        [6, 5, 4, 3, 2],
        "in the order of the follows"
    );
    assert_eq!(community.assign_groups(1, &[5, 3], &[tagid]).await, Ok(()));
    assert_eq!(community.assign_groups(1, &[2, 5, 2], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    assert_eq!(community.group_members(1, tagid).await, [2, 3, 5], "an existing member keeps their position");
    assert_eq!(community.group_members(1, Tagid::SPECIAL).await, [5, 2]);
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, [6, 4]);

    // A member who leaves and joins again is last.
    assert_eq!(community.assign_groups(1, &[5], &[Tagid::DEFAULT]).await, Ok(()));
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, [5, 6, 4]);
    assert_eq!(community.assign_groups(1, &[5], &[tagid]).await, Ok(()));
    assert_eq!(community.group_members(1, tagid).await, [5, 2, 3]);
    community.relate_all(&[(1, RelationAction::Unfollow, 3, 200), (1, RelationAction::Follow, 3, 300)]).await;
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, [3, 6, 4]);

    // A new mutual follow moves in the lists by time, but not in groups.
    community.relate_all(&[(4, RelationAction::Follow, 1, 400)]).await;
    assert_eq!(community.group_members(1, Tagid::DEFAULT).await, [3, 6, 4]);
}

pub(crate) async fn group_list_is_paged(store: impl Store) {
    let community = with_followings(store, 6).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    assert_eq!(community.assign_groups(1, &[6, 3, 5, 2, 4], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    for (list, mut expected) in [
        (List::Group(tagid), [4, 2, 5, 3, 6]),
        (List::Group(Tagid::SPECIAL), [4, 2, 5, 3, 6]),
        (List::Followings, [6, 5, 4, 3, 2]),
    ] {
        for order in [Order::Desc, Order::Asc] {
            for (skip, take) in [(0, 2), (2, 2), (4, 2), (6, 2), (0, 9), (u64::MAX, 2)] {
                let (owner, window) = (mid(1), PageWindow { offset: skip, limit: take });
                let page =
                    community.page(ListQuery { owner, list, viewer: Some(owner), window, order }).await;
                let page = page.expect("the owner sees the group");
                let skip = usize::try_from(skip).unwrap_or(usize::MAX).min(5);
                let expected = &expected[skip..(skip + take).min(5)];
                assert_eq!(
                    (page_mids(&page).as_slice(), page.total),
                    (expected, 5),
                    "{list:?} {order:?} {skip}"
                );
            }
            expected.reverse();
        }
    }
}

pub(crate) async fn group_shows_times_and_groups_to_owner_only(store: impl Store) {
    let community = with_followings(store, 3).await;
    let tagid = community.create_group(1, "同学").await.expect("a new name");
    community.relate_all(&[(1, RelationAction::Unfollow, 3, 200), (1, RelationAction::Follow, 3, 300)]).await;
    assert_eq!(community.assign_groups(1, &[3], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    for (list, member, mtime, tagids) in [
        (List::Group(tagid), 3, 300, vec![tagid, Tagid::SPECIAL]),
        (List::Group(Tagid::DEFAULT), 2, 100, vec![Tagid::DEFAULT]),
    ] {
        let own = community.list(1, list).await.entries.remove(0);
        let groups: Vec<Tagid> = own.groups.iter().map(|joined| joined.tagid).collect();
        assert_eq!((own.mid, own.mtime, own.attribute, groups), (mid(member), mtime, 2, tagids), "{list:?}");
        let window = PageWindow { offset: 0, limit: 1 };
        let query = ListQuery { owner: mid(1), list, viewer: None, window, order: Order::Desc };
        let bare = community.page(query).await.expect("the group exists").entries.remove(0);
        assert_eq!((bare.mid, bare.mtime, bare.attribute), (mid(member), 0, 0), "{list:?}");
        assert_eq!(bare.groups, vec![], "{list:?}");
    }
}
