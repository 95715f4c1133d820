//! Pages of lists, and the cards of the listed members.

use super::Queries;
use crate::StorageError;
use crate::key::Key;
use crate::model::sql_row::corrupted_row;
use crate::model::{Card, Entity, SqlRow, SqlValue, SqlValues, kind_from_number};
use crate::name_search::{Candidates, FoundPage, NameQuery};
use crate::postgres::sql::lists::{CARDS, VIEWER_RELATIONS, Viewer, list_page};
use crate::postgres::sql::{entities, names};
use crate::postgres::sql_value::mids;
use crate::postgres::transaction::limit_value;
use crate::store::{CardVersion, List, ListEntry, ListQuery, ListRefusal};
use guanxi_domain::name_index::NameScan;
use guanxi_domain::paging::PageWindow;
use guanxi_domain::privacy::Audience;
use guanxi_domain::relation::{self, GroupMembership, Relation, RelationKind};
use guanxi_types::{Mid, Order, Tagid};
use std::collections::{HashMap, HashSet};

/// The offset from which the length of the list is read first, so that the scan can start at the nearer end.
pub(in crate::postgres) const FAR_OFFSET: u64 = 1_000;

/// A page of a list without the cards.
#[derive(Debug)]
pub(in crate::postgres) struct EntryPage {
    pub(in crate::postgres) entries: Vec<ListEntry>,
    /// The versions of the cards of the listed members, in the same order.
    pub(in crate::postgres) versions: Vec<(Mid, CardVersion)>,
    pub(in crate::postgres) total: u32,
    pub(in crate::postgres) version: u32,
}

