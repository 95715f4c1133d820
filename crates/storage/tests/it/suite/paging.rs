//! Lists in pages (D15).

use crate::community::{ALL, Community, card, members, mid};
use guanxi_api::api::relation::modify::RelationAction;
use guanxi_api::listed::Face;
use guanxi_domain::page::Window;
use guanxi_storage::row::Card;
use guanxi_storage::store::{List, ListQuery, Page};
use guanxi_storage::{Row, Store};
use guanxi_types::Order;
use guanxi_types::{Mid, Tagid};

/// A stretch of a list, as nobody in particular sees it.
async fn stretch<S: Store>(
    community: &Community<S>,
    (owner, list): (u64, List),
    (skip, take): (u64, usize),
    order: Order,
) -> Page {
    let page = ListQuery { owner: mid(owner), list, viewer: None, window: Window { skip, take }, order };
    community.page(page).await.expect("there is such a list")
}

/// Member 1 and their fans 2 to 9: three came in one second, in no order of their mids.
async fn with_fans<S: Store>(store: S) -> Community<S> {
    let community = Community::of(store, 9).await;
    for (fan, now) in [(4, 100), (9, 200), (3, 200), (6, 200), (2, 300), (8, 50), (5, 400), (7, 500)] {
        community.acts(&[(fan, RelationAction::Follow, 1, now), (1, RelationAction::Follow, fan, now)]).await;
    }
    community
}

const NEWEST_FIRST: [u64; 8] = [7, 5, 2, 6, 3, 9, 4, 8];

pub(crate) async fn the_newest_come_first(store: impl Store) {
    let community = with_fans(store).await;
    assert_eq!(community.fans(1).await, NEWEST_FIRST);
    assert_eq!(community.followings(1).await, NEWEST_FIRST);
    let page = community.list(1, List::Fans).await;
    let times: Vec<i64> = page.entries.iter().map(|entry| entry.mtime).collect();
    assert_eq!(times, [500, 400, 300, 200, 200, 200, 100, 50]);
}

/// Mids that sort otherwise as numbers, as text, as bytes from the small end, and as they stand here.
const MANY: [u64; 6] = [300, 2, Mid::MAX.get(), 256, 1000, 255];

/// Member 1, nobody's tie yet, and those.
async fn with_many<S: Store>(store: S) -> Community<S> {
    let community = Community::of(store, 0).await;
    community.load([1].iter().chain(&MANY).copied().map(card).collect()).await;
    community
}

/// A list of member 1's, oldest first.
async fn oldest_first<S: Store>(community: &Community<S>, list: List) -> Vec<u64> {
    let page = ListQuery { owner: mid(1), list, viewer: Some(mid(1)), window: ALL, order: Order::Asc };
    members(&community.page(page).await.expect("it is one's own"))
}

pub(crate) async fn relations_of_one_second_stand_as_they_were_made(store: impl Store) {
    let community = with_many(store).await;
    for other in MANY {
        community.acts(&[(other, RelationAction::Follow, 1, 100)]).await;
    }
    let acts = [
        (List::Whispers, RelationAction::Whisper, 100),
        (List::Followings, RelationAction::Follow, 101),
        (List::Blacks, RelationAction::Black, 102),
    ];
    assert_eq!(oldest_first(&community, List::Fans).await, MANY);
    for (list, act, second) in acts {
        for other in MANY {
            community.acts(&[(1, act, other, second)]).await;
        }
        assert_eq!(oldest_first(&community, list).await, MANY, "{list:?}");
        for (skip, other) in MANY.into_iter().enumerate() {
            let window = Window { skip: skip as u64, take: 1 };
            let page = ListQuery { owner: mid(1), list, viewer: Some(mid(1)), window, order: Order::Asc };
            let page = community.page(page).await.expect("it is one's own");
            assert_eq!(members(&page), [other], "{list:?} past {skip}");
        }
    }
}

pub(crate) async fn relation_made_again_stands_last_of_its_second(store: impl Store) {
    let community = with_many(store).await;
    for other in MANY {
        community
            .acts(&[(other, RelationAction::Follow, 1, 100), (1, RelationAction::Whisper, other, 100)])
            .await;
    }
    let again = [2, 1000, 300];
    for other in again {
        community
            .acts(&[(other, RelationAction::Unfollow, 1, 100), (other, RelationAction::Follow, 1, 100)])
            .await;
        community
            .acts(&[(1, RelationAction::Unwhisper, other, 100), (1, RelationAction::Whisper, other, 100)])
            .await;
    }
    for list in [List::Fans, List::Whispers] {
        assert_eq!(
            oldest_first(&community, list).await,
            [Mid::MAX.get(), 256, 255, 2, 1000, 300],
            "{list:?}"
        );
    }
}

