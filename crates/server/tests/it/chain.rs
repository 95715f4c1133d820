//! The relation chain, as members see it.

use crate::service::Service;
use serde_json::json;

const NOBODY: [i64; 0] = [];

#[tokio::test]
async fn two_members_become_mutual_and_cease_to_be() {
    let service = Service::new().await;
    let a = service.member(1).await;
    assert_eq!(a.act(1, 2).await, 0);
    let first = a.get("/x/relation?fid=2").await.data();
    assert_eq!((&first["attribute"], &first["tag"], &first["special"]), (&json!(2), &json!(null), &json!(0)));

    let service = service.at("2026-01-15T13:00:00+08:00");
    let (a, b) = (service.member(1).await, service.member(2).await);
    assert_eq!(b.act(1, 1).await, 0);
    let both = a.get("/x/space/acc/relation?mid=2").await.data();
    for tie in ["relation", "be_relation"] {
        assert_eq!(both[tie]["attribute"], 6);
        // 互关后刷新: both times are those of the moment they became mutual (D12).
        assert!(both[tie]["mtime"].as_i64() > first["mtime"].as_i64());
        assert_eq!(both[tie]["mtime"], both["relation"]["mtime"]);
        assert_eq!(both[tie]["is_followed"], false);
    }
    assert_eq!((&both["relation"]["mid"], &both["be_relation"]["mid"]), (&json!(2), &json!(1)));

    assert_eq!(b.act(2, 1).await, 0);
    let after = a.get("/x/relation?fid=2").await.data();
    assert_eq!((&after["attribute"], &after["mtime"]), (&json!(2), &both["relation"]["mtime"]));
    assert_eq!(
        b.get("/x/relation?fid=1").await.data(),
        json!({"mid": 1, "attribute": 0, "mtime": 0, "tag": null, "special": 0})
    );
}

#[tokio::test]
async fn a_whisper_is_invisible_to_others() {
    let service = Service::new().await;
    let (a, b) = (service.member(1).await, service.member(2).await);
    let before = b.get("/x/relation/followers?vmid=2").await.data();
    assert_eq!(a.act(3, 2).await, 0);
    assert_eq!(b.act(1, 1).await, 0);

    assert_eq!(b.get("/x/relation/followers?vmid=2").await.data(), before);
    assert_eq!(a.get("/x/relation/followings?vmid=1").await.each("mid"), NOBODY);
    assert_eq!(a.get("/x/relation?fid=2").await.data()["attribute"], 1);
    // Nor does it make them mutual, nor does the other see it.
    assert_eq!(b.get("/x/relation?fid=1").await.data()["attribute"], 2);
    let seen = b.get("/x/space/acc/relation?mid=1").await.data()["be_relation"].take();
    assert_eq!(
        seen,
        json!({"mid": 2, "attribute": 0, "mtime": 0, "tag": null, "special": 0, "is_followed": false})
    );
    assert_eq!(a.get("/x/relation/stat?vmid=1").await.data()["whisper"], 1);
    assert_eq!(b.get("/x/relation/stat?vmid=1").await.data()["whisper"], 0);
    assert_eq!(service.anyone().get("/x/relation/stat?vmid=1").await.data()["whisper"], 0);
}

#[tokio::test]
async fn a_black_tie_ends_follows_and_refuses_new_ones() {
    let service = Service::new().await;
    let (a, b) = (service.member(1).await, service.member(2).await);
    assert_eq!((a.act(1, 2).await, b.act(1, 1).await), (0, 0));
    assert_eq!(a.act(5, 2).await, 0);
    assert_eq!(a.get("/x/relation?fid=2").await.data()["attribute"], 128);
    assert_eq!(b.get("/x/relation?fid=1").await.data()["attribute"], 0);
    for (who, other) in [(&a, 2), (&b, 1)] {
        assert_eq!((who.act(1, other).await, who.act(3, other).await), (22003, 22003));
    }
    assert_eq!(a.get("/x/relation/stat?vmid=1").await.data()["black"], 1);
    assert_eq!(b.get("/x/relation/stat?vmid=1").await.data()["black"], 0);
    assert_eq!((a.act(6, 2).await, b.act(1, 1).await), (0, 0));
}

