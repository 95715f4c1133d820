//! Whom everybody has a tie to, and who has one to them, as indices.

use super::degree;
use crate::shape::{EXPONENT, Popularity, Shape};
use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// How many in a hundred of one's ties are meant to come back.
const MUTUAL: u32 = 22;

/// How often somebody is drawn by popularity for each tie, before anybody will do: who follows many has all the popular.
const DRAWS: u32 = 50;

/// A list of indices for each member.
#[derive(Debug)]
struct Lists {
    /// Where each begins; one more for where the last ends.
    from: Vec<u32>,
    entries: Vec<u32>,
}

impl Lists {
    fn of(&self, index: u32) -> &[u32] {
        let at = index as usize;
        &self.entries[self.from[at] as usize..self.from[at + 1] as usize]
    }

    /// Those of so many members, from pairs of an owner and an entry that come in any order of owners. A list is in the order in
    /// which its pairs came.
    fn sorted(members: u32, pairs: impl Iterator<Item = (u32, u32)> + Clone) -> Lists {
        let mut from = vec![0; members as usize + 1];
        for (owner, _) in pairs.clone() {
            from[owner as usize + 1] += 1;
        }
        for at in 1..from.len() {
            from[at] += from[at - 1];
        }
        let mut next = from.clone();
        let mut entries = vec![0; from.last().map_or(0, |last| *last as usize)];
        for (owner, entry) in pairs {
            let at = &mut next[owner as usize];
            entries[*at as usize] = entry;
            *at += 1;
        }
        Lists { from, entries }
    }

    fn pairs(&self) -> impl Iterator<Item = (u32, u32)> + Clone {
        (0_u32..).zip(self.from.windows(2)).flat_map(|(owner, ends)| {
            self.entries[ends[0] as usize..ends[1] as usize].iter().map(move |entry| (owner, *entry))
        })
    }
}

/// All ties of a community, without what they are.
#[derive(Debug)]
pub(super) struct Edges {
    out: Lists,
    back: Lists,
}

impl Edges {
    pub(super) fn draw(shape: &Shape) -> Edges {
        let mut chance = ChaCha8Rng::seed_from_u64(shape.seed ^ 0xed9e_5eed);
        let degrees = degree::degrees(shape);
        let friends = friends(shape, &degrees, &mut chance);
        let out = followed(shape, &degrees, &friends, &mut chance);
        drop(friends);
        let back = Lists::sorted(shape.members, out.pairs().map(|(from, to)| (to, from)));
        Edges { out, back }
    }

    pub(super) fn count(&self) -> u64 {
        self.out.entries.len() as u64
    }

    /// To whom a member has a tie, ascending.
    pub(super) fn from(&self, index: u32) -> &[u32] {
        self.out.of(index)
    }

    /// Who has one to them, ascending.
    pub(super) fn to(&self, index: u32) -> &[u32] {
        self.back.of(index)
    }

    /// Those to whom most have a tie, the most first.
    pub(super) fn stars(&self, count: usize) -> Vec<u32> {
        let mut all: Vec<u32> = (0..).take(self.back.from.len() - 1).collect();
        all.sort_by_key(|index| std::cmp::Reverse(self.to(*index).len()));
        all.truncate(count);
        all
    }
}

/// Ties that come back: each member has some ends of them, and two ends that meet by chance are a pair.
fn friends(shape: &Shape, degrees: &[u32], chance: &mut ChaCha8Rng) -> Lists {
    let mut ends: Vec<u32> = Vec::new();
    for (index, degree) in (0..).zip(degrees) {
        let count = (degree * MUTUAL + chance.random_range(0..100)) / 100;
        ends.extend(std::iter::repeat_n(index, count as usize));
    }
    ends.shuffle(chance);
    let pairs = ends.chunks_exact(2).filter(|pair| pair[0] != pair[1]);
    let mut pairs: Vec<(u32, u32)> =
        pairs.flat_map(|pair| [(pair[0], pair[1]), (pair[1], pair[0])]).collect();
    drop(ends);
    pairs.sort_unstable();
    pairs.dedup();
    Lists::sorted(shape.members, pairs.iter().copied())
}

/// The friends, and others by their popularity, each once.
fn followed(shape: &Shape, degrees: &[u32], friends: &Lists, chance: &mut ChaCha8Rng) -> Lists {
    let popularity = Popularity::of(shape, EXPONENT);
    let mut lists = Lists { from: vec![0], entries: Vec::new() };
    // By whom a member was drawn last: one more than the index, 0 for nobody.
    let mut drawn_by = vec![0; shape.members as usize];
    for (index, degree) in (0..).zip(degrees) {
        let from = lists.entries.len();
        drawn_by[index as usize] = index + 1;
        for friend in friends.of(index) {
            drawn_by[*friend as usize] = index + 1;
            lists.entries.push(*friend);
        }
        let mut draws = 0;
        while lists.entries.len() < from + *degree as usize {
            draws += 1;
            let by_popularity = draws < degree.saturating_mul(DRAWS);
            let to =
                if by_popularity { popularity.draw(chance) } else { chance.random_range(0..shape.members) };
            if drawn_by[to as usize] != index + 1 {
                drawn_by[to as usize] = index + 1;
                lists.entries.push(to);
            }
        }
        lists.entries[from..].sort_unstable();
        lists.from.push(u32::try_from(lists.entries.len()).unwrap_or(u32::MAX));
    }
    lists
}
