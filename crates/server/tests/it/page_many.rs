//! The pages of own lists: one change of many members and its undoing, filters, remarks, groups and page numbers.

use crate::client::TestClient;
use crate::pages::{get_page, post_form};
use crate::service::Service;
use std::num::NonZeroU32;

/// Returns the value of the hidden field of a form.
fn hidden<'t>(text: &'t str, form: &str, name: &str) -> &'t str {
    let form = text.split_once(&format!("action=\"/form{form}\"")).unwrap_or_else(|| panic!("no {form}")).1;
    let field = form.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1;
    field.split_once('"').unwrap().0
}

async fn followings(me: &TestClient<'_>) -> Vec<u64> {
    let data = me.get("/x/relation/followings?vmid=1").await.data();
    data["list"].as_array().unwrap().iter().map(|entry| entry["mid"].as_u64().unwrap()).collect()
}

/// Sends the form of a page. Returns the page after it.
async fn change(me: &TestClient<'_>, path: &str, fields: &[(&str, &str)]) -> String {
    let done = post_form(me, "/relations", path, fields).await;
    assert_eq!(done.redirect_target(), path, "{fields:?}");
    get_page(me, path).await
}

async fn undo(me: &TestClient<'_>, path: &str, text: &str) -> String {
    let id = hidden(text, "/undo", "id");
    assert_eq!(post_form(me, "/undo", path, &[("id", id)]).await.redirect_target(), path);
    get_page(me, path).await
}

#[tokio::test]
async fn ticked_page_and_all_members_are_changed_and_undone() {
    let service =
        Service::with_settings(|settings| settings.batch_limit = NonZeroU32::new(52).unwrap()).await;
    let me = service.log_in_as(1).await;
    let mids: Vec<String> = (2..=56).map(|mid| mid.to_string()).collect();
    for part in mids.chunks(30) {
        me.post("/passport/relations/change", &[("mids", &part.join(",")), ("op", "follow")]).await;
    }
    let (path, before) = ("/followings", followings(&me).await);
    let text = get_page(&me, path).await;
    assert!(text.contains("本页 50 人") && text.contains("符合的全部 55 人"), "{text}");
    let shown = hidden(&text, "/relations", "shown").to_owned();
    assert_eq!(shown.split(',').count(), 50);
    let unfollow = ("op", "unfollow");
    let text = change(&me, path, &[("mids", "3"), ("mids", "2"), unfollow]).await;
    assert!(text.contains("已取消关注 2 人") && !text.contains("本页 55"));
    let text = undo(&me, path, &text).await;
    assert!(text.contains(">已撤销</p>") || text.contains("已撤销"), "{text}");
    assert_eq!(followings(&me).await, before);
    let text = change(&me, path, &[("scope", "page"), ("shown", &shown), unfollow]).await;
    assert!(text.contains("已取消关注 50 人"));
    assert_eq!(followings(&me).await.len(), 5);
    undo(&me, path, &text).await;
    let text = change(&me, path, &[("scope", "all"), unfollow]).await;
    assert!(text.contains("已取消关注 52 人；还有 3 人符合，可以再做一次"), "{text}");
    undo(&me, path, &text).await;
    assert_eq!(followings(&me).await, before);
    // A search selects too, and each refused member is told with the reason.
    assert_eq!(service.log_in_as(56).await.change_relation(5, 1).await, 0);
    let fans = [("scope", "ticked"), ("mids", "56"), ("mids", "55"), ("list", "followers"), ("op", "follow")];
    let text = change(&me, "/fans", &fans).await;
    assert!(text.contains("已关注 1 人；1 人没有变化："), "{text}");
    let text = change(&me, path, &[("scope", "all"), ("q", "成员3"), ("op", "block")]).await;
    assert!(text.contains("已拉黑 11 人"), "{text}");
    let text = get_page(&me, "/blacks").await;
    assert!(text.contains("value=\"unblock\"") && text.contains("成员39"));
}

#[tokio::test]
async fn refused_batch_is_an_error() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    assert_eq!(service.log_in_as(2).await.change_relation(5, 1).await, 0);
    for (fields, words) in [
        (&[("op", "unfollow")][..], "请先勾选"),
        (&[("op", "unfollow"), ("scope", "page")], "请先勾选"),
        (&[("op", "follow"), ("mids", "2")], "不能关注"),
        (&[("op", "add_groups"), ("mids", "3"), ("tagids", "-10")], "未关注"),
    ] {
        let refused = post_form(&me, "/relations", "/followings", fields).await;
        assert_eq!(refused.status, 422, "{fields:?}");
        assert!(refused.text().contains(words), "{fields:?}: {}", refused.text());
    }
}

