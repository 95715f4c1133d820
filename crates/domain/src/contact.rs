//! Normal forms of phones and mail addresses. Stored values and comparisons use them.

/// Returns the normal form of a phone: digits, with a leading `+` for other countries. A phone has 5 to 15 digits,
/// with optional blanks, dots and dashes. `None` for other texts.
pub fn normalize_phone(text: &str) -> Option<String> {
    let compact: String = text.trim().chars().filter(|c| !matches!(c, ' ' | '-' | '.')).collect();
    let (is_foreign, digits) = match compact.strip_prefix('+').or_else(|| compact.strip_prefix("00")) {
        Some(digits) => digits.strip_prefix("86").map_or((true, digits), |domestic| (false, domestic)),
        None => (false, compact.as_str()),
    };
    let is_valid = (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_valid.then(|| if is_foreign { format!("+{digits}") } else { digits.to_owned() })
}

/// Returns the normal form of a mail address: lower case. An address is a local part, an `@`, and a domain with a
/// dot. It has at most 254 bytes and no blanks. `None` for other texts.
pub fn normalize_mail(text: &str) -> Option<String> {
    let mail = text.trim().to_lowercase();
    let (local, domain) = mail.rsplit_once('@')?;
    let is_clean = |text: &str| !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let are_labels_valid = domain.split('.').all(|label| {
        let has_valid_ends = !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        has_valid_ends && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    });
    let is_valid = mail.len() <= 254 && (1..=64).contains(&local.len()) && !local.contains('@');
    (is_valid && is_clean(local) && are_labels_valid && domain.contains('.')).then_some(mail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phones_are_normalized_or_rejected() {
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
        for (text, expected) in cases {
            assert_eq!(normalize_phone(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn mail_addresses_are_normalized_or_rejected() {
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
        for (text, expected) in cases {
            assert_eq!(normalize_mail(text).as_deref(), expected, "{text}");
        }
        assert_eq!(normalize_mail(&format!("{}@b.cn", "a".repeat(65))), None);
    }
}
