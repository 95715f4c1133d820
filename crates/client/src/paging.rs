//! Lists that come page by page.

use crate::{Client, Error, Operator};
use futures_core::Stream;
use futures_util::stream::try_unfold;
use guanxi_wire::api::relation::followers::Followers;
use guanxi_wire::api::relation::followings::Followings;
use guanxi_wire::api::relation::tag::Tag;
use guanxi_wire::listed::{Grouped, Listed, Page};
use guanxi_wire::operator::audit::{self, Audit};
use guanxi_wire::operator::reviews::realnames::{self, Realnames};
use guanxi_wire::operator::reviews::signs::{self, Signs};
use guanxi_wire::paging::{Order, Pn, Ps};
use guanxi_wire::{Code, Mid, Tagid};
use std::collections::{HashSet, VecDeque};

/// Why a [`Walk`] is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The list is.
    List,
    /// There is more, which one may not see: of another's list the first five pages alone are shown. Of what waits for a
    /// review it is what came in the same second as a whole page before it.
    Limit,
}

/// A list on its way, one entry after the other; the next page is asked for when the one before is used up.
///
/// A list may change between two pages. What comes to its beginning moves the rest behind, and what leaves it moves the rest
/// forward: so an entry may come twice, or be passed over. One that was on the page before is not told again. Whether the
/// list changed [`changed`](Walk::changed) tells, and who must have it whole begins anew then. [`Order::Asc`] is moved by what
/// leaves alone, and lists of operators are not moved at all.
///
/// After an error the walk is where it was, and [`next`](Walk::next) asks for the same page again.
#[derive(Clone, Debug)]
pub struct Walk<P: Paged> {
    from: P::From,
    next: Result<P, End>,
    ready: VecDeque<P::Item>,
    before: HashSet<P::Key>,
    total: Option<u64>,
    version: Option<u32>,
    changed: bool,
}

impl<P: Paged> Walk<P> {
    /// A list from the page on that a request asks for.
    pub(crate) fn new(from: P::From, first: P) -> Walk<P> {
        Walk {
            from,
            next: Ok(first),
            ready: VecDeque::new(),
            before: HashSet::new(),
            total: None,
            version: None,
            changed: false,
        }
    }

    /// The next entry; none when the walk is over.
    pub async fn next(&mut self) -> Result<Option<P::Item>, Error> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Ok(Some(entry));
            }
            let Ok(request) = &self.next else { return Ok(None) };
            match request.page(&self.from).await {
                Ok(cut) => self.take(cut),
                Err(error) if error.code() == Some(Code::PastFivePages) => self.next = Err(End::Limit),
                Err(error) => return Err(error),
            }
        }
    }

    fn take(&mut self, cut: Cut<P>) {
        let Cut { entries, next, total, version } = cut;
        self.changed |= self.version.is_some_and(|seen| version != Some(seen));
        (self.next, self.total, self.version) = (next, total, version);
        let page = entries.iter().map(P::key).collect();
        let before = std::mem::replace(&mut self.before, page);
        self.ready.extend(entries.into_iter().filter(|entry| !before.contains(&P::key(entry))));
    }

    /// Why the walk is over; none while it is not.
    pub fn end(&self) -> Option<End> {
        let over = self.next.as_ref().err().copied();
        over.filter(|_| self.ready.is_empty())
    }

    /// How many entries the whole list has, as the last page tells it; none before the first, and where pages do not tell.
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Whether the list changed between two pages; always false where pages do not tell.
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// The rest as a stream, which ends at the first error. The walk is there afterwards, to be asked why it is over.
    pub fn stream(&mut self) -> impl Stream<Item = Result<P::Item, Error>> {
        try_unfold(self, async |walk| Ok(walk.next().await?.map(|entry| (entry, walk))))
    }

    /// The rest as a stream of its own, which ends at the first error.
    pub fn into_stream(self) -> impl Stream<Item = Result<P::Item, Error>> {
        try_unfold(self, async |mut walk| Ok(walk.next().await?.map(|entry| (entry, walk))))
    }
}

/// A page.
#[derive(Debug)]
pub struct Cut<P: Paged> {
    entries: Vec<P::Item>,
    next: Result<P, End>,
    total: Option<u64>,
    version: Option<u32>,
}

/// A request for a page of a list. Only those of this crate are.
#[expect(
    async_fn_in_trait,
    reason = "its futures are Send where those of the client are, which is not so in a browser"
)]
pub trait Paged: Sized + sealed::Sealed {
    /// Whom it asks.
    type From;
    /// What the list has.
    type Item;
    /// What tells its entries apart.
    type Key: Eq + std::hash::Hash + Clone + std::fmt::Debug;

    /// What tells an entry from others.
    #[doc(hidden)]
    fn key(item: &Self::Item) -> Self::Key;

    /// Asks for the page.
    #[doc(hidden)]
    async fn page(&self, from: &Self::From) -> Result<Cut<Self>, Error>;
}

mod sealed {
    pub trait Sealed {}
}

/// The page behind another.
fn behind(pn: Pn) -> Result<Pn, End> {
    Pn::new(pn.get().saturating_add(1)).ok_or(End::List)
}

