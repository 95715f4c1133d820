//! The lists of [`Client`] and [`Operator`].

use super::{Pager, Paginated};
use crate::{Client, Operator};
use guanxi_api::account::list_coins::ListCoins;
use guanxi_api::account::list_news::ListNews;
use guanxi_api::groups::list_group_members::ListGroupMembers;
use guanxi_api::operator::list_audit_entries::ListAuditEntries;
use guanxi_api::operator::reviews::list_bio_reviews::ListBioReviews;
use guanxi_api::operator::reviews::list_name_reviews::ListNameReviews;
use guanxi_api::operator::reviews::list_realname_reviews::ListRealnameReviews;
use guanxi_api::param::Flag;
use guanxi_api::profile::find_members::FindMembers;
use guanxi_api::relations::list_blocks::ListBlocks;
use guanxi_api::relations::list_followers::ListFollowers;
use guanxi_api::relations::list_followings::ListFollowings;
use guanxi_api::relations::list_relations::ListRelations;
use guanxi_api::relations::list_whispers::ListWhispers;
use guanxi_api::relations::own_list::{ListSort, OwnList};
use guanxi_types::{Mid, Month, Order, PageNumber, PageSize, Tagid};

/// Lists.
impl Client {
    /// Returns the followers of a member, newest first. Of another member's list the first 250 are accessible.
    ///
    /// ```
    /// use guanxi_client::PagerEnd;
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let mut followers = client.followers(Mid::try_from(1)?);
    /// let mut count = 0;
    /// while let Some(follower) = followers.next().await? {
    ///     assert_eq!(follower.profile.uname, format!("成员{}", follower.mid));
    ///     count += 1;
    /// }
    /// // The list belongs to another member.
    /// assert_eq!((count, followers.total(), followers.end()), (250, Some(299), Some(PagerEnd::AccessLimit)));
    /// # Ok(()) }
    /// ```
    pub fn followers(&self, mid: Mid) -> Pager<ListFollowers> {
        self.paginate(ListFollowers {
            vmid: mid,
            ps: PageSize::MAX,
            pn: PageNumber::FIRST,
            order: Order::Desc,
        })
    }

    /// Returns the members that a member follows, newest first. Of another member's list the first 250 are
    /// accessible.
    ///
    /// ```
    /// use futures_util::TryStreamExt;
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let names = client.followings(Mid::try_from(1)?).into_stream().map_ok(|member| member.profile.uname);
    /// assert_eq!(names.try_collect::<Vec<_>>().await?, ["成员3", "成员2"]);
    /// # Ok(()) }
    /// ```
    pub fn followings(&self, mid: Mid) -> Pager<ListFollowings> {
        self.paginate(ListFollowings {
            vmid: mid,
            ps: PageSize::MAX,
            pn: PageNumber::FIRST,
            order: Order::Desc,
        })
    }

    /// Returns the members that the caller follows privately, newest first.
    ///
    /// ```
    /// use guanxi_api::relations::modify_relation::ModifyRelation;
    /// use guanxi_types::{Mid, RelationAction, RelationSource};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let fid = Mid::try_from(8)?;
    /// client.send(&ModifyRelation { fid, act: RelationAction::Whisper, re_src: RelationSource::DEFAULT }).await?;
    /// assert_eq!(client.whispers().next().await?.map(|member| member.mid), Some(fid));
    /// # Ok(()) }
    /// ```
    pub fn whispers(&self) -> Pager<ListWhispers> {
        self.paginate(ListWhispers { ps: PageSize::MAX, pn: PageNumber::FIRST })
    }

    /// Returns the members that the caller has blocked, newest first.
    ///
    /// ```
    /// use guanxi_api::relations::modify_relation::ModifyRelation;
    /// use guanxi_types::{Mid, RelationAction, RelationSource};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let fid = Mid::try_from(8)?;
    /// client.send(&ModifyRelation { fid, act: RelationAction::Block, re_src: RelationSource::DEFAULT }).await?;
    /// assert_eq!(client.blocks().next().await?.map(|member| member.mid), Some(fid));
    /// # Ok(()) }
    /// ```
    pub fn blocks(&self) -> Pager<ListBlocks> {
        self.paginate(ListBlocks { ps: PageSize::MAX, pn: PageNumber::FIRST })
    }

    /// Returns the members that a part of a name, pinyin or a mid finds, best matches first.
    ///
    /// ```
    /// use guanxi_types::Mid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(1).await;
    /// let first = client.find_members("7").next().await?;
    /// assert_eq!(first.map(|member| member.mid), Some(Mid::try_from(7)?));
    /// # Ok(()) }
    /// ```
    pub fn find_members(&self, text: &str) -> Pager<FindMembers> {
        self.paginate(FindMembers { q: text.to_owned(), ps: PageSize::MAX, pn: PageNumber::FIRST })
    }

