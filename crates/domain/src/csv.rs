//! Values of a CSV file (RFC 4180).

use std::borrow::Cow;

/// The mark of UTF-8 at the start of a file. Spreadsheets need it.
pub const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Returns a text as a field. A text that a spreadsheet would run as a formula begins with an apostrophe.
pub fn text_field(text: &str) -> Cow<'_, str> {
    let is_formula = text.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠'])
        || text.starts_with(['\t', '\r', '\n', '|', '%']);
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
        }
    }
}
