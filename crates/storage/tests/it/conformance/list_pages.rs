//! Pages of lists: order, windows, visibility (D15).

use crate::community::{Community, WHOLE_LIST, card, expect_read, mid, page_mids};
use guanxi_domain::paging::PageWindow;
use guanxi_storage::model::Card;
use guanxi_storage::store::{CardVersion, List, ListEntry, ListQuery, Page};
use guanxi_storage::{Row, Store};
use guanxi_types::{Mid, Order, RelationAction, Tagid};

/// Returns a page of a list, as an anonymous viewer sees it.
async fn anonymous_page<S: Store>(
    community: &Community<S>,
    (owner, list): (u64, List),
    (offset, take): (u64, usize),
    order: Order,
) -> Page {
    let query = ListQuery {
        owner: mid(owner),
        list,
        viewer: None,
        window: PageWindow { offset, limit: take },
        order,
    };
    community.page(query).await.expect("the list exists")
}

/// Creates member 1 with the followers 2 to 9. Three follows are of one second, not in the order of their mids.
async fn with_followers<S: Store>(store: S) -> Community<S> {
    let community = Community::with_members(store, 9).await;
    for (follower, now) in [(4, 100), (9, 200), (3, 200), (6, 200), (2, 300), (8, 50), (5, 400), (7, 500)] {
        community
            .relate_all(&[
                (follower, RelationAction::Follow, 1, now),
                (1, RelationAction::Follow, follower, now),
            ])
            .await;
    }
    community
}

const NEWEST_FIRST: [u64; 8] = [7, 5, 2, 6, 3, 9, 4, 8];

pub(crate) async fn list_is_newest_first(store: impl Store) {
    let community = with_followers(store).await;
    assert_eq!(community.followers(1).await, NEWEST_FIRST);
    assert_eq!(community.followings(1).await, NEWEST_FIRST);
    let page = community.list(1, List::Followers).await;
    let times: Vec<i64> = page.entries.iter().map(|entry| entry.mtime).collect();
    assert_eq!(times, [500, 400, 300, 200, 200, 200, 100, 50]);
}

/// Mids whose order differs as numbers, as text, as little-endian bytes, and in this list.
const MANY: [u64; 6] = [300, 2, Mid::MAX.get(), 256, 1000, 255];

/// Creates member 1 and these members, without relations.
async fn with_many<S: Store>(store: S) -> Community<S> {
    let community = Community::with_members(store, 0).await;
    community.import([1].iter().chain(&MANY).copied().map(card).collect()).await;
    community
}

/// Returns a list of member 1, oldest first, as member 1 sees it.
async fn oldest_first<S: Store>(community: &Community<S>, list: List) -> Vec<u64> {
    let query =
        ListQuery { owner: mid(1), list, viewer: Some(mid(1)), window: WHOLE_LIST, order: Order::Asc };
    page_mids(&community.page(query).await.expect("the owner sees the list"))
}

pub(crate) async fn relations_of_one_second_keep_creation_order(store: impl Store) {
    let community = with_many(store).await;
    for other in MANY {
        community.relate_all(&[(other, RelationAction::Follow, 1, 100)]).await;
    }
    let actions = [
        (List::Whispers, RelationAction::Whisper, 100),
        (List::Followings, RelationAction::Follow, 101),
        (List::Blocks, RelationAction::Block, 102),
    ];
    assert_eq!(oldest_first(&community, List::Followers).await, MANY);
    for (list, action, second) in actions {
        for other in MANY {
            community.relate_all(&[(1, action, other, second)]).await;
        }
        assert_eq!(oldest_first(&community, list).await, MANY, "{list:?}");
        for (offset, other) in MANY.into_iter().enumerate() {
            let window = PageWindow { offset: offset as u64, limit: 1 };
            let query = ListQuery { owner: mid(1), list, viewer: Some(mid(1)), window, order: Order::Asc };
            let page = community.page(query).await.expect("the owner sees the list");
            assert_eq!(page_mids(&page), [other], "{list:?} at offset {offset}");
        }
    }
}

