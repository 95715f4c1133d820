//! Operators' pages: access, and what their forms do.

use crate::pages::assert_is_english;
use crate::service::{Service, TestResponse};
use axum::body::Body;
use guanxi_api::params::encode_form;
use guanxi_server::session_token::Token;
use guanxi_types::Role;
use http::Request;
use http::header::{CONTENT_TYPE, COOKIE, SET_COOKIE};

/// The fields of a form.
type Fields = &'static [(&'static str, &'static str)];

/// An operator's browser.
pub(crate) struct OperatorBrowser<'s> {
    pub(crate) service: &'s Service,
    pub(crate) token: String,
    /// Login cookie received for the token.
    pub(crate) cookie: String,
}

impl<'s> OperatorBrowser<'s> {
    pub(crate) async fn log_in(service: &'s Service, role: Role) -> OperatorBrowser<'s> {
        let token = service.operator(role).await.token.unwrap();
        let browser = OperatorBrowser { service, token, cookie: String::new() };
        let entered = browser.post("/login", &[("token", &browser.token)]).await;
        let set_cookie = entered.headers[SET_COOKIE].to_str().unwrap();
        let cookie = set_cookie.split(['=', ';']).nth(1).unwrap().to_owned();
        OperatorBrowser { cookie, ..browser }
    }

    pub(crate) async fn get(&self, path: &str) -> TestResponse {
        let cookie = format!("guanxi_operator={}", self.cookie);
        self.service
            .send_to_operators(Request::get(path).header(COOKIE, cookie).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn get_page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.text().matches("<h1").count(), 1, "{path}");
        answer.text().to_owned()
    }

    pub(crate) async fn post(&self, path: &str, form: &[(&str, &str)]) -> TestResponse {
        let csrf = Token::from_text(&self.cookie).csrf();
        self.send(path, &encode_form(form.iter().copied().chain([("csrf", csrf.as_str())])), "same-origin")
            .await
    }

    pub(crate) async fn send(&self, path: &str, form: &str, site: &str) -> TestResponse {
        let request = Request::post(path)
            .header(COOKIE, format!("guanxi_operator={}", self.cookie))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site);
        self.service.send_to_operators(request.body(Body::from(form.to_owned())).unwrap()).await
    }
}

#[tokio::test]
async fn login_exchanges_token_for_cookie() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Admin).await;
    let anonymous = OperatorBrowser { service: &service, token: String::new(), cookie: String::new() };
    for path in ["/", "/reviews", "/members", "/member", "/member/coins?mid=2", "/outbox", "/log"] {
        browser.get_page(path).await;
        assert_eq!(anonymous.get(path).await.redirect_target(), "/login");
    }
    let entered = anonymous.post("/login", &[("token", &browser.token)]).await;
    assert_eq!(entered.redirect_target(), "/");
    let cookie = entered.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(&browser.token), "the cookie must not contain the token");
    let refused = anonymous.post("/login", &[("token", "another")]).await;
    assert_eq!((refused.status.as_u16(), refused.headers.contains_key(SET_COOKIE)), (401, false));
    assert!(refused.text().contains("令牌无效"));
    // Neither cross-site forms nor query parameters log in.
    let cross_site =
        anonymous.send("/login", &encode_form([("token", browser.token.as_str())]), "cross-site").await;
    assert_eq!(cross_site.status, 401);
    let addressed = anonymous.send(&format!("/login?token={}", browser.token), "", "same-origin").await;
    assert_eq!(addressed.status, 401);
}

