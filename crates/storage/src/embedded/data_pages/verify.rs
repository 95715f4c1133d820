//! The check of all pages that a meta page refers to: the free list, the table of tables, and the tables.
//!
//! Each page below the last is in use once or free once. Keys are in order, records have the right counts, and each
//! value has its checksum. Memory is one bit for each page.

use super::super::encoding::{self, Table};
use super::format::{
    Damage, HEAD_LEN, META_PAGES, MetaPage, Node, NodeContent, TreePage, TreeRecord, parse_overflow, u64_at,
};
use super::{DataPages, IS_SUPPORTED};
use crate::integrity::{Report, Violation};
use std::cmp::Ordering;
use std::io;

/// Checks the pages of the free list and of the table of tables, and the roots of all tables. Opening the file with
/// LMDB reads no other page.
pub(in super::super) fn check_roots(pages: &DataPages, meta: &MetaPage, report: &mut Report) {
    PageCheck::new(pages, meta, report).run(false);
}

/// Checks all pages. The pages must not be reused meanwhile.
pub(in super::super) fn check_all(pages: &DataPages, meta: &MetaPage, report: &mut Report) {
    PageCheck::new(pages, meta, report).run(true);
}

/// Reads every page of the file, also free ones, and reports those that the disk cannot read.
pub(in super::super) fn read_all(pages: &DataPages, meta: &MetaPage, report: &mut Report) {
    for number in META_PAGES..=meta.last_page {
        match pages.read(number, 1) {
            // LMDB never wrote the last pages if they were freed in the transaction that allocated them.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => report.add(damaged_page(number, "any", format!("cannot be read: {error}"))),
            Ok(_) => (),
        }
    }
}

/// Returns the value of a key in a table, without LMDB. Returns `None` if a page on the way is damaged.
pub(in super::super) fn find(
    pages: &DataPages,
    meta: &MetaPage,
    table: Table,
    key: &[u8],
) -> Option<Vec<u8>> {
    let record = search(pages, meta.main, table.name().as_bytes(), |content| match content {
        NodeContent::Tree(record) => Some(record),
        _ => None,
    })?;
    let stored = search(pages, record, key, |content| match content {
        NodeContent::Value(value) => Some(value.to_vec()),
        _ => None,
    })?;
    encoding::verified(table, key, &stored).ok().map(<[u8]>::to_vec)
}

fn search<T>(
    pages: &DataPages,
    tree: TreeRecord,
    key: &[u8],
    found: impl FnOnce(NodeContent<'_>) -> Option<T>,
) -> Option<T> {
    let mut number = tree.root;
    for _ in 0..tree.depth {
        let bytes = pages.read(number, 1).ok()?;
        let page = TreePage::parse(&bytes, number).ok()?;
        if page.is_leaf {
            return found(page.nodes.iter().find(|node| node.key == key)?.content);
        }
        // The key of the first child stands for the least key.
        let after = page.nodes.iter().skip(1).take_while(|node| node.key <= key).count();
        let NodeContent::Child(child) = page.nodes.get(after)?.content else { return None };
        number = child;
    }
    None
}

fn damaged_page(page: u64, tree: &'static str, damage: Damage) -> Violation {
    Violation::DamagedPage { page, tree, damage }
}

/// The trees of a file.
#[derive(Clone, Copy)]
enum Tree {
    FreeList,
    Main,
    Table(Table),
}

impl Tree {
    fn name(self) -> &'static str {
        match self {
            Tree::FreeList => "free list",
            Tree::Main => "table of tables",
            Tree::Table(table) => table.name(),
        }
    }

    fn compare(self, one: &[u8], other: &[u8]) -> Ordering {
        match self {
            Tree::FreeList => u64_at(one, 0).cmp(&u64_at(other, 0)),
            _ => one.cmp(other),
        }
    }
}

/// A page to check, and what the pages above it say.
#[derive(Clone, Copy)]
struct Expected<'k> {
    number: u64,
    /// The number of pages from here to a leaf.
    depth: u16,
    /// The least key, and the end of the keys.
    from: Option<&'k [u8]>,
    end: Option<&'k [u8]>,
}

struct PageCheck<'f> {
    pages: &'f DataPages,
    meta: &'f MetaPage,
    report: &'f mut Report,
    /// A bit for each page: set if it is in use or free.
    claimed: Vec<u64>,
    /// The tables in the table of tables.
    tables: Vec<(Table, TreeRecord)>,
    /// The counts of the tree that is being checked.
    counted: TreeRecord,
}

