//! What is asked: mixes of endpoints, for members drawn as a community draws them.

mod mix;
mod request;

pub use mix::{Mix, WrongMix};
pub use request::Target;

use crate::kind::Kind;
use crate::known::Known;
use crate::load::{Ask, Question};
use crate::shape::{ASKED, Popularity};
use guanxi_api::paging::{Pn, Ps};
use guanxi_types::Mid;
use guanxi_types::Order;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use request::Draft;
use std::collections::VecDeque;
use std::sync::Arc;

/// How many of its follows an asker keeps, for each of its sessions, before it takes one back for each that it makes.
const FOLLOWS_KEPT: usize = 4;

/// Who follows so many is asked to follow nobody else: the limit is not what is measured.
const ROOM: u32 = 1_900;

/// What is asked for beside the kind.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// The page of a list.
    pub pn: Pn,
    /// Entries a page.
    pub ps: Ps,
    /// From which end.
    pub order: Order,
    /// Whom it is about, in place of one who is drawn.
    pub vmid: Option<Mid>,
    /// Whether what anybody may ask is asked by members too, who see their own ties in lists.
    pub as_members: bool,
    /// By which exponent members are drawn.
    pub zipf: f64,
    /// Whether those with the longest lists ask for their own.
    pub own: bool,
}

impl Default for Wishes {
    fn default() -> Wishes {
        Wishes {
            pn: Pn::FIRST,
            ps: Ps::MOST,
            order: Order::Desc,
            vmid: None,
            as_members: false,
            zipf: ASKED,
            own: false,
        }
    }
}

/// Asks a service of this kind. Several share a community, and each draws for itself.
#[derive(Debug)]
pub struct Asker {
    target: Target,
    known: Arc<Known>,
    /// The sessions, as bytes that a request takes: token and csrf.
    logins: Arc<Vec<(String, String)>>,
    /// Which of them may follow.
    followers: Arc<Vec<u32>>,
    mix: Mix,
    wishes: Wishes,
    popularity: Popularity,
    chance: ChaCha8Rng,
    /// What was followed and is to be taken back, the oldest first.
    followed: VecDeque<(u32, u64)>,
    most_followed: usize,
    follows: bool,
}

/// Why a mix cannot be asked of a community.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// It takes sessions.
    #[error("what is asked takes sessions of members, and none are known")]
    Sessions,
    /// It takes somebody with long lists.
    #[error("what is asked takes members with long lists, and none are known")]
    Owners,
}

impl Asker {
    /// So many askers, each with a seed of its own.
    pub fn several(
        count: usize,
        target: &Target,
        known: &Arc<Known>,
        mix: &Mix,
        wishes: &Wishes,
        seed: u64,
    ) -> Result<Vec<Asker>, Unknown> {
        if (mix.needs_sessions() || wishes.as_members) && known.sessions.is_empty() {
            return Err(Unknown::Sessions);
        }
        if (mix.needs_owners() && known.owners.is_empty())
            || (wishes.own && (known.owners.is_empty() || known.stars.is_empty()))
        {
            return Err(Unknown::Owners);
        }
        let logins: Vec<_> = known.sessions.iter().map(|login| (login.token.clone(), login.csrf())).collect();
        let with_room = known.sessions.iter().zip(0..).filter(|(login, _)| login.followings < ROOM);
        let followers: Vec<u32> = with_room.map(|(_, at)| at).collect();
        if mix.follows() && followers.is_empty() {
            return Err(Unknown::Sessions);
        }
        let most_followed = (followers.len() * FOLLOWS_KEPT / count.max(1)).max(1);
        let (logins, followers) = (Arc::new(logins), Arc::new(followers));
        let asker = |at: usize| Asker {
            target: target.clone(),
            known: Arc::clone(known),
            logins: Arc::clone(&logins),
            followers: Arc::clone(&followers),
            mix: mix.clone(),
            wishes: wishes.clone(),
            popularity: Popularity::of(&known.shape, wishes.zipf),
            chance: ChaCha8Rng::seed_from_u64(seed.wrapping_add(at as u64)),
            followed: VecDeque::new(),
            most_followed,
            follows: false,
        };
        Ok((0..count).map(asker).collect())
    }

    fn somebody(&mut self) -> Mid {
        self.wishes.vmid.unwrap_or_else(|| self.known.shape.mid(self.popularity.draw(&mut self.chance)))
    }

    fn session(&mut self) -> u32 {
        let most = u32::try_from(self.logins.len()).unwrap_or(u32::MAX);
        self.chance.random_range(0..most)
    }

    fn login(&self, session: u32) -> &(String, String) {
        &self.logins[session as usize]
    }

    /// One with a long list of that kind, and which session is theirs. Of fans it is always the longest.
    fn owner(&mut self, kind: Kind) -> (Mid, u32) {
        if kind == Kind::Followers {
            return (self.known.stars[0].mid, self.known.stars[0].session);
        }
        let owner = self.known.owners[self.chance.random_range(0..self.known.owners.len())];
        (owner.mid, owner.session)
    }

    fn list(&mut self, kind: Kind, out: &mut Vec<u8>) -> Question {
        let owner = self.wishes.own.then(|| self.owner(kind));
        let session =
            owner.map(|(_, session)| session).or_else(|| self.wishes.as_members.then(|| self.session()));
        let vmid = owner.map_or_else(|| self.somebody(), |(mid, _)| mid);
        let mut draft = Draft::get(out, &self.target, kind.path()).field("vmid", vmid.get());
        draft.page(&self.wishes);
        draft.end(&self.target, session.map(|session| &*self.login(session).0));
        Question { kind, me: session.unwrap_or_default(), them: vmid.get() }
    }

