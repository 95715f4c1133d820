//! Pages of lists.

use super::Queries;
use crate::StorageError;
use crate::key::Key;
use crate::model::{Card, SqlRow, SqlValue, SqlValues, kind_from_number};
use crate::postgres::sql::lists::list_page;
use crate::postgres::sql::{relations, system};
use crate::postgres::transaction::limit_value;
use crate::store::{List, ListEntry, ListQuery, Page};
use guanxi_domain::paging::PageWindow;
use guanxi_domain::relation::{self, Relation};
use guanxi_types::{Mid, Order, Tagid};
use std::collections::HashMap;

/// The offset from which the length of the list is read first, so that the scan can start at the nearer end.
const FAR_OFFSET: u64 = 1_000;

impl Queries<'_> {
    pub(in crate::postgres) async fn page(&self, query: ListQuery) -> Result<Option<Page>, StorageError> {
        let ListQuery { owner, list, viewer, window, order } = query;
        if !list.is_visible_to(viewer, owner) {
            return Ok(None);
        }
        let scan = if window.offset < FAR_OFFSET {
            ScanPlan { offset: window.offset, limit: window.limit, order }
        } else {
            let total = self.total(owner, list).await?;
            total.and_then(|total| ScanPlan::from_nearer_end(window, order, total)).unwrap_or(ScanPlan {
                offset: window.offset,
                limit: 0,
                order,
            })
        };
        let is_owner = viewer == Some(owner);
        let mut params = owner.values();
        params.extend([SqlValue::Int(scan.offset.try_into().unwrap_or(i64::MAX)), limit_value(scan.limit)]);
        if let List::Group(tagid) = list
            && tagid != Tagid::DEFAULT
        {
            params.push(SqlValue::Int(tagid.0));
        }
        let text = list_page(list, scan.order, is_owner);
        let Some(viewer) = viewer.filter(|_| !is_owner) else {
            return read_page(self.connection.query(text, params).await?, list, order, is_owner);
        };
        // The viewer's relations may be on another node than the list, so they are a query of their own.
        let begin = Some(system::BEGIN_SNAPSHOT);
        let rows = self.connection.pipeline(begin, &[(text, params)], None).await?.remove(0);
        let mut page = read_page(rows, list, order, false)?;
        let fids = page.iter().flat_map(|page| &page.entries).map(|entry| entry.mid.get().cast_signed());
        let mut params = viewer.values();
        params.push(SqlValue::Ints(fids.collect()));
        let queries = [(relations::ATTRIBUTES, params)];
        let rows = self.connection.pipeline(None, &queries, Some(system::COMMIT)).await?.remove(0);
        let mut attributes = HashMap::new();
        for mut row in rows {
            let mid = Mid::read_values(&mut row)?;
            let (outgoing, incoming) = (read_kind(&mut row)?, read_kind(&mut row)?);
            attributes.insert(mid, relation::encode_attribute(outgoing.as_ref(), incoming.as_ref()));
        }
        for entry in page.iter_mut().flat_map(|page| &mut page.entries) {
            entry.attribute = attributes.get(&entry.mid).copied().unwrap_or(0);
        }
        Ok(page)
    }

    /// Returns the length of a list.
    async fn total(&self, owner: Mid, list: List) -> Result<Option<u64>, StorageError> {
        if let List::Group(tagid) = list
            && !tagid.is_built_in()
        {
            let groups = self.groups(owner).await?.own;
            return Ok(groups.iter().find(|(group, _)| group.tagid == tagid).map(|(_, len)| u64::from(*len)));
        }
        let counters = self.counters(owner).await?;
        Ok(counters.and_then(|counters| list.counted_len(&counters)).map(u64::from))
    }
}

/// The scan that reads a page: offset, limit, and the direction from which the offset counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ScanPlan {
    offset: u64,
    limit: usize,
    order: Order,
}

