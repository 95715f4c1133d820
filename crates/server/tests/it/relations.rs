//! Follows, whispers and blocks, as members see them.

use crate::service::Service;
use serde_json::json;

const NO_MIDS: [i64; 0] = [];

#[tokio::test]
async fn mutual_follow_starts_and_ends() {
    let service = Service::new().await;
    let a = service.log_in_as(1).await;
    assert_eq!(a.change_relation(1, 2).await, 0);
    let first = a.get("/x/relation?fid=2").await.data();
    assert_eq!((&first["attribute"], &first["tag"], &first["special"]), (&json!(2), &json!(null), &json!(0)));

    let service = service.at_time("2026-01-15T13:00:00+08:00");
    let (a, b) = (service.log_in_as(1).await, service.log_in_as(2).await);
    assert_eq!(b.change_relation(1, 1).await, 0);
    let both = a.get("/x/space/acc/relation?mid=2").await.data();
    for relation in ["relation", "be_relation"] {
        assert_eq!(both[relation]["attribute"], 6);
        // 互关后刷新: both mtimes are those of the moment they became mutual (D12).
        assert!(both[relation]["mtime"].as_i64() > first["mtime"].as_i64());
        assert_eq!(both[relation]["mtime"], both["relation"]["mtime"]);
        assert_eq!(both[relation]["is_followed"], false);
    }
    assert_eq!((&both["relation"]["mid"], &both["be_relation"]["mid"]), (&json!(2), &json!(1)));

    assert_eq!(b.change_relation(2, 1).await, 0);
    let after = a.get("/x/relation?fid=2").await.data();
    assert_eq!((&after["attribute"], &after["mtime"]), (&json!(2), &both["relation"]["mtime"]));
    assert_eq!(
        b.get("/x/relation?fid=1").await.data(),
        json!({"mid": 1, "attribute": 0, "mtime": 0, "tag": null, "special": 0})
    );
}

#[tokio::test]
async fn whisper_is_invisible_to_others() {
    let service = Service::new().await;
    let (a, b) = (service.log_in_as(1).await, service.log_in_as(2).await);
    let before = b.get("/x/relation/followers?vmid=2").await.data();
    assert_eq!(a.change_relation(3, 2).await, 0);
    assert_eq!(b.change_relation(1, 1).await, 0);

    assert_eq!(b.get("/x/relation/followers?vmid=2").await.data(), before);
    assert_eq!(a.get("/x/relation/followings?vmid=1").await.ints("mid"), NO_MIDS);
    assert_eq!(a.get("/x/relation?fid=2").await.data()["attribute"], 1);
    // The whisper does not make them mutual, and the other member cannot see it.
    assert_eq!(b.get("/x/relation?fid=1").await.data()["attribute"], 2);
    let seen = b.get("/x/space/acc/relation?mid=1").await.data()["be_relation"].take();
    assert_eq!(
        seen,
        json!({"mid": 2, "attribute": 0, "mtime": 0, "tag": null, "special": 0, "is_followed": false})
    );
    assert_eq!(a.get("/x/relation/stat?vmid=1").await.data()["whisper"], 1);
    assert_eq!(b.get("/x/relation/stat?vmid=1").await.data()["whisper"], 0);
    assert_eq!(service.anonymous().get("/x/relation/stat?vmid=1").await.data()["whisper"], 0);
}

#[tokio::test]
async fn block_ends_follows_and_rejects_new_ones() {
    let service = Service::new().await;
    let (a, b) = (service.log_in_as(1).await, service.log_in_as(2).await);
    assert_eq!((a.change_relation(1, 2).await, b.change_relation(1, 1).await), (0, 0));
    assert_eq!(a.change_relation(5, 2).await, 0);
    assert_eq!(a.get("/x/relation?fid=2").await.data()["attribute"], 128);
    assert_eq!(b.get("/x/relation?fid=1").await.data()["attribute"], 0);
    for (client, other) in [(&a, 2), (&b, 1)] {
        assert_eq!(
            (client.change_relation(1, other).await, client.change_relation(3, other).await),
            (22003, 22003)
        );
    }
    assert_eq!(a.get("/x/relation/stat?vmid=1").await.data()["black"], 1);
    assert_eq!(b.get("/x/relation/stat?vmid=1").await.data()["black"], 0);
    assert_eq!((a.change_relation(6, 2).await, b.change_relation(1, 1).await), (0, 0));
}