pub(crate) async fn recreated_relation_is_last_of_its_second(store: impl Store) {
    let community = with_many(store).await;
    for other in MANY {
        community
            .relate_all(&[(other, RelationAction::Follow, 1, 100), (1, RelationAction::Whisper, other, 100)])
            .await;
    }
    let again = [2, 1000, 300];
    for other in again {
        community
            .relate_all(&[(other, RelationAction::Unfollow, 1, 100), (other, RelationAction::Follow, 1, 100)])
            .await;
        community
            .relate_all(&[
                (1, RelationAction::Unwhisper, other, 100),
                (1, RelationAction::Whisper, other, 100),
            ])
            .await;
    }
    for list in [List::Followers, List::Whispers] {
        assert_eq!(
            oldest_first(&community, list).await,
            [Mid::MAX.get(), 256, 255, 2, 1000, 300],
            "{list:?}"
        );
    }
}

pub(crate) async fn new_mutual_follow_is_last_of_its_second(store: impl Store) {
    let community = with_many(store).await;
    for other in MANY {
        community.relate_all(&[(other, RelationAction::Follow, 1, 100)]).await;
    }
    community
        .relate_all(&[(1, RelationAction::Follow, 1000, 100), (300, RelationAction::Follow, 2, 100)])
        .await;
    // The follow of 1 is of this second already, and moves to its end (D12). 2's other follower is earlier.
    community.relate_all(&[(1, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(oldest_first(&community, List::Followers).await, [300, Mid::MAX.get(), 256, 255, 1000, 2]);
    assert_eq!(oldest_first(&community, List::Followings).await, [1000, 2]);
    assert_eq!(community.followers(2).await, [1, 300]);
    assert_eq!(community.followings(2).await, [1]);
    // Ending the mutual follow does not move the other relation. A new mutual follow makes both last again.
    community.relate_all(&[(1, RelationAction::Unfollow, 1000, 100)]).await;
    assert_eq!(oldest_first(&community, List::Followers).await, [300, Mid::MAX.get(), 256, 255, 1000, 2]);
    community.relate_all(&[(1, RelationAction::Follow, 1000, 100)]).await;
    assert_eq!(oldest_first(&community, List::Followers).await, [300, Mid::MAX.get(), 256, 255, 2, 1000]);
    assert_eq!(oldest_first(&community, List::Followings).await, [2, 1000]);
}

pub(crate) async fn clock_set_back_keeps_order_in_each_second(store: impl Store) {
    let community = with_many(store).await;
    // Seconds that occur again after the clock was set back.
    let seconds = [100, 200, 100, 200, 300, 100];
    for (other, second) in MANY.into_iter().zip(seconds) {
        community
            .relate_all(&[
                (other, RelationAction::Follow, 1, second),
                (1, RelationAction::Block, other, second),
            ])
            .await;
        community
            .relate_all(&[
                (1, RelationAction::Unblock, other, second),
                (other, RelationAction::Follow, 1, second),
            ])
            .await;
        community.relate_all(&[(1, RelationAction::Whisper, other, second)]).await;
    }
    for list in [List::Followers, List::Whispers] {
        let expected = [300, Mid::MAX.get(), 255, 2, 256, 1000];
        assert_eq!(oldest_first(&community, list).await, expected, "{list:?}");
    }
}

pub(crate) async fn seq_exceeds_those_of_both_members(store: impl Store) {
    // The seq of a relation exceeds those of both members, so that one number orders both lists.
    let community = with_many(store).await;
    community
        .relate_all(&[
            (2, RelationAction::Follow, 255, 100),
            (2, RelationAction::Follow, 256, 100),
            (300, RelationAction::Follow, 1, 100),
        ])
        .await;
    community
        .relate_all(&[(2, RelationAction::Follow, 1, 100), (1000, RelationAction::Follow, 1, 100)])
        .await;
    let seq = async |from, to| community.relation(from, to).await.expect("the relation exists").seq;
    assert_eq!([seq(2, 255).await, seq(2, 256).await, seq(300, 1).await], [0, 1, 0]);
    assert_eq!([seq(2, 1).await, seq(1000, 1).await], [2, 3]);
    community.relate_all(&[(2, RelationAction::Follow, 1000, 101)]).await;
    assert_eq!(seq(2, 1000).await, 0, "each second starts at 0");
}

pub(crate) async fn page_windows_have_no_gap_or_overlap(store: impl Store) {
    let community = with_followers(store).await;
    for list in [List::Followers, List::Followings] {
        for take in 1..=9 {
            let mut seen = Vec::new();
            while seen.len() < NEWEST_FIRST.len() {
                let page =
                    anonymous_page(&community, (1, list), (seen.len() as u64, take), Order::Desc).await;
                assert_eq!(page.total, 8);
                assert_eq!(page.entries.len(), take.min(8 - seen.len()), "{list:?} by {take}");
                seen.extend(page_mids(&page));
            }
            assert_eq!(seen, NEWEST_FIRST, "{list:?} by {take}");
        }
    }
}

/// Creates member 1, who whispers 2 to 5 and blocks 6 to 9, two of each in one second, without follows.
async fn with_private_relations<S: Store>(store: S) -> Community<S> {
    let community = Community::with_members(store, 9).await;
    for (them, now) in [(4, 100), (2, 200), (5, 200), (3, 300)] {
        community
            .relate_all(&[
                (1, RelationAction::Whisper, them, now),
                (1, RelationAction::Block, them + 4, now + 50),
            ])
            .await;
    }
    community
}

pub(crate) async fn whispers_and_blocks_have_own_lists(store: impl Store) {
    let community = with_private_relations(store).await;
    let entries = async |list| -> Vec<(u64, i64, u8)> {
        let page = community.list(1, list).await.entries.into_iter();
        page.map(|entry| (entry.mid.get(), entry.mtime, entry.attribute)).collect()
    };
    assert_eq!(entries(List::Whispers).await, [(3, 300, 1), (5, 200, 1), (2, 200, 1), (4, 100, 1)]);
    assert_eq!(entries(List::Blocks).await, [(7, 350, 128), (9, 250, 128), (6, 250, 128), (8, 150, 128)]);
    assert_eq!(entries(List::Followings).await, []);
    // A whisper that becomes a follow, and a lifted block, leave the lists.
    community.relate_all(&[(1, RelationAction::Follow, 5, 400), (1, RelationAction::Unblock, 9, 400)]).await;
    assert_eq!(page_mids(&community.list(1, List::Whispers).await), [3, 2, 4]);
    assert_eq!(page_mids(&community.list(1, List::Blocks).await), [7, 6, 8]);
    assert_eq!(community.followings(1).await, [5]);
}

pub(crate) async fn private_lists_are_paged(store: impl Store) {
    let community = with_private_relations(store).await;
    for (list, newest_first) in [(List::Whispers, [3, 5, 2, 4]), (List::Blocks, [7, 9, 6, 8])] {
        for (offset, take, order) in [(0, 3, Order::Desc), (3, 3, Order::Desc), (1, 2, Order::Asc)] {
            let mut whole = newest_first.to_vec();
            if order == Order::Asc {
                whole.reverse();
            }
            let expected: Vec<u64> = whole.into_iter().skip(offset).take(take).collect();
            let window = PageWindow { offset: offset as u64, limit: take };
            let query = ListQuery { owner: mid(1), list, viewer: Some(mid(1)), window, order };
            let page = community.page(query).await.expect("the owner sees the list");
            assert_eq!((page_mids(&page), page.total), (expected, 4), "{list:?} {offset} {take} {order:?}");
        }
    }
}

pub(crate) async fn private_lists_are_visible_to_owner_only(store: impl Store) {
    let community = with_private_relations(store).await;
    for list in [List::Whispers, List::Blocks] {
        for viewer in [None, Some(mid(2)), Some(mid(6)), Some(mid(99))] {
            let query = ListQuery { owner: mid(1), list, viewer, window: WHOLE_LIST, order: Order::Desc };
            assert!(community.page(query).await.is_none(), "{list:?} seen by {viewer:?}");
        }
        let unknown =
            ListQuery { owner: mid(99), list, viewer: Some(mid(99)), window: WHOLE_LIST, order: Order::Desc };
        assert!(community.page(unknown).await.is_none(), "{list:?} of an unknown member");
        assert_eq!(community.list(2, list).await.total, 0);
    }
}

pub(crate) async fn page_past_the_end_is_empty_with_total(store: impl Store) {
    let community = with_followers(store).await;
    for offset in [8, 9, 250, u64::MAX] {
        for order in [Order::Desc, Order::Asc] {
            let page = anonymous_page(&community, (1, List::Followers), (offset, 50), order).await;
            assert_eq!((page.entries, page.total), (vec![], 8), "past {offset}");
        }
    }
    let page = anonymous_page(&community, (1, List::Group(Tagid::SPECIAL)), (0, 50), Order::Desc).await;
    assert_eq!((page.entries, page.total), (vec![], 0));
}

pub(crate) async fn ascending_order_is_the_exact_reverse(store: impl Store) {
    let community = with_followers(store).await;
    let mut oldest_first = NEWEST_FIRST;
    oldest_first.reverse();
    for list in [List::Followers, List::Followings] {
        assert_eq!(
            page_mids(&anonymous_page(&community, (1, list), (0, 50), Order::Asc).await),
            oldest_first
        );
        assert_eq!(
            page_mids(&anonymous_page(&community, (1, list), (3, 2), Order::Asc).await),
            oldest_first[3..5]
        );
    }
}

pub(crate) async fn page_shows_current_cards(store: impl Store) {
    let community = with_followers(store).await;
    for uname in ["旧名", "新名"] {
        let card = Card { uname: uname.to_owned(), ..Card::new(mid(7)) };
        community.import(vec![Row::Card(Box::new(card.clone()))]).await;
        for list in [List::Followers, List::Followings] {
            let page = community.list(1, list).await;
            assert_eq!((page.entries[0].mid, &page.cards[0].1), (mid(7), &card));
            let cards: Vec<u64> = page.cards.iter().map(|(_, card)| card.mid.get()).collect();
            assert_eq!(cards, page_mids(&page));
        }
    }
}

pub(crate) async fn page_has_every_card_that_is_not_known(store: impl Store) {
    let community = with_followers(store).await;
    let (owner, window) = (mid(1), PageWindow { offset: 1, limit: 4 });
    let viewer = Some(owner);
    let query = ListQuery { owner, list: List::Followers, viewer, window, order: Order::Desc };
    let known = [5, 6].map(mid);
    let mut received = Vec::new();
    let remove_known = |entries: &[ListEntry], listed: &mut Vec<(Mid, CardVersion)>| {
        assert!(listed.iter().map(|(mid, _)| *mid).eq([5, 2, 6, 3].map(mid)));
        listed.retain(|(mid, _)| !known.contains(mid));
        received = entries.to_vec();
    };
    let page = expect_read(community.store.page(query, remove_known).await).expect("the list exists");
    assert_eq!(page_mids(&page), [5, 2, 6, 3]);
    assert_eq!(received, page.entries);
    assert!(page.entries.iter().any(|entry| entry.attribute > 0), "{:?}", page.entries);
    assert!(page.cards.iter().map(|(_, card)| card.mid).eq([2, 3].map(mid)));
}

pub(crate) async fn unknown_members_and_groups_have_no_list(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let tagid = community.create_group(2, "同学").await.expect("a new name");
    // owner, list -> true if the list exists
    let cases = [
        (9, List::Followers, false),
        (9, List::Followings, false),
        (9, List::Group(Tagid::DEFAULT), false),
        (1, List::Group(tagid), false),
        (2, List::Group(tagid), true),
        (2, List::Group(Tagid(tagid.0 + 1)), false),
        (2, List::Group(Tagid(-9)), false),
        (1, List::Group(Tagid::SPECIAL), true),
        (1, List::Group(Tagid::DEFAULT), true),
        (1, List::Followers, true),
    ];
    for (owner, list, exists) in cases {
        let query = ListQuery {
            owner: mid(owner),
            list,
            viewer: Some(mid(1)),
            window: WHOLE_LIST,
            order: Order::Desc,
        };
        assert_eq!(community.page(query).await.is_some(), exists, "{list:?} of {owner}");
    }
}