#[tokio::test]
async fn english_pages_have_no_chinese_text() {
    let service = Service::new().await;
    let operator = OperatorBrowser::log_in(&service, Role::Admin).await;
    let member = service.log_in_as(2).await.with_header("user-agent", "a Chrome/131.0");
    member.post("/x/member/web/sign/update", &[("user_sign", "hello")]).await;
    let realname = [("realname", "Wang Ming"), ("card_type", "6"), ("card", "AB123456")];
    assert_eq!(member.post("/passport/realname", &realname).await.code(), 0);
    let verify = [("mid", "2"), ("what", "tel"), ("back", "/member?by=mid&text=2")];
    let pages: [(&str, &[(&str, &str)]); 19] = [
        ("/", &[]),
        ("/reviews", &[]),
        ("/member", &[]),
        ("/member?by=mid&text=2", &[]),
        ("/member?by=uname&text=nobody", &[]),
        ("/outbox", &[]),
        ("/log", &[]),
        ("/login", &[]),
        ("/members?limit=1&silenced=true", &[]),
        ("/members?joined_from=x", &[]),
        ("/member/coins?mid=2", &[]),
        ("/form/operator/member/notes/delete", &[("mid", "2"), ("id", "7")]),
        ("/members/batch", &[("mids", "2"), ("action", "coins")]),
        ("/members/batch", &[("mids", "999"), ("action", "silence"), ("confirmed", "true")]),
        ("/form/operator/member/silence", &[("mid", "2"), ("silence", "true")]),
        ("/form/operator/member/delete", &[("mid", "2")]),
        ("/form/operator/member/coins", &[("mid", "2"), ("delta", "2"), ("reason", "x"), ("id", "y")]),
        ("/form/operator/member/verify", &verify),
        ("/form/operator/reviews/realname", &[("mid", "2"), ("approve", "true")]),
    ];
    for (path, form) in pages {
        let cookie = format!("guanxi_operator={}; language=en", operator.cookie);
        let csrf = Token::from_text(&operator.cookie).csrf();
        let request = if form.is_empty() { Request::get(path) } else { Request::post(path) };
        let request = request
            .header(COOKIE, cookie)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin");
        let form = encode_form(form.iter().copied().chain([("csrf", csrf.as_str())]));
        let page = service.send_to_operators(request.body(Body::from(form)).unwrap()).await;
        assert_is_english(path, page.text());
    }
}

#[tokio::test]
async fn preferences_of_operators_are_remembered() {
    let service = Service::new().await;
    let operator = OperatorBrowser::log_in(&service, Role::Moderator).await;
    let set = operator.post("/form/preferences", &[("language", "en"), ("back", "/reviews")]).await;
    assert_eq!(set.redirect_target(), "/reviews");
    assert!(set.headers[SET_COOKIE].to_str().unwrap().starts_with("language=en; "));
    let forged = operator.send("/form/preferences", "theme=dark", "same-origin").await;
    assert_eq!((forged.status.as_u16(), forged.headers.contains_key(SET_COOKIE)), (403, false));
    let anonymous = OperatorBrowser { service: &service, token: String::new(), cookie: String::new() };
    let set = anonymous.send("/form/preferences", "theme=dark&back=/login", "same-origin").await;
    assert_eq!(set.redirect_target(), "/login");
    assert_eq!(anonymous.send("/form/preferences", "theme=dark", "cross-site").await.status, 403);
}

#[tokio::test]
async fn unknown_path_is_a_page_for_browsers_only() {
    let service = Service::new().await;
    for (accept, is_page) in [("text/html,*/*;q=0.8", true), ("*/*", false)] {
        let request =
            Request::get("/nowhere").header(http::header::ACCEPT, accept).body(Body::empty()).unwrap();
        let response = service.send_to_operators(request).await;
        assert_eq!((response.status.as_u16(), response.text().contains("没有这个页面")), (404, is_page));
    }
}

