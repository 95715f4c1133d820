//! `/passport/relations`, `/passport/relations/change` and `/passport/remark`.

use crate::client::TestClient;
use crate::service::Service;
use guanxi_api::params::encode_form;
use serde_json::{Value, json};
use std::num::NonZeroU32;

/// Returns the members of a view, and the whole data.
async fn view(me: &TestClient<'_>, params: &[(&str, &str)]) -> (Vec<u64>, Value) {
    let answer = me.get(&format!("/passport/relations?{}", encode_form(params.iter().copied()))).await;
    assert_eq!(answer.code(), 0, "{params:?}: {}", answer.text());
    let data = answer.data();
    let mids = data["list"].as_array().unwrap().iter().map(|entry| entry["mid"].as_u64().unwrap());
    (mids.collect(), data)
}

async fn change(me: &TestClient<'_>, params: &[(&str, &str)]) -> Value {
    let answer = me.post("/passport/relations/change", params).await;
    assert_eq!(answer.code(), 0, "{params:?}: {}", answer.text());
    answer.data()
}

#[tokio::test]
async fn list_is_filtered_sorted_and_searched() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for (mid, name) in [(2, "丙"), (3, "乙"), (4, "甲"), (5, "丁")] {
        service.import_rows(&[&json!({"card": {"mid": mid, "uname": name}}).to_string()]).await;
        assert_eq!(me.change_relation(1, mid).await, 0);
    }
    assert_eq!(service.log_in_as(3).await.change_relation(1, 1).await, 0);
    assert_eq!(service.log_in_as(6).await.change_relation(1, 1).await, 0);
    me.post("/x/relation/tags/addUsers", &[("fids", "4"), ("tagids", "-10")]).await;
    service
        .import_rows(&[
            r#"{"growth":{"mid":5,"active":"2020-05-20"}}"#,
            r#"{"growth":{"mid":2,"active":"2020-05-18"}}"#,
            r#"{"growth":{"mid":4,"active":"2020-05-19"}}"#,
        ])
        .await;
    assert_eq!(me.post("/passport/remark", &[("mid", "2"), ("remark", " 阿花 ")]).await.code(), 0);
    let list = ("list", "followings");
    let sorted = async |sort: &str| view(&me, &[list, ("sort", sort)]).await.0;
    let newest = sorted("newest").await;
    assert_eq!(newest.iter().rev().copied().collect::<Vec<_>>(), sorted("oldest").await);
    let by_name = sorted("name").await;
    // 乙 has no day, since only its session exists: the first request of a day is the daily login.
    let names = ["丁", "乙", "甲", "阿花"];
    assert_eq!(by_name, [5, 3, 4, 2], "{names:?}");
    let by_day = sorted("active").await;
    assert_eq!(by_day.iter().copied().filter(|mid| *mid != 3).collect::<Vec<_>>(), [5, 4, 2]);
    for (show, mids) in [("mutual", vec![3]), ("special", vec![4]), ("ungrouped", vec![2, 3, 5])] {
        let mut found = view(&me, &[list, ("show", show)]).await.0;
        found.sort_unstable();
        assert_eq!(found, mids, "{show}");
    }
    assert_eq!(view(&me, &[("list", "followers"), ("show", "one_way")]).await.0, [6]);
    assert_eq!(view(&me, &[list, ("group", "-10")]).await.0, [4]);
    let (found, data) = view(&me, &[list, ("q", "阿花")]).await;
    assert_eq!((found, &data["list"][0]["remark"], &data["total"]), (vec![2], &json!("阿花"), &json!(1)));
    assert_eq!(view(&me, &[list, ("q", "丙")]).await.0, [2], "the name is searched too");
    assert_eq!(view(&me, &[list, ("sort", "name"), ("ps", "2"), ("pn", "2")]).await.0, [4, 2]);
    assert_eq!(view(&me, &[list, ("sort", "name"), ("pn", "9")]).await.0, [0; 0]);
    for (params, code) in [
        ("list=fans", -400),
        ("list=followers&group=0", -400),
        ("list=followings&group=77", 22104),
        (&format!("list=followings&q={}", "x".repeat(65)), -400),
    ] {
        assert_eq!(me.get(&format!("/passport/relations?{params}")).await.code(), code, "{params}");
    }
    let other = service.log_in_as(2).await;
    assert_eq!(other.get("/passport/remark?mid=1").await.data(), json!({"remark": ""}));
}

