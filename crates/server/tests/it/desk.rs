//! Operators' pages: who may open them, and what their forms do.

use crate::service::{Answer, Service};
use axum::body::Body;
use guanxi_api::params::encode;
use guanxi_server::session::Token;
use guanxi_types::Role;
use http::Request;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};

/// A browser of an operator's.
struct Desk<'s> {
    service: &'s Service,
    token: String,
    /// What it was given for the token.
    pass: String,
}

impl<'s> Desk<'s> {
    async fn of(service: &'s Service, role: Role) -> Desk<'s> {
        let token = service.operator(role).await.token.unwrap();
        let desk = Desk { service, token, pass: String::new() };
        let entered = desk.post("/login", &[("token", &desk.token)]).await;
        let cookie = entered.headers[SET_COOKIE].to_str().unwrap();
        let pass = cookie.split(['=', ';']).nth(1).unwrap().to_owned();
        Desk { pass, ..desk }
    }

    async fn get(&self, path: &str) -> Answer {
        let cookie = format!("guanxi_operator={}", self.pass);
        self.service.operate(Request::get(path).header(COOKIE, cookie).body(Body::empty()).unwrap()).await
    }

    async fn page(&self, path: &str) -> String {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        assert_eq!(answer.text().matches("<h1").count(), 1, "{path}");
        answer.text().to_owned()
    }

    async fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let csrf = Token::said(&self.pass).csrf();
        self.send(path, &encode(form.iter().copied().chain([("csrf", csrf.as_str())])), "same-origin").await
    }

    async fn send(&self, path: &str, form: &str, site: &str) -> Answer {
        let request = Request::post(path)
            .header(COOKIE, format!("guanxi_operator={}", self.pass))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("sec-fetch-site", site);
        self.service.operate(request.body(Body::from(form.to_owned())).unwrap()).await
    }
}

fn leads_to(answer: &Answer) -> &str {
    assert_eq!(answer.status, 303, "{}", answer.text());
    answer.headers[LOCATION].to_str().unwrap()
}

#[tokio::test]
async fn a_token_opens_the_desk() {
    let service = Service::new().await;
    let desk = Desk::of(&service, Role::Admin).await;
    let nobody = Desk { service: &service, token: String::new(), pass: String::new() };
    for path in ["/", "/reviews", "/member", "/log"] {
        desk.page(path).await;
        assert_eq!(leads_to(&nobody.get(path).await), "/login");
    }
    let entered = nobody.post("/login", &[("token", &desk.token)]).await;
    assert_eq!(leads_to(&entered), "/");
    let cookie = entered.headers[SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("; HttpOnly") && cookie.contains("; SameSite=Strict"), "{cookie}");
    assert!(!cookie.contains(&desk.token), "the token itself is in no cookie");
    let refused = nobody.post("/login", &[("token", "another")]).await;
    assert_eq!((refused.status.as_u16(), refused.headers.contains_key(SET_COOKIE)), (401, false));
    assert!(refused.text().contains("令牌无效"));
    // Nobody is logged in by another site's page, nor by an address.
    let elsewhere = nobody.send("/login", &encode([("token", desk.token.as_str())]), "cross-site").await;
    assert_eq!(elsewhere.status, 401);
    let addressed = nobody.send(&format!("/login?token={}", desk.token), "", "same-origin").await;
    assert_eq!(addressed.status, 401);
}

#[tokio::test]
async fn people_are_told_of_no_page_by_a_page() {
    let service = Service::new().await;
    for (accept, is_page) in [("text/html,*/*;q=0.8", true), ("*/*", false)] {
        let request =
            Request::get("/nowhere").header(http::header::ACCEPT, accept).body(Body::empty()).unwrap();
        let told = service.operate(request).await;
        assert_eq!((told.status.as_u16(), told.text().contains("没有这个页面")), (404, is_page));
    }
}

#[tokio::test]
async fn a_role_sees_what_it_may_do() {
    let service = Service::new().await;
    let moderator = Desk::of(&service, Role::Moderator).await;
    assert!(!moderator.page("/").await.contains("最近的操作"));
    let person = moderator.page("/member?by=mid&text=2").await;
    assert!(person.contains("封禁") && !person.contains("delta"));
    assert_eq!(moderator.get("/log").await.status, 403);
    let paid =
        moderator.post("/do/operator/member/coins", &[("mid", "2"), ("delta", "9"), ("reason", "x")]).await;
    assert_eq!(paid.status, 403);
    let ingest = Desk::of(&service, Role::Ingest).await;
    assert!(ingest.page("/").await.contains("事件接入"));
    for path in ["/reviews", "/member?by=mid&text=2"] {
        assert_eq!(ingest.get(path).await.status, 403, "{path}");
    }
}

