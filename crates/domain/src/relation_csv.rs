//! The CSV file of a member's relations and groups. An archive of own data contains it, and an import reads it.

use crate::csv::{BYTE_ORDER_MARK, Records, guarded_text, text_field};
use crate::relation::{Relation, RelationKind};
use guanxi_types::{Mid, RelationAction, Tagid};
use std::collections::HashSet;

/// The titles of the columns, and the end of their line. An import needs only `mid`.
pub const HEADER: &str = "mid,name,kind,groups,since\r\n";

/// Returns the name of a kind in the file.
pub const fn kind_name(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Follow => "follow",
        RelationKind::Whisper => "whisper",
        RelationKind::Block => "block",
    }
}

/// Returns the line of a relation. Several groups in the field have a line each.
pub fn line(mid: Mid, name: &str, kind: RelationKind, groups: &[String], since: &str) -> String {
    let (name, groups) = (text_field(name), groups.join("\n"));
    format!("{mid},{name},{},{},{since}\r\n", kind_name(kind), text_field(&groups))
}

/// A relation to import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvRow {
    /// The number of the line, from 1 on.
    pub line: usize,
    /// The other member.
    pub mid: Mid,
    /// The kind of the relation.
    pub kind: RelationKind,
    /// The names of groups, distinct. Only a follow has them.
    pub groups: Vec<String>,
}

/// The reason why a file is no list of relations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CsvProblem {
    /// The file is not UTF-8.
    Encoding,
    /// Quotes that do not enclose a whole field.
    Quotes,
    /// The first line has no column `mid`.
    NoMidColumn,
    /// The mid is no number of a member.
    Mid,
    /// The kind is none of `follow`, `whisper` and `block`.
    Kind,
    /// A relation other than a follow has groups.
    Groups,
    /// An earlier line has the same mid.
    Repeated,
    /// The file has more lines than an import accepts.
    TooLong,
}

impl CsvProblem {
    /// Returns the problem as the end of a sentence about the line.
    pub const fn reason(self) -> &'static str {
        match self {
            CsvProblem::Encoding => "is not UTF-8",
            CsvProblem::Quotes => "has quotes that do not enclose a whole field",
            CsvProblem::NoMidColumn => "has no title mid",
            CsvProblem::Mid => "has no valid mid",
            CsvProblem::Kind => "has a kind other than follow, whisper and block",
            CsvProblem::Groups => "has groups without a follow",
            CsvProblem::Repeated => "has the mid of an earlier line",
            CsvProblem::TooLong => "is beyond the maximum number of lines",
        }
    }
}

/// An invalid line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidCsv {
    /// The number of the line, from 1 on.
    pub line: usize,
    /// The reason.
    pub problem: CsvProblem,
}

/// Reads a file of at most `max_rows` relations.
///
/// # Errors
///
/// Returns the first invalid line.
pub fn parse(bytes: &[u8], max_rows: usize) -> Result<Vec<CsvRow>, InvalidCsv> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        InvalidCsv { line, problem: CsvProblem::Encoding }
    })?;
    let text = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut records = Records::new(text);
    let quotes = |line| InvalidCsv { line, problem: CsvProblem::Quotes };
    let titles = records.next().transpose().map_err(quotes)?.map(|(_, titles)| titles).unwrap_or_default();
    let column = |title: &str| titles.iter().position(|found| found.trim().eq_ignore_ascii_case(title));
    let mid = column("mid").ok_or(InvalidCsv { line: 1, problem: CsvProblem::NoMidColumn })?;
    let (kind, groups) = (column("kind"), column("groups"));
    let (mut rows, mut seen) = (Vec::new(), HashSet::new());
    for record in records {
        let (line, fields) = record.map_err(quotes)?;
        let invalid = |problem| InvalidCsv { line, problem };
        if fields.iter().all(|field| field.trim().is_empty()) {
            continue;
        }
        if rows.len() == max_rows {
            return Err(invalid(CsvProblem::TooLong));
        }
        let field = |at: Option<usize>| at.and_then(|at| fields.get(at)).map_or("", |field| field.trim());
        let mid = field(Some(mid)).parse().map_err(|_| invalid(CsvProblem::Mid))?;
        let kind = parse_kind(field(kind)).ok_or_else(|| invalid(CsvProblem::Kind))?;
        let mut names: Vec<String> = Vec::new();
        for name in guarded_text(field(groups)).lines().map(str::trim).filter(|name| !name.is_empty()) {
            if !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
        if kind != RelationKind::Follow && !names.is_empty() {
            return Err(invalid(CsvProblem::Groups));
        }
        if !seen.insert(mid) {
            return Err(invalid(CsvProblem::Repeated));
        }
        rows.push(CsvRow { line, mid, kind, groups: names });
    }
    Ok(rows)
}

/// Parses a kind. A file without kinds has follows.
fn parse_kind(text: &str) -> Option<RelationKind> {
    const KINDS: [RelationKind; 3] = [RelationKind::Follow, RelationKind::Whisper, RelationKind::Block];
    if text.is_empty() {
        return Some(RelationKind::Follow);
    }
    KINDS.into_iter().find(|kind| kind_name(*kind).eq_ignore_ascii_case(text))
}

/// The change that an import makes for a row. An import adds, and removes no group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportStep {
    /// The action creates the relation, which joins the groups.
    Add(RelationAction),
    /// The follow exists, and joins these groups.
    Join(Vec<Tagid>),
    /// The relation is as the row says.
    Nothing,
}

