//! Groups of followings (section 5 of the contract).

use crate::community::{Community, members, mid};
use crate::told::told;
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_domain::page::Window;
use guanxi_storage::command::CreateGroup;
use guanxi_storage::row::Group;
use guanxi_storage::store::{List, ListQuery};
use guanxi_storage::{Row, Store};
use guanxi_types::Order;
use guanxi_types::{ErrorCode, Tagid};

const NOBODY: [u64; 0] = [];

/// Member 1, who follows the members 2 to `last`.
async fn with_followings<S: Store>(store: S, last: u64) -> Community<S> {
    let community = Community::of(store, last).await;
    for them in 2..=last {
        community.acts(&[(1, RelationAction::Follow, them, 100)]).await;
    }
    community
}

impl<S: Store> Community<S> {
    /// The groups of a tie, in the order they were joined.
    async fn tags(&self, me: u64, them: u64) -> Option<Vec<Tagid>> {
        self.tie(me, them).await.expect("there is a tie").tag()
    }
}

pub(crate) async fn a_tagid_is_given_once_in_the_whole_service(store: impl Store) {
    let community = Community::of(store, 2).await;
    let mut given = Vec::new();
    for name in ["a", "b", "c"] {
        for me in [1, 2] {
            given.push(community.create(me, name).await.expect("a new name"));
        }
    }
    // Neither the last nor any other comes back once its group is gone, however it was kept.
    for (tagid, me) in given.clone().into_iter().zip([1, 2].into_iter().cycle()) {
        assert_eq!(community.delete(me, tagid).await, Ok(()));
        given.push(community.create(me, &tagid.to_string()).await.expect("a new name"));
    }
    let loaded = Tagid(given.iter().map(|tagid| tagid.0).max().unwrap_or(0) + 1000);
    let group = Group { mid: mid(1), tagid: loaded, name: "d".to_owned() };
    assert_eq!(community.load(vec![Row::Group(group)]).await.fault, None);
    given.push(loaded);
    given.push(community.create(2, "e").await.expect("a new name"));
    assert!(given.iter().all(|tagid| !tagid.is_built_in()), "{given:?}");
    let count = given.len();
    given.sort_unstable();
    given.dedup();
    assert_eq!(given.len(), count, "a tagid was given twice: {given:?}");
}

pub(crate) async fn names_are_trimmed_and_told_apart(store: impl Store) {
    let community = Community::of(store, 2).await;
    let first = community.create(1, " 我的同学\t").await.expect("a new name");
    let second = community.create(1, "vUP").await.expect("a new name");
    let longest = community.create(1, "一二三四五六七八九十一二三四五六").await.expect("16 characters fit");
    assert_eq!(community.create(2, "vUP").await.map(|tagid| tagid > longest), Ok(true), "by owner");
    assert_eq!(
        community.groups(1).await,
        [
            (first, "我的同学".to_owned(), 0),
            (second, "vUP".to_owned(), 0),
            (longest, "一二三四五六七八九十一二三四五六".to_owned(), 0)
        ]
    );
}

pub(crate) async fn refusals_of_names_in_their_order(store: impl Store) {
    let community = Community::of(store, 1).await;
    let tagid = community.create(1, "同学").await.expect("a new name");
    let other = community.create(1, "vUP").await.expect("a new name");
    let unknown = Tagid(other.0 + 1);
    let long = "字".repeat(17);
    for (name, refusal) in [
        ("", ErrorCode::BadRequest),
        (" \u{3000}", ErrorCode::BadRequest),
        ("同学", ErrorCode::GroupExists),
        (" 同学 ", ErrorCode::GroupExists),
        ("特别关注", ErrorCode::GroupExists),
        ("默认分组", ErrorCode::GroupExists),
        (&long, ErrorCode::GroupNameTooLong),
    ] {
        assert_eq!(community.create(1, name).await, Err(refusal), "{name:?}");
    }
    for (tagid, name, refusal) in [
        (Tagid::SPECIAL, "x", ErrorCode::BadRequest),
        (Tagid::DEFAULT, "x", ErrorCode::BadRequest),
        (tagid, " ", ErrorCode::BadRequest),
        (tagid, &long, ErrorCode::GroupNameTooLong),
        (unknown, &long, ErrorCode::GroupNameTooLong),
        (unknown, "x", ErrorCode::NoGroup),
        (unknown, "vUP", ErrorCode::NoGroup),
        (tagid, "vUP", ErrorCode::GroupExists),
        (tagid, "默认分组", ErrorCode::GroupExists),
    ] {
        assert_eq!(community.rename(1, tagid, name).await, Err(refusal), "{tagid} {name:?}");
    }
}