impl ScanPlan {
    /// Plans a scan from the nearer end of a list. Returns `None` if the window is behind the end.
    fn from_nearer_end(window: PageWindow, order: Order, total: u64) -> Option<ScanPlan> {
        let remaining = total.checked_sub(window.offset).filter(|remaining| *remaining > 0)?;
        let limit = usize::try_from(remaining).unwrap_or(usize::MAX).min(window.limit);
        let offset_from_end = remaining - limit as u64;
        if offset_from_end < window.offset {
            let order = if order == Order::Asc { Order::Desc } else { Order::Asc };
            return Some(ScanPlan { offset: offset_from_end, limit, order });
        }
        Some(ScanPlan { offset: window.offset, limit, order })
    }
}

/// Reads the attribute of a relation. All other fields of the relation are empty.
fn read_kind(row: &mut SqlValues) -> Result<Option<Relation>, StorageError> {
    let kind = Option::<u8>::read_values(row)?.and_then(kind_from_number);
    Ok(kind.map(|kind| Relation { kind, mtime: 0, seq: 0, source: 0, groups: Vec::new() }))
}

/// Reads the rows of [`list_page`]. Returns the entries in the requested order, whatever the direction of the scan.
fn read_page(
    rows: Vec<SqlValues>,
    list: List,
    order: Order,
    is_owner: bool,
) -> Result<Option<Page>, StorageError> {
    let (mut page, mut entries) = (None, Vec::with_capacity(rows.len()));
    for mut row in rows {
        let (total, version) = (u32::read_values(&mut row)?, u32::read_values(&mut row)?);
        let private_version = u32::read_values(&mut row)?;
        let counts_private = matches!(list, List::Group(_)) || is_owner && list.relation_kind().is_some();
        let version = version.wrapping_add(if counts_private { private_version } else { 0 });
        page = Some((total, version));
        let (fid, sort_key) = (Option::<Mid>::read_values(&mut row)?, Option::<i64>::read_values(&mut row)?);
        let seq = Option::<u32>::read_values(&mut row)?;
        let card = Option::<Card>::read_values(&mut row)?;
        let Some(((fid, sort_key), seq)) = fid.zip(sort_key).zip(seq) else { continue };
        let mtime = if matches!(list, List::Group(_)) { 0 } else { sort_key };
        let mut entry = ListEntry { mid: fid, mtime, attribute: 0, groups: Vec::new() };
        if is_owner {
            let (incoming, outgoing) = (read_kind(&mut row)?, Option::<Relation>::read_values(&mut row)?);
            entry.attribute = relation::encode_attribute(outgoing.as_ref(), incoming.as_ref());
            if let Some(outgoing) = outgoing.filter(|_| list.is_followings()) {
                (entry.mtime, entry.groups) = (outgoing.mtime, outgoing.groups);
            }
        }
        entries.push(((sort_key, seq, fid), entry, card.unwrap_or(Card::new(fid))));
    }
    entries.sort_unstable_by_key(|(position, ..)| *position);
    if order == Order::Desc {
        entries.reverse();
    }
    let (entries, cards) = entries.into_iter().map(|(.., entry, card)| (entry, card)).unzip();
    Ok(page.map(|(total, version)| Page { entries, cards, total, version }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scan_plan_starts_at_the_nearer_end() {
        let plan = |offset, limit, order, total| {
            let plan = ScanPlan::from_nearer_end(PageWindow { offset, limit }, order, total);
            plan.map(|plan| (plan.offset, plan.limit, plan.order))
        };
        assert_eq!(plan(1_000, 50, Order::Desc, 5_000), Some((1_000, 50, Order::Desc)));
        assert_eq!(plan(4_000, 50, Order::Desc, 5_000), Some((950, 50, Order::Asc)));
        assert_eq!(plan(4_990, 50, Order::Asc, 5_000), Some((0, 10, Order::Desc)));
        assert_eq!(plan(5_000, 50, Order::Desc, 5_000), None);
        assert_eq!(plan(u64::MAX, usize::MAX, Order::Desc, 5_000), None);
    }
}