pub(crate) async fn pair_that_becomes_mutual_stands_last_on_both_sides(store: impl Store) {
    let community = with_many(store).await;
    for other in MANY {
        community.acts(&[(other, RelationAction::Follow, 1, 100)]).await;
    }
    community.acts(&[(1, RelationAction::Follow, 1000, 100), (300, RelationAction::Follow, 2, 100)]).await;
    // Their follow of 1 is of this second already, and moves to its end (D12); 2's other fan came before.
    community.acts(&[(1, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(oldest_first(&community, List::Fans).await, [300, Mid::MAX.get(), 256, 255, 1000, 2]);
    assert_eq!(oldest_first(&community, List::Followings).await, [1000, 2]);
    assert_eq!(community.fans(2).await, [1, 300]);
    assert_eq!(community.followings(2).await, [1]);
    // When it is mutual no more, the other tie stays where it is, and comes last again when it is answered again.
    community.acts(&[(1, RelationAction::Unfollow, 1000, 100)]).await;
    assert_eq!(oldest_first(&community, List::Fans).await, [300, Mid::MAX.get(), 256, 255, 1000, 2]);
    community.acts(&[(1, RelationAction::Follow, 1000, 100)]).await;
    assert_eq!(oldest_first(&community, List::Fans).await, [300, Mid::MAX.get(), 256, 255, 2, 1000]);
    assert_eq!(oldest_first(&community, List::Followings).await, [2, 1000]);
}

pub(crate) async fn clock_set_back_leaves_each_second_in_order(store: impl Store) {
    let community = with_many(store).await;
    // Seconds that are met again, by those who made the relations of each in turn.
    let seconds = [100, 200, 100, 200, 300, 100];
    for (other, second) in MANY.into_iter().zip(seconds) {
        community
            .acts(&[(other, RelationAction::Follow, 1, second), (1, RelationAction::Black, other, second)])
            .await;
        community
            .acts(&[(1, RelationAction::Unblack, other, second), (other, RelationAction::Follow, 1, second)])
            .await;
        community.acts(&[(1, RelationAction::Whisper, other, second)]).await;
    }
    for list in [List::Fans, List::Whispers] {
        let expected = [300, Mid::MAX.get(), 255, 2, 256, 1000];
        assert_eq!(oldest_first(&community, list).await, expected, "{list:?}");
    }
}

pub(crate) async fn seq_is_behind_those_of_both_members(store: impl Store) {
    // The place of a relation is behind those of either member, so that one number serves both lists.
    let community = with_many(store).await;
    community
        .acts(&[
            (2, RelationAction::Follow, 255, 100),
            (2, RelationAction::Follow, 256, 100),
            (300, RelationAction::Follow, 1, 100),
        ])
        .await;
    community.acts(&[(2, RelationAction::Follow, 1, 100), (1000, RelationAction::Follow, 1, 100)]).await;
    let seq = async |from, to| community.tie(from, to).await.expect("there is a tie").seq;
    assert_eq!([seq(2, 255).await, seq(2, 256).await, seq(300, 1).await], [0, 1, 0]);
    assert_eq!([seq(2, 1).await, seq(1000, 1).await], [2, 3]);
    community.acts(&[(2, RelationAction::Follow, 1000, 101)]).await;
    assert_eq!(seq(2, 1000).await, 0, "each second begins anew");
}

pub(crate) async fn windows_cut_a_list_without_gap_or_overlap(store: impl Store) {
    let community = with_fans(store).await;
    for list in [List::Fans, List::Followings] {
        for take in 1..=9 {
            let mut seen = Vec::new();
            while seen.len() < NEWEST_FIRST.len() {
                let page = stretch(&community, (1, list), (seen.len() as u64, take), Order::Desc).await;
                assert_eq!(page.total, 8);
                assert_eq!(page.entries.len(), take.min(8 - seen.len()), "{list:?} by {take}");
                seen.extend(members(&page));
            }
            assert_eq!(seen, NEWEST_FIRST, "{list:?} by {take}");
        }
    }
}

/// Member 1, who whispers 2 to 5 and blocks 6 to 9, two of each in one second; and follows nobody.
async fn with_hidden<S: Store>(store: S) -> Community<S> {
    let community = Community::of(store, 9).await;
    for (them, now) in [(4, 100), (2, 200), (5, 200), (3, 300)] {
        community
            .acts(&[(1, RelationAction::Whisper, them, now), (1, RelationAction::Black, them + 4, now + 50)])
            .await;
    }
    community
}

pub(crate) async fn whispers_and_blacks_are_lists_of_their_own(store: impl Store) {
    let community = with_hidden(store).await;
    let seen = async |list| -> Vec<(u64, i64, u8)> {
        let entries = community.list(1, list).await.entries.into_iter();
        entries.map(|entry| (entry.mid.get(), entry.mtime, entry.attribute)).collect()
    };
    assert_eq!(seen(List::Whispers).await, [(3, 300, 1), (5, 200, 1), (2, 200, 1), (4, 100, 1)]);
    assert_eq!(seen(List::Blacks).await, [(7, 350, 128), (9, 250, 128), (6, 250, 128), (8, 150, 128)]);
    assert_eq!(seen(List::Followings).await, []);
    // What becomes a follow, and what is taken back, is in none of them.
    community.acts(&[(1, RelationAction::Follow, 5, 400), (1, RelationAction::Unblack, 9, 400)]).await;
    assert_eq!(members(&community.list(1, List::Whispers).await), [3, 2, 4]);
    assert_eq!(members(&community.list(1, List::Blacks).await), [7, 6, 8]);
    assert_eq!(community.followings(1).await, [5]);
}

pub(crate) async fn hidden_lists_are_cut_as_others_are(store: impl Store) {
    let community = with_hidden(store).await;
    for (list, newest_first) in [(List::Whispers, [3, 5, 2, 4]), (List::Blacks, [7, 9, 6, 8])] {
        for (skip, take, order) in [(0, 3, Order::Desc), (3, 3, Order::Desc), (1, 2, Order::Asc)] {
            let mut whole = newest_first.to_vec();
            if order == Order::Asc {
                whole.reverse();
            }
            let expected: Vec<u64> = whole.into_iter().skip(skip).take(take).collect();
            let window = Window { skip: skip as u64, take };
            let page = ListQuery { owner: mid(1), list, viewer: Some(mid(1)), window, order };
            let page = community.page(page).await.expect("it is one's own");
            assert_eq!((members(&page), page.total), (expected, 4), "{list:?} {skip} {take} {order:?}");
        }
    }
}

pub(crate) async fn hidden_lists_are_their_owners_alone(store: impl Store) {
    let community = with_hidden(store).await;
    for list in [List::Whispers, List::Blacks] {
        for viewer in [None, Some(mid(2)), Some(mid(6)), Some(mid(99))] {
            let page = ListQuery { owner: mid(1), list, viewer, window: ALL, order: Order::Desc };
            assert!(community.page(page).await.is_none(), "{list:?} seen by {viewer:?}");
        }
        let nobody =
            ListQuery { owner: mid(99), list, viewer: Some(mid(99)), window: ALL, order: Order::Desc };
        assert!(community.page(nobody).await.is_none(), "{list:?} of nobody");
        assert_eq!(community.list(2, list).await.total, 0);
    }
}

pub(crate) async fn past_the_end_is_empty_and_still_tells_the_total(store: impl Store) {
    let community = with_fans(store).await;
    for skip in [8, 9, 250, u64::MAX] {
        for order in [Order::Desc, Order::Asc] {
            let page = stretch(&community, (1, List::Fans), (skip, 50), order).await;
            assert_eq!((page.entries, page.total), (vec![], 8), "past {skip}");
        }
    }
    let page = stretch(&community, (1, List::Group(Tagid::SPECIAL)), (0, 50), Order::Desc).await;
    assert_eq!((page.entries, page.total), (vec![], 0));
}

pub(crate) async fn the_other_order_is_the_exact_reverse(store: impl Store) {
    let community = with_fans(store).await;
    let mut oldest_first = NEWEST_FIRST;
    oldest_first.reverse();
    for list in [List::Fans, List::Followings] {
        assert_eq!(members(&stretch(&community, (1, list), (0, 50), Order::Asc).await), oldest_first);
        assert_eq!(members(&stretch(&community, (1, list), (3, 2), Order::Asc).await), oldest_first[3..5]);
    }
}

pub(crate) async fn a_page_shows_cards_as_they_are_now(store: impl Store) {
    let community = with_fans(store).await;
    for uname in ["旧名", "新名"] {
        let card = Card { uname: uname.to_owned(), ..Card::of(mid(7)) };
        community.load(vec![Row::Card(Box::new(card.clone()))]).await;
        for list in [List::Fans, List::Followings] {
            let page = community.list(1, list).await;
            assert_eq!((page.entries[0].mid, face(&page, 0)), (mid(7), card.clone().into()));
            assert_eq!(page.faces.iter().len(), page.entries.len());
        }
    }
}

/// What a page shows of the member at a place.
fn face(page: &Page, at: usize) -> Face {
    let mut json = b"{".to_vec();
    page.faces.iter().nth(at).expect("there is such a place").write(&mut json, "");
    json.push(b'}');
    serde_json::from_slice(&json).expect("a face's fields")
}

pub(crate) async fn lists_of_nobody_and_groups_of_others_are_none(store: impl Store) {
    let community = Community::of(store, 2).await;
    let tagid = community.create(2, "同学").await.expect("a new name");
    // owner, list -> whether it is there
    let cases = [
        (9, List::Fans, false),
        (9, List::Followings, false),
        (9, List::Group(Tagid::DEFAULT), false),
        (1, List::Group(tagid), false),
        (2, List::Group(tagid), true),
        (2, List::Group(Tagid(tagid.0 + 1)), false),
        (2, List::Group(Tagid(-9)), false),
        (1, List::Group(Tagid::SPECIAL), true),
        (1, List::Group(Tagid::DEFAULT), true),
        (1, List::Fans, true),
    ];
    for (owner, list, there) in cases {
        let page =
            ListQuery { owner: mid(owner), list, viewer: Some(mid(1)), window: ALL, order: Order::Desc };
        assert_eq!(community.page(page).await.is_some(), there, "{list:?} of {owner}");
    }
}
