//! Listeners for changes of cards, so that a cache outside of the engine returns no stale card.

use guanxi_types::Mid;
use std::fmt::Debug;
use std::sync::{Mutex, PoisonError, Weak};

/// A listener for changes of cards.
pub trait CardListener: Debug + Send + Sync {
    /// Receives the members whose cards a commit changed or removed. The engine calls it after new snapshots see
    /// the commit, and before it answers the commands of the commit. The writer waits meanwhile.
    fn cards_changed(&self, changed: &ChangedCards);
}

/// The members whose public rows changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangedCards {
    /// The members whose [`Card`](crate::model::Card) changed.
    pub cards: Vec<Mid>,
    /// The members of whom another row of their [`Space`](crate::store::Space) changed: profile, exp, or counts of
    /// works. The counters are not reported.
    pub details: Vec<Mid>,
}

impl ChangedCards {
    fn is_empty(&self) -> bool {
        self.cards.is_empty() && self.details.is_empty()
    }
}

/// The listeners of a store. A dropped listener is forgotten.
#[derive(Debug, Default)]
pub(crate) struct CardListeners(Mutex<Vec<Weak<dyn CardListener>>>);

impl CardListeners {
    pub(crate) fn add(&self, listener: Weak<dyn CardListener>) {
        let mut listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listeners.retain(|listener| listener.strong_count() > 0);
        listeners.push(listener);
    }

    /// Reports changed cards to all listeners.
    pub(crate) fn notify(&self, changed: &ChangedCards) {
        if changed.is_empty() {
            return;
        }
        let listeners = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for listener in listeners.iter().filter_map(Weak::upgrade) {
            listener.cards_changed(changed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[derive(Debug, Default)]
    struct Recorder(Mutex<Vec<Mid>>);

    impl CardListener for Recorder {
        fn cards_changed(&self, changed: &ChangedCards) {
            self.0.lock().unwrap().extend(changed.cards.iter().chain(&changed.details));
        }
    }

    fn add(listeners: &CardListeners) -> Arc<Recorder> {
        let recorder = Arc::new(Recorder::default());
        let listener: Arc<dyn CardListener> = Arc::<Recorder>::clone(&recorder);
        listeners.add(Arc::downgrade(&listener));
        recorder
    }

    #[test]
    fn every_live_listener_receives_changes() {
        let (listeners, mids) = (CardListeners::default(), [Mid::new(7).unwrap(), Mid::new(8).unwrap()]);
        let card = ChangedCards { cards: vec![mids[0]], ..ChangedCards::default() };
        let detail = ChangedCards { details: vec![mids[1]], ..ChangedCards::default() };
        let (first, dropped) = (add(&listeners), add(&listeners));
        listeners.notify(&card);
        drop(dropped);
        let second = add(&listeners);
        assert_eq!(listeners.0.lock().unwrap().len(), 2);
        listeners.notify(&ChangedCards::default());
        listeners.notify(&detail);
        assert_eq!(*first.0.lock().unwrap(), mids);
        assert_eq!(*second.0.lock().unwrap(), mids[1..]);
    }
}
