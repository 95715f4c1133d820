//! A synthetic community, reproducible from its seed.
//!
//! The edges are drawn once and stored as two arrays of indices, 8 bytes per edge. Everything else is computed on
//! demand from hashes of the members. Mids ascend with the index.
//!
//! | module | contents |
//! |---|---|
//! | `degree` | number of outgoing edges of each member |
//! | `edges` | outgoing and incoming edges |
//! | `relation` | properties of an edge: follow, whisper or block, time, groups |
//! | `profile` | properties of a member: name, bio, VIP |

mod degree;
mod edges;
mod profile;
mod relation;

use crate::dataset::{Dataset, HeavyFollower, MemberSession, PopularMember};
use crate::topology::Topology;
use edges::Edges;
use guanxi_server::session_token::Token;
use guanxi_storage::model::{RelationRow, Session, TokenHash};
use guanxi_storage::{MemberBundle, Row};
use guanxi_types::{Mid, Tagid};
use std::collections::HashMap;

/// The largest number of popular members, and of heavy followers, in a dataset.
const MAX_LISTED: usize = 64;

/// A synthetic community.
#[derive(Debug)]
pub struct Community {
    topology: Topology,
    edges: Edges,
    /// Token hashes of the sessions by member index.
    sessions: HashMap<u32, TokenHash>,
    /// Creation and expiry of all sessions, in seconds.
    opened: (i64, i64),
}

impl Community {
    /// Generates a community with the given number of members, and about the given number of edges. Small
    /// communities have fewer edges, since an edge connects two different members.
    pub fn generate(seed: u64, members: u32, edges: u64) -> Community {
        let topology = Topology { seed, members, edges };
        Community { topology, edges: Edges::draw(&topology), sessions: HashMap::new(), opened: (0, 0) }
    }

    /// Returns size and seed.
    pub fn topology(&self) -> &Topology {
        &self.topology
    }

    /// Returns the number of relations.
    pub fn relation_count(&self) -> u64 {
        self.edges.count()
    }

    /// Gives sessions to members, those with the longest lists first, and returns the dataset for `bench run`. The
    /// community stores only hashes of the `tokens`.
    pub fn open_sessions(&mut self, tokens: &[Token], opened: i64, expires: i64) -> Dataset {
        let (popular, heavy) = (self.edges.most_followed(MAX_LISTED), self.heavy_follower_indices());
        let mut session_members: Vec<u32> = Vec::with_capacity(tokens.len());
        let mut session_of_member: HashMap<u32, u32> = HashMap::new();
        let others = (0..self.topology.members).map(|rank| self.topology.index_of_rank(rank));
        for index in popular.iter().copied().chain(heavy.iter().copied()).chain(others) {
            if session_members.len() >= tokens.len() {
                break;
            }
            session_of_member.entry(index).or_insert_with(|| {
                session_members.push(index);
                u32::try_from(session_members.len() - 1).unwrap_or(u32::MAX)
            });
        }
        self.sessions = session_members.iter().copied().zip(tokens.iter().map(Token::hash)).collect();
        self.opened = (opened, expires);
        let session = |(index, token): (&u32, &Token)| MemberSession {
            mid: self.topology.mid_at(*index),
            followings: self.following_count(*index),
            token: token.as_str().to_owned(),
        };
        let popular_member = |index: &u32| {
            let session = *session_of_member.get(index)?;
            let (mid, followers) = (self.topology.mid_at(*index), self.follower_count(*index));
            Some(PopularMember { mid, followers, session })
        };
        let heavy_follower = |index: &u32| Some(self.heavy_follower(*index, *session_of_member.get(index)?));
        Dataset {
            topology: self.topology,
            popular_members: popular.iter().filter_map(popular_member).collect(),
            heavy_followers: heavy.iter().filter_map(heavy_follower).collect(),
            sessions: session_members.iter().zip(tokens).map(session).collect(),
        }
    }

    /// Returns the member with the most followers, and their number.
    pub fn longest_follower_list(&self) -> (Mid, u32) {
        let index = self.edges.most_followed(1).first().copied().unwrap_or(0);
        (self.topology.mid_at(index), self.follower_count(index))
    }

    /// Returns members that follow the permitted maximum.
    fn heavy_follower_indices(&self) -> Vec<u32> {
        let is_full = |index: &u32| degree::is_full(&self.topology, *index);
        (0..self.topology.members).filter(is_full).take(MAX_LISTED).collect()
    }

    fn heavy_follower(&self, index: u32, session: u32) -> HeavyFollower {
        let relations = relation::outgoing(&self.topology, &self.edges, index);
        let tagid = relation::first_group(index);
        let group_size = |tagid: Tagid| {
            let is_member =
                |row: &&RelationRow| row.relation.groups.iter().any(|joined| joined.tagid == tagid);
            u32::try_from(relations.iter().filter(is_member).count()).unwrap_or(u32::MAX)
        };
        let (followings, grouped) = (self.following_count(index), group_size(tagid));
        HeavyFollower { mid: self.topology.mid_at(index), followings, tagid, grouped, session }
    }

    fn following_count(&self, index: u32) -> u32 {
        let relations = relation::outgoing(&self.topology, &self.edges, index);
        u32::try_from(relations.iter().filter(|row| row.relation.is_follow()).count()).unwrap_or(u32::MAX)
    }

    fn follower_count(&self, index: u32) -> u32 {
        u32::try_from(relation::incoming(&self.topology, &self.edges, index).0.len()).unwrap_or(u32::MAX)
    }

    fn card(&self, index: u32) -> Row {
        Row::Card(Box::new(profile::card(&self.topology, index)))
    }

    /// Returns all rows of a member.
    pub fn member(&self, index: u32) -> MemberBundle {
        let mut rows = vec![self.card(index)];
        rows.extend(profile::rows(&self.topology, index));
        rows.extend(relation::groups(&self.topology, index).map(Row::Group));
        let (followers, private_relations) = relation::incoming(&self.topology, &self.edges, index);
        MemberBundle {
            mid: self.topology.mid_at(index),
            rows,
            relations: relation::outgoing(&self.topology, &self.edges, index),
            followers,
            private_relations,
            sessions: self.sessions.get(&index).map(|hash| self.session(index, *hash)).into_iter().collect(),
        }
    }

    /// Returns all members, ascending by mid.
    pub fn members(&self) -> impl Iterator<Item = MemberBundle> + Send {
        (0..self.topology.members).map(|index| self.member(index))
    }

    fn session(&self, index: u32, hash: TokenHash) -> Session {
        let (created, expires) = self.opened;
        let mid = self.topology.mid_at(index);
        Session {
            hash,
            mid,
            created,
            expires,
            login_method: None,
            device: String::new(),
            ip: None,
            location: String::new(),
            password_proved: 0,
            factor_proved: 0,
        }
    }
}

#[cfg(test)]
mod tests;