macro_rules! ties {
    ($($request:ident)+) => {$(
        impl sealed::Sealed for $request {}

        impl Paged for $request {
            type From = Client;
            type Item = Listed;
            type Key = Mid;

            fn key(tie: &Listed) -> Mid {
                tie.mid
            }

            async fn page(&self, client: &Client) -> Result<Cut<Self>, Error> {
                let Page { list, re_version, total } = client.send(self).await?;
                let told = self.pn.get().saturating_mul(self.ps.get() as u64);
                let is_last = list.is_empty() || told >= total;
                let next = if is_last { Err(End::List) } else { behind(self.pn) };
                let next = next.map(|pn| $request { pn, ..self.clone() });
                Ok(Cut { entries: list, next, total: Some(total), version: Some(re_version) })
            }
        }
    )+};
}

ties! { Followers Followings }

impl sealed::Sealed for Tag {}

impl Paged for Tag {
    type From = Client;
    type Item = Grouped;
    type Key = Mid;

    fn key(member: &Grouped) -> Mid {
        member.mid
    }

    async fn page(&self, client: &Client) -> Result<Cut<Self>, Error> {
        let entries = client.send(self).await?;
        let next = if entries.len() < self.ps.get() { Err(End::List) } else { behind(self.pn) };
        Ok(Cut { entries, next: next.map(|pn| Tag { pn, ..self.clone() }), total: None, version: None })
    }
}

/// How many entries an operator's page has that does not say: the most that may be asked for.
const MOST: u32 = 1000;

impl sealed::Sealed for Audit {}

impl Paged for Audit {
    type From = Operator;
    type Item = audit::Entry;
    type Key = u64;

    fn key(entry: &audit::Entry) -> u64 {
        entry.seq
    }

    async fn page(&self, operator: &Operator) -> Result<Cut<Self>, Error> {
        let limit = self.limit.unwrap_or(MOST);
        let entries = operator.send(&Audit { limit: Some(limit), ..self.clone() }).await?.list;
        let last = entries.last().filter(|_| is_full(&entries, limit));
        let next = last.map(|last| Audit { before: Some(last.seq), ..self.clone() }).ok_or(End::List);
        Ok(Cut { entries, next, total: None, version: None })
    }
}

macro_rules! reviews {
    ($($request:ident of $list:ident,)+) => {$(
        impl sealed::Sealed for $request {}

        impl Paged for $request {
            type From = Operator;
            type Item = $list::Entry;
            type Key = (i64, Mid);

            fn key(entry: &$list::Entry) -> (i64, Mid) {
                (entry.submitted, entry.mid)
            }

            async fn page(&self, operator: &Operator) -> Result<Cut<Self>, Error> {
                let limit = self.limit.unwrap_or(MOST);
                let entries = operator.send(&$request { limit: Some(limit), ..self.clone() }).await?.list;
                let next = match entries.last().filter(|_| is_full(&entries, limit)) {
                    None => Err(End::List),
                    Some(last) if self.since == Some(last.submitted) => Err(End::Limit),
                    Some(last) => Ok($request { since: Some(last.submitted), ..self.clone() }),
                };
                Ok(Cut { entries, next, total: None, version: None })
            }
        }
    )+};
}

reviews! { Signs of signs, Realnames of realnames, }

fn is_full<T>(page: &[T], limit: u32) -> bool {
    page.len() as u64 >= u64::from(limit)
}

/// Lists.
impl Client {
    /// Who follows a member, the newest first. Of another's list the first 250 are shown.
    pub fn followers(&self, mid: Mid) -> Walk<Followers> {
        self.walk(Followers { vmid: mid, ps: Ps::MOST, pn: Pn::FIRST, order: Order::Desc })
    }

    /// Whom a member follows, the newest first. Of another's list the first 250 are shown.
    pub fn followings(&self, mid: Mid) -> Walk<Followings> {
        self.walk(Followings { vmid: mid, ps: Ps::MOST, pn: Pn::FIRST, order: Order::Desc })
    }

    /// Who is in one of one's groups, in the order they joined it.
    pub fn group(&self, tagid: Tagid) -> Walk<Tag> {
        self.walk(Tag { tagid, ps: Ps::MOST, pn: Pn::FIRST })
    }

    /// A list from the page on that a request asks for, in its order.
    pub fn walk<P: Paged<From = Client>>(&self, first: P) -> Walk<P> {
        Walk::new(self.clone(), first)
    }
}

/// Lists.
impl Operator {
    /// What operators did, the newest first.
    pub fn audit(&self) -> Walk<Audit> {
        self.walk(Audit { before: None, limit: None })
    }

    /// Signs that wait for a review, the longest first.
    pub fn signs(&self) -> Walk<Signs> {
        self.walk(Signs { since: None, limit: None })
    }

    /// Applications for real name verification that wait for a review, the longest first.
    pub fn realnames(&self) -> Walk<Realnames> {
        self.walk(Realnames { since: None, limit: None })
    }

    /// A list from where on a request asks for it.
    pub fn walk<P: Paged<From = Operator>>(&self, first: P) -> Walk<P> {
        Walk::new(self.clone(), first)
    }
}