#[tokio::test]
async fn pages_show_what_the_role_permits() {
    let service = Service::new().await;
    let moderator = OperatorBrowser::log_in(&service, Role::Moderator).await;
    assert!(!moderator.get_page("/").await.contains("最近的操作"));
    let person = moderator.get_page("/member?by=mid&text=2").await;
    assert!(person.contains("封禁") && !person.contains("delta"));
    assert_eq!(moderator.get("/log").await.status, 403);
    let paid =
        moderator.post("/form/operator/member/coins", &[("mid", "2"), ("delta", "9"), ("reason", "x")]).await;
    assert_eq!(paid.status, 403);
    let ingest = OperatorBrowser::log_in(&service, Role::Ingest).await;
    assert!(ingest.get_page("/").await.contains("事件接入"));
    for path in ["/reviews", "/member?by=mid&text=2"] {
        assert_eq!(ingest.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn bio_rejection_reaches_the_member() {
    let service = Service::with_settings(|settings| {
        settings.sign_review = guanxi_server::config::BioApproval::Moderator;
    })
    .await;
    let (browser, me) =
        (OperatorBrowser::log_in(&service, Role::Moderator).await, service.log_in_as(2).await);
    let sign = "<b>慢慢来</b>";
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", sign)]).await.code(), 0);
    assert!(me.get("/me").await.text().contains("等待审核"));
    assert!(browser.get_page("/").await.contains(r#"<a href="/reviews#signs">1</a>"#));
    let page = browser.get_page("/reviews").await;
    assert!(page.contains("&#60;b&#62;慢慢来") && !page.contains(sign), "{page}");
    let submitted =
        page.split(r#"name="submitted" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let verdict = |approve, remark, submitted| {
        [
            ("mid", "2"),
            ("submitted", submitted),
            ("approve", approve),
            ("remark", remark),
            ("back", "/reviews"),
        ]
    };
    let review = "/form/operator/reviews/sign";
    // A rejection needs a reason, and a review applies to the submitted version only.
    let response = browser.post(review, &verdict("false", "", submitted.as_str())).await;
    assert_eq!((response.status.as_u16(), response.text().contains("remark")), (400, true));
    assert!(browser.post(review, &verdict("true", "", "7")).await.text().contains("待审核的内容已更新"));
    let response = browser.post(review, &verdict("false", "请换一句", submitted.as_str())).await;
    assert_eq!(response.redirect_target(), "/reviews");
    assert!(browser.get_page("/reviews").await.contains("没有等待审核的签名"));
    let home = me.get("/").await;
    assert!(home.text().contains("签名没有通过审核：<bdi>请换一句"));
    let until =
        home.text().split(r#"name="until" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(
        me.post("/form/passport/news/seen", &[("until", &until), ("back", "/")]).await.redirect_target(),
        "/"
    );
    assert!(!me.get("/").await.text().contains("请换一句"));
    assert!(me.get("/me").await.text().contains("请换一句"));
}

#[tokio::test]
async fn form_without_csrf_is_rejected() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Admin).await;
    let page = "/member?by=mid&text=2";
    let form = [("mid", "2"), ("delta", "9"), ("reason", "x"), ("confirmed", "true"), ("back", page)];
    let without_csrf = browser.send("/form/operator/member/coins", &encode_form(form), "same-origin").await;
    let csrf = Token::from_text(&browser.cookie).csrf();
    let complete = encode_form(form.into_iter().chain([("csrf", csrf.as_str())]));
    let cross_site = browser.send("/form/operator/member/coins", &complete, "same-site").await;
    for refused in [without_csrf, cross_site] {
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("页面已过期"));
    }
    assert!(browser.get_page("/member?by=mid&text=2").await.contains("<dt>硬币</dt><dd>0</dd>"));
    assert_eq!(
        browser.post("/form/operator/member/coins", &form).await.redirect_target(),
        "/member?by=mid&text=2"
    );
    assert!(browser.get_page("/member?by=mid&text=2").await.contains("<dt>硬币</dt><dd>9</dd>"));
    assert!(browser.get_page("/log").await.contains("变更硬币"));
}

#[tokio::test]
async fn unconfirmed_operation_asks_and_changes_nothing() {
    let service = Service::with_settings(|settings| {
        settings.sign_review = guanxi_server::config::BioApproval::Moderator;
    })
    .await;
    let (browser, me) = (OperatorBrowser::log_in(&service, Role::Admin).await, service.log_in_as(2).await);
    let person = "/member?by=mid&text=2";
    let application = [("realname", "王小明"), ("card", "110101199003072316"), ("card_type", "0")];
    assert_eq!(me.post("/passport/realname", &application).await.code(), 0);
    assert_eq!(me.post("/passport/tel", &[("tel", "13800138000")]).await.code(), 0);
    // operation, its fields, words of the question
    let cases: [(&str, Fields, &[&str]); 6] = [
        ("member/silence", &[("silence", "true")], &["封禁这位用户"]),
        ("member/coins", &[("delta", "-1.5"), ("reason", "<b>")], &["−1.5", "1 → -0.5", "&#60;b&#62;"]),
        ("member/verify", &[("what", "tel")], &["确认手机已验证", "138*****000"]),
        ("reviews/realname", &[("approve", "true")], &["王小明", "110101199003072316", "居民身份证"]),
        ("member/sessions/revoke", &[], &["<dt>登录中</dt><dd><bdi>1</bdi>"]),
        ("member/delete", &[], &["不能恢复"]),
    ];
    let member_data = |page: &str| page.split("statistics").nth(1).map(str::to_owned);
    let before = member_data(&browser.get_page(person).await);
    for (operation, fields, words) in cases {
        let path = format!("/form/operator/{operation}");
        let fields = [fields, &[("mid", "2"), ("back", person)]].concat();
        let asked = browser.post(&path, &fields).await;
        assert_eq!((asked.status.as_u16(), asked.text().matches("<h1").count()), (200, 1), "{operation}");
        for words in
            [words, &["成员2", r#"name="confirmed""#, r#"href="/member?by=mid&#38;text=2""#]].concat()
        {
            assert!(asked.text().contains(words), "{operation}: {words}: {}", asked.text());
        }
    }
    assert_eq!(member_data(&browser.get_page(person).await), before);
    assert!(!browser.get_page("/log").await.contains("by=mid"));
    for (operation, fields, _) in cases {
        let path = format!("/form/operator/{operation}");
        let fields = [fields, &[("mid", "2"), ("back", person), ("confirmed", "true")]].concat();
        let done = browser.post(&path, &fields).await;
        let expected = if operation == "member/coins" { 422 } else { 303 };
        assert_eq!(done.status, expected, "{operation}: {}", done.text());
    }
    // An end of the silence changes nothing for the worse, and an application is decided once.
    let unsilenced = [("mid", "3"), ("silence", "false"), ("back", person)];
    assert_eq!(browser.post("/form/operator/member/silence", &unsilenced).await.redirect_target(), person);
    let decided = [("mid", "2"), ("approve", "true"), ("back", "/reviews")];
    assert_eq!(browser.post("/form/operator/reviews/realname", &decided).await.status, 422);
}

#[tokio::test]
async fn form_field_that_is_no_text_is_rejected() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Admin).await;
    let (path, csrf) = ("/form/operator/member/coins", Token::from_text(&browser.cookie).csrf());
    let page = "/member?by=mid&text=2";
    // The form would be valid without its optional `id`.
    for (id, reason) in [("a%00b", "id has a NUL character"), ("%ff", "id is not UTF-8")] {
        let form =
            encode_form([("mid", "2"), ("delta", "9"), ("reason", "x"), ("back", page), ("csrf", &csrf)]);
        let rejected = browser.send(path, &format!("{form}&id={id}"), "same-origin").await;
        assert_eq!(rejected.status, 400, "{id}");
        assert!(rejected.text().contains(reason), "{}", rejected.text());
        assert!(rejected.text().contains("<dt>硬币</dt><dd>0</dd>"), "{}", rejected.text());
    }
}

#[tokio::test]
async fn coin_form_sent_twice_pays_once() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Admin).await;
    let person = "/member?by=mid&text=2";
    let id_in =
        |page: &str| page.split(r#"name="id" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (first, second) = (id_in(&browser.get_page(person).await), id_in(&browser.get_page(person).await));
    assert_ne!(first, second, "each rendered form has its own id");
    for (id, balance) in [(&first, 9), (&first, 9), (&second, 18)] {
        let form = [("mid", "2"), ("delta", "9"), ("reason", "x"), ("id", id.as_str()), ("back", person)];
        let form = [&form[..], &[("confirmed", "true")]].concat();
        assert_eq!(browser.post("/form/operator/member/coins", &form).await.redirect_target(), person);
        assert!(browser.get_page(person).await.contains(&format!("<dt>硬币</dt><dd>{balance}</dd>")), "{id}");
    }
}

#[tokio::test]
async fn member_search_finds_by_key() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Admin).await;
    let by = |by, text| format!("/member?{}", encode_form([("by", by), ("text", text)]));
    assert!(browser.get_page(&by("uname", "成员2")).await.contains("UID 2"));
    for (kind, text, status) in
        [("mid", "x", 400), ("mid", "61", 404), ("uname", "没有", 404), ("x", "y", 400)]
    {
        assert_eq!(browser.get(&by(kind, text)).await.status, status, "{kind} {text}");
    }
}

