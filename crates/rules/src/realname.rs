//! How an application for real name verification stands (5 and 6, D30).

use serde::{Deserialize, Serialize};

/// Where an application is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// Nobody has looked at it.
    Waiting,
    /// The name is verified.
    Verified,
    /// It was rejected, for that reason.
    Rejected(String),
}

/// 5's status: 1 verified, 0 not.
pub fn verified(standing: Option<&Standing>) -> bool {
    standing == Some(&Standing::Verified)
}

/// 6's status and remark.
pub fn told(standing: Option<&Standing>) -> (u8, &str) {
    match standing {
        Some(Standing::Verified) => (1, ""),
        Some(Standing::Waiting) => (3, "审核中"),
        Some(Standing::Rejected(reason)) => (3, reason),
        None => (3, ""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn standings() {
        let cases = [
            (None, false, (3, "")),
            (Some(Standing::Waiting), false, (3, "审核中")),
            (Some(Standing::Rejected("证件模糊".into())), false, (3, "证件模糊")),
            (Some(Standing::Verified), true, (1, "")),
        ];
        for (standing, is, tells) in cases {
            assert_eq!((verified(standing.as_ref()), told(standing.as_ref())), (is, tells));
        }
    }
}
