//! Paths of the service's own.

/// Whether a text is a path, and no address of another host: browsers read `//` and `/\` as the beginning of one.
pub fn is_own(text: &str) -> bool {
    text.strip_prefix('/').is_some_and(|rest| !rest.starts_with(['/', '\\']))
}