impl PageCheck<'_> {
    fn new<'f>(pages: &'f DataPages, meta: &'f MetaPage, report: &'f mut Report) -> PageCheck<'f> {
        let words = usize::try_from(meta.last_page / 64 + 1).unwrap_or(usize::MAX);
        let empty =
            TreeRecord { depth: 0, branch_pages: 0, leaf_pages: 0, overflow_pages: 0, entries: 0, root: 0 };
        PageCheck { pages, meta, report, claimed: vec![0; words], tables: Vec::new(), counted: empty }
    }

    fn run(mut self, is_whole_file: bool) {
        if !IS_SUPPORTED {
            return;
        }
        let before = self.report.violation_count;
        self.check_tree(Tree::FreeList, self.meta.free_list, true);
        self.check_tree(Tree::Main, self.meta.main, true);
        for (table, record) in std::mem::take(&mut self.tables) {
            self.check_tree(Tree::Table(table), record, is_whole_file);
        }
        if is_whole_file && self.report.violation_count == before {
            self.check_all_claimed();
        }
    }

    /// Checks a tree, or only its root.
    fn check_tree(&mut self, tree: Tree, record: TreeRecord, is_whole: bool) {
        if record.depth == 0 {
            return;
        }
        let before = self.report.violation_count;
        self.counted = TreeRecord { branch_pages: 0, leaf_pages: 0, overflow_pages: 0, entries: 0, ..record };
        let root = Expected { number: record.root, depth: record.depth, from: None, end: None };
        if !is_whole {
            let checked = self
                .read_pages(root.number, 1)
                .and_then(|bytes| TreePage::parse(&bytes, root.number).map(drop));
            return self.report_damage(tree, root.number, checked);
        }
        self.check_page(tree, root);
        if self.report.violation_count == before && self.counted != record {
            let damage = format!("has the counts {:?}, expected {record:?}", self.counted);
            self.report.add(Violation::DamagedTree { tree: tree.name(), damage });
        }
        if let Tree::Main = tree {
            for missing in Table::all().filter(|table| self.tables.iter().all(|(found, _)| found != table)) {
                let damage = "is missing".to_owned();
                self.report.add(Violation::DamagedTree { tree: missing.name(), damage });
            }
        }
    }

    fn report_damage(&mut self, tree: Tree, number: u64, checked: Result<(), Damage>) {
        if let Err(damage) = checked {
            self.report.add(damaged_page(number, tree.name(), damage));
        }
    }

    fn check_page(&mut self, tree: Tree, expected: Expected<'_>) {
        let checked = self.try_check_page(tree, expected);
        self.report_damage(tree, expected.number, checked);
    }

    fn try_check_page(&mut self, tree: Tree, expected: Expected<'_>) -> Result<(), Damage> {
        self.claim(expected.number, 1)?;
        let bytes = self.read_pages(expected.number, 1)?;
        let page = TreePage::parse(&bytes, expected.number)?;
        if page.is_leaf != (expected.depth == 1) {
            return Err(format!("is at a wrong depth: {} pages above a leaf", expected.depth - 1));
        }
        // Only the free list may have a branch with one child.
        if page.nodes.len() < if page.is_leaf || matches!(tree, Tree::FreeList) { 1 } else { 2 } {
            return Err(format!("has {} entries", page.nodes.len()));
        }
        check_order(tree, &page, expected)?;
        if page.is_leaf {
            self.counted.leaf_pages += 1;
            self.counted.entries += page.nodes.len() as u64;
            return page.nodes.iter().try_for_each(|node| self.check_entry(tree, node));
        }
        self.counted.branch_pages += 1;
        for (at, node) in page.nodes.iter().enumerate() {
            let NodeContent::Child(number) = node.content else { continue };
            let from = if at == 0 { expected.from } else { Some(node.key) };
            let end = page.nodes.get(at + 1).map_or(expected.end, |next| Some(next.key));
            self.check_page(tree, Expected { number, depth: expected.depth - 1, from, end });
        }
        Ok(())
    }

    fn read_pages(&self, number: u64, count: usize) -> Result<Vec<u8>, Damage> {
        self.pages.read(number, count).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => "is missing, as the file is too short".to_owned(),
            _ => format!("cannot be read: {error}"),
        })
    }

    /// Claims pages. Fails if one is in use already.
    fn claim(&mut self, number: u64, count: u64) -> Result<(), Damage> {
        let last = self.meta.last_page;
        if number < META_PAGES || number.saturating_add(count - 1) > last {
            return Err(format!("is not in the file, whose last page is {last}"));
        }
        for page in number..number + count {
            let (word, bit) = (usize::try_from(page / 64).unwrap_or(usize::MAX), 1 << (page % 64));
            if self.claimed[word] & bit != 0 {
                return Err(if page == number {
                    "is in use twice, or free and in use".to_owned()
                } else {
                    format!("continues in page {page}, which is in use twice, or free and in use")
                });
            }
            self.claimed[word] |= bit;
        }
        Ok(())
    }

    fn check_entry(&mut self, tree: Tree, node: &Node<'_>) -> Result<(), Damage> {
        let long;
        let value = match node.content {
            NodeContent::Value(value) => value,
            NodeContent::LongValue(number, length) => {
                match self.read_long_value(number, length) {
                    Ok(value) => long = value,
                    Err(damage) => {
                        self.report.add(damaged_page(number, tree.name(), damage));
                        return Ok(());
                    }
                }
                &long
            }
            NodeContent::Tree(record) => return self.add_table(tree, node.key, record),
            NodeContent::Child(_) => return Err("is a branch in the place of a leaf".to_owned()),
        };
        match tree {
            Tree::FreeList => self.check_free_pages(node.key, value),
            Tree::Main => Err("has an entry that is no table".to_owned()),
            Tree::Table(table) => encoding::verified(table, node.key, value).map(drop).map_err(|_| {
                let key = encoding::describe_key(table, node.key);
                format!("has a value or key that differs from its checksum: {key}")
            }),
        }
    }

    fn read_long_value(&mut self, number: u64, length: usize) -> Result<Vec<u8>, Damage> {
        if number > self.meta.last_page {
            return Err(format!("is not in the file, whose last page is {}", self.meta.last_page));
        }
        let head = self.read_pages(number, 1)?;
        let count = parse_overflow(&head, number, length)?;
        self.claim(number, count.into())?;
        self.counted.overflow_pages += u64::from(count);
        let needed = (HEAD_LEN + length).div_ceil(head.len());
        let mut bytes = self.read_pages(number, needed)?;
        bytes.drain(..HEAD_LEN);
        bytes.truncate(length);
        Ok(bytes)
    }

    fn add_table(&mut self, tree: Tree, name: &[u8], record: TreeRecord) -> Result<(), Damage> {
        let table = Table::all().find(|table| table.name().as_bytes() == name);
        match (tree, table) {
            (Tree::Main, Some(table)) => {
                self.tables.push((table, record));
                Ok(())
            }
            _ => Err(format!("has the unknown table {:?}", String::from_utf8_lossy(name))),
        }
    }

    /// Claims the pages of an entry of the free list: their count, and their numbers in descending order.
    fn check_free_pages(&mut self, key: &[u8], value: &[u8]) -> Result<(), Damage> {
        if u64_at(key, 0) > self.meta.txn_id {
            return Err(format!("has pages that were freed by the later transaction {}", u64_at(key, 0)));
        }
        let count = usize::try_from(u64_at(value, 0)).unwrap_or(usize::MAX);
        if value.len() < 8 || count > value.len() / 8 - 1 {
            return Err(format!("has {count} free pages in {} bytes", value.len()));
        }
        let mut above = u64::MAX;
        for at in 1..=count {
            let free = u64_at(value, at * 8);
            if free >= above {
                return Err("has free pages out of order".to_owned());
            }
            self.claim(free, 1).map_err(|damage| format!("has the free page {free}, which {damage}"))?;
            above = free;
        }
        Ok(())
    }

    /// Checks that each page is in use or free.
    fn check_all_claimed(&mut self) {
        let is_claimed = |page: &u64| {
            let word = usize::try_from(page / 64).ok().and_then(|word| self.claimed.get(word));
            word.is_some_and(|word| word & (1 << (page % 64)) != 0)
        };
        let mut lost = (META_PAGES..=self.meta.last_page).filter(|page| !is_claimed(page));
        if let Some(first) = lost.next() {
            let damage =
                format!("has not all free pages: {} are missing, the first is {first}", lost.count() + 1);
            self.report.add(Violation::DamagedTree { tree: Tree::FreeList.name(), damage });
        }
    }
}

/// Checks the keys of a page. The first key of a branch is never read.
fn check_order(tree: Tree, page: &TreePage<'_>, expected: Expected<'_>) -> Result<(), Damage> {
    let mut before = expected.from;
    let mut may_be_equal = true;
    for node in page.nodes.iter().skip(usize::from(!page.is_leaf)) {
        if matches!(tree, Tree::FreeList) && node.key.len() != 8 {
            return Err(format!("has a key of {} bytes", node.key.len()));
        }
        let order = before.map(|before| tree.compare(before, node.key));
        if order == Some(Ordering::Greater) || (order == Some(Ordering::Equal) && !may_be_equal) {
            return Err("has keys that are out of order".to_owned());
        }
        (before, may_be_equal) = (Some(node.key), false);
    }
    match (before, expected.end) {
        (Some(last), Some(end)) if tree.compare(last, end).is_ge() && !page.nodes.is_empty() => {
            Err("has a key that belongs to a later page".to_owned())
        }
        _ => Ok(()),
    }
}
