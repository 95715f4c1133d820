//! The operators' list of members: filters, order, pages, and the bound of compared members.

use crate::community::{Community, expect_read, mid};
use crate::fixtures::plaintext;
use crate::members::NOW;
use guanxi_domain::member_filter::MemberFilter;
use guanxi_domain::member_filter::MemberFlag::{self, Silenced, UnverifiedMail, UnverifiedTel};
use guanxi_storage::commands::operator::{DeleteMember, SilenceMember};
use guanxi_storage::member_list::{MemberPage, MemberQuery};
use guanxi_storage::model::{Account, Card, Experience, Profile};
use guanxi_storage::{Row, Store};
use guanxi_types::{Mid, Order};
use jiff::civil::{Date, date};
use std::sync::Arc;

const MEMBERS: u64 = 40;

/// A number of members that no test compares.
const ALL: usize = 1_000;

fn day(number: u64) -> Date {
    date(2026, 1, i8::try_from(number % 28).unwrap_or(0) + 1)
}

/// Creates members numbered from 1. Each value follows from the number, and each seventh member has a card only.
async fn community<S: Store>(store: S) -> Community<S> {
    let community = Community::new(store);
    let rows = (1..=MEMBERS).flat_map(|number| {
        let member = mid(number);
        let mut rows = vec![Row::Card(Box::new(Card { uname: format!("m{number}"), ..Card::new(member) }))];
        if number % 7 == 0 {
            return rows;
        }
        let silence = number % 5 == 0;
        let jointime = NOW + number.cast_signed();
        rows.push(Row::Profile(Box::new(Profile { jointime, silence, ..Profile::new(member) })));
        let (tel, mail) = (number % 3 == 0, number % 4 == 0);
        rows.push(Row::Account(Box::new(Account {
            userid: format!("u{number}"),
            tel: tel.then(|| plaintext(&format!("153{number:08}"))),
            tel_verified: number % 9 == 0,
            mail: mail.then(|| plaintext(&format!("m{number}@a.cn"))),
            ..Account::new(member)
        })));
        let active = (number % 6 != 0).then(|| day(number));
        rows.push(Row::Experience(Experience { exp: number * 10, active, ..Experience::new(member) }));
        rows
    });
    assert_eq!(community.import(rows.collect()).await.error, None);
    community
}

fn query(filter: MemberFilter) -> MemberQuery {
    MemberQuery { filter, among: None, order: Order::Asc, after: None, limit: ALL, max_compared: ALL }
}

impl<S: Store> Community<S> {
    async fn listed(&self, query: &MemberQuery) -> MemberPage {
        expect_read(self.store.list_members(query.clone()).await)
    }

    /// Returns the members of all pages.
    async fn listed_by_pages(&self, query: &MemberQuery) -> Vec<u64> {
        let (mut query, mut members) = (query.clone(), Vec::new());
        for _ in 0..=2 * MEMBERS {
            let page = self.listed(&query).await;
            assert!(page.members.len() <= query.limit);
            let is_short = page.members.len() < query.limit;
            assert_eq!(page.compared.is_some(), is_short && page.next.is_some(), "{page:?}");
            members.extend(mids(&page));
            query.after = page.next;
            if page.next.is_none() {
                return members;
            }
        }
        panic!("the pages of {query:?} have no end");
    }
}

fn mids(page: &MemberPage) -> Vec<u64> {
    page.members.iter().map(|member| member.card.mid.get()).collect()
}

/// Filters, each with at least one member that passes and one that does not.
fn filters() -> Vec<MemberFilter> {
    let all = MemberFilter::default;
    let flags = |flags: &[MemberFlag]| MemberFilter { flags: flags.to_vec(), ..all() };
    vec![
        flags(&[Silenced]),
        flags(&[UnverifiedTel]),
        flags(&[UnverifiedMail]),
        flags(&[UnverifiedMail, UnverifiedTel]),
        flags(&[UnverifiedMail, Silenced]),
        MemberFilter { joined_from: Some(NOW + 10), joined_until: Some(NOW + 20), ..all() },
        MemberFilter { joined_until: Some(0), ..all() },
        MemberFilter { exp_from: Some(101), exp_until: Some(300), ..all() },
        MemberFilter { exp_until: Some(0), ..all() },
        MemberFilter { active_from: Some(day(5)), ..all() },
        MemberFilter { active_until: Some(day(5)), ..all() },
        MemberFilter { active_from: Some(day(5)), active_until: Some(day(9)), ..flags(&[Silenced]) },
        MemberFilter { exp_from: Some(150), ..flags(&[UnverifiedTel]) },
    ]
}

