//! Sources of requests: mixes of endpoints for members that are drawn by popularity.

mod mix;
mod request;

pub use mix::{InvalidMix, Mix};
pub use request::Target;

use crate::dataset::{Dataset, HeavyFollower};
use crate::kind::RequestKind;
use crate::load::{RequestInfo, RequestSource};
use crate::topology::{Popularity, REQUEST_EXPONENT};
use guanxi_types::{Mid, Order, PageNumber, PageSize};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use request::RequestWriter;
use std::collections::VecDeque;
use std::sync::Arc;

/// The number of follows per session that a workload leaves in place. Beyond that, each follow reverses an older
/// one.
const FOLLOWS_PER_SESSION: usize = 4;

/// Members that follow this many send no follows, so that the following limit of the service does not interfere.
const FOLLOWING_CEILING: u32 = 1_900;

/// The parameters of requests beside their kind.
#[derive(Clone, Debug)]
pub struct WorkloadOptions {
    /// The page number of lists.
    pub pn: PageNumber,
    /// The page size of lists.
    pub ps: PageSize,
    /// The order of lists.
    pub order: Order,
    /// A fixed subject member. Without it, members are drawn.
    pub vmid: Option<Mid>,
    /// True if public endpoints are requested with a session too. Lists then contain the viewer's relations.
    pub as_members: bool,
    /// The Zipf exponent by which members are drawn.
    pub zipf: f64,
    /// True if the members with the longest lists request their own lists.
    pub own: bool,
}

impl Default for WorkloadOptions {
    fn default() -> WorkloadOptions {
        WorkloadOptions {
            pn: PageNumber::FIRST,
            ps: PageSize::MAX,
            order: Order::Desc,
            vmid: None,
            as_members: false,
            zipf: REQUEST_EXPONENT,
            own: false,
        }
    }
}

/// A source of requests to guanxi endpoints. Several sources share a dataset, each with its own random numbers.
#[derive(Debug)]
pub struct EndpointWorkload {
    target: Target,
    dataset: Arc<Dataset>,
    /// Token and `csrf` of each session.
    credentials: Arc<Vec<(String, String)>>,
    /// Indices of the sessions that may send follows.
    eligible_sessions: Arc<Vec<u32>>,
    mix: Mix,
    options: WorkloadOptions,
    popularity: Popularity,
    rng: ChaCha8Rng,
    /// Successful follows to reverse later, the oldest first, as session index and mid.
    made_follows: VecDeque<(u32, u64)>,
    max_follows: usize,
    is_follow_next: bool,
}

/// The reason why a dataset does not support a mix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkloadError {
    /// The mix needs sessions.
    #[error("these requests need member sessions, and the community file has none")]
    NoSessions,
    /// The mix needs members with long lists.
    #[error("these requests need members with long lists, and the community file has none")]
    NoHeavyFollowers,
}

impl EndpointWorkload {
    /// Creates one workload per thread, each with its own seed.
    pub fn for_threads(
        count: usize,
        target: &Target,
        dataset: &Arc<Dataset>,
        mix: &Mix,
        options: &WorkloadOptions,
        seed: u64,
    ) -> Result<Vec<EndpointWorkload>, WorkloadError> {
        if (mix.needs_sessions() || options.as_members) && dataset.sessions.is_empty() {
            return Err(WorkloadError::NoSessions);
        }
        if (mix.needs_heavy_followers() && dataset.heavy_followers.is_empty())
            || (options.own && (dataset.heavy_followers.is_empty() || dataset.popular_members.is_empty()))
        {
            return Err(WorkloadError::NoHeavyFollowers);
        }
        let sessions = &dataset.sessions;
        let credentials: Vec<_> =
            sessions.iter().map(|session| (session.token.clone(), session.csrf())).collect();
        let below_ceiling =
            sessions.iter().zip(0..).filter(|(session, _)| session.followings < FOLLOWING_CEILING);
        let eligible_sessions: Vec<u32> = below_ceiling.map(|(_, index)| index).collect();
        if mix.has_follow() && eligible_sessions.is_empty() {
            return Err(WorkloadError::NoSessions);
        }
        let max_follows = (eligible_sessions.len() * FOLLOWS_PER_SESSION / count.max(1)).max(1);
        let (credentials, eligible_sessions) = (Arc::new(credentials), Arc::new(eligible_sessions));
        let workload = |index: usize| EndpointWorkload {
            target: target.clone(),
            dataset: Arc::clone(dataset),
            credentials: Arc::clone(&credentials),
            eligible_sessions: Arc::clone(&eligible_sessions),
            mix: mix.clone(),
            options: options.clone(),
            popularity: Popularity::new(&dataset.topology, options.zipf),
            rng: ChaCha8Rng::seed_from_u64(seed.wrapping_add(index as u64)),
            made_follows: VecDeque::new(),
            max_follows,
            is_follow_next: false,
        };
        Ok((0..count).map(workload).collect())
    }

