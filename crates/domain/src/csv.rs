//! Values and records of a CSV file (RFC 4180).

use std::borrow::Cow;

/// The mark of UTF-8 at the start of a file. Spreadsheets need it.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Returns true if a spreadsheet would run a text as a formula.
fn is_formula(text: &str) -> bool {
    text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n', '|', '%'])
}

/// Returns the text of a field of [`text_field`], without the apostrophe before a formula.
pub fn guarded_text(field: &str) -> &str {
    field.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(field)
}

/// The records of a file, each with the number of its first line. An error is the line with misplaced quotes.
#[derive(Clone, Debug)]
pub struct Records<'t> {
    rest: &'t str,
    line: usize,
}

impl<'t> Records<'t> {
    /// Returns the records of a text.
    pub fn new(text: &'t str) -> Records<'t> {
        Records { rest: text, line: 1 }
    }

    /// Takes a quoted field behind its first quote. Returns `None` without a closing quote.
    fn quoted(&mut self) -> Option<String> {
        let mut field = String::new();
        loop {
            let (text, rest) = self.rest.split_once('"')?;
            field += text;
            self.line += text.matches('\n').count();
            let Some(escaped) = rest.strip_prefix('"') else {
                self.rest = rest;
                return Some(field);
            };
            field.push('"');
            self.rest = escaped;
        }
    }
}

impl Iterator for Records<'_> {
    type Item = Result<(usize, Vec<String>), usize>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        let (start, mut fields) = (self.line, Vec::new());
        loop {
            if let Some(rest) = self.rest.strip_prefix('"') {
                self.rest = rest;
                let Some(field) = self.quoted() else {
                    self.rest = "";
                    return Some(Err(start));
                };
                fields.push(field);
                if !self.rest.is_empty() && !self.rest.starts_with([',', '\r', '\n']) {
                    self.rest = "";
                    return Some(Err(self.line));
                }
            } else {
                let end = self.rest.find([',', '\r', '\n']).unwrap_or(self.rest.len());
                fields.push(self.rest[..end].to_owned());
                self.rest = &self.rest[end..];
            }
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
                continue;
            }
            let rest = self.rest.strip_prefix('\r').unwrap_or(self.rest);
            self.rest = rest.strip_prefix('\n').unwrap_or(rest);
            self.line += 1;
            return Some(Ok((start, fields)));
        }
    }
}

/// Returns a text as a field. A text that a spreadsheet would run as a formula begins with an apostrophe.
pub fn text_field(text: &str) -> Cow<'_, str> {
    let is_formula = is_formula(text);
    let guard = if is_formula { "'" } else { "" };
    if text.contains([',', '"', '\r', '\n', ';', '\t']) {
        format!("\"{guard}{}\"", text.replace('"', "\"\"")).into()
    } else if is_formula {
        format!("{guard}{text}").into()
    } else {
        text.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_quoted_and_formulas_are_guarded() {
        for (text, field) in [
            ("登录奖励", "登录奖励"),
            ("", ""),
            ("a, b", "\"a, b\""),
            ("a \"b\"", "\"a \"\"b\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("a-b=c", "a-b=c"),
            ("=1+1", "'=1+1"),
            ("+1", "'+1"),
            ("-1", "'-1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            (" =1", "' =1"),
            ("＝1", "'＝1"),
            ("\t=1", "\"'\t=1\""),
            ("=HYPERLINK(\"http://x\",\"y\")", "\"'=HYPERLINK(\"\"http://x\"\",\"\"y\"\")\""),
        ] {
            assert_eq!(text_field(text), field, "{text:?}");
            let read: Vec<_> = Records::new(field).collect::<Result<_, _>>().unwrap();
            let read = read.first().map_or("", |(_, fields)| fields[0].as_str());
            assert_eq!(guarded_text(read), text, "{field:?}");
        }
    }

    #[test]
    fn records_have_the_numbers_of_their_lines() {
        let read = |text: &str| -> Vec<Result<(usize, String), usize>> {
            let joined = |record: Result<(usize, Vec<String>), usize>| {
                record.map(|(line, fields)| (line, fields.join("|")))
            };
            Records::new(text).map(joined).collect()
        };
        let ok = |line, text: &str| Ok((line, text.to_owned()));
        assert_eq!(read(""), []);
        assert_eq!(read("a,b\r\nc\n\nd"), [ok(1, "a|b"), ok(2, "c"), ok(3, ""), ok(4, "d")]);
        assert_eq!(read("\"a\n\"\"b\"\"\",c\nd,\n"), [ok(1, "a\n\"b\"|c"), ok(3, "d|")]);
        assert_eq!(read("a\n\"b").last(), Some(&Err(2)));
        assert_eq!(read("\"a\nb\"c").first(), Some(&Err(2)));
    }
}
