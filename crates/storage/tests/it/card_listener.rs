//! Listeners for changes of cards.

use crate::community::{Community, card, change_relation, mid};
use crate::tempdir::{empty_dir, reopen};
use guanxi_storage::card_listener::{CardListener, ChangedCards};
use guanxi_storage::model::{Card, Experience, Profile, Upstat};
use guanxi_storage::{EmbeddedStore, Row, Store};
use guanxi_types::RelationAction;
use std::sync::{Arc, Mutex};

/// A listener that records the changed members.
#[derive(Debug, Default)]
struct Recorder(Mutex<ChangedCards>);

impl CardListener for Recorder {
    fn cards_changed(&self, changed: &ChangedCards) {
        let mut recorded = self.0.lock().expect("no thread panics");
        recorded.cards.extend(&changed.cards);
        recorded.details.extend(&changed.details);
    }
}

impl Recorder {
    /// Creates a recorder. Returns it, and true if the store accepts it.
    fn register(store: &EmbeddedStore) -> (Arc<Recorder>, bool) {
        let recorder = Arc::new(Recorder::default());
        let listener: Arc<dyn CardListener> = Arc::<Recorder>::clone(&recorder);
        let is_registered = store.add_card_listener(Arc::downgrade(&listener));
        (recorder, is_registered)
    }

    /// Returns the members that changed since the last call.
    fn take(&self) -> ChangedCards {
        std::mem::take(&mut self.0.lock().expect("no thread panics"))
    }
}

#[tokio::test]
async fn card_change_is_reported_before_its_answer() {
    let home = empty_dir();
    let store = reopen(home.path());
    let (recorder, is_registered) = Recorder::register(&store);
    assert!(is_registered);
    let community = Community::with_members(store.clone(), 3).await;
    assert_eq!(recorder.take().cards, [1, 2, 3].map(mid));
    community.import(vec![card(2)]).await;
    assert_eq!(recorder.take(), ChangedCards { cards: vec![mid(2)], details: vec![] });
    let rows = vec![
        Row::Profile(Box::new(Profile::new(mid(1)))),
        Row::Experience(Experience::new(mid(2))),
        Row::Upstat(Upstat::new(mid(3))),
    ];
    community.import(rows).await;
    assert_eq!(recorder.take(), ChangedCards { cards: vec![], details: [1, 2, 3].map(mid).to_vec() });
    community.relate_all(&[(1, RelationAction::Follow, 2, 100)]).await;
    assert_eq!(recorder.take(), ChangedCards::default(), "a follow changes no card");
    community.delete_member(3).await;
    community.run_all_due_tasks(crate::members::NOW).await;
    assert!(store.get::<Card>(mid(3)).await.expect("the store is readable").is_none());
    let changed = recorder.take().cards;
    assert!(!changed.is_empty() && changed.iter().all(|changed| *changed == mid(3)), "{changed:?}");
    store.run(change_relation(1, RelationAction::Follow, 1, 100)).await.expect_err("a member follows itself");
    assert_eq!(recorder.take(), ChangedCards::default());
}

#[tokio::test]
async fn read_only_store_accepts_no_card_listener() {
    let home = empty_dir();
    drop(reopen(home.path()));
    let store = EmbeddedStore::open_read_only(home.path()).expect("the directory opens");
    assert!(!Recorder::register(&store).1);
}
