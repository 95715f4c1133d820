//! What `bench run` is told of a community: its shape, sessions of its members, and whose lists are long. The file is written
//! when the community is filled. It has tokens in it, so nobody else may read it.

use crate::shape::Shape;
use guanxi_server::session::Token;
use guanxi_types::{Mid, Tagid};
use serde::{Deserialize, Serialize};

/// A community, as far as requests need to know it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    /// Who there is.
    #[serde(flatten)]
    pub shape: Shape,
    /// Members with the longest lists of fans, the longest first, who have a session.
    pub stars: Vec<Star>,
    /// Members who follow as many as one may, and who have a session.
    pub owners: Vec<Owner>,
    /// Sessions of members, each of another.
    pub sessions: Vec<Login>,
}

/// Somebody whom many follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Star {
    /// Who.
    pub mid: Mid,
    /// How many fans they have.
    pub fans: u32,
    /// Which of the sessions is theirs.
    pub session: u32,
}

/// Somebody who follows many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// Who.
    pub mid: Mid,
    /// How many they follow.
    pub followings: u32,
    /// A group of theirs.
    pub tagid: Tagid,
    /// How many are in it.
    pub grouped: u32,
    /// Which of the sessions is theirs.
    pub session: u32,
}

/// A session.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Login {
    /// Whose.
    pub mid: Mid,
    /// How many they follow: who follows as many as one may follows nobody else.
    pub followings: u32,
    /// Its token, as the cookie `SESSDATA` has it.
    pub token: String,
}

impl Known {
    /// A community of which only one member is known.
    pub fn only(mid: Mid) -> Known {
        // Nobody is drawn where everything is about one.
        let shape = Shape { seed: mid.get(), members: 1, edges: 0 };
        Known { shape, stars: Vec::new(), owners: Vec::new(), sessions: Vec::new() }
    }
}

impl Login {
    /// What a write repeats as `csrf`.
    pub fn csrf(&self) -> String {
        Token::said(&self.token).csrf()
    }
}