pub(crate) async fn groups_have_a_limit(store: impl Store) {
    let community = Community::of(store, 2).await;
    let create = |me, name: &str| CreateGroup { me: mid(me), name: name.to_owned(), limit: 2 };
    let first = community.run(create(1, "a")).await.expect("there is room");
    assert!(community.run(create(1, "b")).await.is_ok());
    assert_eq!(community.run(create(1, "c")).await, Err(ErrorCode::GroupsFull));
    assert!(community.run(create(2, "c")).await.is_ok(), "each has a limit of their own");
    assert_eq!(community.delete(1, first).await, Ok(()));
    assert!(community.run(create(1, "c")).await.is_ok());
    assert_eq!(community.groups(1).await.len(), 2);
}

pub(crate) async fn a_group_is_renamed_by_its_owner(store: impl Store) {
    let community = with_followings(store, 2).await;
    let tagid = community.create(1, "同学").await.expect("a new name");
    assert_eq!(community.assign(1, &[2], &[tagid]).await, Ok(()));
    assert_eq!(community.rename(1, tagid, " 膜法师 ").await, Ok(()));
    assert_eq!(community.rename(1, tagid, "膜法师").await, Ok(()), "its own name is no other's");
    assert_eq!(community.groups(1).await, [(tagid, "膜法师".to_owned(), 1)]);
    assert_eq!(community.rename(2, tagid, "我的").await, Err(ErrorCode::NoGroup));
    assert!(community.create(1, "同学").await.is_ok(), "the old name is free");
}

pub(crate) async fn a_deleted_group_gives_its_members_back(store: impl Store) {
    let community = with_followings(store, 4).await;
    let tagid = community.create(1, "同学").await.expect("a new name");
    assert_eq!(community.assign(1, &[4, 2], &[tagid]).await, Ok(()));
    assert_eq!(community.assign(1, &[3], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    assert_eq!(community.group(1, Tagid::DEFAULT).await, NOBODY);

    assert_eq!(community.delete(2, tagid).await, Ok(()), "of somebody else's it says nothing");
    assert_eq!(community.group(1, tagid).await, [3, 2, 4]);
    assert_eq!(community.delete(1, tagid).await, Ok(()));
    assert_eq!(community.delete(1, tagid).await, Ok(()), "gone is gone (D23)");
    for tagid in [Tagid::SPECIAL, Tagid::DEFAULT] {
        assert_eq!(community.delete(1, tagid).await, Err(ErrorCode::BadRequest));
    }
    assert_eq!(community.groups(1).await, []);
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [2, 4], "they fall back in the order they had");
    assert_eq!(community.group(1, Tagid::SPECIAL).await, [3]);
    assert_eq!(community.counts(1).await, [3, 0, 0, 0], "all stay followed");
    assert_eq!((community.stat(1).await.special, community.stat(1).await.default), (1, 2));
    assert_eq!(community.tags(1, 3).await, Some(vec![Tagid::SPECIAL]));
}

pub(crate) async fn assigning_sets_exactly_these_groups(store: impl Store) {
    let community = with_followings(store, 3).await;
    let a = community.create(1, "a").await.expect("a new name");
    let b = community.create(1, "b").await.expect("a new name");
    #[rustfmt::skip]
    let cases = [
        // tagids -> the groups of the tie
        (vec![b, a],                        Some(vec![b, a])),
        (vec![a, b],                        Some(vec![b, a])), // those it was in keep their place
        (vec![Tagid::SPECIAL, a],           Some(vec![a, Tagid::SPECIAL])),
        (vec![Tagid::DEFAULT, b],           Some(vec![b])), // 0 beside others says nothing
        (vec![a, a],                        Some(vec![a])),
        (vec![Tagid::DEFAULT],              None),
        (vec![Tagid::SPECIAL],              Some(vec![Tagid::SPECIAL])),
    ];
    for (tagids, expected) in cases {
        assert_eq!(community.assign(1, &[2], &tagids).await, Ok(()), "{tagids:?}");
        assert_eq!(community.tags(1, 2).await, expected, "{tagids:?}");
        for tagid in [Tagid::SPECIAL, a, b] {
            let within = expected.as_ref().is_some_and(|tags| tags.contains(&tagid));
            assert_eq!(community.group(1, tagid).await.contains(&2), within, "{tagid} after {tagids:?}");
        }
        assert_eq!(community.group(1, Tagid::DEFAULT).await.contains(&2), expected.is_none(), "{tagids:?}");
    }
    assert_eq!(community.groups(1).await, [(a, "a".to_owned(), 0), (b, "b".to_owned(), 0)]);
    assert_eq!(community.tags(1, 3).await, None, "who was not named stays");
}

pub(crate) async fn assigning_is_all_or_nothing(store: impl Store) {
    let community = with_followings(store, 4).await;
    let mine = community.create(1, "mine").await.expect("a new name");
    let theirs = community.create(2, "theirs").await.expect("a new name");
    community.acts(&[(1, RelationAction::Whisper, 4, 200)]).await;
    let before = told(&community.store, 4).await;
    #[rustfmt::skip]
    let cases = [
        // fids, tagids -> refusal
        (vec![2, 9],    vec![mine],                 ErrorCode::NotFollowed),
        (vec![2, 4],    vec![mine],                 ErrorCode::NotFollowed),
        (vec![2, 1],    vec![mine],                 ErrorCode::NotFollowed),
        (vec![2, 3],    vec![mine, theirs],         ErrorCode::NoGroup),
        (vec![2, 3],    vec![Tagid(theirs.0 + 1)],  ErrorCode::NoGroup),
        (vec![2, 9],    vec![theirs],               ErrorCode::NotFollowed),
    ];
    for (fids, tagids, refusal) in cases {
        assert_eq!(community.assign(1, &fids, &tagids).await, Err(refusal), "{fids:?} {tagids:?}");
        assert_eq!(told(&community.store, 4).await, before, "{fids:?} {tagids:?}");
    }
}

pub(crate) async fn who_joined_a_group_last_stands_first(store: impl Store) {
    let community = with_followings(store, 6).await;
    let tagid = community.create(1, "同学").await.expect("a new name");
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [6, 5, 4, 3, 2], "as they were followed");
    assert_eq!(community.assign(1, &[5, 3], &[tagid]).await, Ok(()));
    assert_eq!(community.assign(1, &[2, 5, 2], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    assert_eq!(community.group(1, tagid).await, [2, 3, 5], "who is in it keeps the place");
    assert_eq!(community.group(1, Tagid::SPECIAL).await, [5, 2]);
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [6, 4]);

    // Who leaves and comes back has joined last.
    assert_eq!(community.assign(1, &[5], &[Tagid::DEFAULT]).await, Ok(()));
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [5, 6, 4]);
    assert_eq!(community.assign(1, &[5], &[tagid]).await, Ok(()));
    assert_eq!(community.group(1, tagid).await, [5, 2, 3]);
    community.acts(&[(1, RelationAction::Unfollow, 3, 200), (1, RelationAction::Follow, 3, 300)]).await;
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [3, 6, 4]);

    // Becoming mutual moves a tie in the lists by time, and in no group.
    community.acts(&[(4, RelationAction::Follow, 1, 400)]).await;
    assert_eq!(community.group(1, Tagid::DEFAULT).await, [3, 6, 4]);
}

