//! Kinds of requests.

use guanxi_api::Endpoint;
use guanxi_api::api::relation::GetRelation;
use guanxi_api::api::relation::followers::Followers;
use guanxi_api::api::relation::followings::Followings;
use guanxi_api::api::relation::modify::Modify;
use guanxi_api::api::relation::stat::RelationStat;
use guanxi_api::api::relation::tag::Tag;
use guanxi_api::api::web_interface::card::Card;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A member's four counts, asked by anybody.
    Stat,
    /// One's tie to another.
    Relation,
    /// A page of who follows a member.
    Followers,
    /// A page of whom a member follows.
    Followings,
    /// A member's card.
    Card,
    /// A follow.
    Follow,
    /// A follow taken back.
    Unfollow,
    /// A page of a group of one's own.
    Group,
    /// A page of one's default group.
    DefaultGroup,
    /// The first use of a session, before anything is measured.
    Greeting,
    /// A path of any server.
    Path,
}

impl Kind {
    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Stat => "stat",
            Kind::Relation => "relation",
            Kind::Followers => "followers",
            Kind::Followings => "followings",
            Kind::Card => "card",
            Kind::Follow => "follow",
            Kind::Unfollow => "unfollow",
            Kind::Group => "group",
            Kind::DefaultGroup => "default-group",
            Kind::Greeting => "greeting",
            Kind::Path => "path",
        }
    }

    /// Its path, if it is one of the contract's.
    pub const fn path(self) -> &'static str {
        match self {
            Kind::Stat | Kind::Greeting => RelationStat::PATH,
            Kind::Relation => GetRelation::PATH,
            Kind::Followers => Followers::PATH,
            Kind::Followings => Followings::PATH,
            Kind::Card => Card::PATH,
            Kind::Follow | Kind::Unfollow => Modify::PATH,
            Kind::Group | Kind::DefaultGroup => Tag::PATH,
            Kind::Path => "/",
        }
    }

    /// Whether a body without a code of 0 is a failure.
    pub(crate) const fn has_envelope(self) -> bool {
        !matches!(self, Kind::Path)
    }

    /// Whether a community may refuse it because one of the two blocks the other.
    pub(crate) const fn may_be_blocked(self) -> bool {
        matches!(self, Kind::Follow)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}
