//! Detection of logins with an unfamiliar device or from an unfamiliar location.

use std::collections::HashMap;

/// The days for which a device and a location stay familiar after a login.
pub const FAMILIAR_DAYS: u32 = 30;

/// A login attempt.
#[derive(Clone, Copy, Debug)]
pub struct LoginAttempt<'l> {
    /// The time, in seconds.
    pub time: i64,
    /// True if the attempt succeeded.
    pub success: bool,
    /// The `buvid3` of the device. Empty for none.
    pub buvid: &'l str,
    /// The name of the device.
    pub device: &'l str,
    /// The location of the IP address. Empty if unknown.
    pub location: &'l str,
}

/// The unfamiliar properties of a login.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unfamiliar {
    /// True for an unfamiliar device.
    pub device: bool,
    /// True for an unfamiliar location.
    pub location: bool,
}

/// A property of a login that makes later logins familiar.
#[derive(PartialEq, Eq, Hash)]
enum Origin<'l> {
    Buvid(&'l str),
    Device(&'l str),
    /// The name of a device without `buvid3`.
    DeviceWithoutBuvid(&'l str),
    Location(&'l str),
}

/// Returns the unfamiliar properties of each attempt of a member, oldest first. A property is unfamiliar if no
/// successful login of the [`FAMILIAR_DAYS`] before had it. Failed attempts have none, and make nothing familiar.
///
/// `buvid3` identifies a device. The name identifies it if one of the two logins has no `buvid3`, since a browser
/// gets its `buvid3` with its first login. If `is_complete`, no attempt precedes these, and the first login is
/// familiar.
pub fn detect_unfamiliar<'l>(attempts: &[LoginAttempt<'l>], is_complete: bool) -> Vec<Unfamiliar> {
    let mut last: HashMap<Origin<'l>, i64> = HashMap::new();
    let classify = |attempt: &LoginAttempt<'l>| {
        if !attempt.success {
            return Unfamiliar::default();
        }
        let &LoginAttempt { time, buvid, device, location, .. } = attempt;
        let since = crate::day::days_before(time, FAMILIAR_DAYS);
        let is_familiar = |origin| last.get(&origin).is_some_and(|time| *time >= since);
        let is_first = is_complete && last.is_empty();
        let is_familiar_device = match buvid {
            "" => is_familiar(Origin::Device(device)),
            buvid => is_familiar(Origin::Buvid(buvid)) || is_familiar(Origin::DeviceWithoutBuvid(device)),
        };
        let unfamiliar = Unfamiliar {
            device: !is_first && !is_familiar_device,
            location: !is_first && !is_familiar(Origin::Location(location)),
        };
        let device_origin =
            if buvid.is_empty() { Origin::DeviceWithoutBuvid(device) } else { Origin::Buvid(buvid) };
        let origins = [device_origin, Origin::Device(device), Origin::Location(location)];
        last.extend(origins.map(|origin| (origin, time)));
        unfamiliar
    };
    attempts.iter().map(classify).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400;

    /// Parses `buvid device location`, with `-` for an empty word. A leading `!` marks a failed attempt.
    fn parse_attempt(time: i64, text: &str) -> LoginAttempt<'_> {
        let words = text.trim_start_matches('!');
        let [buvid, device, location] = <[&str; 3]>::try_from(words.split(' ').collect::<Vec<_>>())
            .unwrap()
            .map(|word| if word == "-" { "" } else { word });
        LoginAttempt { time, success: words == text, buvid, device, location }
    }

    /// The unfamiliar properties of the last attempt.
    fn last_unfamiliar(attempts: &[(i64, &str)], is_complete: bool) -> &'static str {
        let attempts: Vec<LoginAttempt<'_>> =
            attempts.iter().map(|(time, text)| parse_attempt(*time, text)).collect();
        let unfamiliar = detect_unfamiliar(&attempts, is_complete);
        assert_eq!(unfamiliar.len(), attempts.len());
        match unfamiliar.last().unwrap() {
            Unfamiliar { device: true, location: true } => "both",
            Unfamiliar { device: true, location: false } => "device",
            Unfamiliar { device: false, location: true } => "location",
            Unfamiliar { device: false, location: false } => "",
        }
    }

    #[test]
    fn unfamiliar_properties_of_last_login() {
        #[rustfmt::skip]
        let cases: [(&[(i64, &str)], &str); 21] = [
            // attempts -> the unfamiliar properties of the last
            (&[(0, "A Chrome 渭南")],                                                   ""),
            (&[(0, "A Chrome 渭南"), (1, "A Chrome 渭南")],                             ""),
            (&[(0, "A Chrome 渭南"), (1, "B Chrome 渭南")],                             "device"),
            (&[(0, "A Chrome 渭南"), (1, "A Chrome 梧州")],                             "location"),
            (&[(0, "A Chrome 渭南"), (1, "B Firefox 梧州")],                            "both"),
            (&[(0, "A Chrome 渭南"), (1, "A Firefox 渭南")],                            ""),
            // Devices match by name if one of the two has no buvid3.
            (&[(0, "- Chrome 渭南"), (1, "A Chrome 渭南")],                             ""),
            (&[(0, "- Chrome 渭南"), (1, "A Firefox 渭南")],                            "device"),
            (&[(0, "A Chrome 渭南"), (1, "- Chrome 渭南")],                             ""),
            (&[(0, "A Chrome 渭南"), (1, "- Firefox 渭南")],                            "device"),
            (&[(0, "- - 渭南"),      (1, "- - 渭南")],                                  ""),
            // An unknown location and a private network count as locations.
            (&[(0, "A Chrome -"),    (1, "A Chrome -")],                                ""),
            (&[(0, "A Chrome -"),    (1, "A Chrome 局域网")],                           "location"),
            (&[(0, "A Chrome 局域网"), (1, "A Chrome -")],                              "location"),
            // A failed attempt is not classified, and makes nothing familiar.
            (&[(0, "A Chrome 渭南"), (1, "!B Firefox 梧州")],                           ""),
            (&[(0, "A Chrome 渭南"), (1, "!B Firefox 梧州"), (2, "B Firefox 梧州")],    "both"),
            (&[(0, "!A Chrome 渭南"), (1, "B Firefox 梧州")],                           ""),
            // 30 days since the latest login, and not a second more.
            (&[(0, "A Chrome 渭南"), (30 * DAY, "A Chrome 渭南")],                      ""),
            (&[(0, "A Chrome 渭南"), (30 * DAY + 1, "A Chrome 渭南")],                  "both"),
            (&[(0, "A Chrome 渭南"), (20 * DAY, "A Chrome 渭南"), (40 * DAY, "A Chrome 渭南")], ""),
            (&[(0, "A Chrome 渭南"), (20 * DAY, "B Chrome 渭南"), (40 * DAY, "A Chrome 渭南")], "device"),
        ];
        for (attempts, unfamiliar) in cases {
            assert_eq!(last_unfamiliar(attempts, true), unfamiliar, "{attempts:?}");
        }
    }

    #[test]
    fn first_login_of_incomplete_log_is_unfamiliar() {
        assert_eq!(last_unfamiliar(&[(0, "A Chrome 渭南")], false), "both");
        assert_eq!(last_unfamiliar(&[(0, "!A Chrome 渭南"), (1, "A Chrome 渭南")], false), "both");
        assert_eq!(last_unfamiliar(&[(0, "A Chrome 渭南"), (1, "A Chrome 渭南")], false), "");
    }
}