#[tokio::test]
async fn whom_one_whispers_and_blocks_is_told_to_oneself_alone() {
    let service = Service::new().await;
    let (a, b) = (service.member(1).await, service.member(2).await);
    for (act, fid) in [(3, 2), (3, 3), (3, 4), (5, 5), (5, 6)] {
        assert_eq!(a.act(act, fid).await, 0);
    }
    let whispers = a.get("/x/relation/whispers?ps=2").await;
    assert_eq!((whispers.each("mid"), whispers.each("attribute")), (vec![4, 3], vec![1, 1]));
    let shown = &whispers.data()["list"][0];
    assert_eq!(
        (&shown["uname"], &shown["tag"], &shown["special"]),
        (&json!("成员4"), &json!(null), &json!(0))
    );
    assert_eq!(whispers.data()["total"], 3);
    assert_eq!(a.get("/x/relation/whispers?ps=2&pn=2").await.each("mid"), [2]);
    let blacks = a.get("/x/relation/blacks").await;
    assert_eq!((blacks.each("mid"), blacks.each("attribute")), (vec![6, 5], vec![128, 128]));
    assert_eq!(blacks.data()["total"], 2);
    // One's own lists have no last page that one may see.
    let far = a.get("/x/relation/blacks?ps=1&pn=7").await;
    assert_eq!((far.each("mid"), far.data()["total"].take()), (NOBODY.to_vec(), json!(2)));

    let version = a.get("/x/relation/blacks").await.data()["re_version"].take();
    assert_eq!(a.act(6, 6).await, 0);
    assert_eq!(a.get("/x/relation/blacks").await.each("mid"), [5]);
    assert_ne!(a.get("/x/relation/blacks").await.data()["re_version"], version);
    for path in ["/x/relation/whispers?vmid=1", "/x/relation/blacks?vmid=1"] {
        assert_eq!(b.get(path).await.each("mid"), NOBODY, "{path}");
        assert_eq!(service.anyone().get(path).await.code(), -101, "{path}");
    }
}

#[tokio::test]
async fn a_fan_is_kicked() {
    let service = Service::new().await;
    let (a, b) = (service.member(1).await, service.member(2).await);
    assert_eq!(b.act(1, 1).await, 0);
    assert_eq!(a.act(7, 2).await, 0);
    assert_eq!(a.get("/x/relation/followers?vmid=1").await.each("mid"), NOBODY);
    assert_eq!(b.get("/x/relation?fid=1").await.data()["attribute"], 0);
}

#[tokio::test]
async fn refusals_of_modify() {
    let service = Service::with(|settings| settings.following_limit = 2).await;
    let me = service.member(1).await;
    assert_eq!((me.act(1, 1).await, me.act(7, 1).await), (22001, 22001));
    assert_eq!((me.act(1, 999).await, me.act(2, 999).await), (40061, 40061));
    assert_eq!((me.act(1, 2).await, me.act(1, 3).await, me.act(1, 4).await), (0, 0, 22009));
    // What one follows already needs no room (D11).
    assert_eq!(me.act(1, 3).await, 0);
    assert_eq!((me.act(2, 3).await, me.act(1, 4).await), (0, 0));
}

#[tokio::test]
async fn a_source_is_kept_and_never_refused() {
    let service = Service::new().await;
    let me = service.member(1).await;
    for (fid, source) in [("2", "14"), ("3", ""), ("4", "x"), ("5", "-1")] {
        let answer = me.post("/x/relation/modify", &[("fid", fid), ("act", "1"), ("re_src", source)]).await;
        assert_eq!(answer.code(), 0, "{source}");
    }
}