#[tokio::test]
async fn overview_counts_ingested_events() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Admin).await;
    assert!(browser.get_page("/").await.contains("启动以来没有"));
    let events = serde_json::json!({"events": [
        {"id": "1", "type": "watch", "mid": 2},
        {"id": "1", "type": "watch", "mid": 2},
        {"id": "2"},
    ]});
    let program = service.operator(Role::Ingest).await;
    assert_eq!(program.post("/operator/events", events).await.code(), 0);
    let page = browser.get_page("/").await;
    assert!(!page.contains("启动以来没有"));
    for (label, number) in [("计入", 1), ("重复", 1), ("拒绝", 1)] {
        assert!(page.contains(&format!("<dt>{label}</dt><dd>{number}</dd>")), "{label}: {page}");
    }
}

#[tokio::test]
async fn cookie_ends_on_token_revocation_or_expiry() {
    let service = Service::new().await;
    let browser = OperatorBrowser::log_in(&service, Role::Moderator).await;
    let later = service.at_time("2026-01-16T00:00:01+08:00");
    let (token, cookie) = (browser.token.clone(), browser.cookie.clone());
    assert_eq!(OperatorBrowser { service: &later, token, cookie }.get("/").await.redirect_target(), "/login");
    let admin = service.operator(Role::Admin).await;
    let revoked = admin.post("/operator/tokens/revoke", serde_json::json!({"name": "moderator"})).await;
    assert_eq!(revoked.code(), 0);
    assert_eq!(browser.get("/").await.redirect_target(), "/login");
    let cross_site = browser.send("/logout", "", "cross-site").await;
    assert!(!cross_site.headers.contains_key(SET_COOKIE));
}