/// Returns the change for a row with the current relation to its member, and the tagids of its groups. A group that
/// does not exist yet has none.
pub fn import_step(row: &CsvRow, current: Option<&Relation>, groups: &[Option<Tagid>]) -> ImportStep {
    let action = match row.kind {
        RelationKind::Follow => RelationAction::Follow,
        RelationKind::Whisper => RelationAction::Whisper,
        RelationKind::Block => RelationAction::Block,
    };
    let Some(current) = current.filter(|current| current.kind == row.kind) else {
        return ImportStep::Add(action);
    };
    let is_in = |tagid: Tagid| current.groups.iter().any(|membership| membership.tagid == tagid);
    let joins: Vec<Tagid> = groups.iter().copied().flatten().filter(|tagid| !is_in(*tagid)).collect();
    if joins.is_empty() && groups.iter().all(Option::is_some) {
        ImportStep::Nothing
    } else {
        ImportStep::Join(joins)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::relation::GroupMembership;

    fn row(line: usize, mid: u64, kind: RelationKind, groups: &[&str]) -> CsvRow {
        let groups = groups.iter().map(|&name| name.to_owned()).collect();
        CsvRow { line, mid: Mid::new(mid).unwrap(), kind, groups }
    }

    #[test]
    fn file_of_an_archive_is_read() {
        let groups = ["=1+1", "a, \"b\"", "特别关注"].map(str::to_owned);
        let mid = |number| Mid::new(number).unwrap();
        let text = format!(
            "{BYTE_ORDER_MARK}{HEADER}{}{}{}",
            line(mid(7), "=甲,\"乙\"", RelationKind::Follow, &groups, "2026-01-15 12:00:00"),
            line(mid(8), "丙", RelationKind::Whisper, &[], ""),
            line(mid(9), "", RelationKind::Block, &[], ""),
        );
        let rows = parse(text.as_bytes(), 3).unwrap();
        assert_eq!(
            rows,
            [
                row(2, 7, RelationKind::Follow, &["=1+1", "a, \"b\"", "特别关注"]),
                row(5, 8, RelationKind::Whisper, &[]),
                row(6, 9, RelationKind::Block, &[]),
            ]
        );
    }

    #[test]
    fn invalid_line_is_reported_with_its_number() {
        #[rustfmt::skip]
        let cases: [(&[u8], usize, CsvProblem); 10] = [
            (b"",                                    1, CsvProblem::NoMidColumn),
            (b"name,kind\n1,follow\n",               1, CsvProblem::NoMidColumn),
            (b"mid\n1\n\n2\nx\n",                    5, CsvProblem::Mid),
            (b"mid\n0\n",                            2, CsvProblem::Mid),
            (b"mid,kind\n1,friend\n",                2, CsvProblem::Kind),
            (b"mid,kind,groups\n1,block,a\n",        2, CsvProblem::Groups),
            (b"mid\n1\n2\n1\n",                      4, CsvProblem::Repeated),
            (b"mid\n1\n2\n3\n4\n",                   5, CsvProblem::TooLong),
            (b"mid,name\n1,\"a\nb\"\n2,\"a\"b\n",    4, CsvProblem::Quotes),
            (b"mid\n1\n\xff\n",                      3, CsvProblem::Encoding),
        ];
        for (text, line, problem) in cases {
            let shown = String::from_utf8_lossy(text).into_owned();
            assert_eq!(parse(text, 3), Err(InvalidCsv { line, problem }), "{shown:?}");
        }
    }

    #[test]
    fn only_the_mid_is_needed() {
        let rows = parse(b"Name, MID \r\nx,5\r\n,\r\ny,6", 9).unwrap();
        assert_eq!(rows, [row(2, 5, RelationKind::Follow, &[]), row(4, 6, RelationKind::Follow, &[])]);
    }

    #[test]
    fn import_adds_what_is_missing() {
        use RelationKind::{Block, Follow, Whisper};
        let relation = |kind, tagids: &[i64]| {
            let groups =
                tagids.iter().map(|tagid| GroupMembership { tagid: Tagid(*tagid), seq: 0 }).collect();
            Relation { kind, mtime: 1, seq: 0, source: 0, groups }
        };
        let add = ImportStep::Add;
        #[rustfmt::skip]
        let cases = [
            // kind of the row, current relation, groups -> step
            (Follow,  None,                        vec![],                          add(RelationAction::Follow)),
            (Follow,  Some(relation(Whisper, &[])), vec![],                         add(RelationAction::Follow)),
            (Block,   Some(relation(Follow, &[0])), vec![],                         add(RelationAction::Block)),
            (Whisper, Some(relation(Whisper, &[])), vec![],                         ImportStep::Nothing),
            (Follow,  Some(relation(Follow, &[5])), vec![],                         ImportStep::Nothing),
            (Follow,  Some(relation(Follow, &[5])), vec![Some(Tagid(5))],           ImportStep::Nothing),
            (Follow,  Some(relation(Follow, &[5])), vec![Some(Tagid(5)), Some(Tagid(6))], ImportStep::Join(vec![Tagid(6)])),
            (Follow,  Some(relation(Follow, &[5])), vec![None],                     ImportStep::Join(vec![])),
        ];
        for (kind, current, groups, step) in cases {
            assert_eq!(
                import_step(&row(2, 7, kind, &[]), current.as_ref(), &groups),
                step,
                "{kind:?} {groups:?}"
            );
        }
    }
}
