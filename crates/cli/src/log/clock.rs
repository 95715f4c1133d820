//! The times of log lines, with microseconds. They are those of the system also if the service has a start time.

use jiff::Timestamp;

/// Returns the current time.
#[expect(clippy::disallowed_methods, reason = "the log shows the system time")]
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// A formatter of times. It keeps the text of a second, in which a busy service writes many lines.
#[derive(Debug)]
pub(super) struct TimeFormatter {
    second: i64,
    text: String,
}

impl TimeFormatter {
    /// The length of a fraction, such as `.000001Z`.
    const FRACTION_LENGTH: usize = 8;

    pub(super) const fn new() -> TimeFormatter {
        TimeFormatter { second: 0, text: String::new() }
    }

    /// Returns the text of a time.
    pub(super) fn format(&mut self, time: Timestamp) -> &str {
        let length = self.text.len().saturating_sub(Self::FRACTION_LENGTH);
        if length == 0 || time.as_second() != self.second {
            (self.second, self.text) = (time.as_second(), format!("{time:.6}"));
        } else {
            // The leading 1 keeps the zeros of the fraction.
            let (mut digits, fraction) = (itoa::Buffer::new(), 1_000_000 + time.subsec_microsecond());
            self.text.truncate(length + 1);
            self.text.push_str(&digits.format(fraction)[1..]);
            self.text.push('Z');
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_a_time_does_not_depend_on_the_last() {
        let mut formatter = TimeFormatter::new();
        for nanosecond in
            [0, 1_000, 999_999_999, 1_000_000_000, 1_000_000_001, 999_999_000, 3_600_012_345_678]
        {
            let time = Timestamp::from_nanosecond(1_700_000_000_000_000_000 + nanosecond).unwrap();
            assert_eq!(formatter.format(time), format!("{time:.6}"));
        }
        assert_eq!(formatter.format(Timestamp::UNIX_EPOCH), "1970-01-01T00:00:00.000000Z");
    }
}
