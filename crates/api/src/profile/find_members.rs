//! `GET /passport/members`: members found by name.

use crate::endpoint::endpoint;
use crate::member_list::ProfileSummary;
use guanxi_types::{Mid, PageNumber, PageSize};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

endpoint! {
    /// `GET /passport/members`: returns a page of the members whose name contains a text, or whose name in pinyin
    /// begins with it, in initials or in full. A mid finds its member. The exact name comes first, then names that
    /// begin with the text, then others. Among them verified members come first, and before them members that the
    /// caller follows. The number of found members is limited by the service, and so is the number of searches in a
    /// minute. Errors: -400, 30012.
    FindMembers: GET "/passport/members", Public -> Data {
        /// A part of a name, pinyin or a mid, at most 64 characters. The service may require more than one.
        q: String,
        /// Members per page. A number above 50 counts as 50.
        ps: PageSize,
        /// The number of the page. The list is empty after the last page.
        pn: PageNumber,
    }
}

/// A page of found members.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Data {
    /// The members of the page, best matches first.
    pub list: Vec<FoundMember>,
    /// The number of found members.
    pub total: u64,
    /// False if further members may match, since the service has read as many names as it permits.
    pub complete: bool,
}

/// A found member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FoundMember {
    /// The member.
    pub mid: Mid,
    /// The relation of the caller to the member: 0 none, 1 whisper, 2 follow, 6 mutual follow, 128 block. 0 without
    /// a session.
    pub attribute: u8,
    /// The public summary of the member.
    #[serde(flatten)]
    pub profile: ProfileSummary,
}