#[tokio::test]
async fn whisper_and_block_lists_are_private() {
    let service = Service::new().await;
    let (a, b) = (service.log_in_as(1).await, service.log_in_as(2).await);
    for (act, fid) in [(3, 2), (3, 3), (3, 4), (5, 5), (5, 6)] {
        assert_eq!(a.change_relation(act, fid).await, 0);
    }
    let whispers = a.get("/x/relation/whispers?ps=2").await;
    assert_eq!((whispers.ints("mid"), whispers.ints("attribute")), (vec![4, 3], vec![1, 1]));
    let shown = &whispers.data()["list"][0];
    assert_eq!(
        (&shown["uname"], &shown["tag"], &shown["special"]),
        (&json!("成员4"), &json!(null), &json!(0))
    );
    assert_eq!(whispers.data()["total"], 3);
    assert_eq!(a.get("/x/relation/whispers?ps=2&pn=2").await.ints("mid"), [2]);
    let blacks = a.get("/x/relation/blacks").await;
    assert_eq!((blacks.ints("mid"), blacks.ints("attribute")), (vec![6, 5], vec![128, 128]));
    assert_eq!(blacks.data()["total"], 2);
    // The owner's lists have no page limit.
    let far = a.get("/x/relation/blacks?ps=1&pn=7").await;
    assert_eq!((far.ints("mid"), far.data()["total"].take()), (NO_MIDS.to_vec(), json!(2)));

    let version = a.get("/x/relation/blacks").await.data()["re_version"].take();
    assert_eq!(a.change_relation(6, 6).await, 0);
    assert_eq!(a.get("/x/relation/blacks").await.ints("mid"), [5]);
    assert_ne!(a.get("/x/relation/blacks").await.data()["re_version"], version);
    for path in ["/x/relation/whispers?vmid=1", "/x/relation/blacks?vmid=1"] {
        assert_eq!(b.get(path).await.ints("mid"), NO_MIDS, "{path}");
        assert_eq!(service.anonymous().get(path).await.code(), -101, "{path}");
    }
}

#[tokio::test]
async fn follower_can_be_removed() {
    let service = Service::new().await;
    let (a, b) = (service.log_in_as(1).await, service.log_in_as(2).await);
    assert_eq!(b.change_relation(1, 1).await, 0);
    assert_eq!(a.change_relation(7, 2).await, 0);
    assert_eq!(a.get("/x/relation/followers?vmid=1").await.ints("mid"), NO_MIDS);
    assert_eq!(b.get("/x/relation?fid=1").await.data()["attribute"], 0);
}

#[tokio::test]
async fn invalid_relation_changes_are_rejected() {
    let service = Service::with_settings(|settings| settings.following_limit = 2).await;
    let me = service.log_in_as(1).await;
    assert_eq!((me.change_relation(1, 1).await, me.change_relation(7, 1).await), (22001, 22001));
    assert_eq!((me.change_relation(1, 999).await, me.change_relation(2, 999).await), (40061, 40061));
    assert_eq!(
        (me.change_relation(1, 2).await, me.change_relation(1, 3).await, me.change_relation(1, 4).await),
        (0, 0, 22009)
    );
    // A repeated follow does not count against the limit (D11).
    assert_eq!(me.change_relation(1, 3).await, 0);
    assert_eq!((me.change_relation(2, 3).await, me.change_relation(1, 4).await), (0, 0));
}

#[tokio::test]
async fn source_is_stored_and_never_rejected() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for (fid, source) in [("2", "14"), ("3", ""), ("4", "x"), ("5", "-1")] {
        let answer = me.post("/x/relation/modify", &[("fid", fid), ("act", "1"), ("re_src", source)]).await;
        assert_eq!(answer.code(), 0, "{source}");
    }
}

