//! The undoing of forms, and the place of their messages in lists.

use crate::client::TestClient;
use crate::pages::{get_page, post_form};
use crate::service::Service;
use guanxi_storage::Store;
use guanxi_storage::model::UndoRow;
use guanxi_types::Mid;

/// Returns the value of the hidden field behind a text.
fn hidden<'t>(text: &'t str, after: &str, name: &str) -> &'t str {
    let form = text.split_once(after).unwrap_or_else(|| panic!("no {after} in {text}")).1;
    let field = form.split_once(&format!("name=\"{name}\" value=\"")).unwrap().1;
    field.split_once('"').unwrap().0
}

/// Returns the text of the row of a member.
fn row(text: &str, mid: u64) -> &str {
    let link = format!("<a href=\"/space/{mid}\"><bdi>");
    let rows = text.split("<li tabindex=\"-1\">");
    rows.into_iter().find(|row| row.contains(&link)).unwrap_or_else(|| panic!("no row of {mid}"))
}

/// Presses 撤销 on a page that was just loaded. Returns the page after it.
async fn undo(me: &TestClient<'_>, path: &str, text: &str) -> String {
    let (id, rows) =
        (hidden(text, "action=\"/form/undo\"", "id"), hidden(text, "action=\"/form/undo\"", "rows"));
    let done = post_form(me, "/undo", path, &[("id", id), ("rows", rows)]).await;
    assert_eq!(done.redirect_target().split('#').next(), Some(path));
    get_page(me, path).await
}

async fn relation(me: &TestClient<'_>, fid: u64) -> serde_json::Value {
    me.get(&format!("/x/relation?fid={fid}")).await.data()
}

#[tokio::test]
async fn unfollow_in_a_row_is_told_and_undone_there() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for fid in 2..=5 {
        me.change_relation(1, fid).await;
    }
    me.post("/x/relation/tags/addUsers", &[("fids", "4"), ("tagids", "-10")]).await;
    let before = relation(&me, 4).await;
    let path = "/followings?order=asc";
    let text = get_page(&me, path).await;
    let rows = hidden(row(&text, 4), "action=\"/form/x/relation/modify\"", "rows");
    assert_eq!(rows, "4.5.3", "the row, the next one and the one before");
    let fields = [("fid", "4"), ("act", "2"), ("rows", rows)];
    let done = post_form(&me, "/x/relation/modify", path, &fields).await;
    assert_eq!(done.redirect_target(), "/followings?order=asc#flash");
    let text = get_page(&me, path).await;
    assert!(row(&text, 5).contains("已取消关注 <bdi>成员4</bdi>"), "the message is in the next row");
    assert_eq!(text.matches("id=\"flash\"").count(), 1);
    let text = undo(&me, path, &text).await;
    assert!(row(&text, 4).contains("已撤销"));
    assert_eq!(relation(&me, 4).await, before);
    // The record is used up.
    let again = post_form(&me, "/undo", path, &[("id", "1"), ("rows", "5.3")]).await;
    assert_eq!(again.status, 422);
    assert!(row(again.text(), 5).contains("已经不能撤销"));
}

#[tokio::test]
async fn block_is_undone_with_both_follows() {
    let service = Service::new().await;
    let (me, other) = (service.log_in_as(1).await, service.log_in_as(2).await);
    assert_eq!((me.change_relation(1, 2).await, other.change_relation(1, 1).await), (0, 0));
    let before = (relation(&me, 2).await, relation(&other, 1).await);
    post_form(&me, "/x/relation/modify", "/space/2", &[("fid", "2"), ("act", "5")]).await;
    assert_eq!(relation(&other, 1).await["attribute"], 0);
    let text = get_page(&me, "/space/2").await;
    assert!(text.contains("已拉黑 <bdi>成员2</bdi>"));
    undo(&me, "/space/2", &text).await;
    assert_eq!((relation(&me, 2).await, relation(&other, 1).await), before);
}