    fn draw_member(&mut self) -> Mid {
        self.options.vmid.unwrap_or_else(|| self.dataset.topology.mid_at(self.popularity.draw(&mut self.rng)))
    }

    fn draw_session(&mut self) -> u32 {
        let count = u32::try_from(self.credentials.len()).unwrap_or(u32::MAX);
        self.rng.random_range(0..count)
    }

    fn session_credentials(&self, session: u32) -> &(String, String) {
        &self.credentials[session as usize]
    }

    /// Draws a member with a long list of the kind, and the index of its session. Follower lists are always the
    /// longest.
    fn draw_list_owner(&mut self, kind: RequestKind) -> (Mid, u32) {
        if kind == RequestKind::Followers {
            return (self.dataset.popular_members[0].mid, self.dataset.popular_members[0].session);
        }
        let owner = self.draw_heavy_follower();
        (owner.mid, owner.session)
    }

    fn draw_heavy_follower(&mut self) -> HeavyFollower {
        self.dataset.heavy_followers[self.rng.random_range(0..self.dataset.heavy_followers.len())]
    }

    fn write_list_request(&mut self, kind: RequestKind, out: &mut Vec<u8>) -> RequestInfo {
        let owner = self.options.own.then(|| self.draw_list_owner(kind));
        let session = owner
            .map(|(_, session)| session)
            .or_else(|| self.options.as_members.then(|| self.draw_session()));
        let vmid = owner.map_or_else(|| self.draw_member(), |(mid, _)| mid);
        let mut writer = RequestWriter::get(out, &self.target, kind.path()).field("vmid", vmid.get());
        writer.append_page(&self.options);
        writer.finish(&self.target, session.map(|session| &*self.session_credentials(session).0));
        RequestInfo { kind, session: session.unwrap_or_default(), subject_mid: vmid.get() }
    }

    fn write_public_request(&mut self, kind: RequestKind, field: &str, out: &mut Vec<u8>) -> RequestInfo {
        let session = self.options.as_members.then(|| self.draw_session());
        let subject_mid = self.draw_member().get();
        let writer = RequestWriter::get(out, &self.target, kind.path()).field(field, subject_mid);
        writer.finish(&self.target, session.map(|session| &*self.session_credentials(session).0));
        RequestInfo { kind, session: session.unwrap_or_default(), subject_mid }
    }

    fn write_relation_request(&mut self, out: &mut Vec<u8>) -> RequestInfo {
        let (session, subject_mid) = (self.draw_session(), self.draw_member().get());
        let writer =
            RequestWriter::get(out, &self.target, RequestKind::Relation.path()).field("fid", subject_mid);
        writer.finish(&self.target, Some(&self.session_credentials(session).0));
        RequestInfo { kind: RequestKind::Relation, session, subject_mid }
    }

    fn write_group_request(&mut self, kind: RequestKind, out: &mut Vec<u8>) -> RequestInfo {
        let owner = self.draw_heavy_follower();
        let tagid = if kind == RequestKind::Group { owner.tagid.0 } else { 0 };
        let mut writer =
            RequestWriter::get(out, &self.target, kind.path()).field("tagid", tagid.unsigned_abs());
        writer.append_page(&self.options);
        writer.finish(&self.target, Some(&self.session_credentials(owner.session).0));
        RequestInfo { kind, session: owner.session, subject_mid: owner.mid.get() }
    }

    /// Writes a follow or the reversal of the oldest one. So follows never run out and the community keeps its
    /// size.
    fn write_modify_request(&mut self, out: &mut Vec<u8>) -> RequestInfo {
        self.is_follow_next = !self.is_follow_next || self.made_follows.len() < self.max_follows;
        let unfollow = if self.is_follow_next { None } else { self.made_follows.pop_front() };
        let (kind, (session, subject_mid)) = match unfollow {
            Some(pair) => (RequestKind::Unfollow, pair),
            None => (RequestKind::Follow, self.draw_follow_pair()),
        };
        let act = if kind == RequestKind::Follow { 1 } else { 2 };
        let (token, csrf) = &self.credentials[session as usize];
        let fields = [("fid", subject_mid), ("act", act)];
        RequestWriter::post(out, &self.target, kind.path(), token, &fields, csrf);
        RequestInfo { kind, session, subject_mid }
    }

