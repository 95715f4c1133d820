//! Lists that come page by page.

use crate::fake::{Act as Deed, Fake, denied, done};
use crate::mid;
use futures_util::TryStreamExt;
use guanxi_api::api::relation::followers::Followers;
use guanxi_api::api::relation::modify::{Modify, RelationAction, Source};
use guanxi_api::api::relation::tags::add_users::AddUsers;
use guanxi_api::paging::{Pn, Ps};
use guanxi_api::param::Joined;
use guanxi_client::{Client, End, Operator};
use guanxi_test_server::{MEMBERS, Sample};
use guanxi_types::Order;
use guanxi_types::{ErrorCode, Tagid};
use serde_json::{Value, json};
use std::pin::pin;

#[tokio::test]
async fn ones_own_list_is_walked_to_its_end() {
    let sample = Sample::serve().await;
    let mut fans = sample.member(1).await.followers(mid(1));
    assert_eq!((fans.end(), fans.total()), (None, None));
    let mut seen = Vec::new();
    while let Some(fan) = fans.next().await.unwrap() {
        seen.push(fan.mid.get());
    }
    assert_eq!(seen, (2..=MEMBERS).rev().collect::<Vec<_>>());
    assert_eq!((fans.end(), fans.total(), fans.changed()), (Some(End::List), Some(299), false));
    assert_eq!(fans.next().await.unwrap(), None);
}

#[tokio::test]
async fn of_anothers_list_the_first_five_pages_are_shown() {
    let sample = Sample::serve().await;
    let client = Client::new(&sample.address).unwrap();
    let mut fans = client.followers(mid(1));
    let count = fans.stream().try_fold(0, async |count, _| Ok(count + 1)).await.unwrap();
    assert_eq!((count, fans.end(), fans.total()), (250, Some(End::Limit), Some(299)));
    let followings: Vec<_> =
        client.followings(mid(1)).into_stream().map_ok(|tie| tie.mid.get()).try_collect().await.unwrap();
    assert_eq!(followings, [3, 2]);
}

#[tokio::test]
async fn a_group_is_walked() {
    let sample = Sample::serve().await;
    let me = sample.member(1).await;
    let special = AddUsers { fids: Joined(vec![mid(3), mid(2)]), tagids: Joined(vec![Tagid::SPECIAL]) };
    me.send(&special).await.unwrap();
    let mut group = me.group(Tagid::SPECIAL);
    let mut seen = Vec::new();
    while let Some(member) = group.next().await.unwrap() {
        seen.push(member.mid.get());
    }
    assert_eq!((seen.len(), group.end(), group.total()), (2, Some(End::List), None));
    let none = me.group(Tagid(99)).next().await.unwrap_err();
    assert_eq!(none.code(), Some(ErrorCode::NoGroup));
}

#[tokio::test]
async fn a_list_that_changes_is_told_of() {
    let sample = Sample::serve().await;
    let (me, fan) = (sample.member(1).await, sample.member(2).await);
    let act = |act| Modify { fid: mid(1), act, re_src: Source::USUAL };
    let first = Followers { vmid: mid(1), ps: Ps::new(100).unwrap(), pn: Pn::FIRST, order: Order::Desc };
    let mut fans = me.walk(first);
    let mut seen = vec![fans.next().await.unwrap().unwrap().mid];
    // The oldest fan becomes the newest: the last of the first page moves to the second.
    fan.send(&act(RelationAction::Unfollow)).await.unwrap();
    fan.send(&act(RelationAction::Follow)).await.unwrap();
    while let Some(fan) = fans.next().await.unwrap() {
        seen.push(fan.mid);
    }
    assert!(fans.changed());
    assert_eq!(
        seen.len(),
        298,
        "one that came twice is told once, and the one that moved away was passed over"
    );
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 298);
}

#[tokio::test]
async fn oldest_first_from_a_page_on() {
    let sample = Sample::serve().await;
    let me = sample.member(1).await;
    let first =
        Followers { vmid: mid(1), ps: Ps::new(20).unwrap(), pn: Pn::new(15).unwrap(), order: Order::Asc };
    let mut seen = Vec::new();
    let mut fans = pin!(me.walk(first).into_stream());
    while let Some(fan) = fans.try_next().await.unwrap() {
        seen.push(fan.mid.get());
    }
    assert_eq!(seen, (282..=300).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_walk_is_a_tasks_own_and_goes_on_after_an_error() {
    let page = |mids: &[u64]| {
        let list: Vec<Value> = mids.iter().map(|mid| listed(*mid)).collect();
        done(&json!({ "list": list, "re_version": 1, "total": 51 }))
    };
    let full: Vec<u64> = (1..=50).collect();
    let fake = Fake::new(vec![page(&full), denied(500, -500, &[]), page(&[51])]).await;
    let mut fans = Client::new(&fake.address).unwrap().followers(mid(9));
    let walked = tokio::spawn(async move {
        let (mut seen, mut errors) = (0, 0);
        loop {
            match fans.next().await {
                Ok(Some(_)) => seen += 1,
                Ok(None) => return (seen, errors, fans.end()),
                Err(_) if errors < 3 => errors += 1,
                Err(error) => panic!("{error}"),
            }
        }
    });
    assert_eq!(walked.await.unwrap(), (51, 1, Some(End::List)));
    assert!(fake.requests()[2].starts_with("GET /x/relation/followers?vmid=9&pn=2 "));
}

fn listed(mid: u64) -> Value {
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

fn signs(entries: &[(u64, i64)]) -> Deed {
    let list: Vec<Value> = entries
        .iter()
        .map(|(mid, submitted)| {
            json!({ "mid": mid, "uname": "", "sign": "", "shown": "", "due": null, "submitted": submitted })
        })
        .collect();
    done(&json!({ "list": list }))
}

async fn waiting(pages: Vec<Deed>, limit: u32) -> (Vec<u64>, Option<End>, Vec<String>) {
    let fake = Fake::new(pages).await;
    let operator = Operator::new(&fake.address, "token").unwrap();
    let mut walk =
        operator.walk(guanxi_api::operator::reviews::signs::Signs { since: None, limit: Some(limit) });
    let mut seen = Vec::new();
    while let Some(entry) = walk.next().await.unwrap() {
        seen.push(entry.mid.get());
    }
    let asked = fake.requests().iter().map(|request| request.lines().next().unwrap().to_owned()).collect();
    (seen, walk.end(), asked)
}

#[tokio::test]
async fn what_waits_is_told_once() {
    // Page by page, the last second of a page comes again.
    let pages = vec![signs(&[(1, 5), (2, 6), (3, 6)]), signs(&[(2, 6), (3, 6), (4, 7)]), signs(&[(4, 7)])];
    let (seen, end, asked) = waiting(pages, 3).await;
    assert_eq!((seen, end), (vec![1, 2, 3, 4], Some(End::List)));
    assert_eq!(asked[1], "GET /operator/reviews/signs?limit=3&since=6 HTTP/1.1");
}

#[tokio::test]
async fn what_came_in_one_second_may_be_too_much() {
    let pages = vec![signs(&[(1, 6), (2, 6)]), signs(&[(1, 6), (2, 6)])];
    let (seen, end, _) = waiting(pages, 2).await;
    assert_eq!((seen, end), (vec![1, 2], Some(End::Limit)));
}
