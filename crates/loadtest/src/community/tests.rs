use super::*;
use guanxi_domain::relation::RelationKind;
use guanxi_types::Mid;
use std::collections::{HashMap, HashSet};

fn small_community() -> Community {
    Community::generate(7, 2_000, 40_000)
}

/// Returns kind and time of all relations by their ends.
fn relations(community: &Community) -> HashMap<(Mid, Mid), (RelationKind, i64)> {
    community
        .members()
        .flat_map(|member| member.relations)
        .map(|row| ((row.from, row.to), (row.relation.kind, row.relation.mtime)))
        .collect()
}

#[test]
fn same_seed_generates_the_same_community() {
    let all = |seed| -> Vec<MemberBundle> { Community::generate(seed, 300, 3_000).members().collect() };
    assert_eq!(all(1), all(1));
    assert_ne!(all(1), all(2));
}

#[test]
fn relation_count_is_near_the_intended_one() {
    for (members, edges) in [(2_000, 40_000), (500, 1_000), (20_000, 400_000)] {
        let count = Community::generate(3, members, edges).relation_count();
        assert!(count.abs_diff(edges) < edges / 50, "{members} members have {count} relations, not {edges}");
    }
    // Small communities have fewer edges.
    assert!(Community::generate(3, 40, 100_000).relation_count() <= 400);
    assert_eq!(Community::generate(3, 1, 100).relation_count(), 0);
    assert_eq!(Community::generate(3, 0, 0).members().count(), 0);
}

#[test]
fn followers_match_the_follows_of_others() {
    let community = small_community();
    let relations = relations(&community);
    let mut checked = 0;
    for member in community.members() {
        let mid = member.relations.first().map(|row| row.from);
        assert!(
            member.relations.is_sorted_by(|a, b| a.to < b.to)
                && member.followers.is_sorted_by(|a, b| a.0 < b.0)
        );
        let Some(mid) = mid else { continue };
        for (follower, mtime, _) in &member.followers {
            assert_eq!(relations[&(*follower, mid)], (RelationKind::Follow, *mtime));
            checked += 1;
        }
    }
    let follows = relations.values().filter(|(kind, _)| *kind == RelationKind::Follow).count();
    // The loop skips members without outgoing relations.
    assert!(checked > follows * 9 / 10 && checked <= follows, "{checked} of {follows}");
}

#[test]
fn relation_kinds_have_their_shares() {
    let community = Community::generate(7, 20_000, 400_000);
    let relations = relations(&community);
    let all = relations.len() as f64;
    let share = |kind| relations.values().filter(|(other, _)| *other == kind).count() as f64 / all;
    assert!((share(RelationKind::Block) - 0.01).abs() < 0.002, "{}", share(RelationKind::Block));
    assert!((share(RelationKind::Whisper) - 0.02).abs() < 0.003, "{}", share(RelationKind::Whisper));
    let mutual =
        relations.iter().filter(|((from, to), _)| relations.contains_key(&(*to, *from))).count() as f64 / all;
    assert!((0.20..0.27).contains(&mutual), "{mutual}");
}

#[test]
fn relation_pairs_satisfy_the_domain_rules() {
    let relations = relations(&small_community());
    for ((from, to), (kind, mtime)) in &relations {
        assert_ne!(from, to);
        let Some((reverse, reverse_mtime)) = relations.get(&(*to, *from)) else { continue };
        assert!(*kind == RelationKind::Block || *reverse != RelationKind::Block, "{from} and {to}");
        assert!(
            (*kind, *reverse) != (RelationKind::Follow, RelationKind::Follow) || mtime == reverse_mtime,
            "{from} and {to}"
        );
    }
}

#[test]
fn dataset_has_the_longest_lists_and_their_sessions() {
    let mut community = Community::generate(7, 20_000, 400_000);
    let tokens: Vec<Token> = (0..500).map(|at| Token::from_text(at.to_string())).collect();
    let dataset = community.open_sessions(&tokens, 1, 2);
    let popular = dataset.popular_members[0];
    assert!(popular.followers > 20_000 * 50 / 100, "{}", popular.followers);
    assert_eq!(popular.mid, dataset.topology.mid_at(dataset.topology.index_of_rank(0)));
    assert!(
        dataset.heavy_followers.len() >= 6
            && dataset.heavy_followers.iter().all(|heavy| heavy.followings == 2_000),
        "{:?}",
        dataset.heavy_followers
    );
    assert!(
        dataset.heavy_followers.iter().all(|heavy| (700..900).contains(&heavy.grouped)),
        "{:?}",
        dataset.heavy_followers
    );
    assert_eq!(dataset.sessions.len(), 500);
    let members: HashSet<Mid> = dataset.sessions.iter().map(|session| session.mid).collect();
    assert_eq!(members.len(), 500, "one session per member");
    for heavy in &dataset.heavy_followers {
        assert_eq!(dataset.sessions[heavy.session as usize].mid, heavy.mid);
    }
    let opened: Vec<Session> = community.members().flat_map(|member| member.sessions).collect();
    assert_eq!(opened.len(), 500);
    assert!(
        opened
            .iter()
            .all(|session| members.contains(&session.mid) && (session.created, session.expires) == (1, 2))
    );
}

#[test]
fn cards_have_a_realistic_size_and_unique_names() {
    let community = small_community();
    let cards: Vec<Row> = (0..2_000).map(|index| community.card(index)).collect();
    let bytes: usize = cards.iter().map(|card| serde_json::to_vec(card).unwrap().len()).sum();
    assert!((300..360).contains(&(bytes / 2_000)), "{}", bytes / 2_000);
    let names: HashSet<&String> = cards
        .iter()
        .filter_map(|row| if let Row::Card(card) = row { Some(&card.uname) } else { None })
        .collect();
    assert_eq!(names.len(), 2_000);
}
