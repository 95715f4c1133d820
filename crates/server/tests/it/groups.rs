//! Groups, as their owner sees them.

use crate::client::TestClient;
use crate::service::{Service, TestResponse};
use serde_json::json;

async fn create(me: &TestClient<'_>, name: &str) -> TestResponse {
    me.post("/x/relation/tag/create", &[("tag", name)]).await
}

async fn created_tagid(me: &TestClient<'_>, name: &str) -> i64 {
    create(me, name).await.data()["tagid"].as_i64().unwrap()
}

async fn assign(me: &TestClient<'_>, fids: &str, tagids: &str) -> i64 {
    me.post("/x/relation/tags/addUsers", &[("fids", fids), ("tagids", tagids)]).await.code()
}

async fn names(me: &TestClient<'_>) -> Vec<(i64, String, i64)> {
    let groups = me.get("/x/relation/tags").await.data();
    let summary = |group: &serde_json::Value| {
        (
            group["tagid"].as_i64().unwrap(),
            group["name"].as_str().unwrap().to_owned(),
            group["count"].as_i64().unwrap(),
        )
    };
    groups.as_array().unwrap().iter().map(summary).collect()
}

async fn members(me: &TestClient<'_>, tagid: i64) -> Vec<i64> {
    me.get(&format!("/x/relation/tag?tagid={tagid}")).await.ints("mid")
}

#[tokio::test]
async fn member_has_two_built_in_groups_and_creates_more() {
    let service = Service::new().await;
    let (me, other) = (service.log_in_as(1).await, service.log_in_as(2).await);
    assert_eq!(names(&me).await, [(-10, "特别关注".into(), 0), (0, "默认分组".into(), 0)]);
    let first = created_tagid(&me, "vUP").await;
    let theirs = created_tagid(&other, "vUP").await;
    let second = created_tagid(&me, " 我的同学 ").await;
    assert!(first < theirs && theirs < second);
    let own = [(first, "vUP".to_owned(), 0), (second, "我的同学".to_owned(), 0)];
    assert_eq!(names(&me).await[2..], own);
    // A tagid is never reused (D21).
    me.post("/x/relation/tag/del", &[("tagid", &second.to_string())]).await.data();
    assert!(created_tagid(&me, "我的同学").await > second);
}

#[tokio::test]
async fn invalid_group_names_are_rejected() {
    let service = Service::with_settings(|settings| settings.group_limit = 2).await;
    let me = service.log_in_as(1).await;
    let (fits, long) = ("字".repeat(16), "字".repeat(17));
    assert_eq!(create(&me, &long).await.code(), 22103);
    let first = created_tagid(&me, &fits).await.to_string();
    assert_eq!((create(&me, &fits).await.code(), create(&me, "默认分组").await.code()), (22106, 22106));
    assert_eq!((create(&me, "").await.code(), create(&me, "  ").await.code()), (-400, -400));
    created_tagid(&me, "b").await;
    assert_eq!((create(&me, "c").await.code(), create(&me, "b").await.code()), (22102, 22106));

    let rename = async |tagid: &str, name: &str| {
        me.post("/x/relation/tag/update", &[("tagid", tagid), ("name", name)]).await.code()
    };
    assert_eq!((rename(&first, "b").await, rename(&first, "特别关注").await), (22106, 22106));
    assert_eq!((rename(&first, &long).await, rename("999999", &long).await), (22103, 22103));
    assert_eq!(
        (rename("999999", "b").await, rename("-10", "x").await, rename("0", "x").await),
        (22104, -400, -400)
    );
    assert_eq!((rename(&first, &fits).await, rename(&first, "膜法师").await), (0, 0));
    assert_eq!(names(&me).await[2].1, "膜法师");
}

#[tokio::test]
async fn misleading_or_blank_group_names_are_rejected() {
    let service = Service::with_settings(|settings| settings.group_limit = 1).await;
    let me = service.log_in_as(1).await;
    let tagid = created_tagid(&me, "同学").await.to_string();
    let rename = async |tagid: &str, name: &str| {
        me.post("/x/relation/tag/update", &[("tagid", tagid), ("name", name)]).await.code()
    };
    for name in [
        "a\u{7}b",
        "a\u{85}b",
        "甲\u{202e}乙",
        "甲\u{2066}乙",
        "a\u{fffe}",
        "\u{200b}",
        "\u{3164}",
        "\u{301}",
    ] {
        // An illegible name is rejected before the group limit, an unknown group before the name, a long name before both.
        assert_eq!((create(&me, name).await.code(), rename(&tagid, name).await), (22101, 22101), "{name:?}");
        let long = name.repeat(17);
        assert_eq!(
            (create(&me, &long).await.code(), rename(&tagid, &long).await),
            (22103, 22103),
            "{name:?}"
        );
        assert_eq!(rename("999999", name).await, 22104, "{name:?}");
    }
    assert_eq!((create(&me, "同学").await.code(), create(&me, "❤\u{fe0f}").await.code()), (22106, 22102));
    assert_eq!(rename(&tagid, "❤\u{fe0f}").await, 0);
}

