//! All that a store tells, to be compared: before and after a refusal, before and after a restart.

use crate::community::{ALL, due_signs, mid};
use guanxi_domain::relation::RelationPair;
use guanxi_storage::row::{
    Account, AuditRow, CoinRow, Door, Due, EventRow, Farewell, Handle, KeyMark, LoginRow, OperatorToken,
    Password, Qr, Question, Realname, Session, SignReview, Table,
};
use guanxi_storage::store::{Groups, List, ListQuery, Page, Space};
use guanxi_storage::{Counters, StorageError, Store};
use guanxi_types::Order;
use guanxi_types::{Mid, Tagid};

/// All that a store tells of a member.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    mid: Mid,
    stat: Option<Counters>,
    account: Option<Account>,
    realname: Option<Realname>,
    review: Option<SignReview>,
    password: Option<Password>,
    question: Option<Question>,
    sessions: Vec<Session>,
    farewell: Option<Farewell>,
    groups: Groups,
    coins: Vec<CoinRow>,
    logins: Vec<LoginRow>,
    is_due: bool,
    seen: Vec<Seen>,
}

/// What one viewer is told of a member.
#[derive(Debug, PartialEq)]
struct Seen {
    viewer: Option<Mid>,
    pair: Option<RelationPair>,
    space: Option<Space>,
    pages: Vec<Option<Page>>,
}

/// Asks everything of the members 1 to `members`.
pub(crate) async fn told<S: Store>(store: &S, members: u64) -> Vec<Told> {
    let mut all = Vec::new();
    for number in 1..=members {
        all.push(of_member(store, mid(number), members).await.expect("the engine reads"));
    }
    all
}

/// What a store tells that is of no member alone.
#[derive(Debug, PartialEq)]
pub(crate) struct Common {
    pub(crate) handles: Vec<Handle>,
    pub(crate) doors: Vec<Door>,
    pub(crate) codes: Vec<Qr>,
    pub(crate) events: Vec<EventRow>,
    pub(crate) tokens: Vec<OperatorToken>,
    pub(crate) keys: Vec<KeyMark>,
    pub(crate) audit: Vec<AuditRow>,
    pub(crate) due: Vec<Due>,
    pub(crate) signs: Vec<SignReview>,
    pub(crate) realnames: Vec<Realname>,
}

/// Asks everything that is of no member alone.
pub(crate) async fn common<S: Store>(store: &S) -> Common {
    ask(store).await.expect("the engine reads")
}

async fn ask<S: Store>(store: &S) -> Result<Common, StorageError> {
    Ok(Common {
        handles: store.all().await?,
        doors: store.all().await?,
        codes: store.all().await?,
        events: store.all().await?,
        tokens: store.all().await?,
        keys: store.all().await?,
        audit: store.audit(None, usize::MAX).await?,
        due: store.due(i64::MAX, Table::awaited()).await?,
        signs: store.waiting(0, usize::MAX).await?,
        realnames: store.waiting(0, usize::MAX).await?,
    })
}

async fn of_member<S: Store>(store: &S, mid: Mid, members: u64) -> Result<Told, StorageError> {
    let groups = store.groups(mid).await?;
    let mut lists = vec![
        List::Fans,
        List::Followings,
        List::Whispers,
        List::Blacks,
        List::Group(Tagid::SPECIAL),
        List::Group(Tagid::DEFAULT),
    ];
    lists.extend(groups.own.iter().map(|(group, _)| List::Group(group.tagid)));
    let mut seen = vec![by_viewer(store, mid, None, &lists).await?];
    for viewer in 1..=members {
        seen.push(by_viewer(store, mid, Mid::new(viewer), &lists).await?);
    }
    Ok(Told {
        mid,
        stat: store.stat(mid).await?,
        account: store.get(mid).await?,
        realname: store.get(mid).await?,
        review: store.get(mid).await?,
        password: store.get(mid).await?,
        question: store.get(mid).await?,
        sessions: store.sessions(mid).await?,
        farewell: store.get(mid).await?,
        groups,
        coins: store.coins(mid, 0, usize::MAX).await?,
        logins: store.logins(mid, 0, usize::MAX).await?,
        is_due: due_signs(store, i64::from(u32::MAX) - 1).await.contains(&mid),
        seen,
    })
}

async fn by_viewer<S: Store>(
    store: &S,
    mid: Mid,
    viewer: Option<Mid>,
    lists: &[List],
) -> Result<Seen, StorageError> {
    let mut pages = Vec::new();
    for &list in lists {
        for order in [Order::Desc, Order::Asc] {
            pages.push(store.page(ListQuery { owner: mid, list, viewer, window: ALL, order }).await?);
        }
    }
    let pair = match viewer {
        Some(viewer) => store.pair(viewer, mid).await?,
        None => None,
    };
    Ok(Seen { viewer, pair, space: store.space(mid, viewer).await?, pages })
}
