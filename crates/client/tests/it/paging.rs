//! Lists that are read page by page.

use crate::fake_server::{Behaviour, FakeServer, error, success};
use crate::mid;
use futures_util::TryStreamExt;
use guanxi_api::groups::assign_groups::AssignGroups;
use guanxi_api::operator::reviews::list_bio_reviews::ListBioReviews;
use guanxi_api::param::CommaSeparated;
use guanxi_api::relations::list_followers::ListFollowers;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::{Client, Operator, PagerEnd};
use guanxi_test_server::{MEMBERS, TestServer};
use guanxi_types::{ErrorCode, Order, PageNumber, PageSize, RelationAction, RelationSource, Tagid};
use serde_json::{Value, json};
use std::pin::pin;

#[tokio::test]
async fn own_list_is_read_to_its_end() {
    let server = TestServer::start().await;
    let mut followers = server.member(1).await.followers(mid(1));
    assert_eq!((followers.end(), followers.total()), (None, None));
    let mut seen = Vec::new();
    while let Some(follower) = followers.next().await.unwrap() {
        seen.push(follower.mid.get());
    }
    assert_eq!(seen, (2..=MEMBERS).rev().collect::<Vec<_>>());
    assert_eq!(
        (followers.end(), followers.total(), followers.has_changed()),
        (Some(PagerEnd::Exhausted), Some(299), false)
    );
    assert_eq!(followers.next().await.unwrap(), None);
}

#[tokio::test]
async fn list_of_another_member_ends_after_five_pages() {
    let server = TestServer::start().await;
    let client = Client::new(&server.address).unwrap();
    let mut followers = client.followers(mid(1));
    let count = followers.stream().try_fold(0, async |count, _| Ok(count + 1)).await.unwrap();
    assert_eq!((count, followers.end(), followers.total()), (250, Some(PagerEnd::AccessLimit), Some(299)));
    let followings: Vec<_> =
        client.followings(mid(1)).into_stream().map_ok(|item| item.mid.get()).try_collect().await.unwrap();
    assert_eq!(followings, [3, 2]);
}

#[tokio::test]
async fn group_is_read_to_its_end() {
    let server = TestServer::start().await;
    let me = server.member(1).await;
    let special = AssignGroups {
        fids: CommaSeparated(vec![mid(3), mid(2)]),
        tagids: CommaSeparated(vec![Tagid::SPECIAL]),
    };
    me.send(&special).await.unwrap();
    let mut group = me.group_members(Tagid::SPECIAL);
    let mut seen = Vec::new();
    while let Some(member) = group.next().await.unwrap() {
        seen.push(member.mid.get());
    }
    assert_eq!((seen.len(), group.end(), group.total()), (2, Some(PagerEnd::Exhausted), None));
    let missing = me.group_members(Tagid(99)).next().await.unwrap_err();
    assert_eq!(missing.code(), Some(ErrorCode::GroupNotFound));
}

#[tokio::test]
async fn list_change_is_reported() {
    let server = TestServer::start().await;
    let (me, follower) = (server.member(1).await, server.member(2).await);
    let act = |act| ModifyRelation { fid: mid(1), act, re_src: RelationSource::DEFAULT };
    let first = ListFollowers {
        vmid: mid(1),
        ps: PageSize::new(100).unwrap(),
        pn: PageNumber::FIRST,
        order: Order::Desc,
    };
    let mut followers = me.paginate(first);
    let mut seen = vec![followers.next().await.unwrap().unwrap().mid];
    // The oldest follower becomes the newest, so the last entry of the first page moves to the second.
    follower.send(&act(RelationAction::Unfollow)).await.unwrap();
    follower.send(&act(RelationAction::Follow)).await.unwrap();
    while let Some(follower) = followers.next().await.unwrap() {
        seen.push(follower.mid);
    }
    assert!(followers.has_changed());
    assert_eq!(seen.len(), 298, "the repeated entry is returned once, and the moved one is skipped");
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 298);
}

