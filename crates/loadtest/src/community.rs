//! A made-up community, always the same of the same seed.
//!
//! Who follows whom is drawn once and kept as two arrays of indices, 8 bytes an edge; everything else follows from a hash of
//! whose it is, and is made when it is asked for. Members ascend by mid as they do by index.
//!
//! | module | holds |
//! |---|---|
//! | `degree` | how many each member follows |
//! | `edges` | whom, and who follows them |
//! | `tie` | what an edge is: a follow, a whisper, a black, since when, in which groups |
//! | `face` | what a member shows: names, signs, VIP |

mod degree;
mod edges;
mod face;
mod tie;

use crate::known::{Known, Login, Owner, Star};
use crate::shape::Shape;
use edges::Edges;
use guanxi_server::session::Token;
use guanxi_storage::row::{Session, TokenHash};
use guanxi_storage::{MemberBundle, Row};
use guanxi_types::{Mid, Tagid};
use std::collections::HashMap;

/// The most stars and owners that are told of.
const TOLD: usize = 64;

/// A community.
#[derive(Debug)]
pub struct Community {
    shape: Shape,
    edges: Edges,
    /// Sessions by index, with the time at which they were opened and that from which they are none, in seconds.
    sessions: HashMap<u32, TokenHash>,
    opened: (i64, i64),
}

impl Community {
    /// Draws one of so many members, with so many ties among them. A tie goes to somebody else, so a few members have few
    /// ties.
    pub fn draw(seed: u64, members: u32, edges: u64) -> Community {
        let shape = Shape { seed, members, edges };
        Community { shape, edges: Edges::draw(&shape), sessions: HashMap::new(), opened: (0, 0) }
    }

    /// Its size.
    pub fn shape(&self) -> &Shape {
        &self.shape
    }

    /// How many ties there are.
    pub fn ties(&self) -> u64 {
        self.edges.count()
    }

    /// Gives sessions to members: those with the longest lists first, then others of all kinds. Tells what `bench run` has to
    /// know; `tokens` are the secrets, of which only hashes are kept here.
    pub fn open_sessions(&mut self, tokens: &[Token], opened: i64, expires: i64) -> Known {
        let (stars, owners) = (self.edges.stars(TOLD), self.owners());
        let mut holders: Vec<u32> = Vec::with_capacity(tokens.len());
        let mut at: HashMap<u32, u32> = HashMap::new();
        let others = (0..self.shape.members).map(|rank| self.shape.popular(rank));
        for index in stars.iter().copied().chain(owners.iter().copied()).chain(others) {
            if holders.len() >= tokens.len() {
                break;
            }
            at.entry(index).or_insert_with(|| {
                holders.push(index);
                u32::try_from(holders.len() - 1).unwrap_or(u32::MAX)
            });
        }
        self.sessions = holders.iter().copied().zip(tokens.iter().map(Token::hash)).collect();
        self.opened = (opened, expires);
        let login = |(index, token): (&u32, &Token)| Login {
            mid: self.shape.mid(*index),
            followings: self.followings(*index),
            token: token.secret().to_owned(),
        };
        let star = |index: &u32| {
            let session = *at.get(index)?;
            Some(Star { mid: self.shape.mid(*index), fans: self.fans(*index), session })
        };
        let owner = |index: &u32| Some(self.owner(*index, *at.get(index)?));
        Known {
            shape: self.shape,
            stars: stars.iter().filter_map(star).collect(),
            owners: owners.iter().filter_map(owner).collect(),
            sessions: holders.iter().zip(tokens).map(login).collect(),
        }
    }

    /// Who has the most fans, and how many.
    pub fn longest(&self) -> (Mid, u32) {
        let index = self.edges.stars(1).first().copied().unwrap_or(0);
        (self.shape.mid(index), self.fans(index))
    }

    /// Members who follow as many as one may.
    fn owners(&self) -> Vec<u32> {
        (0..self.shape.members).filter(|index| degree::is_full(&self.shape, *index)).take(TOLD).collect()
    }

    fn owner(&self, index: u32, session: u32) -> Owner {
        let ties = tie::all(&self.shape, &self.edges, index);
        let tagid = tie::first_group(index);
        let within = |tagid: Tagid| {
            let is_in = |row: &&guanxi_storage::row::TieRow| {
                row.tie.groups.iter().any(|joined| joined.tagid == tagid)
            };
            u32::try_from(ties.iter().filter(is_in).count()).unwrap_or(u32::MAX)
        };
        let (followings, grouped) = (self.followings(index), within(tagid));
        Owner { mid: self.shape.mid(index), followings, tagid, grouped, session }
    }

    fn followings(&self, index: u32) -> u32 {
        let ties = tie::all(&self.shape, &self.edges, index);
        u32::try_from(ties.iter().filter(|row| row.tie.is_follow()).count()).unwrap_or(u32::MAX)
    }

    fn fans(&self, index: u32) -> u32 {
        u32::try_from(tie::coming(&self.shape, &self.edges, index).0.len()).unwrap_or(u32::MAX)
    }

    /// The card of a member.
    pub fn card(&self, index: u32) -> Row {
        Row::Card(Box::new(face::card(&self.shape, index)))
    }

    /// All that is kept of a member.
    pub fn member(&self, index: u32) -> MemberBundle {
        let mut rows = vec![self.card(index)];
        rows.extend(face::rows(&self.shape, index));
        rows.extend(tie::groups(&self.shape, index).map(Row::Group));
        let (fans, hidden) = tie::coming(&self.shape, &self.edges, index);
        MemberBundle {
            mid: self.shape.mid(index),
            rows,
            ties: tie::all(&self.shape, &self.edges, index),
            fans,
            hidden,
            sessions: self.sessions.get(&index).map(|hash| self.session(index, *hash)).into_iter().collect(),
        }
    }

    /// All members, ascending by mid.
    pub fn members(&self) -> impl Iterator<Item = MemberBundle> + Send {
        (0..self.shape.members).map(|index| self.member(index))
    }

    fn session(&self, index: u32, hash: TokenHash) -> Session {
        let (created, expires) = self.opened;
        let mid = self.shape.mid(index);
        Session {
            hash,
            mid,
            created,
            expires,
            how: None,
            device: String::new(),
            ip: None,
            place: String::new(),
        }
    }
}

#[cfg(test)]
mod tests;
