//! The follow of an anonymous visitor, which is done after the login.

use crate::client::{PASSWORD, TestClient};
use crate::pages::{get_page, post_form};
use crate::service::{Service, TestResponse};

const PAGE: &str = "/space/2/fans?order=asc";

async fn follow(visitor: &TestClient<'_>) -> TestResponse {
    let done = post_form(visitor, "/x/relation/modify", PAGE, &[("fid", "2"), ("act", "1")]).await;
    assert_eq!(done.redirect_target(), "/login?back=%2Fspace%2F2%2Ffans%3Forder%3Dasc");
    done
}

async fn is_followed(visitor: &TestClient<'_>) -> bool {
    visitor.get("/x/relation?fid=2").await.data()["attribute"] == 2
}

#[tokio::test]
async fn follow_is_done_on_the_page_after_the_login() {
    let service = Service::new().await;
    let visitor = service.anonymous();
    follow(&visitor).await;
    let fields = [("uname", "小甲"), ("password", PASSWORD), ("back", PAGE)];
    assert_eq!(visitor.post("/form/passport/signup", &fields).await.redirect_target(), PAGE);
    assert_eq!(visitor.get(PAGE).await.redirect_target(), format!("{PAGE}#flash"));
    assert!(get_page(&visitor, PAGE).await.contains(">已关注</p>"));
    assert!(is_followed(&visitor).await);
    assert_eq!(visitor.cookie("follow"), None);
}

#[tokio::test]
async fn follow_is_forgotten_on_another_page() {
    let service = Service::new().await;
    let visitor = service.anonymous();
    follow(&visitor).await;
    // The login page and other public pages keep it.
    get_page(&visitor, "/login").await;
    assert!(visitor.cookie("follow").is_some());
    visitor.sign_up("小甲", &[]).await;
    get_page(&visitor, "/").await;
    assert_eq!(visitor.cookie("follow"), None);
    get_page(&visitor, PAGE).await;
    assert!(!is_followed(&visitor).await);
}

#[tokio::test]
async fn follow_of_another_site_is_not_kept() {
    let service = Service::new().await;
    let visitor = service.anonymous().with_header("sec-fetch-site", "cross-site");
    follow(&visitor).await;
    assert_eq!(visitor.cookie("follow"), None);
    let visitor = service.anonymous();
    post_form(&visitor, "/x/relation/modify", PAGE, &[("fid", "2"), ("act", "5")]).await;
    assert_eq!(visitor.cookie("follow"), None, "only a follow is kept");
}

#[tokio::test]
async fn rejected_follow_is_told_after_the_login() {
    let service = Service::new().await;
    let visitor = service.anonymous();
    follow(&visitor).await;
    let mid = visitor.sign_up("小甲", &[]).await;
    assert_eq!(service.log_in_as(2).await.change_relation(5, mid).await, 0);
    let page = visitor.get(PAGE).await;
    assert_eq!((page.status.as_u16(), visitor.cookie("follow")), (422, None));
    assert!(page.text().contains("用户位于黑名单"));
}
