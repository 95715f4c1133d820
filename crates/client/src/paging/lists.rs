//! The requests for pages, and the lists that begin with them.

use super::{Cut, End, Paged, Walk, sealed};
use crate::{Client, Error, Operator};
use guanxi_api::api::relation::blacks::Blacks;
use guanxi_api::api::relation::followers::Followers;
use guanxi_api::api::relation::followings::Followings;
use guanxi_api::api::relation::tag::Tag;
use guanxi_api::api::relation::whispers::Whispers;
use guanxi_api::listed::{Grouped, Listed, Page};
use guanxi_api::operator::audit::{self, Audit};
use guanxi_api::operator::reviews::realnames::{self, Realnames};
use guanxi_api::operator::reviews::signs::{self, Signs};
use guanxi_api::paging::{Pn, Ps};
use guanxi_types::Order;
use guanxi_types::{Mid, Tagid};

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

ties! { Followers Followings Whispers Blacks }

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
    ///
    /// ```
    /// use guanxi_client::End;
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let mut fans = client.followers(Mid::try_from(1)?);
    /// let mut count = 0;
    /// while let Some(fan) = fans.next().await? {
    ///     assert_eq!(fan.face.uname, format!("成员{}", fan.mid));
    ///     count += 1;
    /// }
    /// // It is another's list.
    /// assert_eq!((count, fans.total(), fans.end()), (250, Some(299), Some(End::Limit)));
    /// # Ok(()) }
    /// ```
    pub fn followers(&self, mid: Mid) -> Walk<Followers> {
        self.walk(Followers { vmid: mid, ps: Ps::MOST, pn: Pn::FIRST, order: Order::Desc })
    }

    /// Whom a member follows, the newest first. Of another's list the first 250 are shown.
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let names = client.followings(Mid::try_from(1)?).into_stream().map_ok(|them| them.face.uname);
    /// assert_eq!(names.try_collect::<Vec<_>>().await?, ["成员3", "成员2"]);
    /// # Ok(()) }
    /// ```
    pub fn followings(&self, mid: Mid) -> Walk<Followings> {
        self.walk(Followings { vmid: mid, ps: Ps::MOST, pn: Pn::FIRST, order: Order::Desc })
    }

    /// Whom one whispers, the newest first.
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// use guanxi_api::api::relation::modify::{Act, Modify, Source};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let fid = Mid::try_from(8)?;
    /// client.send(&Modify { fid, act: Act::Whisper, re_src: Source::USUAL }).await?;
    /// assert_eq!(client.whispers().next().await?.map(|them| them.mid), Some(fid));
    /// # Ok(()) }
    /// ```
    pub fn whispers(&self) -> Walk<Whispers> {
        self.walk(Whispers { ps: Ps::MOST, pn: Pn::FIRST })
    }

    /// Whom one has blocked, the newest first.
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// use guanxi_api::api::relation::modify::{Act, Modify, Source};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let fid = Mid::try_from(8)?;
    /// client.send(&Modify { fid, act: Act::Black, re_src: Source::USUAL }).await?;
    /// assert_eq!(client.blacks().next().await?.map(|them| them.mid), Some(fid));
    /// # Ok(()) }
    /// ```
    pub fn blacks(&self) -> Walk<Blacks> {
        self.walk(Blacks { ps: Ps::MOST, pn: Pn::FIRST })
    }

    /// Who is in one of one's groups, in the order they joined it.
    ///
    /// ```
    /// use guanxi_types::Tagid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(1).await;
    /// let mut group = client.group(Tagid::DEFAULT);
    /// while let Some(member) = group.next().await? {
    ///     println!("{}", member.face.uname);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn group(&self, tagid: Tagid) -> Walk<Tag> {
        self.walk(Tag { tagid, ps: Ps::MOST, pn: Pn::FIRST })
    }

    /// A list from the page on that a request asks for, in its order.
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// use guanxi_api::api::relation::followers::Followers;
    /// use guanxi_api::paging::{Order, Pn, Ps};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// let (vmid, ps, pn) = (Mid::try_from(1)?, Ps::MOST, Pn::FIRST);
    /// let oldest = client.walk(Followers { vmid, ps, pn, order: Order::Asc }).next().await?;
    /// assert_eq!(oldest.map(|fan| fan.mid.get()), Some(2));
    /// # Ok(()) }
    /// ```
    pub fn walk<P: Paged<From = Client>>(&self, first: P) -> Walk<P> {
        Walk::new(self.clone(), first)
    }
}

/// Lists.
impl Operator {
    /// What operators did, the newest first.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let operator = sample.admin().await;
    /// let latest = operator.audit().next().await?.expect("the token was made");
    /// assert_eq!((latest.by.as_str(), latest.mid), ("sample", None));
    /// # Ok(()) }
    /// ```
    pub fn audit(&self) -> Walk<Audit> {
        self.walk(Audit { before: None, limit: None })
    }

    /// Signs that wait for a review, the longest first.
    ///
    /// ```
    /// use guanxi_api::api::member::web::sign::update::SignUpdate;
    /// use guanxi_api::operator::reviews::sign::ReviewSign;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let client = sample.member(7).await;
    /// # let operator = sample.admin().await;
    /// client.send(&SignUpdate { user_sign: Some("慢慢来".to_owned()) }).await?;
    /// let mut waiting = operator.signs();
    /// while let Some(entry) = waiting.next().await? {
    ///     let (mid, submitted) = (entry.mid, Some(entry.submitted));
    ///     operator.send(&ReviewSign { mid, submitted, approve: true, remark: None }).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn signs(&self) -> Walk<Signs> {
        self.walk(Signs { since: None, limit: None })
    }

    /// Applications for real name verification that wait for a review, the longest first.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let operator = sample.admin().await;
    /// assert!(operator.realnames().next().await?.is_none(), "nobody has applied");
    /// # Ok(()) }
    /// ```
    pub fn realnames(&self) -> Walk<Realnames> {
        self.walk(Realnames { since: None, limit: None })
    }

    /// A list from where on a request asks for it.
    ///
    /// ```
    /// use guanxi_api::operator::audit::Audit;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let sample = guanxi_test_server::Sample::serve().await;
    /// # let operator = sample.admin().await;
    /// let mut older = operator.walk(Audit { before: Some(1), limit: Some(10) });
    /// assert!(older.next().await?.is_none(), "the first entry has number 1");
    /// # Ok(()) }
    /// ```
    pub fn walk<P: Paged<From = Operator>>(&self, first: P) -> Walk<P> {
        Walk::new(self.clone(), first)
    }
}
