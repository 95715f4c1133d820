//! `POST /passport/privacy`: changes who may see the caller's lists.

use crate::endpoint::endpoint;
use crate::param::named_param;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

named_param! {
    /// The members who may see a list.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    Audience {
        /// Everybody, also without a login.
        Everybody = "everybody",
        /// The members who follow each other with the owner.
        Mutuals = "mutuals",
        /// The owner only.
        Oneself = "oneself",
    }
}

endpoint! {
    /// `POST /passport/privacy`: changes who may see the members whom the caller follows, and the caller's followers.
    /// The numbers of them stay visible. Others get 22115 for a hidden list. Errors: -101, -111, -400.
    ChangePrivacy: POST "/passport/privacy", SessionWithCsrf -> () {
        /// The audience of the followings: `everybody`, `mutuals` or `oneself`. Absent leaves it.
        followings: Option<Audience>,
        /// The audience of the followers. Absent leaves it.
        followers: Option<Audience>,
    }
}

/// The audiences of a member's lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Audiences {
    /// The audience of the followings: `everybody`, `mutuals` or `oneself`.
    pub followings: Audience,
    /// The audience of the followers.
    pub followers: Audience,
}