#[tokio::test]
async fn a_sign_is_rejected_and_its_member_is_told_why() {
    let service =
        Service::with(|settings| settings.sign_review = guanxi_server::settings::SignReview::Moderator).await;
    let (desk, me) = (Desk::of(&service, Role::Moderator).await, service.member(2).await);
    let sign = "<b>慢慢来</b>";
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", sign)]).await.code(), 0);
    assert!(me.get("/me").await.text().contains("等待审核"));
    assert!(desk.page("/").await.contains(r#"<a href="/reviews#signs">1</a>"#));
    let page = desk.page("/reviews").await;
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
    let review = "/do/operator/reviews/sign";
    // A no needs a reason, and no verdict is for a sign that was not looked at.
    let told = desk.post(review, &verdict("false", "", submitted.as_str())).await;
    assert_eq!((told.status.as_u16(), told.text().contains("remark")), (400, true));
    assert!(desk.post(review, &verdict("true", "", "7")).await.text().contains("待审核的内容已更新"));
    let told = desk.post(review, &verdict("false", "请换一句", submitted.as_str())).await;
    assert_eq!(leads_to(&told), "/reviews");
    assert!(desk.page("/reviews").await.contains("没有等待审核的签名"));
    let home = me.get("/").await;
    assert!(home.text().contains("签名没有通过审核：请换一句"));
    let until =
        home.text().split(r#"name="until" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(leads_to(&me.post("/do/passport/news/seen", &[("until", &until), ("back", "/")]).await), "/");
    assert!(!me.get("/").await.text().contains("请换一句"));
    assert!(me.get("/me").await.text().contains("请换一句"));
}

#[tokio::test]
async fn no_form_counts_without_its_csrf() {
    let service = Service::new().await;
    let desk = Desk::of(&service, Role::Admin).await;
    let form = [("mid", "2"), ("delta", "9"), ("reason", "x"), ("back", "/member?by=mid&text=2")];
    let bare = desk.send("/do/operator/member/coins", &encode(form), "same-origin").await;
    let csrf = Token::said(&desk.pass).csrf();
    let whole = encode(form.into_iter().chain([("csrf", csrf.as_str())]));
    let elsewhere = desk.send("/do/operator/member/coins", &whole, "same-site").await;
    for refused in [bare, elsewhere] {
        assert_eq!(refused.status, 403);
        assert!(refused.text().contains("页面已过期"));
    }
    assert!(desk.page("/member?by=mid&text=2").await.contains("<dt>硬币</dt><dd>0</dd>"));
    assert_eq!(leads_to(&desk.post("/do/operator/member/coins", &form).await), "/member?by=mid&text=2");
    assert!(desk.page("/member?by=mid&text=2").await.contains("<dt>硬币</dt><dd>9</dd>"));
    assert!(desk.page("/log").await.contains("member/coins"));
}

#[tokio::test]
async fn coins_form_sent_twice_pays_once() {
    let service = Service::new().await;
    let desk = Desk::of(&service, Role::Admin).await;
    let person = "/member?by=mid&text=2";
    let id_in =
        |page: &str| page.split(r#"name="id" value=""#).nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (first, second) = (id_in(&desk.page(person).await), id_in(&desk.page(person).await));
    assert_ne!(first, second, "each page that is shown pays by itself");
    for (id, balance) in [(&first, 9), (&first, 9), (&second, 18)] {
        let form = [("mid", "2"), ("delta", "9"), ("reason", "x"), ("id", id.as_str()), ("back", person)];
        assert_eq!(leads_to(&desk.post("/do/operator/member/coins", &form).await), person);
        assert!(desk.page(person).await.contains(&format!("<dt>硬币</dt><dd>{balance}</dd>")), "{id}");
    }
}

#[tokio::test]
async fn a_member_is_found_by_what_is_known_of_them() {
    let service = Service::new().await;
    let desk = Desk::of(&service, Role::Admin).await;
    let by = |by, text| format!("/member?{}", encode([("by", by), ("text", text)]));
    assert!(desk.page(&by("uname", "成员2")).await.contains("UID 2"));
    for (kind, text, status) in
        [("mid", "x", 400), ("mid", "61", 404), ("uname", "没有", 404), ("x", "y", 400)]
    {
        assert_eq!(desk.get(&by(kind, text)).await.status, status, "{kind} {text}");
    }
}

#[tokio::test]
async fn how_the_ingest_does_is_seen() {
    let service = Service::new().await;
    let desk = Desk::of(&service, Role::Admin).await;
    assert!(desk.page("/").await.contains("启动以来没有"));
    let events = serde_json::json!({"events": [
        {"id": "1", "type": "watch", "mid": 2},
        {"id": "1", "type": "watch", "mid": 2},
        {"id": "2"},
    ]});
    let program = service.operator(Role::Ingest).await;
    assert_eq!(program.post("/operator/events", events).await.code(), 0);
    let page = desk.page("/").await;
    assert!(!page.contains("启动以来没有"));
    for (label, number) in [("计入", 1), ("重复", 1), ("拒绝", 1)] {
        assert!(page.contains(&format!("<dt>{label}</dt><dd>{number}</dd>")), "{label}: {page}");
    }
}

#[tokio::test]
async fn a_pass_ends_with_its_token_and_its_day() {
    let service = Service::new().await;
    let desk = Desk::of(&service, Role::Moderator).await;
    let later = service.at("2026-01-16T00:00:01+08:00");
    let (token, pass) = (desk.token.clone(), desk.pass.clone());
    assert_eq!(leads_to(&Desk { service: &later, token, pass }.get("/").await), "/login");
    let admin = service.operator(Role::Admin).await;
    let revoked = admin.post("/operator/tokens/revoke", serde_json::json!({"name": "moderator"})).await;
    assert_eq!(revoked.code(), 0);
    assert_eq!(leads_to(&desk.get("/").await), "/login");
    let elsewhere = desk.send("/logout", "", "cross-site").await;
    assert!(!elsewhere.headers.contains_key(SET_COOKIE));
}