#[tokio::test]
async fn deleted_group_and_assignment_are_undone() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for fid in 2..=4 {
        me.change_relation(1, fid).await;
    }
    post_form(&me, "/x/relation/tag/create", "/followings", &[("tag", "同学")]).await;
    let tagid = me.get("/x/relation/tags").await.data()[2]["tagid"].to_string();
    let group = format!("/followings?group={tagid}");
    let boxes = [("fids", "3"), ("fids", "2"), ("tagids", tagid.as_str())];
    post_form(&me, "/x/relation/tags/addUsers", "/followings", &boxes).await;
    let text = get_page(&me, "/followings").await;
    assert!(row(&text, 3).contains("分组已更新 <bdi>2 人</bdi>"), "the message is in a row that was ticked");
    post_form(&me, "/x/relation/tag/del", "/followings", &[("tagid", &tagid)]).await;
    let text = get_page(&me, "/followings").await;
    assert!(text.contains("<bdi>同学</bdi></p>") && !text.contains(&format!("group={tagid}")));
    undo(&me, "/followings", &text).await;
    let text = get_page(&me, &group).await;
    assert!(text.contains("成员2</bdi>") && text.contains("成员3</bdi>") && !text.contains("成员4</bdi>"));
    let boxes = [("fids", "2"), ("tagids", "0")];
    post_form(&me, "/x/relation/tags/addUsers", &group, &boxes).await;
    let text = get_page(&me, &group).await;
    assert!(!text.contains("成员2</bdi></a>"));
    assert!(undo(&me, &group, &text).await.contains("成员2</bdi></a>"));
}

#[tokio::test]
async fn only_a_form_that_loses_something_offers_undo() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    assert_eq!((me.change_relation(1, 2).await, me.change_relation(2, 2).await), (0, 0));
    let row = async || service.app.store.get::<UndoRow>(Mid::new(1).unwrap()).await.unwrap();
    assert_eq!(row().await, None, "a program leaves no record");
    post_form(&me, "/x/relation/modify", "/space/2", &[("fid", "2"), ("act", "1")]).await;
    let text = get_page(&me, "/space/2").await;
    assert!(text.contains(">已关注</p>") && !text.contains("/form/undo"));
    post_form(&me, "/x/relation/modify", "/space/2", &[("fid", "2"), ("act", "2")]).await;
    assert!(row().await.is_some());
    let later = service.at_time("2037-01-01T00:00:00Z");
    later.run_due_tasks().await;
    assert_eq!(row().await, None, "the record is deleted when it is due");
}

#[tokio::test]
async fn empty_choice_of_groups_keeps_the_ticks() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for fid in 2..=4 {
        me.change_relation(1, fid).await;
    }
    let ticks = |text: &str| [2, 3, 4].map(|mid| row(text, mid).contains(" checked>"));
    let boxes = [("mids", "2"), ("mids", "4"), ("op", "add_groups")];
    let refused = post_form(&me, "/relations", "/followings", &boxes).await;
    assert_eq!((refused.status.as_u16(), ticks(refused.text())), (422, [true, false, true]));
    assert!(refused.text().contains("<details class=\"menu\" id=\"group-many\" open>"));
    assert!(refused.text().contains("name=\"tagids\" value=\"-10\" aria-invalid=\"true\""));
    let fields = [("tagids", "-10"), ("op", "add_groups")];
    let refused = post_form(&me, "/relations", "/followings", &fields).await;
    assert!(refused.text().contains("name=\"tagids\" value=\"-10\" checked>"));
    let refused = post_form(&me, "/x/relation/tag/create", "/followings", &[("tag", "默认分组")]).await;
    assert!(refused.text().contains("value=\"默认分组\" aria-invalid=\"true\""));
    assert!(refused.text().contains("id=\"new-group\" open>"));
}

#[tokio::test]
async fn search_in_a_group_leads_back_to_the_group() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    me.change_relation(1, 2).await;
    let text = get_page(&me, "/followings?group=0&q=x&order=asc&pn=1").await;
    assert!(text.contains("<a href=\"/followings?group=0&#38;order=asc\">全部</a>"), "{text}");
    assert!(get_page(&me, "/fans?q=x").await.contains("<a href=\"/fans\">全部</a>"));
}

#[tokio::test]
async fn expired_vip_is_not_highlighted() {
    let service = Service::new().await;
    let vip =
        |status| format!(r#"{{"card":{{"mid":1,"uname":"成员1","vip":{{"kind":2,"status":{status}}}}}}}"#);
    for (status, class) in [(1, "badge vip"), (0, "badge")] {
        service.import_rows(&[&vip(status)]).await;
        let me = service.log_in_as(1).await;
        assert!(get_page(&me, "/").await.contains(&format!("<span class=\"{class}\">年度大会员")));
    }
}
