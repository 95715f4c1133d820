//! Codes that prove that a member receives messages at a phone or a mail address.

/// The number of possible codes. A code has six digits.
const CODES: u64 = 1_000_000;

/// Returns the code of a random number.
pub fn code_of(random: u64) -> String {
    format!("{:06}", random % CODES)
}

/// Returns the six ASCII digits of a submitted code. Blanks are ignored, and full-width digits are digits too. `None`
/// if it is no code.
pub fn normalize_code(text: &str) -> Option<String> {
    let digits: Option<String> = text
        .chars()
        .filter(|letter| !letter.is_whitespace())
        .map(|letter| match letter {
            '０'..='９' => char::from_digit(u32::from(letter) - u32::from('０'), 10),
            _ => letter.is_ascii_digit().then_some(letter),
        })
        .take(7)
        .collect();
    digits.filter(|digits| digits.len() == 6)
}

/// The result of a try with a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// The code is right.
    Right,
    /// The code is wrong. Further tries are possible.
    Wrong,
    /// The code is wrong, and this was the last try.
    LastWrong,
    /// The code has expired. Nothing is compared.
    Expired,
}

/// Decides on a try with a code, after a number of wrong ones.
pub fn decide(is_right: bool, expires: i64, wrong_tries: u32, max_tries: u32, now: i64) -> Try {
    if now >= expires || wrong_tries >= max_tries {
        Try::Expired
    } else if is_right {
        Try::Right
    } else if wrong_tries + 1 >= max_tries {
        Try::LastWrong
    } else {
        Try::Wrong
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rate_limit::{BucketState, Decision, Quota, record_attempt};

    #[test]
    fn code_has_six_digits() {
        for (random, code) in [(0, "000000"), (42, "000042"), (1_000_000, "000000"), (u64::MAX, "551615")] {
            assert_eq!(code_of(random), code);
        }
    }

    #[test]
    fn submitted_code_is_normalized() {
        let cases = [
            ("123456", Some("123456")),
            (" 123 456 ", Some("123456")),
            ("１２３４５６", Some("123456")),
            ("12345", None),
            ("1234567", None),
            ("12345a", None),
            ("١٢٣٤٥٦", None),
            ("", None),
        ];
        for (text, code) in cases {
            assert_eq!(normalize_code(text).as_deref(), code, "{text}");
        }
    }

    #[test]
    fn code_is_void_after_its_time_and_after_its_tries() {
        // is_right, wrong tries, now -> result; the code expires at 600, after five tries
        let cases = [
            (true, 0, 599, Try::Right),
            (true, 4, 599, Try::Right),
            (true, 0, 600, Try::Expired),
            (true, 5, 0, Try::Expired),
            (false, 0, 0, Try::Wrong),
            (false, 3, 0, Try::Wrong),
            (false, 4, 0, Try::LastWrong),
            (false, 5, 0, Try::Expired),
            (false, u32::MAX, 0, Try::Expired),
        ];
        for (is_right, wrong, now, expected) in cases {
            assert_eq!(decide(is_right, 600, wrong, 5, now), expected, "{is_right} {wrong} {now}");
        }
    }

    #[test]
    fn million_guesses_compare_a_few_codes() {
        // The bucket of wrong codes of a member, as the settings have it.
        let quota = Quota { max_attempts: 10, window_seconds: 86_400, lockout_seconds: 86_400 };
        for pause in [1, 30, 8_640] {
            let (mut bucket, mut compared) = (BucketState::default(), 0_i64);
            for guess in 0..1_000_000 {
                let (next, decision) = record_attempt(&bucket, quota, guess * pause);
                compared += i64::from(decision == Decision::Allow);
                bucket = next;
            }
            let days = 1_000_000 * pause / 86_400 + 1;
            assert!(compared <= 10 * days, "{compared} codes were compared in {days} days");
        }
    }
}