#[tokio::test]
async fn scan_is_bounded_and_told() {
    let service =
        Service::with_settings(|settings| settings.search_scan_limit = NonZeroU32::new(2).unwrap()).await;
    let me = service.log_in_as(1).await;
    for mid in 2..=5 {
        assert_eq!(me.change_relation(1, mid).await, 0);
    }
    let list = ("list", "followings");
    let (newest, data) = view(&me, &[list, ("sort", "name")]).await;
    assert_eq!((newest, &data["total"], &data["scanned"]), (vec![4, 5], &json!(2), &json!(2)));
    assert_eq!(view(&me, &[list, ("sort", "oldest"), ("show", "one_way")]).await.0, [2, 3]);
    let (all, data) = view(&me, &[list]).await;
    assert_eq!((all.len(), &data["scanned"]), (4, &Value::Null), "an index has no bound");
}

#[tokio::test]
async fn many_relations_are_changed_with_a_result_each() {
    let service = Service::with_settings(|settings| {
        (settings.following_limit, settings.batch_limit) = (3, NonZeroU32::new(5).unwrap());
    })
    .await;
    let me = service.log_in_as(1).await;
    let (them, blocker) = (service.log_in_as(2).await, service.log_in_as(3).await);
    assert_eq!((them.change_relation(1, 1).await, blocker.change_relation(5, 1).await), (0, 0));
    let result = change(&me, &[("mids", "2,3,4,5,6"), ("op", "follow"), ("groups", "-10")]).await;
    let refused = |mid: u64, code: i32, message: &str| json!({"mid": mid, "code": code, "message": message});
    assert_eq!(result["done"], 3);
    assert_eq!(result["refused"][0]["code"], 22003);
    assert_eq!(result["refused"][1], refused(6, 22009, "关注数已达上限"));
    assert_eq!(me.get("/x/relation?fid=2").await.data()["special"], 1);
    let tagid = me.post("/x/relation/tag/create", &[("tag", "同学")]).await.data()["tagid"].to_string();
    for (op, tags) in
        [("add_groups", json!([-10, 1])), ("remove_groups", json!([-10])), ("move_groups", json!([1]))]
    {
        let result = change(&me, &[("mids", "2,3"), ("op", op), ("groups", &tagid)]).await;
        assert_eq!((&result["done"], &result["refused"][0]["code"]), (&json!(1), &json!(22105)), "{op}");
        let tags = tags.to_string().replace(",1", &format!(",{tagid}")).replace("[1", &format!("[{tagid}"));
        assert_eq!(me.get("/x/relation?fid=2").await.data()["tag"].to_string(), tags, "{op}");
    }
    let from = [("mids", "2"), ("op", "move_groups"), ("groups", "-10"), ("from", tagid.as_str())];
    assert_eq!(change(&me, &from).await["done"], 1);
    assert_eq!(me.get("/x/relation?fid=2").await.data()["tag"], json!([-10]));
    for (params, code) in [
        (&[("mids", "2"), ("op", "add_groups")][..], -400),
        (&[("mids", "2"), ("op", "add_groups"), ("groups", "77")], 22104),
        (&[("mids", "2,3,4,5,6,7"), ("op", "unfollow")], -400),
    ] {
        assert_eq!(me.post("/passport/relations/change", params).await.code(), code, "{params:?}");
    }
    assert_eq!(change(&me, &[("mids", "2,4,5"), ("op", "unfollow")]).await["done"], 3);
    assert_eq!(change(&me, &[("mids", "2"), ("op", "remove_follower")]).await["done"], 1);
    assert_eq!(me.get("/x/relation/stat?vmid=1").await.data()["follower"], 0);
}

#[tokio::test]
async fn remark_is_validated() {
    let service = Service::with_settings(|settings| settings.remark_limit = 1).await;
    let me = service.log_in_as(1).await;
    let set = async |mid: &str, remark: &str| {
        me.post("/passport/remark", &[("mid", mid), ("remark", remark)]).await.code()
    };
    for (mid, remark, code) in [
        ("2", "一二三四五六七八九十一二三四五六七八九十", 0),
        ("2", "一二三四五六七八九十一二三四五六七八九十一", -400),
        ("2", "a\u{202e}b", -400),
        ("2", "a\nb", -400),
        ("3", "同学", 30090),
        ("1", "我", 22001),
        ("99", "谁", 40061),
        ("2", "", 0),
        ("3", "同学", 0),
    ] {
        assert_eq!(set(mid, remark).await, code, "{mid} {remark:?}");
    }
    assert_eq!(me.get("/passport/remark?mid=3").await.data(), json!({"remark": "同学"}));
}
