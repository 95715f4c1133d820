//! Phones and mail addresses: how they are kept, and so compared.

/// A phone as it is kept: digits, with a `+` before those of other countries. None if it is no phone: 5 to 15 digits, with
/// blanks, dots and dashes between them as people write.
pub fn phone(given: &str) -> Option<String> {
    let bare: String = given.trim().chars().filter(|letter| !matches!(letter, ' ' | '-' | '.')).collect();
    let (abroad, digits) = match bare.strip_prefix('+').or_else(|| bare.strip_prefix("00")) {
        Some(digits) => digits.strip_prefix("86").map_or((true, digits), |home| (false, home)),
        None => (false, bare.as_str()),
    };
    let fits = (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| if abroad { format!("+{digits}") } else { digits.to_owned() })
}

/// A mail address as it is kept: in lower case. None if it is none: something, an `@`, and a domain with a dot, at most 254
/// bytes and without blanks.
pub fn mail(given: &str) -> Option<String> {
    let mail = given.trim().to_lowercase();
    let (local, domain) = mail.rsplit_once('@')?;
    let clean = |text: &str| !text.contains(|letter: char| letter.is_whitespace() || letter.is_control());
    let labels = domain.split('.').all(|label| {
        let inner = !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        inner && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
    });
    let fits = mail.len() <= 254 && (1..=64).contains(&local.len()) && !local.contains('@');
    (fits && clean(local) && labels && domain.contains('.')).then_some(mail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones() {
        let cases = [
            ("15312345056", Some("15312345056")),
            (" 153 1234-5056 ", Some("15312345056")),
            ("+8615312345056", Some("15312345056")),
            ("0086 15312345056", Some("15312345056")),
            ("+1 415 555 0100", Some("+14155550100")),
            ("12345", Some("12345")),
            ("1234", None),
            ("+86", None),
            ("", None),
            ("1531234505x", None),
            ("1234567890123456", None),
            ("１５３１２３４５０５６", None),
        ];
        for (given, expected) in cases {
            assert_eq!(phone(given).as_deref(), expected, "{given}");
        }
    }

    #[test]
    fn mails() {
        let cases = [
            ("1441234567@QQ.com", Some("1441234567@qq.com")),
            (" a.b+c@x-y.example.cn ", Some("a.b+c@x-y.example.cn")),
            ("用户@例子.中国", Some("用户@例子.中国")),
            ("a@b", None),
            ("@b.cn", None),
            ("a@", None),
            ("a b@c.cn", None),
            ("a@b@c.cn", None),
            ("a@.cn", None),
            ("a@b..cn", None),
            ("a@-b.cn", None),
            ("", None),
        ];
        for (given, expected) in cases {
            assert_eq!(mail(given).as_deref(), expected, "{given}");
        }
        assert_eq!(mail(&format!("{}@b.cn", "a".repeat(65))), None);
    }
}