#[tokio::test]
async fn list_starts_at_requested_page_oldest_first() {
    let server = TestServer::start().await;
    let me = server.member(1).await;
    let first = ListFollowers {
        vmid: mid(1),
        ps: PageSize::new(20).unwrap(),
        pn: PageNumber::new(15).unwrap(),
        order: Order::Asc,
    };
    let mut seen = Vec::new();
    let mut followers = pin!(me.paginate(first).into_stream());
    while let Some(follower) = followers.try_next().await.unwrap() {
        seen.push(follower.mid.get());
    }
    assert_eq!(seen, (282..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn pager_is_send_and_continues_after_error() {
    let page = |mids: &[u64]| {
        let list: Vec<Value> = mids.iter().map(|mid| list_item(*mid)).collect();
        success(&json!({ "list": list, "re_version": 1, "total": 51 }))
    };
    let full: Vec<u64> = (1..=50).collect();
    let fake = FakeServer::start(vec![page(&full), error(500, -500, &[]), page(&[51])]).await;
    let mut followers = Client::new(&fake.address).unwrap().followers(mid(9));
    let task = tokio::spawn(async move {
        let (mut seen, mut errors) = (0, 0);
        loop {
            match followers.next().await {
                Ok(Some(_)) => seen += 1,
                Ok(None) => return (seen, errors, followers.end()),
                Err(_) if errors < 3 => errors += 1,
                Err(error) => panic!("{error}"),
            }
        }
    });
    assert_eq!(task.await.unwrap(), (51, 1, Some(PagerEnd::Exhausted)));
    assert!(fake.requests()[2].starts_with("GET /x/relation/followers?vmid=9&pn=2 "));
}

fn list_item(mid: u64) -> Value {
    let label = json!({ "path": "" });
    let vip = json!({
        "vipType": 0, "vipDueDate": 0, "dueRemark": "", "accessStatus": 0, "vipStatus": 0,
        "vipStatusWarn": "", "themeType": 0, "label": label,
    });
    json!({
        "mid": mid, "attribute": 0, "mtime": 0, "tag": null, "special": 0, "uname": "", "face": "", "sign": "",
        "official_verify": { "type": -1, "desc": "" }, "vip": vip,
    })
}

fn bio_reviews(entries: &[(u64, i64)]) -> Behaviour {
    let list: Vec<Value> = entries
        .iter()
        .map(|(mid, submitted)| {
            json!({ "mid": mid, "uname": "", "sign": "", "shown": "", "due": null, "submitted": submitted })
        })
        .collect();
    success(&json!({ "list": list }))
}

async fn read_bio_reviews(pages: Vec<Behaviour>, limit: u32) -> (Vec<u64>, Option<PagerEnd>, Vec<String>) {
    let fake = FakeServer::start(pages).await;
    let operator = Operator::new(&fake.address, "token").unwrap();
    let mut reviews = operator.paginate(ListBioReviews { since: None, limit: Some(limit) });
    let mut seen = Vec::new();
    while let Some(entry) = reviews.next().await.unwrap() {
        seen.push(entry.mid.get());
    }
    let request_lines =
        fake.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    (seen, reviews.end(), request_lines)
}

#[tokio::test]
async fn pending_reviews_are_not_repeated() {
    // Each page begins with the last second of the previous one.
    let pages = vec![
        bio_reviews(&[(1, 5), (2, 6), (3, 6)]),
        bio_reviews(&[(2, 6), (3, 6), (4, 7)]),
        bio_reviews(&[(4, 7)]),
    ];
    let (seen, end, request_lines) = read_bio_reviews(pages, 3).await;
    assert_eq!((seen, end), (vec![1, 2, 3, 4], Some(PagerEnd::Exhausted)));
    assert_eq!(request_lines[1], "GET /operator/reviews/signs?limit=3&since=6 HTTP/1.1");
}

#[tokio::test]
async fn reviews_of_one_second_beyond_a_page_end_the_pager() {
    let pages = vec![bio_reviews(&[(1, 6), (2, 6)]), bio_reviews(&[(1, 6), (2, 6)])];
    let (seen, end, _) = read_bio_reviews(pages, 2).await;
    assert_eq!((seen, end), (vec![1, 2], Some(PagerEnd::AccessLimit)));
}
