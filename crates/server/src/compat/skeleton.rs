//! A compatibility file to begin with, from requests that no path served.

use super::path_pattern::PathPattern;
use super::{FILE_MAX_BYTES, METHODS, ROUTE_LIMIT};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// Requests of a path that guanxi does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The names of the parameters.
    pub params: Vec<String>,
    /// The number of requests.
    pub count: u64,
}

const HEAD: &str = "\
# A compatibility file with a route for each path that guanxi did not have, most requested first.
# Each route answers with its constant. Replace the constant by an endpoint, or delete the route.
";

/// Returns the text of a compatibility file with a route for each path. A path that no route can have is a comment.
pub fn skeleton(gaps: &[Gap]) -> String {
    let mut text = HEAD.to_owned();
    let mut routes = 0;
    for ((method, path), (count, params)) in by_count(gaps) {
        // Names and paths are in quotes, in which neither a quote nor a control character ends a line.
        let is_route = METHODS.contains(&method) && is_literal(path);
        let block = if is_route { route(method, path, count, &params) } else { comment(method, path, count) };
        if routes == ROUTE_LIMIT || text.len() + block.len() > FILE_MAX_BYTES / 2 {
            text.push_str("\n# The file ends here, since it has the maximum size.\n");
            break;
        }
        routes += usize::from(is_route);
        text.push_str(&block);
    }
    text
}

type Requests<'g> = ((&'g str, &'g str), (u64, BTreeSet<&'g str>));

/// Returns the method, path, count and parameters of each path, the most requested first.
fn by_count(gaps: &[Gap]) -> Vec<Requests<'_>> {
    let mut paths: BTreeMap<(&str, &str), (u64, BTreeSet<&str>)> = BTreeMap::new();
    for gap in gaps {
        // A route of GET answers HEAD too.
        let method = if gap.method == "HEAD" { "GET" } else { &gap.method };
        let (count, params) = paths.entry((method, &gap.path)).or_default();
        *count = count.saturating_add(gap.count);
        params.extend(gap.params.iter().map(String::as_str));
    }
    let mut paths: Vec<_> = paths.into_iter().collect();
    paths.sort_by_key(|(_, (count, _))| std::cmp::Reverse(*count));
    paths
}

fn is_literal(path: &str) -> bool {
    PathPattern::parse(path).is_ok_and(|pattern| pattern.names().next().is_none())
}

fn route(method: &str, path: &str, count: u64, params: &BTreeSet<&str>) -> String {
    let mut text = format!("\n# Requests: {count}");
    if !params.is_empty() {
        let names: Vec<String> = params.iter().map(|name| quoted(name)).collect();
        write!(text, ". Parameters: {}", names.join(", ")).expect("writing to a String cannot fail");
    }
    let lines = [
        "\n[[route]]".to_owned(),
        format!("method = {}", quoted(method)),
        format!("path = {}", quoted(path)),
        "constant = { code = 0, message = \"0\", ttl = 1, data = {} }".to_owned(),
        "#endpoint = \"/x/relation/stat\"".to_owned(),
    ];
    text.push_str(&lines.join("\n"));
    if !params.is_empty() {
        let renamed: Vec<String> = params.iter().map(|name| format!("{} = \"\"", quoted(name))).collect();
        write!(text, "\n#rename = {{ {} }}", renamed.join(", ")).expect("writing to a String cannot fail");
    }
    text + "\n"
}

fn comment(method: &str, path: &str, count: u64) -> String {
    format!("\n# Requests: {count}. No route can have the path: {} {}\n", quoted(method), quoted(path))
}

/// Returns a text in quotes. Every control character is escaped, so that the text stays on its line.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            letter if letter.is_control() => {
                write!(quoted, "\\u{:04X}", u32::from(letter)).expect("writing to a String cannot fail");
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}
