//! The edges of a community, as member indices.

use super::degree;
use crate::topology::{FOLLOW_EXPONENT, Popularity, Topology};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The intended percentage of mutual edges.
const MUTUAL_PERCENT: u32 = 22;

/// The number of draws by popularity per edge, before members are drawn uniformly. A member with many edges soon
/// has edges to all popular members.
const DRAWS_PER_RELATION: u32 = 50;

/// A list of indices for each member, in compressed sparse row form.
#[derive(Debug)]
struct Lists {
    /// The start of each list, and the end of the last.
    offsets: Vec<u32>,
    entries: Vec<u32>,
}

impl Lists {
    fn get(&self, index: u32) -> &[u32] {
        let at = index as usize;
        &self.entries[self.offsets[at] as usize..self.offsets[at + 1] as usize]
    }

    /// Builds the lists of all members from pairs of owner and entry, in any order of owners. Each list has the
    /// order of its pairs.
    fn from_pairs(members: u32, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Lists {
        let mut offsets = vec![0; members as usize + 1];
        for (owner, _) in pairs.clone() {
            offsets[owner as usize + 1] += 1;
        }
        for at in 1..offsets.len() {
            offsets[at] += offsets[at - 1];
        }
        let mut next = offsets.clone();
        let mut entries = vec![0; offsets.last().map_or(0, |last| *last as usize)];
        for (owner, entry) in pairs {
            let at = &mut next[owner as usize];
            entries[*at as usize] = entry;
            *at += 1;
        }
        Lists { offsets, entries }
    }

    fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        (0_u32..).zip(self.offsets.windows(2)).flat_map(|(owner, ends)| {
            self.entries[ends[0] as usize..ends[1] as usize].iter().map(move |entry| (owner, *entry))
        })
    }
}

/// All edges of a community, without their properties.
#[derive(Debug)]
pub(super) struct Edges {
    outgoing: Lists,
    incoming: Lists,
}

impl Edges {
    pub(super) fn draw(topology: &Topology) -> Edges {
        let mut rng = ChaCha8Rng::seed_from_u64(topology.seed ^ 0xed9e_5eed);
        let degrees = degree::degrees(topology);
        let mutual = mutual(topology, &degrees, &mut rng);
        let outgoing = draw_outgoing(topology, &degrees, &mutual, &mut rng);
        drop(mutual);
        let incoming = Lists::from_pairs(topology.members, outgoing.pairs().map(|(from, to)| (to, from)));
        Edges { outgoing, incoming }
    }

    pub(super) fn count(&self) -> u64 {
        self.outgoing.entries.len() as u64
    }

    /// Returns the targets of a member's edges, ascending.
    pub(super) fn outgoing(&self, index: u32) -> &[u32] {
        self.outgoing.get(index)
    }

    /// Returns the sources of the edges to a member, ascending.
    pub(super) fn incoming(&self, index: u32) -> &[u32] {
        self.incoming.get(index)
    }

    /// Returns the members with the most incoming edges, the largest number first.
    pub(super) fn most_followed(&self, count: usize) -> Vec<u32> {
        let mut all: Vec<u32> = (0..).take(self.incoming.offsets.len() - 1).collect();
        all.sort_by_key(|index| std::cmp::Reverse(self.incoming(*index).len()));
        all.truncate(count);
        all
    }
}

/// Draws mutual edges: each member has some half-edges, which are paired at random (configuration model).
fn mutual(topology: &Topology, degrees: &[u32], rng: &mut ChaCha8Rng) -> Lists {
    let mut ends: Vec<u32> = Vec::new();
    for (index, degree) in (0..).zip(degrees) {
        let count = (degree * MUTUAL_PERCENT + rng.random_range(0..100)) / 100;
        ends.extend(std::iter::repeat_n(index, count as usize));
    }
    ends.shuffle(rng);
    let pairs = ends.chunks_exact(2).filter(|pair| pair[0] != pair[1]);
    let mut pairs: Vec<(u32, u32)> =
        pairs.flat_map(|pair| [(pair[0], pair[1]), (pair[1], pair[0])]).collect();
    drop(ends);
    pairs.sort_unstable();
    pairs.dedup();
    Lists::from_pairs(topology.members, pairs.iter().copied())
}

/// Draws the outgoing edges: the mutual ones, and others by popularity, without duplicates.
fn draw_outgoing(topology: &Topology, degrees: &[u32], mutual: &Lists, rng: &mut ChaCha8Rng) -> Lists {
    let popularity = Popularity::new(topology, FOLLOW_EXPONENT);
    let mut lists = Lists { offsets: vec![0], entries: Vec::new() };
    // The last member that drew this one: its index plus 1, or 0.
    let mut drawn_by = vec![0; topology.members as usize];
    for (index, degree) in (0..).zip(degrees) {
        let start = lists.entries.len();
        drawn_by[index as usize] = index + 1;
        for mutual_index in mutual.get(index) {
            drawn_by[*mutual_index as usize] = index + 1;
            lists.entries.push(*mutual_index);
        }
        let mut draws = 0;
        while lists.entries.len() < start + *degree as usize {
            draws += 1;
            let by_popularity = draws < degree.saturating_mul(DRAWS_PER_RELATION);
            let to = if by_popularity { popularity.draw(rng) } else { rng.random_range(0..topology.members) };
            if drawn_by[to as usize] != index + 1 {
                drawn_by[to as usize] = index + 1;
                lists.entries.push(to);
            }
        }
        lists.entries[start..].sort_unstable();
        lists.offsets.push(u32::try_from(lists.entries.len()).unwrap_or(u32::MAX));
    }
    lists
}
