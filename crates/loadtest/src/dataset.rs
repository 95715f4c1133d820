//! The description of a community for `bench run`: topology, sessions, and members with long lists. `bench fill`
//! writes it to a file. The file contains session tokens, so only its owner may read it.

use crate::topology::Topology;
use guanxi_server::session_token::Token;
use guanxi_types::{Mid, Tagid};
use serde::{Deserialize, Serialize};

/// The parts of a community that workloads need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Dataset {
    /// The topology, from which mids and popularity are computed.
    #[serde(flatten)]
    pub topology: Topology,
    /// Members with a session and the longest follower lists, the longest first.
    pub popular_members: Vec<PopularMember>,
    /// Members with a session that follow the permitted maximum.
    pub heavy_followers: Vec<HeavyFollower>,
    /// Sessions, at most one per member.
    pub sessions: Vec<MemberSession>,
}

/// A member with many followers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PopularMember {
    /// The member.
    pub mid: Mid,
    /// The number of followers.
    pub followers: u32,
    /// The index of the member's session.
    pub session: u32,
}

/// A member that follows many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeavyFollower {
    /// The member.
    pub mid: Mid,
    /// The number of followed members.
    pub followings: u32,
    /// A group of the member.
    pub tagid: Tagid,
    /// The number of members in the group.
    pub grouped: u32,
    /// The index of the member's session.
    pub session: u32,
}

/// A session of a member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSession {
    /// The member.
    pub mid: Mid,
    /// The number of followed members. A member at the permitted maximum sends no follows.
    pub followings: u32,
    /// The value of the cookie `SESSDATA`.
    pub token: String,
}

impl Dataset {
    /// Creates a dataset for requests about one member only.
    pub fn single_member(mid: Mid) -> Dataset {
        // No member is drawn, since all requests are about this one.
        let topology = Topology { seed: mid.get(), members: 1, edges: 0 };
        Dataset { topology, popular_members: Vec::new(), heavy_followers: Vec::new(), sessions: Vec::new() }
    }
}

impl MemberSession {
    /// Returns the `csrf` parameter of this session's writes.
    pub fn csrf(&self) -> String {
        Token::from_text(&self.token).csrf()
    }
}