/// Imports follows of member 1 by 2, 3, … in this order, two per second.
async fn import_followers(service: &Service, count: u64) {
    let rows: Vec<String> = (2..2 + count)
        .map(|follower| {
            let relation =
                json!({"kind": "follow", "mtime": 1_500_000_000 + follower / 2, "source": 11, "groups": [[0, 0]]});
            json!({"relation": {"from": follower, "to": 1, "relation": relation}}).to_string()
        })
        .collect();
    service.import_rows(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
}

#[tokio::test]
async fn lists_are_paged() {
    let service = Service::new().await;
    import_followers(&service, 55).await;
    let (owner, anonymous) = (service.log_in_as(1).await, service.anonymous());
    let list = |query: &str| format!("/x/relation/followers?vmid=1{query}");

    let newest = anonymous.get(&list("")).await;
    assert_eq!(newest.data()["total"], 55);
    assert_eq!(newest.ints("mid"), (7..=56).rev().collect::<Vec<_>>());
    // `ps` above 50 counts as 50, the ascending order is the reverse, and pages adjoin.
    assert_eq!(anonymous.get(&list("&ps=200")).await.ints("mid"), newest.ints("mid"));
    assert_eq!(anonymous.get(&list("&pn=2")).await.ints("mid"), [6, 5, 4, 3, 2]);
    assert_eq!(anonymous.get(&list("&order=asc&ps=3")).await.ints("mid"), [2, 3, 4]);
    assert_eq!(anonymous.get(&list("&ps=3&pn=2")).await.ints("mid"), [53, 52, 51]);
    assert_eq!(anonymous.get(&list("&order_type=attention&ps=1")).await.ints("mid"), [56]);
    // A page past the end is empty. Only the owner may see pages past the fifth.
    assert_eq!(anonymous.get(&list("&pn=5")).await.ints("mid"), NO_MIDS);
    assert_eq!(anonymous.get(&list("&pn=6")).await.code(), 22007);
    assert_eq!(anonymous.get(&list("&pn=99999999999999999999")).await.code(), 22007);
    assert_eq!(owner.get(&list("&pn=6&ps=10")).await.ints("mid"), [6, 5, 4, 3, 2]);
    assert_eq!(owner.get(&list("&pn=99999999999999999999")).await.ints("mid"), NO_MIDS);
}

#[tokio::test]
async fn relations_are_listed_in_creation_order() {
    // Most of the follows are within one second, not in the order of their mids.
    const ORDER: [u64; 7] = [9, 21, 4, 30, 2, 17, 8];
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for other in ORDER {
        assert_eq!(
            (
                service.log_in_as(other).await.change_relation(1, 1).await,
                me.change_relation(3, other + 1).await
            ),
            (0, 0)
        );
        assert_eq!(me.change_relation(5, other + 30).await, 0);
    }
    let newest_first =
        |off: u64| -> Vec<i64> { ORDER.iter().rev().map(|mid| i64::try_from(mid + off).unwrap()).collect() };
    let agree = async |path: &str, expected: Vec<i64>| {
        let list = async |query: &str| me.get(&format!("{path}{query}")).await.ints("mid");
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
        assert_eq!(me.change_relation(1, other).await, 0);
    }
    // All are mutual now. The latest mutual follow comes first in both lists (D12).
    agree("/x/relation/followings?vmid=1", newest_first(0)).await;
    agree("/x/relation/followers?vmid=1", newest_first(0)).await;
    let found = me.get("/fans?q=%E6%88%90%E5%91%98").await;
    let text = found.text();
    let places = ORDER.iter().rev().map(|mid| text.find(&format!(r#"<a href="/space/{mid}""#)));
    assert!(places.is_sorted_by(|a, b| a.is_some() && a < b), "a search keeps the order");
}

#[tokio::test]
async fn list_shows_the_viewers_own_relations() {
    let service = Service::new().await;
    let (a, b, c) = (service.log_in_as(1).await, service.log_in_as(2).await, service.log_in_as(3).await);
    for fid in [4, 5, 6, 7] {
        assert_eq!(a.change_relation(1, fid).await, 0);
    }
    assert_eq!(
        (b.change_relation(1, 4).await, b.change_relation(3, 5).await, b.change_relation(5, 6).await),
        (0, 0, 0)
    );
    assert_eq!(service.log_in_as(4).await.change_relation(1, 2).await, 0);
    a.post("/x/relation/tags/addUsers", &[("fids", "4"), ("tagids", "-10")]).await.data();

    let list = "/x/relation/followings?vmid=1&order=asc";
    let mids = a.get(list).await.ints("mid");
    assert_eq!(mids, [4, 5, 6, 7]);
    assert_eq!(a.get(list).await.ints("attribute"), [2, 2, 2, 2]);
    assert_eq!(b.get(list).await.ints("attribute"), [6, 1, 128, 0]);
    assert_eq!(c.get(list).await.ints("attribute"), [0, 0, 0, 0]);
    assert_eq!(service.anonymous().get(list).await.ints("attribute"), [0, 0, 0, 0]);
    // Groups are visible to the owner only (D16).
    assert_eq!(a.get(list).await.ints("special"), [1, 0, 0, 0]);
    assert_eq!(a.get(list).await.data()["list"][0]["tag"], json!([-10]));
    assert_eq!(b.get(list).await.data()["list"][0]["tag"], json!(null));
    assert_eq!(b.get(list).await.ints("special"), [0, 0, 0, 0]);
    // Member 4 is mutual with 2 only, as 2's own list shows.
    assert_eq!(b.get("/x/relation/followings?vmid=2").await.ints("attribute"), [6]);
}

#[tokio::test]
async fn list_version_changes_only_with_its_list() {
    let service = Service::new().await;
    let (a, b) = (service.log_in_as(1).await, service.log_in_as(2).await);
    let versions = async || {
        let fans = b.get("/x/relation/followers?vmid=2").await.data()["re_version"].as_u64().unwrap();
        let followings = a.get("/x/relation/followings?vmid=1").await.data()["re_version"].as_u64().unwrap();
        (fans, followings)
    };
    let start = versions().await;
    a.change_relation(1, 2).await;
    let followed = versions().await;
    assert!(followed.0 != start.0 && followed.1 != start.1);
    a.change_relation(1, 2).await;
    a.change_relation(6, 2).await;
    b.change_relation(1, 3).await;
    assert_eq!(versions().await, followed);
    a.change_relation(2, 2).await;
    let unfollowed = versions().await;
    assert!(unfollowed.0 != followed.0 && unfollowed.1 != followed.1);
}

#[tokio::test]
async fn card_shows_every_change_at_once() {
    let service = Service::new().await;
    let (anonymous, me) = (service.anonymous(), service.log_in_as(1).await);
    let card = async || anonymous.get("/x/web-interface/card?mid=2&photo=1").await.data();
    // row -> the changed field of the card
    let cases = [
        (r#"{"card":{"mid":2,"uname":"新名"}}"#, "/card/name", json!("新名")),
        (r#"{"card":{"mid":2,"uname":"新名","sign":"新"}}"#, "/card/sign", json!("新")),
        (
            r#"{"profile":{"mid":2,"top_photo":"http://a.cn/1.jpg"}}"#,
            "/space/l_img",
            json!("http://a.cn/1.jpg"),
        ),
        (r#"{"growth":{"mid":2,"exp":1500}}"#, "/card/level_info/current_level", json!(3)),
        (r#"{"upstat":{"mid":2,"likes":7}}"#, "/like_num", json!(7)),
    ];
    for (row, field, value) in cases {
        assert_ne!(card().await.pointer(field), Some(&value), "{row}");
        service.import_rows(&[row]).await;
        assert_eq!(card().await.pointer(field), Some(&value), "{row}");
    }
    assert_eq!(me.change_relation(1, 2).await, 0);
    assert_eq!(card().await["follower"], 1);
    assert!(anonymous.get("/x/web-interface/card?mid=2").await.data().get("space").is_none());
    let own = service.log_in_as(2).await.get("/x/web-interface/card?mid=2").await.data();
    assert_eq!((&own["card"]["level_info"]["current_exp"], &own["follower"]), (&json!(1505), &json!(1)));
}

#[tokio::test]
async fn card_and_space_show_whether_the_viewer_follows() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let follows = async || {
        let card = me.get("/x/web-interface/card?mid=2").await.data();
        let space = me.get("/x/space/acc/info?mid=2").await.data();
        assert_eq!(card["following"], space["is_followed"]);
        assert_eq!((&card["card"]["fans"], &card["card"]["fans"]), (&card["follower"], &card["follower"]));
        card["following"].as_bool().unwrap()
    };
    assert!(!follows().await);
    for (act, expected) in [(1, true), (2, false), (3, true), (5, false)] {
        assert_eq!(me.change_relation(act, 2).await, 0);
        assert_eq!(follows().await, expected, "after {act}");
    }
}
