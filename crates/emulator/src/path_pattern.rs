//! Patterns of paths.

/// A pattern of paths, in which `*` matches any text, the empty one included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PathPattern(String);

impl PathPattern {
    /// Creates a pattern. Every text is valid.
    pub(crate) fn new(text: impl Into<String>) -> PathPattern {
        PathPattern(text.into())
    }

    /// Returns true if the pattern matches a whole path.
    pub(crate) fn matches(&self, path: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            let Some(start) = rest.find(part) else { return false };
            rest = &rest[start + part.len()..];
        }
        rest.ends_with(last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn star_matches_any_text() {
        for (pattern, path, is_match) in [
            ("*", "", true),
            ("*", "/x/relation", true),
            ("/x/relation", "/x/relation", true),
            ("/x/relation", "/x/relation/modify", false),
            ("/x/relation*", "/x/relation", true),
            ("/x/relation/*", "/x/relation/modify", true),
            ("/x/relation/*", "/x/relation", false),
            ("*/modify", "/x/relation/modify", true),
            ("/x/*/info", "/x/space/acc/info", true),
            ("/x/*/*/info", "/x/space/info", false),
            ("/a*a", "/a", false),
            ("/*a*b", "/xbab", true),
            ("", "/", false),
        ] {
            assert_eq!(PathPattern::new(pattern).matches(path), is_match, "{pattern} {path}");
        }
    }
}
