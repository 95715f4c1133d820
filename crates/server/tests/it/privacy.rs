//! `/passport/privacy`: who sees the lists of a member.

use crate::client::TestClient;
use crate::pages::get_page;
use crate::service::Service;
use serde_json::json;

/// Returns the codes of both lists of member 1: followings and followers, first by the API, then by the pages.
async fn codes(viewer: &TestClient<'_>) -> [i64; 2] {
    let mut codes = [0; 2];
    for (code, (path, page)) in codes.iter_mut().zip([("followings", "followings"), ("followers", "fans")]) {
        let answer = viewer.get(&format!("/x/relation/{path}?vmid=1")).await;
        let shown = viewer.get(&format!("/space/1/{page}")).await;
        *code = answer.code();
        assert_eq!(shown.status.as_u16(), if *code == 0 { 200 } else { 403 }, "{path}");
    }
    codes
}

#[tokio::test]
async fn hidden_list_is_refused_to_others() {
    let service = Service::new().await;
    let (me, mutual, other) =
        (service.log_in_as(1).await, service.log_in_as(2).await, service.log_in_as(3).await);
    let anonymous = service.anonymous();
    assert_eq!((me.change_relation(1, 2).await, mutual.change_relation(1, 1).await), (0, 0));
    assert_eq!(other.change_relation(1, 1).await, 0);
    assert_eq!(
        me.get("/passport/privacy").await.data(),
        json!({"followings": "everybody", "followers": "everybody"})
    );
    assert_eq!(codes(&anonymous).await, [0, 0]);
    let change = [("followings", "mutuals"), ("followers", "oneself")];
    assert_eq!(me.post("/passport/privacy", &change).await.code(), 0);
    for (viewer, expected) in
        [(&me, [0, 0]), (&mutual, [0, 22115]), (&other, [22115, 22115]), (&anonymous, [22115, 22115])]
    {
        assert_eq!(codes(viewer).await, expected);
    }
    // The refusal of the list comes before that of a page, and after an unknown member.
    for (path, code) in [("vmid=1&pn=6", 22115), ("vmid=2&pn=6", 22007), ("vmid=99&pn=6", -400)] {
        assert_eq!(other.get(&format!("/x/relation/followings?{path}")).await.code(), code, "{path}");
    }
    let space = get_page(&other, "/space/1").await;
    assert_eq!(space.matches("对方没有公开这个列表").count(), 2);
    let counters = other.get("/x/relation/stat?vmid=1").await.data();
    assert_eq!((&counters["following"], &counters["follower"]), (&json!(1), &json!(2)), "counts stay");
    assert_eq!(me.post("/passport/privacy", &[("followers", "everybody")]).await.code(), 0);
    assert_eq!(
        me.get("/passport/privacy").await.data(),
        json!({"followings": "mutuals", "followers": "everybody"})
    );
    assert_eq!(codes(&other).await, [22115, 0]);
    assert_eq!(me.post("/passport/privacy", &[("followers", "friends")]).await.code(), -400);
}