pub(crate) async fn group_page_is_cut_as_any_other(store: impl Store) {
    let community = with_followings(store, 6).await;
    let tagid = community.create(1, "同学").await.expect("a new name");
    assert_eq!(community.assign(1, &[6, 3, 5, 2, 4], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    for (list, mut expected) in [
        (List::Group(tagid), [4, 2, 5, 3, 6]),
        (List::Group(Tagid::SPECIAL), [4, 2, 5, 3, 6]),
        (List::Followings, [6, 5, 4, 3, 2]),
    ] {
        for order in [Order::Desc, Order::Asc] {
            for (skip, take) in [(0, 2), (2, 2), (4, 2), (6, 2), (0, 9), (u64::MAX, 2)] {
                let (owner, window) = (mid(1), Window { skip, take });
                let page =
                    community.page(ListQuery { owner, list, viewer: Some(owner), window, order }).await;
                let page = page.expect("it is one's own");
                let skip = usize::try_from(skip).unwrap_or(usize::MAX).min(5);
                let expected = &expected[skip..(skip + take).min(5)];
                assert_eq!(
                    (members(&page).as_slice(), page.total),
                    (expected, 5),
                    "{list:?} {order:?} {skip}"
                );
            }
            expected.reverse();
        }
    }
}

pub(crate) async fn group_shows_times_and_groups_to_its_owner(store: impl Store) {
    let community = with_followings(store, 3).await;
    let tagid = community.create(1, "同学").await.expect("a new name");
    community.acts(&[(1, RelationAction::Unfollow, 3, 200), (1, RelationAction::Follow, 3, 300)]).await;
    assert_eq!(community.assign(1, &[3], &[tagid, Tagid::SPECIAL]).await, Ok(()));
    for (list, member, mtime, tagids) in [
        (List::Group(tagid), 3, 300, vec![tagid, Tagid::SPECIAL]),
        (List::Group(Tagid::DEFAULT), 2, 100, vec![Tagid::DEFAULT]),
    ] {
        let own = community.list(1, list).await.entries.remove(0);
        let groups: Vec<Tagid> = own.groups.iter().map(|joined| joined.tagid).collect();
        assert_eq!((own.mid, own.mtime, own.attribute, groups), (mid(member), mtime, 2, tagids), "{list:?}");
        let window = Window { skip: 0, take: 1 };
        let page = ListQuery { owner: mid(1), list, viewer: None, window, order: Order::Desc };
        let bare = community.page(page).await.expect("there is such a group").entries.remove(0);
        assert_eq!((bare.mid, bare.mtime, bare.attribute), (mid(member), 0, 0), "{list:?}");
        assert_eq!(bare.groups, vec![], "{list:?}");
    }
}
