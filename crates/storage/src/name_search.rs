//! The search of members by name: the query, the candidates that the index has, and their order.

use crate::model::Card;
use crate::store::ListEntry;
use guanxi_domain::name_index::{self, NameScan};
use guanxi_domain::paging::PageWindow;
use guanxi_domain::relation::attribute;
use guanxi_types::Mid;
use std::collections::HashSet;

/// The query of a page of found members.
#[derive(Clone, Debug)]
pub struct NameQuery {
    /// The member whose mid is the text.
    pub(crate) mid: Option<Mid>,
    /// The scans of the index, best matches first.
    pub(crate) scans: Vec<NameScan>,
    /// The viewer. `None` is an anonymous one.
    pub viewer: Option<Mid>,
    /// The maximum number of index entries to read.
    pub max_entries: usize,
    /// The range of found members.
    pub window: PageWindow,
}

impl NameQuery {
    /// Creates the query of a text.
    pub fn new(text: &str, viewer: Option<Mid>, max_entries: usize, window: PageWindow) -> NameQuery {
        NameQuery {
            mid: text.trim().parse().ok(),
            scans: name_index::scans(text),
            viewer,
            max_entries,
            window,
        }
    }
}

/// A page of found members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FoundPage {
    /// The members of the page. Their times are 0.
    pub entries: Vec<ListEntry>,
    /// Their cards, in the same order.
    pub cards: Vec<Card>,
    /// The number of found members.
    pub total: usize,
    /// False if the index has further entries, so that further members may match.
    pub is_complete: bool,
}

/// The members that the scans of a query find, each with the rank of its best match.
#[derive(Debug)]
pub(crate) struct Candidates {
    ranks: Vec<u8>,
    entries: Vec<ListEntry>,
    known: HashSet<Mid>,
    /// The number of index entries to read.
    pub(crate) remaining: usize,
}

impl Candidates {
    /// Creates the candidates of a query. `by_mid` is the member with the mid of the query.
    pub(crate) fn new(query: &NameQuery, by_mid: Option<&Card>) -> Candidates {
        let mut candidates = Candidates {
            ranks: Vec::new(),
            entries: Vec::new(),
            known: HashSet::new(),
            remaining: query.max_entries,
        };
        if let Some(card) = by_mid.filter(|card| !card.is_deleted()) {
            candidates.insert(card.mid, 0);
        }
        candidates
    }

    fn insert(&mut self, mid: Mid, rank: u8) {
        if self.known.insert(mid) {
            self.ranks.push(rank);
            self.entries.push(ListEntry { mid, mtime: 0, attribute: 0, groups: Vec::new() });
        }
    }

    /// Adds the member of an index entry. Does nothing once as many were read as the query permits.
    pub(crate) fn add(&mut self, mid: Mid, scan: &NameScan) {
        if let Some(remaining) = self.remaining.checked_sub(1) {
            self.remaining = remaining;
            self.insert(mid, scan.rank);
        }
    }

    /// Returns the entries, to add the viewer's relations.
    pub(crate) fn entries_mut(&mut self) -> &mut [ListEntry] {
        &mut self.entries
    }

    /// Returns the page of a window, without cards. Within a rank, members that the viewer follows come first, and
    /// members that the viewer blocks come last.
    pub(crate) fn into_page(self, window: PageWindow) -> FoundPage {
        let closeness = |entry: &ListEntry| match entry.attribute {
            attribute::NONE => 1,
            attribute::BLOCK => 2,
            _ => 0,
        };
        let mut ranked: Vec<(u8, ListEntry)> = self.ranks.into_iter().zip(self.entries).collect();
        ranked.sort_by_key(|(rank, entry)| (*rank, closeness(entry)));
        let skip = usize::try_from(window.offset).unwrap_or(usize::MAX);
        FoundPage {
            total: ranked.len(),
            entries: ranked.into_iter().map(|(_, entry)| entry).skip(skip).take(window.limit).collect(),
            cards: Vec::new(),
            is_complete: self.remaining > 0,
        }
    }
}