    /// Draws the session of a member that may follow more, and another member to follow.
    fn draw_follow_pair(&mut self) -> (u32, u64) {
        loop {
            let session = self.eligible_sessions[self.rng.random_range(0..self.eligible_sessions.len())];
            let subject_mid = self.draw_member();
            if self.dataset.sessions[session as usize].mid != subject_mid {
                return (session, subject_mid.get());
            }
        }
    }
}

impl RequestSource for EndpointWorkload {
    fn next_request(&mut self, out: &mut Vec<u8>) -> Option<RequestInfo> {
        let kind = self.mix.draw(&mut self.rng);
        Some(match kind {
            RequestKind::Stat => self.write_public_request(kind, "vmid", out),
            RequestKind::Card => self.write_public_request(kind, "mid", out),
            RequestKind::Relation => self.write_relation_request(out),
            RequestKind::Followers | RequestKind::Followings => self.write_list_request(kind, out),
            RequestKind::Group | RequestKind::DefaultGroup => self.write_group_request(kind, out),
            RequestKind::Follow | RequestKind::Unfollow => self.write_modify_request(out),
            RequestKind::WarmUp | RequestKind::Path => return None,
        })
    }

    fn on_response(&mut self, request: RequestInfo, is_success: bool) {
        if request.kind == RequestKind::Follow && is_success {
            self.made_follows.push_back((request.session, request.subject_mid));
        }
    }
}

/// A source that uses each session once. The first request of a day writes the daily login reward, which would
/// distort a measurement.
#[derive(Debug)]
pub struct SessionWarmer {
    target: Target,
    dataset: Arc<Dataset>,
    next: usize,
}

impl SessionWarmer {
    /// Creates a source for all sessions of a dataset.
    pub fn new(target: &Target, dataset: &Arc<Dataset>) -> SessionWarmer {
        SessionWarmer { target: target.clone(), dataset: Arc::clone(dataset), next: 0 }
    }
}

impl RequestSource for SessionWarmer {
    fn next_request(&mut self, out: &mut Vec<u8>) -> Option<RequestInfo> {
        let session = self.dataset.sessions.get(self.next)?;
        self.next += 1;
        let subject_mid = session.mid.get();
        RequestWriter::get(out, &self.target, RequestKind::Stat.path())
            .field("vmid", subject_mid)
            .finish(&self.target, Some(&session.token));
        Some(RequestInfo { kind: RequestKind::WarmUp, session: 0, subject_mid })
    }

    fn on_response(&mut self, _: RequestInfo, _: bool) {}
}

/// A source of requests to one path of any server. `{mid}` in the path stands for a drawn member.
#[derive(Debug)]
pub struct PathWorkload {
    target: Target,
    parts: Vec<String>,
    dataset: Option<(Arc<Dataset>, Popularity)>,
    rng: ChaCha8Rng,
}

impl PathWorkload {
    /// Creates a source for `path`, which begins with `/` and may have a query. `{mid}` requires a dataset.
    pub fn new(target: &Target, path: &str, dataset: Option<&Arc<Dataset>>, seed: u64) -> PathWorkload {
        PathWorkload {
            target: target.clone(),
            parts: path.split("{mid}").map(str::to_owned).collect(),
            dataset: dataset
                .map(|dataset| (Arc::clone(dataset), Popularity::new(&dataset.topology, REQUEST_EXPONENT))),
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }
}

impl RequestSource for PathWorkload {
    fn next_request(&mut self, out: &mut Vec<u8>) -> Option<RequestInfo> {
        let (first, rest) = self.parts.split_first()?;
        let mut writer = RequestWriter::get(out, &self.target, first);
        let mut subject_mid = 0;
        for part in rest {
            let (dataset, popularity) = self.dataset.as_ref()?;
            subject_mid = dataset.topology.mid_at(popularity.draw(&mut self.rng)).get();
            writer = writer.append_to_path(subject_mid, part);
        }
        writer.finish(&self.target, None);
        Some(RequestInfo { kind: RequestKind::Path, session: 0, subject_mid })
    }

    fn on_response(&mut self, _: RequestInfo, _: bool) {}
}

#[cfg(test)]
mod tests;