    fn open(&mut self, kind: Kind, field: &str, out: &mut Vec<u8>) -> Question {
        let session = self.wishes.as_members.then(|| self.session());
        let them = self.somebody().get();
        let draft = Draft::get(out, &self.target, kind.path()).field(field, them);
        draft.end(&self.target, session.map(|session| &*self.login(session).0));
        Question { kind, me: session.unwrap_or_default(), them }
    }

    fn relation(&mut self, out: &mut Vec<u8>) -> Question {
        let (me, them) = (self.session(), self.somebody().get());
        let draft = Draft::get(out, &self.target, Kind::Relation.path()).field("fid", them);
        draft.end(&self.target, Some(&self.login(me).0));
        Question { kind: Kind::Relation, me, them }
    }

    fn group(&mut self, kind: Kind, out: &mut Vec<u8>) -> Question {
        let owner = self.known.owners[self.chance.random_range(0..self.known.owners.len())];
        let tagid = if kind == Kind::Group { owner.tagid.0 } else { 0 };
        let mut draft = Draft::get(out, &self.target, kind.path());
        draft = draft.field("tagid", tagid.unsigned_abs());
        draft.page(&self.wishes);
        draft.end(&self.target, Some(&self.login(owner.session).0));
        Question { kind, me: owner.session, them: owner.mid.get() }
    }

    /// A follow, or the oldest taken back: so it never runs out, and the community stays as large as it was.
    fn modify(&mut self, out: &mut Vec<u8>) -> Question {
        self.follows = !self.follows || self.followed.len() < self.most_followed;
        let back = if self.follows { None } else { self.followed.pop_front() };
        let (kind, (me, them)) = match back {
            Some(pair) => (Kind::Unfollow, pair),
            None => (Kind::Follow, self.pair()),
        };
        let act = if kind == Kind::Follow { 1 } else { 2 };
        let (token, csrf) = &self.logins[me as usize];
        Draft::post(out, &self.target, kind.path(), token, &[("fid", them), ("act", act)], csrf);
        Question { kind, me, them }
    }

    /// Somebody who has room for one more, and somebody else.
    fn pair(&mut self) -> (u32, u64) {
        loop {
            let me = self.followers[self.chance.random_range(0..self.followers.len())];
            let them = self.somebody();
            if self.known.sessions[me as usize].mid != them {
                return (me, them.get());
            }
        }
    }
}

impl Ask for Asker {
    fn ask(&mut self, out: &mut Vec<u8>) -> Option<Question> {
        let kind = self.mix.draw(&mut self.chance);
        Some(match kind {
            Kind::Stat => self.open(kind, "vmid", out),
            Kind::Card => self.open(kind, "mid", out),
            Kind::Relation => self.relation(out),
            Kind::Followers | Kind::Followings => self.list(kind, out),
            Kind::Group | Kind::DefaultGroup => self.group(kind, out),
            Kind::Follow | Kind::Unfollow => self.modify(out),
            Kind::Greeting | Kind::Path => return None,
        })
    }

    fn answered(&mut self, question: Question, well: bool) {
        if question.kind == Kind::Follow && well {
            self.followed.push_back((question.me, question.them));
        }
    }
}

/// Uses each session once: the first request of a day gives its member the day's login, which is a write, and not what is
/// measured.
#[derive(Debug)]
pub struct Greeter {
    target: Target,
    known: Arc<Known>,
    next: usize,
}

impl Greeter {
    /// Greets all of a community's.
    pub fn new(target: &Target, known: &Arc<Known>) -> Greeter {
        Greeter { target: target.clone(), known: Arc::clone(known), next: 0 }
    }
}

impl Ask for Greeter {
    fn ask(&mut self, out: &mut Vec<u8>) -> Option<Question> {
        let login = self.known.sessions.get(self.next)?;
        self.next += 1;
        let them = login.mid.get();
        Draft::get(out, &self.target, Kind::Stat.path())
            .field("vmid", them)
            .end(&self.target, Some(&login.token));
        Some(Question { kind: Kind::Greeting, me: 0, them })
    }

    fn answered(&mut self, _: Question, _: bool) {}
}

/// Asks any server by one path, in which `{mid}` stands for a member who is drawn each time.
#[derive(Debug)]
pub struct ByPath {
    target: Target,
    parts: Vec<String>,
    known: Option<(Arc<Known>, Popularity)>,
    chance: ChaCha8Rng,
}

impl ByPath {
    /// That path, which begins with `/` and may have a query. Without a community nobody is drawn.
    pub fn new(target: &Target, path: &str, known: Option<&Arc<Known>>, seed: u64) -> ByPath {
        ByPath {
            target: target.clone(),
            parts: path.split("{mid}").map(str::to_owned).collect(),
            known: known.map(|known| (Arc::clone(known), Popularity::of(&known.shape, ASKED))),
            chance: ChaCha8Rng::seed_from_u64(seed),
        }
    }
}

impl Ask for ByPath {
    fn ask(&mut self, out: &mut Vec<u8>) -> Option<Question> {
        let (first, rest) = self.parts.split_first()?;
        let mut draft = Draft::get(out, &self.target, first);
        let mut them = 0;
        for part in rest {
            let (known, popularity) = self.known.as_ref()?;
            them = known.shape.mid(popularity.draw(&mut self.chance)).get();
            draft = draft.said(them, part);
        }
        draft.end(&self.target, None);
        Some(Question { kind: Kind::Path, me: 0, them })
    }

    fn answered(&mut self, _: Question, _: bool) {}
}

#[cfg(test)]
mod tests;
