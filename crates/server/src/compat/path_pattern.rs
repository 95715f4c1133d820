//! Path patterns of routes, such as `/app/v1/members/{id}`.

use percent_encoding::percent_decode_str;
use std::collections::HashSet;

/// A path whose segments are texts or named parameters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PathPattern {
    text: String,
    /// The position of each parameter among the segments, and its name.
    parameters: Vec<(usize, String)>,
}

/// The punctuation of a path segment (RFC 3986).
const PUNCTUATION: &[u8] = b"-._~!$&'()*+,;=:@%";

impl PathPattern {
    /// Parses a pattern. The error says what was expected.
    pub(super) fn parse(text: &str) -> Result<PathPattern, String> {
        let Some(rest) = text.strip_prefix('/') else {
            return Err(format!("{text:?} does not begin with /"));
        };
        let mut parameters = Vec::new();
        let mut names = HashSet::new();
        for (position, segment) in rest.split('/').enumerate() {
            if let Some(name) = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
                if !is_name(name) {
                    return Err(format!(
                        "{segment} is no parameter, expected a name of letters, digits and _"
                    ));
                }
                if !names.insert(name) {
                    return Err(format!("{segment} occurs twice, expected distinct names"));
                }
                parameters.push((position, name.to_owned()));
            } else if segment.is_empty() {
                return Err(format!("{text:?} has an empty segment"));
            } else if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || PUNCTUATION.contains(&byte))
            {
                return Err(format!(
                    "{segment:?} is no segment of a path, expected a whole text or {{name}}"
                ));
            }
        }
        Ok(PathPattern { text: text.to_owned(), parameters })
    }

    /// Returns the text of the pattern.
    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the names of the parameters.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.parameters.iter().map(|(_, name)| name.as_str())
    }

    /// Returns the names and the decoded values of the parameters in a path that the pattern matches.
    pub(super) fn values(&self, path: &str) -> Vec<(&str, Vec<u8>)> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        let value = |position: usize| segments.get(position).copied().unwrap_or_default();
        let decoded = |position| percent_decode_str(value(position)).collect();
        self.parameters.iter().map(|(position, name)| (name.as_str(), decoded(*position))).collect()
    }
}

/// Returns true if a text is a name of letters, digits and `_`.
fn is_name(text: &str) -> bool {
    text.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_the_decoded_segments() {
        let pattern = PathPattern::parse("/app/v1/{id}/tags/{tag}").unwrap();
        assert_eq!(pattern.names().collect::<Vec<_>>(), ["id", "tag"]);
        let values = pattern.values("/app/v1/7/tags/%E8%86%9C+a");
        assert_eq!(values, [("id", b"7".to_vec()), ("tag", "膜+a".as_bytes().to_vec())]);
    }

    #[test]
    fn malformed_pattern_is_an_error() {
        // pattern, the beginning of the error or "" for a valid one
        let cases = [
            ("/app", ""),
            ("/app/v1.2/a-b_c~d/(x)", ""),
            ("/{id}", ""),
            ("", "\"\" does not"),
            ("app", "\"app\" does not"),
            ("/", "\"/\" has an empty"),
            ("/app/", "\"/app/\" has an empty"),
            ("/app//v1", "\"/app//v1\" has an empty"),
            ("/app/{}", "{} is no parameter"),
            ("/app/{1d}", "{1d} is no parameter"),
            ("/app/{*rest}", "{*rest} is no parameter"),
            ("/app/{id", "\"{id\" is no segment"),
            ("/app/{id}.json", "\"{id}.json\" is no segment"),
            ("/app/{a}/{a}", "{a} occurs twice"),
            ("/app?x=1", "\"app?x=1\" is no segment"),
            ("/app/膜", "\"膜\" is no segment"),
            ("/app/a b", "\"a b\" is no segment"),
        ];
        for (text, expected) in cases {
            match PathPattern::parse(text) {
                Ok(pattern) => assert_eq!((pattern.as_str(), expected), (text, ""), "{text}"),
                Err(reason) => {
                    assert!(!expected.is_empty() && reason.starts_with(expected), "{text}: {reason}");
                }
            }
        }
    }
}
