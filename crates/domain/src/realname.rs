//! How an application for real name verification stands (5 and 6, D30).

use serde::{Deserialize, Serialize};

/// Where an application is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VerificationStatus {
    /// Nobody has looked at it.
    Waiting,
    /// The name is verified.
    Verified,
    /// It was rejected, for that reason.
    Rejected(String),
}

/// A real name as it is kept: 2 to 50 characters, letters with blanks, dots and dashes between them. None if it is none.
pub fn name(given: &str) -> Option<String> {
    let name = given.trim();
    let joint = |letter: char| matches!(letter, ' ' | '·' | '•' | '.' | '-' | '\'' | '’');
    let fits = (2..=50).contains(&name.chars().count());
    let letters = name.chars().all(|letter| letter.is_alphabetic() || joint(letter));
    let (first, last) = (name.chars().next()?, name.chars().last()?);
    (fits && letters && !joint(first) && (!joint(last) || last == '.')).then(|| name.to_owned())
}

/// 5's status: 1 verified, 0 not.
pub fn verified(standing: Option<&VerificationStatus>) -> bool {
    standing == Some(&VerificationStatus::Verified)
}

/// 6's status and remark: the reason of a rejection, and empty for anything else (D30).
pub fn told(standing: Option<&VerificationStatus>) -> (u8, &str) {
    match standing {
        Some(VerificationStatus::Verified) => (1, ""),
        Some(VerificationStatus::Rejected(reason)) => (3, reason),
        Some(VerificationStatus::Waiting) | None => (3, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        for given in ["陈唯恺", "迪丽热巴·迪力木拉提", "Anne-Marie O'Neil", " 王 小明 ", "John Jr."]
        {
            assert_eq!(name(given).as_deref(), Some(given.trim()));
        }
        for given in ["", "陈", "陈1", "<b>陈</b>", "·陈唯", "陈唯·", "陈\u{202e}唯"] {
            assert_eq!(name(given), None, "{given}");
        }
    }

    #[test]
    fn standings() {
        let cases = [
            (None, false, (3, "")),
            (Some(VerificationStatus::Waiting), false, (3, "")),
            (Some(VerificationStatus::Rejected("证件模糊".into())), false, (3, "证件模糊")),
            (Some(VerificationStatus::Verified), true, (1, "")),
        ];
        for (standing, is, tells) in cases {
            assert_eq!((verified(standing.as_ref()), told(standing.as_ref())), (is, tells));
        }
    }
}