#[tokio::test]
async fn members_are_assigned_to_groups() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for fid in [2, 3, 4] {
        me.change_relation(1, fid).await;
    }
    let (one, two) = (created_tagid(&me, "一").await, created_tagid(&me, "二").await);
    assert_eq!(members(&me, 0).await, [4, 3, 2]);
    assert_eq!(me.get("/x/relation/tag/user?fid=2").await.data(), json!({"0": "默认分组"}));

    assert_eq!(assign(&me, "4,2", &format!("-10,{two}")).await, 0);
    assert_eq!(members(&me, two).await, [2, 4]);
    assert_eq!(members(&me, -10).await, [2, 4]);
    assert_eq!(members(&me, 0).await, [3]);
    let relation = me.get("/x/relation?fid=2").await.data();
    assert_eq!((&relation["tag"], &relation["special"]), (&json!([-10, two]), &json!(1)));
    assert!(
        me.get("/x/relation/tag/user?fid=2")
            .await
            .text()
            .contains(&format!(r#"{{"-10":"特别关注","{two}":"二"}}"#))
    );

    // The assignment replaces all groups. New memberships come after existing ones.
    assert_eq!(assign(&me, "2", &format!("{one},{two},0")).await, 0);
    assert_eq!(me.get("/x/relation?fid=2").await.data()["tag"], json!([two, one]));
    assert_eq!(names(&me).await.iter().map(|group| group.2).collect::<Vec<_>>(), [1, 1, 1, 2]);
    assert_eq!(assign(&me, "2,4", "0").await, 0);
    assert_eq!(members(&me, 0).await, [4, 2, 3]);
    assert_eq!(me.get("/x/relation?fid=2").await.data()["tag"], json!(null));
}

#[tokio::test]
async fn group_lists_latest_members_first() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let order = [7, 3, 9, 4, 8];
    for fid in order {
        me.change_relation(1, fid).await;
    }
    let group = created_tagid(&me, "一").await;
    assert_eq!(assign(&me, "3,9", &format!("{group}")).await, 0);
    assert_eq!(assign(&me, "8,7,4", &format!("-10,{group}")).await, 0);
    assert_eq!(members(&me, group).await, [4, 7, 8, 9, 3]);
    assert_eq!(members(&me, -10).await, [4, 7, 8]);
    let page =
        async |pn: u64| me.get(&format!("/x/relation/tag?tagid={group}&ps=2&pn={pn}")).await.ints("mid");
    assert_eq!([page(1).await, page(2).await, page(3).await], [vec![4, 7], vec![8, 9], vec![3]]);
    assert!(page(4).await.is_empty());
    // The pages show the same order and search within the group.
    let shown = async |query: &str| -> Vec<u64> {
        let page = me.get(&format!("/followings?group={query}")).await;
        let text = page.text();
        let mut shown: Vec<(usize, u64)> = order
            .into_iter()
            .filter_map(|fid| Some((text.find(&format!(r#"<a href="/space/{fid}""#))?, fid)))
            .collect();
        shown.sort_unstable();
        shown.into_iter().map(|(_, fid)| fid).collect()
    };
    assert_eq!(shown(&group.to_string()).await, [4, 7, 8, 9, 3]);
    assert_eq!(shown(&format!("{group}&order=asc")).await, [3, 9, 8, 7, 4]);
    assert_eq!(shown("-10").await, [4, 7, 8]);
    assert!(shown("-10&q=9").await.is_empty());
    assert_eq!(shown("-10&q=8").await, [8]);
    assert_eq!(assign(&me, "9,8", "0").await, 0);
    assert_eq!(shown("0").await, [8, 9]);
    assert_eq!(members(&me, 0).await, [8, 9]);
}

#[tokio::test]
async fn assignment_is_all_or_nothing() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    me.change_relation(1, 2).await;
    me.change_relation(3, 3).await;
    let group = created_tagid(&me, "一").await.to_string();
    assert_eq!(assign(&me, "2,3", &group).await, 22105);
    assert_eq!(assign(&me, "2,4", &group).await, 22105);
    assert_eq!(assign(&me, "2", "999999").await, 22104);
    assert_eq!(assign(&me, "2,4", "999999").await, 22105);
    let theirs = created_tagid(&service.log_in_as(2).await, "别人的").await.to_string();
    assert_eq!(assign(&me, "2", &theirs).await, 22104);
    assert_eq!(me.get("/x/relation?fid=2").await.data()["tag"], json!(null));
    let many = vec!["2"; 51].join(",");
    assert_eq!((assign(&me, &many, "0").await, assign(&me, &many[..99], "0").await), (-400, 0));
}

#[tokio::test]
async fn deleting_a_group_keeps_the_follows() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for fid in [2, 3] {
        me.change_relation(1, fid).await;
    }
    let (one, two) = (created_tagid(&me, "一").await, created_tagid(&me, "二").await);
    assign(&me, "2", &format!("{one},{two}")).await;
    assign(&me, "3", &one.to_string()).await;
    let del = async |tagid: &str| me.post("/x/relation/tag/del", &[("tagid", tagid)]).await.code();
    assert_eq!(del(&one.to_string()).await, 0);
    assert_eq!((del(&one.to_string()).await, del("-10").await, del("0").await), (0, -400, -400));
    assert_eq!(me.get("/x/relation?fid=2").await.data()["tag"], json!([two]));
    assert_eq!(members(&me, 0).await, [3]);
    assert_eq!(me.get(&format!("/x/relation/tag?tagid={one}")).await.code(), 22104);
    assert_eq!(me.get("/x/relation/stat?vmid=1").await.data()["following"], 2);
    service.assert_consistent().await;
}

#[tokio::test]
async fn unfollow_removes_from_all_groups() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let group = created_tagid(&me, "一").await;
    for (act, fid) in [(2, 2), (3, 3), (5, 4)] {
        me.change_relation(1, fid).await;
        assign(&me, &fid.to_string(), &format!("-10,{group}")).await;
        assert_eq!(members(&me, group).await, [i64::try_from(fid).unwrap()]);
        assert_eq!(me.change_relation(act, fid).await, 0);
        assert_eq!((members(&me, group).await, members(&me, -10).await), (vec![], vec![]));
        assert_eq!(me.get(&format!("/x/relation/tag/user?fid={fid}")).await.data(), json!({}));
    }
    assert_eq!(names(&me).await.iter().map(|group| group.2).collect::<Vec<_>>(), [0, 0, 0]);
}