impl Queries<'_> {
    pub(in crate::postgres) async fn entry_page(
        &self,
        query: ListQuery,
    ) -> Result<Result<EntryPage, ListRefusal>, StorageError> {
        let ListQuery { owner, list, viewer, window, order } = query;
        if !list.is_known_to(viewer, owner) {
            return Ok(Err(ListRefusal::NotFound));
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
        let mut params = owner.values();
        params.extend([SqlValue::Int(scan.offset.try_into().unwrap_or(i64::MAX)), limit_value(scan.limit)]);
        if let List::Group(tagid) = list
            && tagid != Tagid::DEFAULT
        {
            params.push(SqlValue::Int(tagid.0));
        }
        let other = viewer.filter(|viewer| *viewer != owner);
        let relations = match (viewer, other) {
            (None, _) => Viewer::Unknown,
            (Some(_), None) => Viewer::Owner,
            // The viewer may be on another node than the list.
            (_, Some(_)) if self.is_distributed => Viewer::Unknown,
            (_, Some(viewer)) => {
                params.extend(viewer.values());
                Viewer::Other
            }
        };
        let row = self.one(list_page(list, scan.order, relations), params).await?;
        let Some(mut row) = row else { return Ok(Err(ListRefusal::NotFound)) };
        let audience = Option::<Audience>::read_values(&mut row)?.unwrap_or_default();
        if viewer != Some(owner) && !self.is_included(audience, viewer, owner).await? {
            return Ok(Err(ListRefusal::Hidden));
        }
        let mut page = read_page(&mut row, list, order, relations == Viewer::Owner)?;
        if relations != Viewer::Unknown {
            let has_groups = relations == Viewer::Owner && list.is_followings();
            read_viewer_relations(&mut row, has_groups, &mut page.entries)?;
        } else if let Some(viewer) = other {
            let mut params = viewer.values();
            params.push(mids(page.entries.iter().map(|entry| entry.mid)));
            if let Some(mut row) = self.one(&VIEWER_RELATIONS, params).await? {
                read_viewer_relations(&mut row, false, &mut page.entries)?;
            }
        }
        Ok(Ok(page))
    }

    /// Returns true if an audience includes a viewer who is not the owner. Only mutual follows are another statement.
    async fn is_included(
        &self,
        audience: Audience,
        viewer: Option<Mid>,
        owner: Mid,
    ) -> Result<bool, StorageError> {
        let pair = match (audience, viewer) {
            (Audience::Mutuals, Some(viewer)) => self.relation_pair(viewer, owner).await?,
            _ => None,
        };
        Ok(audience.includes(pair.as_ref()))
    }

    /// Returns a page of the members that a search by name finds. Reads all scans in one round trip.
    pub(in crate::postgres) async fn find_members(
        &self,
        query: &NameQuery,
    ) -> Result<FoundPage, StorageError> {
        let by_mid = query.mid.map(|mid| (entities::of(Card::TABLE).get.as_str(), mid.values()));
        let scan = |scan: &NameScan| {
            let texts = [&scan.from, &scan.end].map(|text| SqlValue::Text(text.clone()));
            let mut params = vec![SqlValue::Int((scan.kind as u8).into())];
            params.extend(texts);
            params.push(limit_value(query.max_entries));
            (names::SCAN, params)
        };
        let queries: Vec<_> = query.scans.iter().map(scan).chain(by_mid).collect();
        let mut answers = self.connection.pipeline(None, &queries, None).await?;
        let by_mid = answers.split_off(query.scans.len()).into_iter().flatten().next();
        let by_mid = by_mid.map(|mut row| Card::read_values(&mut row)).transpose()?;
        let mut found = Candidates::new(query, by_mid.as_ref());
        for (scan, rows) in query.scans.iter().zip(answers) {
            for mut row in rows {
                found.add(Mid::read_values(&mut row)?, scan);
            }
        }
        if let Some(viewer) = query.viewer {
            let mut params = viewer.values();
            params.push(mids(found.entries_mut().iter().map(|entry| entry.mid)));
            if let Some(mut row) = self.one(&VIEWER_RELATIONS, params).await? {
                read_viewer_relations(&mut row, false, found.entries_mut())?;
            }
        }
        let mut page = found.into_page(query.window);
        let listed: Vec<(Mid, CardVersion)> = page.entries.iter().map(|entry| (entry.mid, 0)).collect();
        if !listed.is_empty() {
            page.cards = self.cards(&listed).await?.into_iter().map(|(_, card)| card).collect();
        }
        Ok(page)
    }

    /// Returns the cards of members in the given order, with their versions.
    pub(in crate::postgres) async fn cards(
        &self,
        members: &[(Mid, CardVersion)],
    ) -> Result<Vec<(CardVersion, Card)>, StorageError> {
        let rows = self.connection.query(&CARDS, vec![mids(members.iter().map(|(mid, _)| *mid))]).await?;
        let mut cards = HashMap::with_capacity(rows.len());
        for mut row in rows {
            let (version, card) = (CardVersion::read_values(&mut row)?, Card::read_values(&mut row)?);
            cards.insert(card.mid, (version, card));
        }
        let card = |mid| cards.remove(&mid).unwrap_or((0, Card::new(mid)));
        Ok(members.iter().map(|(mid, _)| *mid).map(card).collect())
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

/// Reads an array of numbers. An array without elements is null.
fn read_numbers(row: &mut SqlValues) -> Result<Vec<i64>, StorageError> {
    Ok(Option::read_values(row)?.unwrap_or_default())
}

/// Reads an array of members.
fn read_mids(row: &mut SqlValues) -> Result<Vec<Mid>, StorageError> {
    let mid = |number: i64| Mid::new(number.cast_unsigned()).ok_or_else(|| corrupted_row("a mid"));
    read_numbers(row)?.into_iter().map(mid).collect()
}

/// Reads the entries of [`list_page`]. Returns them in the requested order, whatever the direction of the scan.
fn read_page(
    row: &mut SqlValues,
    list: List,
    order: Order,
    is_owner: bool,
) -> Result<EntryPage, StorageError> {
    let (total, version) = (u32::read_values(row)?, u32::read_values(row)?);
    let private_version = u32::read_values(row)?;
    let is_group = matches!(list, List::Group(_));
    let counts_private = is_group || is_owner && list.relation_kind().is_some();
    let version = version.wrapping_add(if counts_private { private_version } else { 0 });
    let (fids, sort_keys, seqs) = (read_mids(row)?, read_numbers(row)?, read_numbers(row)?);
    let mut positions: Vec<(i64, i64, Mid)> = sort_keys
        .into_iter()
        .zip(seqs)
        .zip(fids)
        .map(|((sort_key, seq), fid)| (sort_key, seq, fid))
        .collect();
    positions.sort_unstable();
    if order == Order::Desc {
        positions.reverse();
    }
    let mut known: Vec<(Mid, CardVersion)> = read_mids(row)?.into_iter().zip(read_numbers(row)?).collect();
    known.sort_unstable();
    let card_version =
        |mid: &Mid| known.binary_search_by_key(mid, |(mid, _)| *mid).map_or(0, |index| known[index].1);
    let versions = positions.iter().map(|(.., mid)| (*mid, card_version(mid))).collect();
    let entries = positions.into_iter().map(|(sort_key, _, mid)| {
        let mtime = if is_group { 0 } else { sort_key };
        ListEntry { mid, mtime, attribute: 0, groups: Vec::new() }
    });
    Ok(EntryPage { entries: entries.collect(), versions, total, version })
}

/// Reads the viewer's relations to listed members. If the row has groups, the entries get the times and the groups
/// of these relations.
fn read_viewer_relations(
    row: &mut SqlValues,
    has_groups: bool,
    entries: &mut [ListEntry],
) -> Result<(), StorageError> {
    let (fids, attributes) = (read_mids(row)?, read_numbers(row)?);
    let followers: HashSet<Mid> = read_mids(row)?.into_iter().collect();
    let relation = |kind| Relation { kind, mtime: 0, seq: 0, source: 0, groups: Vec::new() };
    let mut relations = HashMap::with_capacity(fids.len());
    for (fid, attribute) in fids.iter().zip(attributes) {
        let kind = u8::try_from(attribute).ok().and_then(kind_from_number);
        relations.insert(*fid, relation(kind.ok_or_else(|| corrupted_row("an attribute"))?));
    }
    if has_groups {
        read_groups(row, &fids, &mut relations)?;
    }
    for entry in entries {
        let Some(outgoing) = relations.remove(&entry.mid) else { continue };
        let incoming = followers.contains(&entry.mid).then(|| relation(RelationKind::Follow));
        entry.attribute = relation::encode_attribute(Some(&outgoing), incoming.as_ref());
        if has_groups {
            (entry.mtime, entry.groups) = (outgoing.mtime, outgoing.groups);
        }
    }
    Ok(())
}

/// Reads the times and the groups of the relations to `fids`.
fn read_groups(
    row: &mut SqlValues,
    fids: &[Mid],
    relations: &mut HashMap<Mid, Relation>,
) -> Result<(), StorageError> {
    let membership = |tagid, seq: i64| {
        let seq = u32::try_from(seq).map_err(|_| corrupted_row("a join sequence number"))?;
        Ok::<_, StorageError>(GroupMembership { tagid, seq })
    };
    let (mtimes, join_seqs) = (read_numbers(row)?, read_numbers(row)?);
    for ((fid, mtime), join_seq) in fids.iter().zip(mtimes).zip(join_seqs) {
        let Some(relation) = relations.get_mut(fid) else { continue };
        relation.mtime = mtime;
        if join_seq >= 0 {
            relation.groups.push(membership(Tagid::DEFAULT, join_seq)?);
        }
    }
    let (members, tagids, join_seqs) = (read_mids(row)?, read_numbers(row)?, read_numbers(row)?);
    for ((fid, tagid), join_seq) in members.iter().zip(tagids).zip(join_seqs) {
        let Some(relation) = relations.get_mut(fid) else { continue };
        relation.groups.push(membership(Tagid(tagid), join_seq)?);
    }
    for relation in relations.values_mut() {
        relation.groups.sort_unstable_by_key(|membership| membership.seq);
    }
    Ok(())
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
