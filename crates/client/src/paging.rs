//! Lists that are read page by page.

mod lists;
mod requests;

use crate::Error;
use futures_core::Stream;
use futures_util::stream::try_unfold;
use guanxi_types::ErrorCode;
use std::collections::{HashSet, VecDeque};

/// The reason why a [`Pager`] has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PagerEnd {
    /// The list has no more entries.
    Exhausted,
    /// The list has more entries, which the caller may not read. The list of another member ends after five pages.
    /// A list of reviews ends if one second has more submissions than a page.
    AccessLimit,
}

/// A list that is read entry by entry. The next page is requested once the current one is used up.
///
/// A list may change between two pages. An entry that is added at its beginning moves the others back, and a
/// removed entry moves the later ones forward. An entry may therefore be repeated or skipped. Entries of the
/// previous page are not repeated. [`has_changed`](Pager::has_changed) reports a change, after which a complete
/// list has to be read again. With [`Order::Asc`](guanxi_types::Order::Asc) only removals move entries, and
/// operators' lists do not move at all.
///
/// After an error the pager has not moved, and [`next`](Pager::next) requests the same page again.
#[derive(Clone, Debug)]
pub struct Pager<P: Paginated> {
    source: P::Source,
    next_request: Result<P, PagerEnd>,
    buffered: VecDeque<P::Item>,
    previous_page: HashSet<P::Key>,
    total: Option<u64>,
    version: Option<u32>,
    changed: bool,
}

impl<P: Paginated> Pager<P> {
    /// Returns a pager that starts at the page of a request.
    pub(crate) fn new(source: P::Source, first_request: P) -> Pager<P> {
        Pager {
            source,
            next_request: Ok(first_request),
            buffered: VecDeque::new(),
            previous_page: HashSet::new(),
            total: None,
            version: None,
            changed: false,
        }
    }

    /// Returns the next entry, or `None` at the end.
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(1).await;
    /// let mut followers = client.followers(Mid::try_from(1)?);
    /// assert_eq!(followers.next().await?.map(|follower| follower.mid.get()), Some(300));
    /// # Ok(()) }
    /// ```
    pub async fn next(&mut self) -> Result<Option<P::Item>, Error> {
        loop {
            if let Some(entry) = self.buffered.pop_front() {
                return Ok(Some(entry));
            }
            let Ok(request) = &self.next_request else { return Ok(None) };
            match request.fetch_page(&self.source).await {
                Ok(page) => self.accept_page(page),
                Err(error) if error.code() == Some(ErrorCode::PageLimitExceeded) => {
                    self.next_request = Err(PagerEnd::AccessLimit);
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn accept_page(&mut self, page: PageSlice<P>) {
        let PageSlice { entries, next_request, total, version } = page;
        self.changed |= self.version.is_some_and(|previous| version != Some(previous));
        (self.next_request, self.total, self.version) = (next_request, total, version);
        let keys = entries.iter().map(P::key).collect();
        let previous = std::mem::replace(&mut self.previous_page, keys);
        self.buffered.extend(entries.into_iter().filter(|entry| !previous.contains(&P::key(entry))));
    }

    /// Returns the reason of the end, or `None` before it.
    ///
    /// ```
    /// use guanxi_client::PagerEnd;
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let mut followings = client.followings(Mid::try_from(1)?);
    /// while followings.next().await?.is_some() {}
    /// assert_eq!(followings.end(), Some(PagerEnd::Exhausted));
    /// # Ok(()) }
    /// ```
    pub fn end(&self) -> Option<PagerEnd> {
        let end = self.next_request.as_ref().err().copied();
        end.filter(|_| self.buffered.is_empty())
    }

    /// Returns the number of entries of the whole list, as of the last page. `None` before the first page, and for
    /// lists without a total.
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let mut followers = client.followers(Mid::try_from(1)?);
    /// assert_eq!(followers.total(), None);
    /// followers.next().await?;
    /// assert_eq!(followers.total(), Some(299));
    /// # Ok(()) }
    /// ```
    pub fn total(&self) -> Option<u64> {
        self.total
    }

    /// Returns true if the list changed between two pages. Always false for lists without a version.
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let mut followers = client.followers(Mid::try_from(1)?);
    /// while followers.next().await?.is_some() {}
    /// assert!(!followers.has_changed(), "otherwise entries may have been skipped");
    /// # Ok(()) }
    /// ```
    pub fn has_changed(&self) -> bool {
        self.changed
    }

    /// Returns the remaining entries as a stream, which ends at the first error. The pager stays usable afterwards.
    ///
    /// ```
    /// use futures_util::{StreamExt, TryStreamExt};
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let mut followers = client.followers(Mid::try_from(1)?);
    /// let newest = followers.stream().take(3).map_ok(|follower| follower.mid.get());
    /// let newest: Vec<u64> = newest.try_collect().await?;
    /// assert_eq!((newest, followers.end()), (vec![300, 299, 298], None));
    /// # Ok(()) }
    /// ```
    pub fn stream(&mut self) -> impl Stream<Item = Result<P::Item, Error>> {
        try_unfold(self, async |pager| Ok(pager.next().await?.map(|entry| (entry, pager))))
    }

    /// Returns the remaining entries as an owned stream, which ends at the first error.
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// use guanxi_types::Mid;
    /// use std::pin::pin;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let mut followers = pin!(client.followers(Mid::try_from(1)?).into_stream());
    /// while let Some(follower) = followers.try_next().await? {
    ///     println!("{}", follower.profile.uname);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn into_stream(self) -> impl Stream<Item = Result<P::Item, Error>> {
        try_unfold(self, async |mut pager| Ok(pager.next().await?.map(|entry| (entry, pager))))
    }
}

/// A page of a list.
#[derive(Debug)]
pub struct PageSlice<P: Paginated> {
    entries: Vec<P::Item>,
    next_request: Result<P, PagerEnd>,
    total: Option<u64>,
    version: Option<u32>,
}

/// A request for a page of a list. Implemented by this crate only.
#[expect(
    async_fn_in_trait,
    reason = "its futures are Send where those of the client are, which is not so in a browser"
)]
pub trait Paginated: Sized + sealed::Sealed {
    /// The client that sends the request.
    type Source;
    /// The entry of the list.
    type Item;
    /// The key that identifies an entry.
    type Key: Eq + std::hash::Hash + Clone + std::fmt::Debug;

    /// Returns the key of an entry.
    #[doc(hidden)]
    fn key(item: &Self::Item) -> Self::Key;

    /// Requests the page.
    #[doc(hidden)]
    async fn fetch_page(&self, source: &Self::Source) -> Result<PageSlice<Self>, Error>;
}

mod sealed {
    pub trait Sealed {}
}