#[tokio::test]
async fn undo_tells_who_changed_meanwhile() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for mid in 2..=4 {
        assert_eq!(me.change_relation(1, mid).await, 0);
    }
    let fields = [("mids", "2"), ("mids", "3"), ("mids", "4"), ("op", "unfollow")];
    let text = change(&me, "/followings", &fields).await;
    assert_eq!(service.log_in_as(3).await.change_relation(1, 1).await, 0);
    let text = undo(&me, "/followings", &text).await;
    assert!(text.contains("已撤销，但有 1 人之后又有变化，没有恢复"), "{text}");
    assert_eq!(followings(&me).await, [4, 2]);
}

#[tokio::test]
async fn group_of_a_list_and_of_a_space_are_chosen() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    me.post("/x/relation/tag/create", &[("tag", "同学")]).await;
    let tagid = me.get("/x/relation/tags").await.data()[2]["tagid"].to_string();
    let text = get_page(&me, "/space/2").await;
    assert!(text.contains("关注并放进分组"));
    let follow = [("mids", "2"), ("tagids", &tagid), ("tagids", "0"), ("op", "follow")];
    let text = change(&me, "/space/2", &follow).await;
    assert!(text.contains(&format!("name=\"tagids\" value=\"{tagid}\" checked")), "{text}");
    let group = format!("/followings?group={tagid}");
    assert!(get_page(&me, &group).await.contains("从这个分组移到"));
    let fields = [("mids", "2"), ("op", "move_groups"), ("group", tagid.as_str()), ("tagids", "-10")];
    let text = change(&me, &group, &fields).await;
    assert!(text.contains("已改 1 人的分组") && !text.contains("成员2</bdi></a>"), "{text}");
    let text = undo(&me, &group, &text).await;
    assert!(text.contains("成员2</bdi></a>"));
    let text = change(&me, "/space/2", &[("mids", "2"), ("tagids", "0"), ("op", "move_groups")]).await;
    assert!(!text.contains("\" checked"), "no group is ticked");
}

#[tokio::test]
async fn remark_is_shown_and_searched() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    assert_eq!(me.change_relation(1, 2).await, 0);
    let fields = [("mid", "2"), ("remark", "老邻居")];
    let saved = post_form(&me, "/passport/remark", "/space/2", &fields).await;
    assert_eq!(saved.redirect_target(), "/space/2");
    let text = get_page(&me, "/space/2").await;
    assert!(text.contains("备注已保存") && text.contains("value=\"老邻居\""));
    for path in ["/followings", "/followings?q=%E9%82%BB%E5%B1%85", "/space/1/followings"] {
        let text = get_page(&me, path).await;
        assert!(text.contains("<span class=\"badge remark\"><bdi>老邻居</bdi></span>"), "{path}");
    }
    assert!(!get_page(&service.log_in_as(3).await, "/space/1/followings").await.contains("老邻居"));
    let long = "一二三四五六七八九十一二三四五六七八九十一";
    let refused = post_form(&me, "/passport/remark", "/space/2", &[("mid", "2"), ("remark", long)]).await;
    assert_eq!(refused.status, 422);
    assert!(
        refused.text().contains(&format!("value=\"{long}\" aria-invalid=\"true\"")),
        "{}",
        refused.text()
    );
}

#[tokio::test]
async fn view_and_page_numbers_are_links() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    assert_eq!((me.change_relation(1, 2).await, me.change_relation(1, 3).await), (0, 0));
    let text = get_page(&me, "/followings?show=one_way&sort=active").await;
    assert!(text.contains("<option value=\"one_way\" selected>没有回关你</option>"));
    assert!(text.contains("<option value=\"active\" selected>") && text.contains("很久没来"), "{text}");
    assert!(get_page(&me, "/followings?show=mutual").await.contains("没有找到符合的人"));
    let english = me.with_header("accept-language", "en");
    let text = get_page(&english, "/followings?show=one_way").await;
    assert!(text.contains("Not following you back") && text.contains("This page: 2 people"), "{text}");
}
