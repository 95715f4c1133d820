use super::*;
use guanxi_domain::tie::RelationKind;
use guanxi_types::Mid;
use std::collections::{HashMap, HashSet};

fn small() -> Community {
    Community::draw(7, 2_000, 40_000)
}

/// Kinds and times of all ties by their ends.
fn ties(of: &Community) -> HashMap<(Mid, Mid), (RelationKind, i64)> {
    of.members()
        .flat_map(|member| member.ties)
        .map(|row| ((row.from, row.to), (row.tie.kind, row.tie.mtime)))
        .collect()
}

#[test]
fn the_same_seed_draws_the_same_community() {
    let all = |seed| -> Vec<MemberBundle> { Community::draw(seed, 300, 3_000).members().collect() };
    assert_eq!(all(1), all(1));
    assert_ne!(all(1), all(2));
}

#[test]
fn there_are_as_many_ties_as_were_meant() {
    for (members, edges) in [(2_000, 40_000), (500, 1_000), (20_000, 400_000)] {
        let count = Community::draw(3, members, edges).ties();
        assert!(count.abs_diff(edges) < edges / 50, "{members} members have {count} ties, not {edges}");
    }
    // There is no room for so many, or for any.
    assert!(Community::draw(3, 40, 100_000).ties() <= 400);
    assert_eq!(Community::draw(3, 1, 100).ties(), 0);
    assert_eq!(Community::draw(3, 0, 0).members().count(), 0);
}

#[test]
fn fans_are_who_follows() {
    let community = small();
    let ties = ties(&community);
    let mut told = 0;
    for member in community.members() {
        let mid = member.ties.first().map(|row| row.from);
        assert!(member.ties.is_sorted_by(|a, b| a.to < b.to) && member.fans.is_sorted_by(|a, b| a.0 < b.0));
        let Some(mid) = mid else { continue };
        for (fan, mtime, _) in &member.fans {
            assert_eq!(ties[&(*fan, mid)], (RelationKind::Follow, *mtime));
            told += 1;
        }
    }
    let follows = ties.values().filter(|(kind, _)| *kind == RelationKind::Follow).count();
    // Members without a tie of their own are passed over above.
    assert!(told > follows * 9 / 10 && told <= follows, "{told} of {follows}");
}

#[test]
fn ties_have_their_shares() {
    let community = Community::draw(7, 20_000, 400_000);
    let ties = ties(&community);
    let all = ties.len() as f64;
    let of = |kind| ties.values().filter(|(its, _)| *its == kind).count() as f64 / all;
    assert!((of(RelationKind::Black) - 0.01).abs() < 0.002, "{}", of(RelationKind::Black));
    assert!((of(RelationKind::Whisper) - 0.02).abs() < 0.003, "{}", of(RelationKind::Whisper));
    let mutual = ties.iter().filter(|((from, to), _)| ties.contains_key(&(*to, *from))).count() as f64 / all;
    assert!((0.20..0.27).contains(&mutual), "{mutual}");
}

#[test]
fn pairs_are_as_rules_leave_them() {
    let ties = ties(&small());
    for ((from, to), (kind, mtime)) in &ties {
        assert_ne!(from, to);
        let Some((theirs, their_mtime)) = ties.get(&(*to, *from)) else { continue };
        assert!(*kind == RelationKind::Black || *theirs != RelationKind::Black, "{from} and {to}");
        assert!(
            (*kind, *theirs) != (RelationKind::Follow, RelationKind::Follow) || mtime == their_mtime,
            "{from} and {to}"
        );
    }
}

#[test]
fn the_largest_lists_are_as_they_should() {
    let mut community = Community::draw(7, 20_000, 400_000);
    let tokens: Vec<Token> = (0..500).map(|at| Token::said(&at.to_string())).collect();
    let known = community.open_sessions(&tokens, 1, 2);
    let star = known.stars[0];
    assert!(star.fans > 20_000 * 50 / 100, "{}", star.fans);
    assert_eq!(star.mid, known.shape.mid(known.shape.popular(0)));
    assert!(
        known.owners.len() >= 6 && known.owners.iter().all(|owner| owner.followings == 2_000),
        "{:?}",
        known.owners
    );
    assert!(known.owners.iter().all(|owner| (700..900).contains(&owner.grouped)), "{:?}", known.owners);
    assert_eq!(known.sessions.len(), 500);
    let holders: HashSet<Mid> = known.sessions.iter().map(|login| login.mid).collect();
    assert_eq!(holders.len(), 500, "each is of another");
    for owner in &known.owners {
        assert_eq!(known.sessions[owner.session as usize].mid, owner.mid);
    }
    let opened: Vec<Session> = community.members().flat_map(|member| member.sessions).collect();
    assert_eq!(opened.len(), 500);
    assert!(
        opened
            .iter()
            .all(|session| holders.contains(&session.mid) && (session.created, session.expires) == (1, 2))
    );
}

#[test]
fn cards_are_as_large_as_real_ones() {
    let community = small();
    let cards: Vec<Row> = (0..2_000).map(|index| community.card(index)).collect();
    let bytes: usize = cards.iter().map(|card| serde_json::to_vec(card).unwrap().len()).sum();
    assert!((300..360).contains(&(bytes / 2_000)), "{}", bytes / 2_000);
    let names: HashSet<&String> = cards
        .iter()
        .filter_map(|row| if let Row::Card(card) = row { Some(&card.uname) } else { None })
        .collect();
    assert_eq!(names.len(), 2_000);
}