pub(crate) async fn member_list_has_exactly_the_admitted_members(store: impl Store) {
    let community = community(store).await;
    let everybody = community.listed(&query(MemberFilter::default())).await;
    assert_eq!(mids(&everybody), (1..=MEMBERS).collect::<Vec<_>>());
    assert_eq!((everybody.next, everybody.compared), (None, None));
    let fifteenth = &everybody.members[14];
    assert_eq!((fifteenth.card.uname.as_str(), fifteenth.facts.exp), ("m15", 150));
    assert_eq!((fifteenth.facts.joined, fifteenth.facts.active), (NOW + 15, Some(day(15))));
    assert_eq!(fifteenth.facts.flags, [Silenced, UnverifiedTel]);
    for filter in filters() {
        let admitted = everybody.members.iter().filter(|member| filter.admits(&member.facts));
        let expected: Vec<u64> = admitted.map(|member| member.card.mid.get()).collect();
        assert!(!expected.is_empty() && expected.len() < everybody.members.len(), "{filter:?}");
        let ascending = query(filter);
        assert_eq!(mids(&community.listed(&ascending).await), expected, "{ascending:?}");
        let descending = MemberQuery { order: Order::Desc, ..ascending.clone() };
        let reversed: Vec<u64> = expected.iter().rev().copied().collect();
        assert_eq!(mids(&community.listed(&descending).await), reversed, "{descending:?}");
        for (limit, max_compared) in [(2, ALL), (ALL, 3), (2, 3), (1, 1)] {
            let by_pages = MemberQuery { limit, max_compared, ..ascending.clone() };
            assert_eq!(community.listed_by_pages(&by_pages).await, expected, "{by_pages:?}");
            let by_pages = MemberQuery { limit, max_compared, ..descending.clone() };
            assert_eq!(community.listed_by_pages(&by_pages).await, reversed, "{by_pages:?}");
        }
    }
}

pub(crate) async fn member_list_compares_named_members_only(store: impl Store) {
    let community = community(store).await;
    let among: Vec<Mid> = [30, 10, 15, 999, 11].into_iter().map(mid).collect();
    let flags = vec![Silenced];
    let named =
        MemberQuery { among: Some(among), ..query(MemberFilter { flags, ..MemberFilter::default() }) };
    assert_eq!(mids(&community.listed(&named).await), [10, 15, 30]);
    let named = MemberQuery { limit: 1, order: Order::Desc, ..named };
    assert_eq!(community.listed_by_pages(&named).await, [30, 15, 10]);
    let nobody = MemberQuery { among: Some(Vec::new()), ..named };
    assert_eq!(community.listed(&nobody).await, MemberPage::default());
}

pub(crate) async fn member_list_follows_changes_of_flags(store: impl Store) {
    let community = community(store).await;
    let silenced = query(MemberFilter { flags: vec![Silenced], ..MemberFilter::default() });
    let before = mids(&community.listed(&silenced).await);
    assert!(before.contains(&5) && !before.contains(&7));
    let cipher = Arc::clone(&community.cipher);
    for (number, silence) in [(7, true), (5, false), (10, true)] {
        let command = SilenceMember { mid: mid(number), silence, cipher: Arc::clone(&cipher) };
        assert!(community.run_as_operator(command).await.is_ok());
    }
    assert!(community.run_as_operator(DeleteMember { mid: mid(20), cipher }).await.is_ok());
    let after = mids(&community.listed(&silenced).await);
    let mut expected: Vec<u64> = before.into_iter().filter(|number| ![5, 20].contains(number)).collect();
    expected.insert(0, 7);
    assert_eq!(after, expected);
}