    /// Returns the members of one of the caller's groups, latest joined first.
    ///
    /// ```
    /// use guanxi_types::Tagid;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(1).await;
    /// let mut group = client.group_members(Tagid::DEFAULT);
    /// while let Some(member) = group.next().await? {
    ///     println!("{}", member.profile.uname);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn group_members(&self, tagid: Tagid) -> Pager<ListGroupMembers> {
        self.paginate(ListGroupMembers { tagid, ps: PageSize::MAX, pn: PageNumber::FIRST })
    }

    /// Returns the caller's news, newest first: all of them, or the unread ones.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(1).await;
    /// let mut news = client.news(true);
    /// while let Some(item) = news.next().await? {
    ///     println!("{:?} {}", item.r#type, item.time);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn news(&self, all: bool) -> Pager<ListNews> {
        self.paginate(ListNews { all: Flag(all), before: None })
    }

    /// Returns the caller's coin entries of a month, newest first. `None` is the current month.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(1).await;
    /// let mut coins = client.coins(None);
    /// while let Some(entry) = coins.next().await? {
    ///     println!("{} {:?} {}", entry.time, entry.delta, entry.reason);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn coins(&self, month: Option<Month>) -> Pager<ListCoins> {
        self.paginate(ListCoins { month, before: None, ps: PageSize::MAX })
    }

    /// Returns a list of the caller's own, newest first. [`paginate`](Client::paginate) takes a search, a filter and
    /// another order.
    ///
    /// ```
    /// use guanxi_api::relations::own_list::OwnList;
    /// use guanxi_api::relations::set_remark::SetRemark;
    /// use guanxi_types::{Mid, Secret};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(1).await;
    /// let mid = Mid::try_from(3)?;
    /// client.send(&SetRemark { mid, remark: Some(Secret("同学".to_owned())) }).await?;
    /// let first = client.relations(OwnList::Followings).next().await?.map(|entry| (entry.relation.mid, entry.remark));
    /// assert_eq!(first, Some((mid, "同学".to_owned())));
    /// # Ok(()) }
    /// ```
    pub fn relations(&self, list: OwnList) -> Pager<ListRelations> {
        let (ps, pn, sort) = (PageSize::MAX, PageNumber::FIRST, ListSort::Newest);
        self.paginate(ListRelations { list, group: None, q: None, show: None, sort, ps, pn })
    }

    /// Returns a list that starts at the page of a request, in the order of the request.
    ///
    /// ```
    /// use guanxi_api::relations::list_followers::ListFollowers;
    /// use guanxi_types::{Mid, Order, PageNumber, PageSize};
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// let (vmid, ps, pn) = (Mid::try_from(1)?, PageSize::MAX, PageNumber::FIRST);
    /// let oldest = client.paginate(ListFollowers { vmid, ps, pn, order: Order::Asc }).next().await?;
    /// assert_eq!(oldest.map(|follower| follower.mid.get()), Some(2));
    /// # Ok(()) }
    /// ```
    pub fn paginate<P: Paginated<Source = Client>>(&self, first_request: P) -> Pager<P> {
        Pager::new(self.clone(), first_request)
    }
}

/// Lists.
impl Operator {
    /// Returns the audit log, newest first.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let operator = server.admin().await;
    /// let latest = operator.audit_entries().next().await?.expect("the token was made");
    /// assert_eq!((latest.by.as_str(), latest.mid), ("test server", None));
    /// # Ok(()) }
    /// ```
    pub fn audit_entries(&self) -> Pager<ListAuditEntries> {
        self.paginate(ListAuditEntries { before: None, limit: None })
    }

    /// Returns the bios that are pending review, oldest first.
    ///
    /// ```
    /// use guanxi_api::account::submit_bio::SubmitBio;
    /// use guanxi_api::operator::reviews::review_bio::ReviewBio;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let client = server.member(7).await;
    /// # let operator = server.admin().await;
    /// client.send(&SubmitBio { user_sign: Some("慢慢来".to_owned()) }).await?;
    /// let mut pending = operator.bio_reviews();
    /// while let Some(entry) = pending.next().await? {
    ///     let (mid, submitted) = (entry.mid, Some(entry.submitted));
    ///     operator.send(&ReviewBio { mid, submitted, approve: true, remark: None }).await?;
    /// }
    /// # Ok(()) }
    /// ```
    pub fn bio_reviews(&self) -> Pager<ListBioReviews> {
        self.paginate(ListBioReviews { since: None, limit: None })
    }

    /// Returns the names that are pending review, oldest first.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let operator = server.admin().await;
    /// assert!(operator.name_reviews().next().await?.is_none(), "there is no name");
    /// # Ok(()) }
    /// ```
    pub fn name_reviews(&self) -> Pager<ListNameReviews> {
        self.paginate(ListNameReviews { since: None, limit: None })
    }

    /// Returns the applications for real-name verification that are pending review, oldest first.
    ///
    /// ```
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let operator = server.admin().await;
    /// assert!(operator.realname_reviews().next().await?.is_none(), "there is no application");
    /// # Ok(()) }
    /// ```
    pub fn realname_reviews(&self) -> Pager<ListRealnameReviews> {
        self.paginate(ListRealnameReviews { since: None, limit: None })
    }

    /// Returns a list that starts at the page of a request.
    ///
    /// ```
    /// use guanxi_api::operator::list_audit_entries::ListAuditEntries;
    /// # #[tokio::main]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = guanxi_test_server::TestServer::start().await;
    /// # let operator = server.admin().await;
    /// let mut older = operator.paginate(ListAuditEntries { before: Some(1), limit: Some(10) });
    /// assert!(older.next().await?.is_none(), "the first entry has the sequence number 1");
    /// # Ok(()) }
    /// ```
    pub fn paginate<P: Paginated<Source = Operator>>(&self, first_request: P) -> Pager<P> {
        Pager::new(self.clone(), first_request)
    }
}