/// Follows of one member by 2, 3, … in this order, a second apart, by rows of a dump.
async fn fans(service: &Service, count: u64) {
    let rows: Vec<String> = (2..2 + count)
        .map(|fan| {
            let tie =
                json!({"kind": "follow", "mtime": 1_500_000_000 + fan / 2, "source": 11, "groups": [[0, 0]]});
            json!({"tie": {"from": fan, "to": 1, "tie": tie}}).to_string()
        })
        .collect();
    service.load(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn lists_are_paged() {
    let service = Service::new().await;
    fans(&service, 55).await;
    let (owner, anyone) = (service.member(1).await, service.anyone());
    let list = |query: &str| format!("/x/relation/followers?vmid=1{query}");

    let newest = anyone.get(&list("")).await;
    assert_eq!(newest.data()["total"], 55);
    assert_eq!(newest.each("mid"), (7..=56).rev().collect::<Vec<_>>());
    // More than 50 is taken as 50, the other way round is the other way round, and pages meet.
    assert_eq!(anyone.get(&list("&ps=200")).await.each("mid"), newest.each("mid"));
    assert_eq!(anyone.get(&list("&pn=2")).await.each("mid"), [6, 5, 4, 3, 2]);
    assert_eq!(anyone.get(&list("&order=asc&ps=3")).await.each("mid"), [2, 3, 4]);
    assert_eq!(anyone.get(&list("&ps=3&pn=2")).await.each("mid"), [53, 52, 51]);
    assert_eq!(anyone.get(&list("&order_type=attention&ps=1")).await.each("mid"), [56]);
    // A page past the end is empty; past the fifth only the owner may look.
    assert_eq!(anyone.get(&list("&pn=5")).await.each("mid"), NOBODY);
    assert_eq!(anyone.get(&list("&pn=6")).await.code(), 22007);
    assert_eq!(anyone.get(&list("&pn=99999999999999999999")).await.code(), 22007);
    assert_eq!(owner.get(&list("&pn=6&ps=10")).await.each("mid"), [6, 5, 4, 3, 2]);
    assert_eq!(owner.get(&list("&pn=99999999999999999999")).await.each("mid"), NOBODY);
}

#[tokio::test]
async fn relations_stand_in_the_order_they_were_made() {
    // Most of them in one second, in the order of no mid.
    const ORDER: [u64; 7] = [9, 21, 4, 30, 2, 17, 8];
    let service = Service::new().await;
    let me = service.member(1).await;
    for other in ORDER {
        assert_eq!((service.member(other).await.act(1, 1).await, me.act(3, other + 1).await), (0, 0));
        assert_eq!(me.act(5, other + 30).await, 0);
    }
    let newest_first =
        |off: u64| -> Vec<i64> { ORDER.iter().rev().map(|mid| i64::try_from(mid + off).unwrap()).collect() };
    let agree = async |path: &str, expected: Vec<i64>| {
        let list = async |query: &str| me.get(&format!("{path}{query}")).await.each("mid");
        assert_eq!(list("").await, expected, "{path}");
        let mut paged = Vec::new();
        for pn in 1..=4 {
            paged.extend(list(&format!("&ps=2&pn={pn}")).await);
        }
        assert_eq!(paged, expected, "{path} page by page");
    };
    agree("/x/relation/followers?vmid=1", newest_first(0)).await;
    agree("/x/relation/whispers?x=1", newest_first(1)).await;
    agree("/x/relation/blacks?x=1", newest_first(30)).await;
    let mut oldest_first = newest_first(0);
    oldest_first.reverse();
    agree("/x/relation/followers?vmid=1&order=asc", oldest_first).await;
    for other in ORDER {
        assert_eq!(me.act(1, other).await, 0);
    }
    // All are mutual now: whoever was answered last stands first on both sides (D12).
    agree("/x/relation/followings?vmid=1", newest_first(0)).await;
    agree("/x/relation/followers?vmid=1", newest_first(0)).await;
    let found = me.get("/fans?q=%E6%88%90%E5%91%98").await;
    let text = found.text();
    let places = ORDER.iter().rev().map(|mid| text.find(&format!(r#"<a href="/space/{mid}""#)));
    assert!(places.is_sorted_by(|a, b| a.is_some() && a < b), "a search keeps the order");
}

#[tokio::test]
async fn a_list_shows_the_viewers_own_ties() {
    let service = Service::new().await;
    let (a, b, c) = (service.member(1).await, service.member(2).await, service.member(3).await);
    for fid in [4, 5, 6, 7] {
        assert_eq!(a.act(1, fid).await, 0);
    }
    assert_eq!((b.act(1, 4).await, b.act(3, 5).await, b.act(5, 6).await), (0, 0, 0));
    assert_eq!(service.member(4).await.act(1, 2).await, 0);
    a.post("/x/relation/tags/addUsers", &[("fids", "4"), ("tagids", "-10")]).await.data();

    let list = "/x/relation/followings?vmid=1&order=asc";
    let mids = a.get(list).await.each("mid");
    assert_eq!(mids, [4, 5, 6, 7]);
    assert_eq!(a.get(list).await.each("attribute"), [2, 2, 2, 2]);
    assert_eq!(b.get(list).await.each("attribute"), [6, 1, 128, 0]);
    assert_eq!(c.get(list).await.each("attribute"), [0, 0, 0, 0]);
    assert_eq!(service.anyone().get(list).await.each("attribute"), [0, 0, 0, 0]);
    // The groups are the owner's to see (D16).
    assert_eq!(a.get(list).await.each("special"), [1, 0, 0, 0]);
    assert_eq!(a.get(list).await.data()["list"][0]["tag"], json!([-10]));
    assert_eq!(b.get(list).await.data()["list"][0]["tag"], json!(null));
    assert_eq!(b.get(list).await.each("special"), [0, 0, 0, 0]);
    // 4 is mutual with 2 only, and 2's own list says so.
    assert_eq!(b.get("/x/relation/followings?vmid=2").await.each("attribute"), [6]);
}

#[tokio::test]
async fn a_version_changes_with_its_list_and_only_then() {
    let service = Service::new().await;
    let (a, b) = (service.member(1).await, service.member(2).await);
    let versions = async || {
        let fans = b.get("/x/relation/followers?vmid=2").await.data()["re_version"].as_u64().unwrap();
        let followings = a.get("/x/relation/followings?vmid=1").await.data()["re_version"].as_u64().unwrap();
        (fans, followings)
    };
    let start = versions().await;
    a.act(1, 2).await;
    let followed = versions().await;
    assert!(followed.0 != start.0 && followed.1 != start.1);
    a.act(1, 2).await;
    a.act(6, 2).await;
    b.act(1, 3).await;
    assert_eq!(versions().await, followed);
    a.act(2, 2).await;
    let unfollowed = versions().await;
    assert!(unfollowed.0 != followed.0 && unfollowed.1 != followed.1);
}

#[tokio::test]
async fn a_card_and_a_space_tell_the_viewer_whether_they_follow() {
    let service = Service::new().await;
    let me = service.member(1).await;
    let follows = async || {
        let card = me.get("/x/web-interface/card?mid=2").await.data();
        let space = me.get("/x/space/acc/info?mid=2").await.data();
        assert_eq!(card["following"], space["is_followed"]);
        assert_eq!((&card["card"]["fans"], &card["card"]["fans"]), (&card["follower"], &card["follower"]));
        card["following"].as_bool().unwrap()
    };
    assert!(!follows().await);
    for (act, expected) in [(1, true), (2, false), (3, true), (5, false)] {
        assert_eq!(me.act(act, 2).await, 0);
        assert_eq!(follows().await, expected, "after {act}");
    }
}
