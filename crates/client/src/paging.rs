//! Lists that come page by page.

mod lists;

use crate::Error;
use futures_core::Stream;
use futures_util::stream::try_unfold;
use guanxi_types::ErrorCode;
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
/// list changed [`changed`](Walk::changed) tells, and who must have it whole begins anew then. [`Order::Asc`](guanxi_types::Order::Asc) is moved by what
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
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(1).await;
    /// let mut fans = client.followers(Mid::try_from(1)?);
    /// assert_eq!(fans.next().await?.map(|fan| fan.mid.get()), Some(300));
    /// # Ok(()) }
    /// ```
    pub async fn next(&mut self) -> Result<Option<P::Item>, Error> {
        loop {
            if let Some(entry) = self.ready.pop_front() {
                return Ok(Some(entry));
            }
            let Ok(request) = &self.next else { return Ok(None) };
            match request.page(&self.from).await {
                Ok(cut) => self.take(cut),
                Err(error) if error.code() == Some(ErrorCode::PastFivePages) => self.next = Err(End::Limit),
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
    ///
    /// ```
    /// use guanxi_client::End;
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let mut followings = client.followings(Mid::try_from(1)?);
    /// while followings.next().await?.is_some() {}
    /// assert_eq!(followings.end(), Some(End::List));
    /// # Ok(()) }
    /// ```
    pub fn end(&self) -> Option<End> {
        let over = self.next.as_ref().err().copied();
        over.filter(|_| self.ready.is_empty())
    }

    /// How many entries the whole list has, as the last page tells it; none before the first, and where pages do not tell.
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let mut fans = client.followers(Mid::try_from(1)?);
    /// assert_eq!(fans.total(), None);
    /// fans.next().await?;
    /// assert_eq!(fans.total(), Some(299));
    /// # Ok(()) }
    /// ```
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Whether the list changed between two pages; always false where pages do not tell.
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let mut fans = client.followers(Mid::try_from(1)?);
    /// while fans.next().await?.is_some() {}
    /// assert!(!fans.changed(), "else some may have been passed over");
    /// # Ok(()) }
    /// ```
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// The rest as a stream, which ends at the first error. The walk is there afterwards, to be asked why it is over.
    ///
    /// ```
    /// use futures_util::{StreamExt, TryStreamExt};
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let mut fans = client.followers(Mid::try_from(1)?);
    /// let newest: Vec<u64> = fans.stream().take(3).map_ok(|fan| fan.mid.get()).try_collect().await?;
    /// assert_eq!((newest, fans.end()), (vec![300, 299, 298], None));
    /// # Ok(()) }
    /// ```
    pub fn stream(&mut self) -> impl Stream<Item = Result<P::Item, Error>> {
        try_unfold(self, async |walk| Ok(walk.next().await?.map(|entry| (entry, walk))))
    }

    /// The rest as a stream of its own, which ends at the first error.
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// use guanxi_types::Mid;
    /// use std::pin::pin;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let mut fans = pin!(client.followers(Mid::try_from(1)?).into_stream());
    /// while let Some(fan) = fans.try_next().await? {
    ///     println!("{}", fan.face.uname);
    /// }
    /// # Ok(()) }
    /// ```
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
