//! Applications for real name verification (D30).

use serde::{Deserialize, Serialize};

/// The status of an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerificationStatus {
    /// Waiting for a review.
    Waiting,
    /// Verified.
    Verified,
    /// Rejected, for this reason.
    Rejected(String),
}

/// Returns a real name without surrounding blanks. A real name has 2 to 50 characters: letters, with blanks, dots
/// and dashes between them. `None` for other texts.
pub fn normalize_real_name(text: &str) -> Option<String> {
    let name = text.trim();
    let is_separator = |c: char| matches!(c, ' ' | '·' | '•' | '.' | '-' | '\'' | '’');
    let has_valid_length = (2..=50).contains(&name.chars().count());
    let has_valid_chars = name.chars().all(|c| c.is_alphabetic() || is_separator(c));
    let (first, last) = (name.chars().next()?, name.chars().last()?);
    let has_valid_ends = !is_separator(first) && (!is_separator(last) || last == '.');
    (has_valid_length && has_valid_chars && has_valid_ends).then(|| name.to_owned())
}

/// Returns true if the real name is verified.
pub fn is_verified(status: Option<&VerificationStatus>) -> bool {
    status == Some(&VerificationStatus::Verified)
}

/// Returns the `status` and `remark` of `GET /x/member/realname/apply/status`. The remark is the reason of a
/// rejection, else empty (D30).
pub fn status_and_remark(status: Option<&VerificationStatus>) -> (u8, &str) {
    match status {
        Some(VerificationStatus::Verified) => (1, ""),
        Some(VerificationStatus::Rejected(reason)) => (3, reason),
        Some(VerificationStatus::Waiting) | None => (3, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn real_names_are_normalized_or_rejected() {
        for text in ["陈唯恺", "迪丽热巴·迪力木拉提", "Anne-Marie O'Neil", " 王 小明 ", "John Jr."]
        {
            assert_eq!(normalize_real_name(text).as_deref(), Some(text.trim()));
        }
        for text in ["", "陈", "陈1", "<b>陈</b>", "·陈唯", "陈唯·", "陈\u{202e}唯"] {
            assert_eq!(normalize_real_name(text), None, "{text}");
        }
    }

    #[test]
    fn api_status_and_remark_of_each_status() {
        let cases = [
            (None, false, (3, "")),
            (Some(VerificationStatus::Waiting), false, (3, "")),
            (Some(VerificationStatus::Rejected("证件模糊".into())), false, (3, "证件模糊")),
            (Some(VerificationStatus::Verified), true, (1, "")),
        ];
        for (status, verified, in_api) in cases {
            let status = status.as_ref();
            assert_eq!((is_verified(status), status_and_remark(status)), (verified, in_api));
        }
    }
}
