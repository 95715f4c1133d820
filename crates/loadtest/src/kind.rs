//! Kinds of requests.

use guanxi_api::Endpoint;
use guanxi_api::groups::list_group_members::ListGroupMembers;
use guanxi_api::profile::get_card::GetCard;
use guanxi_api::relations::get_relation::GetRelation;
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use guanxi_api::relations::list_followers::ListFollowers;
use guanxi_api::relations::list_followings::ListFollowings;
use guanxi_api::relations::modify_relation::ModifyRelation;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A kind of request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RequestKind {
    /// `/x/relation/stat` of any member, without a session.
    Stat,
    /// `/x/relation`, the relation of a session's member to another.
    Relation,
    /// A page of `/x/relation/followers`.
    Followers,
    /// A page of `/x/relation/followings`.
    Followings,
    /// `/x/web-interface/card` of any member.
    Card,
    /// A follow.
    Follow,
    /// The reversal of an earlier follow.
    Unfollow,
    /// A page of an own group.
    Group,
    /// A page of the own default group.
    DefaultGroup,
    /// The first use of a session, before a measurement.
    WarmUp,
    /// Any path of any server.
    Path,
}

impl RequestKind {
    /// Returns the name, as the command line and reports have it.
    pub const fn name(self) -> &'static str {
        match self {
            RequestKind::Stat => "stat",
            RequestKind::Relation => "relation",
            RequestKind::Followers => "followers",
            RequestKind::Followings => "followings",
            RequestKind::Card => "card",
            RequestKind::Follow => "follow",
            RequestKind::Unfollow => "unfollow",
            RequestKind::Group => "group",
            RequestKind::DefaultGroup => "default-group",
            RequestKind::WarmUp => "warm-up",
            RequestKind::Path => "path",
        }
    }

    /// Returns the path of the endpoint, or `/` for [`RequestKind::Path`].
    pub const fn path(self) -> &'static str {
        match self {
            RequestKind::Stat | RequestKind::WarmUp => GetRelationCounters::PATH,
            RequestKind::Relation => GetRelation::PATH,
            RequestKind::Followers => ListFollowers::PATH,
            RequestKind::Followings => ListFollowings::PATH,
            RequestKind::Card => GetCard::PATH,
            RequestKind::Follow | RequestKind::Unfollow => ModifyRelation::PATH,
            RequestKind::Group | RequestKind::DefaultGroup => ListGroupMembers::PATH,
            RequestKind::Path => "/",
        }
    }

    /// True if a body without code 0 is a failure.
    pub(crate) const fn has_envelope(self) -> bool {
        !matches!(self, RequestKind::Path)
    }

    /// True if the service may reject the request because one member blocks the other.
    pub(crate) const fn may_be_blocked(self) -> bool {
        matches!(self, RequestKind::Follow)
    }
}

impl fmt::Display for RequestKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.name())
    }
}
