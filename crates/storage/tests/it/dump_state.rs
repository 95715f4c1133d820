//! The whole state of a store, for comparison before and after a rejection or a restart.

use crate::community::{WHOLE_LIST, due_bios, mid};
use guanxi_domain::news::FollowerDay;
use guanxi_domain::picture::SIZES;
use guanxi_domain::relation::RelationPair;
use guanxi_storage::model::{
    Account, AuditRow, BioReview, CoinRow, DueTask, EventRow, Factors, KeyFingerprintRow, LoginIdentifier,
    LoginRow, NameReview, OperatorToken, Password, PendingDeletion, Picture, QrLogin, Question,
    RateLimitBucket, Realname, RewardRow, Session, Table,
};
use guanxi_storage::store::{Groups, List, ListQuery, News, Page, Space, all_cards};
use guanxi_storage::{Counters, StorageError, Store};
use guanxi_types::{Mid, Order, Tagid};
use jiff::civil::{Date, date};
use std::ops::RangeInclusive;

/// The days of the relations of most tests.
const FIRST_DAYS: RangeInclusive<Date> = date(1970, 1, 1)..=date(1970, 3, 1);

/// The state of a member.
#[derive(Debug, PartialEq)]
pub(crate) struct MemberState {
    mid: Mid,
    counters: Option<Counters>,
    account: Option<Account>,
    realname: Option<Realname>,
    bio_review: Option<BioReview>,
    name_review: Option<NameReview>,
    pictures: Vec<Option<Picture>>,
    news: News,
    follower_days: Vec<FollowerDay>,
    rewards: Vec<RewardRow>,
    password: Option<Password>,
    question: Option<Question>,
    factors: Option<Factors>,
    sessions: Vec<Session>,
    pending_deletion: Option<PendingDeletion>,
    groups: Groups,
    coins: Vec<CoinRow>,
    logins: Vec<LoginRow>,
    is_due: bool,
    viewers: Vec<ViewerState>,
}

/// The reads of a member that depend on the viewer.
#[derive(Debug, PartialEq)]
struct ViewerState {
    viewer: Option<Mid>,
    pair: Option<RelationPair>,
    space: Option<Space>,
    pages: Vec<Option<Page>>,
}

/// Returns the states of the members 1 to `members`.
pub(crate) async fn member_states<S: Store>(store: &S, members: u64) -> Vec<MemberState> {
    let mut all = Vec::new();
    for number in 1..=members {
        all.push(read_member_state(store, mid(number), members).await.expect("the store is readable"));
    }
    all
}

/// The state that belongs to no single member.
#[derive(Debug, PartialEq)]
pub(crate) struct ServiceState {
    pub(crate) login_identifiers: Vec<LoginIdentifier>,
    pub(crate) rate_limits: Vec<RateLimitBucket>,
    pub(crate) qr_logins: Vec<QrLogin>,
    pub(crate) events: Vec<EventRow>,
    pub(crate) tokens: Vec<OperatorToken>,
    pub(crate) keys: Vec<KeyFingerprintRow>,
    pub(crate) audit_log: Vec<AuditRow>,
    pub(crate) due_tasks: Vec<DueTask>,
    pub(crate) bio_reviews: Vec<BioReview>,
    pub(crate) name_reviews: Vec<NameReview>,
    pub(crate) realnames: Vec<Realname>,
}

/// Returns the state that belongs to no single member.
pub(crate) async fn service_state<S: Store>(store: &S) -> ServiceState {
    read_service_state(store).await.expect("the store is readable")
}

async fn read_service_state<S: Store>(store: &S) -> Result<ServiceState, StorageError> {
    Ok(ServiceState {
        login_identifiers: store.all().await?,
        rate_limits: store.all().await?,
        qr_logins: store.all().await?,
        events: store.all().await?,
        tokens: store.all().await?,
        keys: store.all().await?,
        audit_log: store.audit_log(None, usize::MAX).await?,
        due_tasks: store.due_tasks(i64::MAX, Table::scheduled()).await?,
        bio_reviews: store.pending_reviews(0, usize::MAX).await?,
        name_reviews: store.pending_reviews(0, usize::MAX).await?,
        realnames: store.pending_reviews(0, usize::MAX).await?,
    })
}

async fn read_member_state<S: Store>(store: &S, mid: Mid, members: u64) -> Result<MemberState, StorageError> {
    let groups = store.groups(mid).await?;
    let mut lists = vec![
        List::Followers,
        List::Followings,
        List::Whispers,
        List::Blocks,
        List::Group(Tagid::SPECIAL),
        List::Group(Tagid::DEFAULT),
    ];
    lists.extend(groups.own.iter().map(|(group, _)| List::Group(group.tagid)));
    let mut viewers = vec![read_viewer_state(store, mid, None, &lists).await?];
    for viewer in 1..=members {
        viewers.push(read_viewer_state(store, mid, Mid::new(viewer), &lists).await?);
    }
    Ok(MemberState {
        mid,
        counters: store.counters(mid).await?,
        account: store.get(mid).await?,
        realname: store.get(mid).await?,
        bio_review: store.get(mid).await?,
        name_review: store.get(mid).await?,
        pictures: read_pictures(store, mid).await?,
        news: store.news(mid, 0).await?,
        follower_days: store.follower_days(mid, FIRST_DAYS, 100).await?,
        rewards: store.rewards(mid, date(1970, 1, 1)..=date(9999, 12, 31)).await?,
        password: store.get(mid).await?,
        question: store.get(mid).await?,
        factors: store.get(mid).await?,
        sessions: store.sessions(mid).await?,
        pending_deletion: store.get(mid).await?,
        groups,
        coins: store.coin_log(mid, 0, usize::MAX).await?,
        logins: store.login_log(mid, 0, usize::MAX).await?,
        is_due: due_bios(store, i64::from(u32::MAX) - 1).await.contains(&mid),
        viewers,
    })
}

async fn read_pictures<S: Store>(store: &S, mid: Mid) -> Result<Vec<Option<Picture>>, StorageError> {
    let mut pictures = Vec::new();
    for size in SIZES {
        pictures.push(store.get((mid, size)).await?);
    }
    Ok(pictures)
}

async fn read_viewer_state<S: Store>(
    store: &S,
    mid: Mid,
    viewer: Option<Mid>,
    lists: &[List],
) -> Result<ViewerState, StorageError> {
    let mut pages = Vec::new();
    for &list in lists {
        for order in [Order::Desc, Order::Asc] {
            let query = ListQuery { owner: mid, list, viewer, window: WHOLE_LIST, order };
            let page = store.page(query, all_cards).await?;
            // Only PostgreSQL has versions of cards.
            let unversioned = |page: Page| {
                let cards = page.cards.into_iter().map(|(_, card)| (0, card)).collect();
                Page { cards, ..page }
            };
            pages.push(page.map(unversioned).ok());
        }
    }
    let pair = match viewer {
        Some(viewer) => store.relation_pair(viewer, mid).await?,
        None => None,
    };
    Ok(ViewerState { viewer, pair, space: store.space(mid, viewer).await?, pages })
}
