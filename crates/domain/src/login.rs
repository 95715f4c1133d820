//! Which logins are worth a second look: those with a device, or from a place, that was not there of late.

use std::collections::HashMap;

/// For how many days a device and a place are known after a login.
pub const KNOWN_DAYS: u32 = 30;

/// A try to log in.
#[derive(Clone, Copy, Debug)]
pub struct Login<'l> {
    /// When, in seconds.
    pub time: i64,
    /// Whether it succeeded.
    pub ok: bool,
    /// The device's `buvid3`; empty for none.
    pub buvid: &'l str,
    /// What the device is called.
    pub device: &'l str,
    /// Where.
    pub place: &'l str,
}

/// What is new about a login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct New {
    /// The device.
    pub device: bool,
    /// The place.
    pub place: bool,
}

/// What a login leaves behind, by which a later one is known.
#[derive(PartialEq, Eq, Hash)]
enum Trace<'l> {
    Buvid(&'l str),
    Device(&'l str),
    /// The name of a device that had no `buvid3`.
    Bare(&'l str),
    Place(&'l str),
}

/// What is new about each of a member's tries, the oldest first: of those that succeeded, what none that did so within the
/// [`KNOWN_DAYS`] before it had. Devices are told apart by `buvid3`, and by name where one of two has none: a browser is given
/// its own with its first login. Nothing is new about the first login that is known; `is_whole` says that none came before
/// these.
pub fn news<'l>(logins: &[Login<'l>], is_whole: bool) -> Vec<New> {
    let mut last: HashMap<Trace<'l>, i64> = HashMap::new();
    let judge = |login: &Login<'l>| {
        if !login.ok {
            return New::default();
        }
        let &Login { time, buvid, device, place, .. } = login;
        let since = crate::day::days_before(time, KNOWN_DAYS);
        let is_known = |trace| last.get(&trace).is_some_and(|time| *time >= since);
        let is_first = is_whole && last.is_empty();
        let same_device = match buvid {
            "" => is_known(Trace::Device(device)),
            buvid => is_known(Trace::Buvid(buvid)) || is_known(Trace::Bare(device)),
        };
        let new =
            New { device: !is_first && !same_device, place: !is_first && !is_known(Trace::Place(place)) };
        let named = if buvid.is_empty() { Trace::Bare(device) } else { Trace::Buvid(buvid) };
        last.extend([named, Trace::Device(device), Trace::Place(place)].map(|trace| (trace, time)));
        new
    };
    logins.iter().map(judge).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    /// `buvid device place`, with `-` for what is empty; `!` before it for a try that failed.
    fn login(time: i64, told: &str) -> Login<'_> {
        let bare = told.trim_start_matches('!');
        let [buvid, device, place] = <[&str; 3]>::try_from(bare.split(' ').collect::<Vec<_>>())
            .unwrap()
            .map(|word| if word == "-" { "" } else { word });
        Login { time, ok: bare == told, buvid, device, place }
    }

    /// What is new about the last of them.
    fn last(told: &[(i64, &str)], is_whole: bool) -> &'static str {
        let logins: Vec<Login<'_>> = told.iter().map(|(time, told)| login(*time, told)).collect();
        let new = news(&logins, is_whole);
        assert_eq!(new.len(), told.len());
        match new.last().unwrap() {
            New { device: true, place: true } => "both",
            New { device: true, place: false } => "device",
            New { device: false, place: true } => "place",
            New { device: false, place: false } => "",
        }
    }

    #[test]
    fn what_is_new() {
        #[rustfmt::skip]
        let cases: [(&[(i64, &str)], &str); 21] = [
            // tries -> what is new about the last
            (&[(0, "A Chrome 渭南")],                                                   ""),
            (&[(0, "A Chrome 渭南"), (1, "A Chrome 渭南")],                             ""),
            (&[(0, "A Chrome 渭南"), (1, "B Chrome 渭南")],                             "device"),
            (&[(0, "A Chrome 渭南"), (1, "A Chrome 梧州")],                             "place"),
            (&[(0, "A Chrome 渭南"), (1, "B Firefox 梧州")],                            "both"),
            (&[(0, "A Chrome 渭南"), (1, "A Firefox 渭南")],                            ""),
            // By name where one of the two has no buvid3.
            (&[(0, "- Chrome 渭南"), (1, "A Chrome 渭南")],                             ""),
            (&[(0, "- Chrome 渭南"), (1, "A Firefox 渭南")],                            "device"),
            (&[(0, "A Chrome 渭南"), (1, "- Chrome 渭南")],                             ""),
            (&[(0, "A Chrome 渭南"), (1, "- Firefox 渭南")],                            "device"),
            (&[(0, "- - 渭南"),      (1, "- - 渭南")],                                  ""),
            // A place that nobody knows is one, and so is a private network.
            (&[(0, "A Chrome -"),    (1, "A Chrome -")],                                ""),
            (&[(0, "A Chrome -"),    (1, "A Chrome 局域网")],                           "place"),
            (&[(0, "A Chrome 局域网"), (1, "A Chrome -")],                              "place"),
            // What failed is nothing new, and makes nothing known.
            (&[(0, "A Chrome 渭南"), (1, "!B Firefox 梧州")],                           ""),
            (&[(0, "A Chrome 渭南"), (1, "!B Firefox 梧州"), (2, "B Firefox 梧州")],    "both"),
            (&[(0, "!A Chrome 渭南"), (1, "B Firefox 梧州")],                           ""),
            // 30 days, and not a second more; the latest counts.
            (&[(0, "A Chrome 渭南"), (30 * DAY, "A Chrome 渭南")],                      ""),
            (&[(0, "A Chrome 渭南"), (30 * DAY + 1, "A Chrome 渭南")],                  "both"),
            (&[(0, "A Chrome 渭南"), (20 * DAY, "A Chrome 渭南"), (40 * DAY, "A Chrome 渭南")], ""),
            (&[(0, "A Chrome 渭南"), (20 * DAY, "B Chrome 渭南"), (40 * DAY, "A Chrome 渭南")], "device"),
        ];
        for (tries, new) in cases {
            assert_eq!(last(tries, true), new, "{tries:?}");
        }
    }

    #[test]
    fn the_first_of_a_log_that_goes_further_back_is_no_first() {
        assert_eq!(last(&[(0, "A Chrome 渭南")], false), "both");
        assert_eq!(last(&[(0, "!A Chrome 渭南"), (1, "A Chrome 渭南")], false), "both");
        assert_eq!(last(&[(0, "A Chrome 渭南"), (1, "A Chrome 渭南")], false), "");
    }
}
