//! The report of what programs asked for and the emulator does not have.

use crate::member::sanitize::single_line;
use guanxi_api::emulator::list_gaps::{Data, UnknownPath, UnreadParameter};
use guanxi_server::compat::{self, Gap};

/// Returns the report for a terminal, one gap a line.
pub(super) fn lines(gaps: &Data) -> Vec<String> {
    let times = |count: u64| if count == 1 { String::new() } else { format!(", {count} times") };
    let paths = gaps.paths.iter().map(|gap| {
        let (method, host, path) = (&gap.method, &gap.host, &gap.path);
        format!("no endpoint: {method} {host}{path}{}", times(gap.count))
    });
    let unread = gaps.parameters.iter().filter(|gap| !is_of_unknown_path(gaps, gap));
    let parameters = unread.map(|gap| {
        let (name, method, path) = (&gap.name, &gap.method, &gap.path);
        format!("unread parameter: {name} of {method} {path}{}", times(gap.count))
    });
    let hosts = gaps
        .hosts
        .iter()
        .map(|gap| format!("refused host: {}{} (serve it with --host)", gap.host, times(gap.count)));
    paths.chain(parameters).chain(hosts).map(|line| single_line(&line)).collect()
}

/// Returns true for a parameter of a path without an endpoint.
fn is_of_unknown_path(gaps: &Data, parameter: &UnreadParameter) -> bool {
    gaps.paths.iter().any(|gap| is_sent_to(parameter, gap))
}

fn is_sent_to(parameter: &UnreadParameter, gap: &UnknownPath) -> bool {
    (&parameter.method, &parameter.path) == (&gap.method, &gap.path)
}

/// Returns a compatibility file for the gaps, to be completed.
pub(super) fn skeleton(gaps: &Data) -> String {
    let of_path = |gap: &UnknownPath| {
        let params = gaps.parameters.iter().filter(|parameter| is_sent_to(parameter, gap));
        let params = params.map(|parameter| parameter.name.clone()).collect();
        Gap { method: gap.method.clone(), path: gap.path.clone(), params, count: gap.count }
    };
    compat::skeleton(&gaps.paths.iter().map(of_path).collect::<Vec<_>>())
}
