//! Operators' pages of the list of members, of actions on many, of notes and of ledgers.

use crate::operator_client::OperatorClient;
use crate::operator_pages::OperatorBrowser;
use crate::service::Service;
use guanxi_types::Role;

#[tokio::test]
async fn members_page_filters_and_asks_before_a_batch() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Moderator).await;
    let page = browser.get_page("/members?text=%E6%88%90%E5%91%982").await;
    assert!(page.contains("成员2") && page.contains("成员21") && !page.contains("成员3"));
    assert!(!page.contains(r#"value="delete""#), "a moderator deletes nobody");
    let rejected = browser.get("/members?joined_from=x").await;
    assert_eq!(rejected.status, 400);
    assert!(rejected.text().contains("加入时间从没有填写，或者格式不对"));
    let ticked = [("mids", "2"), ("mids", "999"), ("action", "silence"), ("back", "/members?limit=200")];
    let question = browser.post("/members/batch", &ticked).await;
    for text in [
        "封禁 2 位用户？",
        "成员2",
        r#"name="confirmed""#,
        r#"value="2,999""#,
        r#"href="/members?limit=200""#,
    ] {
        assert!(question.text().contains(text), "{text}");
    }
    assert!(!browser.get_page("/members?silenced=true").await.contains("成员2"));
    let confirmed = [("mids", "2,999"), ("action", "silence"), ("confirmed", "true")];
    let result = browser.post("/members/batch", &confirmed).await;
    for text in ["1 位用户已完成", "1 位用户没有完成", "用户不存在"] {
        assert!(result.text().contains(text), "{text}");
    }
    assert!(browser.get_page("/members?silenced=true").await.contains("成员2"));
    let without_csrf =
        browser.send("/members/batch", "mids=3&action=silence&confirmed=true", "same-origin").await;
    assert_eq!(without_csrf.status, 403);
    for form in [
        &[("action", "silence")][..],
        &[("mids", "2"), ("action", "x")],
        &[("mids", "x"), ("action", "silence")],
    ] {
        assert_eq!(browser.post("/members/batch", form).await.status, 400, "{form:?}");
    }
    let delete = [("mids", "2"), ("action", "delete"), ("confirmed", "true")];
    assert_eq!(browser.post("/members/batch", &delete).await.status, 403);
}

#[tokio::test]
async fn batch_of_coins_asks_for_amount_and_reason() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Admin).await;
    let question = browser.post("/members/batch", &[("mids", "2,3"), ("action", "coins")]).await;
    assert!(question.text().contains(r#"name="delta""#) && question.text().contains(r#"name="reason""#));
    let form = |delta, id| {
        [
            ("mids", "2,3"),
            ("action", "coins"),
            ("delta", delta),
            ("reason", "补发"),
            ("id", id),
            ("confirmed", "true"),
        ]
    };
    let rejected = browser.post("/members/batch", &form("0", "a")).await;
    assert_eq!(rejected.status, 400);
    assert!(rejected.text().contains(r#"id="delta-error""#) && rejected.text().contains(r#"value="补发""#));
    for _ in 0..2 {
        assert!(browser.post("/members/batch", &form("2.5", "a")).await.text().contains("2 位用户已完成"));
    }
    assert!(browser.get_page("/member?by=mid&text=2").await.contains("<dt>硬币</dt><dd>2.5</dd>"));
}

#[tokio::test]
async fn values_are_words_and_notes_stand_on_the_page() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Admin).await;
    let admin = OperatorClient::new(&service, Some(browser.token.clone()));
    let parts = serde_json::json!({"mid": 2, "card": {"vip": {"kind": 2, "status": 1, "due_date": 1_800_000_000_000_i64}}, "profile": {"sex": "女", "rank": 25000}});
    assert_eq!(admin.post("/operator/member/update", parts).await.code(), 0);
    let path = "/member?by=mid&text=2";
    let page = browser.get_page(path).await;
    for words in [
        "<dt>性别</dt><dd><bdi>女</bdi>",
        "<dt>大会员</dt><dd><bdi>年度</bdi>",
        "<bdi>2027-01-15 16:00</bdi>",
    ] {
        assert!(page.contains(words), "{words}");
    }
    assert!(
        !page.contains("vip.kind")
            && !page.contains("due_date")
            && !page.contains("{\"")
            && !page.contains("&#34;")
    );
    let log = browser.get_page("/log").await;
    assert!(log.contains("修改资料") && log.contains("性别：女") && !log.contains("/operator/member/update"));
    let note = [("mid", "2"), ("text", "<b>一\n二"), ("back", path)];
    assert_eq!(browser.post("/form/operator/member/notes/add", &note).await.redirect_target(), path);
    let empty =
        browser.post("/form/operator/member/notes/add", &[("mid", "2"), ("text", " "), ("back", path)]).await;
    assert!(empty.text().contains(r#"id="note-error""#));
    let page = browser.get_page(path).await;
    assert!(page.contains("&#60;b&#62;一\n二"));
    let form = page.split("/form/operator/member/notes/delete").nth(1).unwrap();
    let id =
        form.split(r#"name="id" value=""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap().to_owned();
    let delete = [("mid", "2"), ("id", id.as_str()), ("back", path), ("confirmed", "true")];
    assert_eq!(browser.post("/form/operator/member/notes/delete", &delete).await.redirect_target(), path);
    assert!(!browser.get_page(path).await.contains("&#60;b&#62;一"));
}

#[tokio::test]
async fn ledger_is_a_page_and_a_file() {
    let service = Service::new().await;
    let rows: Vec<String> = (0..60)
        .map(|time| format!(r#"{{"coin":{{"mid":2,"time":{time},"delta":10,"reason":"第{time}次"}}}}"#))
        .collect();
    service.import_rows(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let browser = OperatorBrowser::log_in(&service, Role::Moderator).await;
    let page = browser.get_page("/member/coins?mid=2").await;
    assert!(page.contains("第59次") && page.contains("第10次") && !page.contains("第9次"));
    let next = page.split(r#"rel="next" href=""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    assert!(browser.get_page(&next.replace("&amp;", "&")).await.contains("第9次"));
    let file = browser.get("/member/coins.csv?mid=2").await;
    assert_eq!((file.status.as_u16(), file.text().lines().count()), (200, 61));
    assert_eq!(browser.get("/member/coins.csv?mid=999").await.status, 404);
    let anonymous = OperatorBrowser { service: &service, token: String::new(), cookie: String::new() };
    assert_eq!(anonymous.get("/member/coins.csv?mid=2").await.redirect_target(), "/login");
}
