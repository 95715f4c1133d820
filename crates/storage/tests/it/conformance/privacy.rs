//! The audiences of a member's lists.

use crate::community::{Community, WHOLE_LIST, expect_read, mid};
use guanxi_domain::privacy::Audience::{self, Everybody, Mutuals, Oneself};
use guanxi_storage::Store;
use guanxi_storage::commands::ChangePrivacy;
use guanxi_storage::model::Privacy;
use guanxi_storage::store::{List, ListQuery, ListRefusal, all_cards};
use guanxi_types::{ErrorCode, Order, RelationAction};

/// Member 1 is mutual with 2, follows 3, is followed by 4, and has no relation to 5.
async fn with_relations<S: Store>(store: S) -> Community<S> {
    let community = Community::with_members(store, 6).await;
    let follows = [(1, 2), (2, 1), (1, 3), (4, 1)];
    community.relate_all(&follows.map(|(me, them)| (me, RelationAction::Follow, them, 100))).await;
    community
}

impl<S: Store> Community<S> {
    async fn change_privacy(
        &self,
        me: u64,
        followings: Option<Audience>,
        followers: Option<Audience>,
    ) -> Result<(), ErrorCode> {
        self.run(ChangePrivacy { me: mid(me), followings, followers }).await
    }

    /// Returns the viewers who see a list of member 1, of an anonymous one (0) and the members 1 to 6.
    async fn viewers(&self, list: List) -> Vec<u64> {
        let mut viewers = Vec::new();
        for viewer in 0..=6 {
            for offset in [0, 2_000] {
                let (owner, window) = (mid(1), guanxi_domain::paging::PageWindow { offset, ..WHOLE_LIST });
                let of = (viewer > 0).then(|| mid(viewer));
                let query = ListQuery { owner, list, viewer: of, window, order: Order::Desc };
                match expect_read(self.store.page(query, all_cards).await) {
                    Ok(page) => {
                        assert_eq!(page.total, 2, "{list:?} to {viewer}");
                        viewers.push(viewer);
                    }
                    Err(refusal) => assert_eq!(refusal, ListRefusal::Hidden, "{list:?} to {viewer}"),
                }
            }
        }
        viewers.dedup();
        viewers
    }
}

pub(crate) async fn list_is_visible_to_its_audience(store: impl Store) {
    let community = with_relations(store).await;
    let everybody: Vec<u64> = (0..=6).collect();
    let of = |audience| match audience {
        Everybody => everybody.clone(),
        Mutuals => vec![1, 2],
        Oneself => vec![1],
    };
    for followings in [Everybody, Mutuals, Oneself] {
        for followers in [Oneself, Mutuals, Everybody] {
            assert_eq!(community.change_privacy(1, Some(followings), Some(followers)).await, Ok(()));
            let seen = [community.viewers(List::Followings).await, community.viewers(List::Followers).await];
            assert_eq!(seen, [of(followings), of(followers)], "{followings:?} {followers:?}");
        }
    }
    assert_eq!(community.change_privacy(99, None, Some(Oneself)).await, Err(ErrorCode::MemberNotFound));
}

pub(crate) async fn privacy_of_everybody_has_no_row(store: impl Store) {
    let community = with_relations(store).await;
    let stored = async || expect_read(community.store.get::<Privacy>(mid(1)).await);
    assert_eq!(community.change_privacy(1, Some(Everybody), None).await, Ok(()));
    assert_eq!(stored().await, None);
    assert_eq!(community.change_privacy(1, None, Some(Oneself)).await, Ok(()));
    assert_eq!(community.change_privacy(1, Some(Mutuals), None).await, Ok(()));
    assert_eq!(stored().await, Some(Privacy { mid: mid(1), followings: Mutuals, followers: Oneself }));
    assert_eq!(community.change_privacy(1, Some(Everybody), Some(Everybody)).await, Ok(()));
    assert_eq!(stored().await, None);
}
