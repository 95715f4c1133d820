//! A guard against open redirects.

/// Returns true if a text is a path of this service. Browsers parse `//` and `/\` as the start of another host.
pub fn is_local_path(text: &str) -> bool {
    text.strip_prefix('/').is_some_and(|rest| !rest.starts_with(['/', '\\']))
}
