//! The forms of members' pages: redirects, errors on the page of the form, and their effects on lists.

use crate::client::PASSWORD;
use crate::pages::{assert_is_page, get_page, post_form};
use crate::service::{MEMBER_COUNT, Service};
use guanxi_api::params::encode_form;

/// The fields of a form.
type Fields = &'static [(&'static str, &'static str)];

/// A field with another password than that of the member.
const WRONG: (&str, &str) = ("password", "a-wrong-password");

#[tokio::test]
async fn form_calls_the_api_and_redirects_back() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let at = "/space/2/fans?pn=2&order=asc";
    let done = post_form(&me, "/x/relation/modify", at, &[("fid", "2"), ("act", "1")]).await;
    assert_eq!(done.redirect_target(), at);
    let attribute = me.get("/x/relation?fid=2").await.data()["attribute"].clone();
    assert_eq!(attribute, 2);
    // The next page shows the message once.
    assert!(get_page(&me, "/followings").await.contains(">已关注</p>"));
    assert!(!get_page(&me, "/followings").await.contains(">已关注</p>"));
}

#[tokio::test]
async fn form_redirects_to_local_paths_only() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for back in ["https://b.cn/", "//b.cn/", "/\\b.cn/", "javascript:alert(1)", "", "\r\nx: y"] {
        let done = post_form(&me, "/x/relation/modify", back, &[("fid", "2"), ("act", "1")]).await;
        assert_eq!(done.redirect_target(), "/", "{back}");
        let text = get_page(&service.anonymous(), &format!("/login?{}", encode_form([("back", back)]))).await;
        assert!(text.contains(r#"name="back" value="/""#), "{back}");
    }
}

#[tokio::test]
async fn form_without_session_redirects_to_login() {
    let service = Service::new().await;
    let done =
        post_form(&service.anonymous(), "/x/relation/modify", "/space/2", &[("fid", "2"), ("act", "1")])
            .await;
    assert_eq!(done.redirect_target(), "/login?back=%2Fspace%2F2");
}

#[tokio::test]
async fn cross_site_form_is_rejected() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let form = "fid=2&act=1&back=%2Fspace%2F2";
    for csrf in ["", "&csrf=", "&csrf=0123456789abcdef0123456789abcdef"] {
        let response = me.post_raw("/form/x/relation/modify", &format!("{form}{csrf}")).await;
        assert_eq!(response.status, 403);
        assert_is_page(csrf, &response);
        assert!(response.text().contains("页面已过期"));
    }
    assert_eq!(me.get("/x/relation?fid=2").await.data()["attribute"], 0);
    let cross_site = service.anonymous().with_header("sec-fetch-site", "cross-site");
    for path in ["/form/passport/login", "/form/passport/signup"] {
        let response = cross_site
            .post(path, &[("account", "成员1"), ("uname", "新人"), ("password", PASSWORD), ("at", "/login")])
            .await;
        assert_eq!(response.status, 403, "{path}");
    }
    assert_eq!(cross_site.post("/login/qr", &[]).await.status, 403);
}

#[tokio::test]
async fn rejected_form_keeps_fields_except_secrets() {
    let service = Service::new().await;
    let fields = [
        ("uname", "成员1"),
        ("password", "not-for-a-page"),
        ("mail", "a@b.cn"),
        ("back", "/"),
        ("at", "/signup"),
    ];
    let response = service.anonymous().post("/form/passport/signup", &fields).await;
    assert_eq!(response.status, 422);
    assert_is_page("/signup", &response);
    let text = response.text();
    assert!(
        text.contains("昵称已被使用")
            && text.contains(r#"value="成员1""#)
            && text.contains(r#"value="a@b.cn""#)
    );
    assert!(!text.contains("not-for-a-page"));
    let fields =
        [("account", "成员1"), ("password", "wrong"), ("back", "/fans"), ("at", "/login?back=%2Ffans")];
    let response = service.anonymous().post("/form/passport/login", &fields).await;
    assert!(
        response.text().contains("账号或密码错误")
            && response.text().contains(r#"name="back" value="/fans""#)
    );
    let me = service.log_in_as(1).await;
    let response = post_form(&me, "/x/member/web/sign/update", "/me", &[("user_sign", "早😀")]).await;
    assert!(
        response.text().contains("签名不能包含表情图片") && response.text().contains("\n早😀</textarea>")
    );
    let fields = [("realname", "王小明"), ("card", "110101199003072317"), ("card_type", "0")];
    let response = post_form(&me, "/passport/realname", "/realname", &fields).await;
    assert!(response.text().contains(r#"value="王小明""#), "{}", response.text());
    assert!(response.text().contains(r#"value="110101199003072317" aria-invalid="true" autofocus"#));
    // An empty sign is not replaced by the stored one, and a text with a NUL character is not lost.
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", "慢慢来")]).await.code(), 0);
    let response = post_form(&me, "/x/member/web/sign/update", "/me", &[("user_sign", "早\0")]).await;
    assert!(response.text().contains("\n早\u{fffd}</textarea>"), "{}", response.text());
}

#[tokio::test]
async fn error_stands_at_its_field() {
    let service = Service::new().await;
    let me = service.anonymous();
    me.sign_up("小甲", &[]).await;
    // The forms ask for the password some time after its last proof.
    let later = service.at_time("2026-01-15T12:20:00+08:00");
    let me = me.with_service(&later);
    // form, page, fields, fold and field with the error
    let cases: [(&str, Fields, &str, &str); 4] = [
        ("password", &[("old", WRONG.1), ("new", "wan-hu-dao-yi-sheng")], "password", "old"),
        ("tel", &[("tel", ""), WRONG], "tel", "tel-password"),
        ("mail", &[("mail", "x"), ("password", PASSWORD)], "mail", "mail-new"),
        (
            "question",
            &[("question", ""), ("answer", "年糕"), ("password", PASSWORD)],
            "question",
            "question-new",
        ),
    ];
    for (form, fields, fold, id) in cases {
        let response = post_form(&me, &format!("/passport/{form}"), "/security", fields).await;
        let text = response.text();
        assert!(text.contains(&format!(r#"name="change" id="{fold}" open>"#)), "{form}: {text}");
        assert_eq!(text.matches(" open>").count(), 1, "{form}: only that fold is open");
        let input = text.split(&format!(r#"id="{id}""#)).nth(1).unwrap().split('>').next().unwrap();
        assert!(input.contains(r#"aria-invalid="true" autofocus"#), "{form}: {input}");
        assert!(input.contains(&format!(r#"aria-describedby="{id}-error"#)), "{form}: {input}");
        assert!(text.contains(&format!(r#"<p class="field-error" id="{id}-error">"#)), "{form}");
        assert_eq!(text.matches(" autofocus").count(), 1, "{form}: only the field takes the focus");
    }
}

#[tokio::test]
async fn get_of_a_form_path_redirects_home() {
    let service = Service::new().await;
    assert_eq!(service.anonymous().get("/form/x/relation/modify").await.redirect_target(), "/");
}

#[tokio::test]
async fn query_does_not_fill_in_forms() {
    let service = Service::new().await;
    let (me, anonymous) = (service.log_in_as(1).await, service.anonymous());
    for (browser, path) in [
        (&me, "/security?tel=13800000000&mail=a%40b.cn"),
        (&me, "/me?user_sign=13800000000"),
        (&me, "/followings?tag=13800000000"),
        (&anonymous, "/signup?uname=13800000000&tel=13800000000"),
        (&anonymous, "/login?account=13800000000"),
    ] {
        let text = get_page(browser, path).await;
        // The page's own URL appears percent-encoded after a `?`.
        assert!(!text.contains("value=\"13800000000") && !text.contains(">13800000000<"), "{path}");
    }
}

#[tokio::test]
async fn members_are_assigned_to_several_groups() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for fid in 2..=4 {
        me.change_relation(1, fid).await;
    }
    for tag in ["同学", "同事"] {
        assert_eq!(
            post_form(&me, "/x/relation/tag/create", "/followings", &[("tag", tag)]).await.redirect_target(),
            "/followings"
        );
    }
    let groups = me.get("/x/relation/tags").await.data();
    let tagid = |at: usize| groups[at]["tagid"].to_string();
    let boxes = [("fids", "2"), ("fids", "3"), ("tagids", &tagid(2)), ("tagids", &tagid(3))];
    post_form(&me, "/x/relation/tags/addUsers", "/followings", &boxes).await;
    let group_path = format!("/followings?group={}", tagid(3));
    let text = get_page(&me, &group_path).await;
    assert!(text.contains("成员2") && text.contains("成员3") && !text.contains("成员4"));
    assert!(get_page(&me, "/followings?group=0").await.contains("成员4"));
    let response = post_form(&me, "/x/relation/tag/create", "/followings", &[("tag", "同学")]).await;
    assert!(response.text().contains("该分组已经存在") && response.text().contains(r#"value="同学""#));
    let fields = [("tagid", tagid(3)), ("at", group_path.clone())];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(
        post_form(&me, "/x/relation/tag/del", "/followings", &fields).await.redirect_target(),
        "/followings"
    );
    assert_eq!(me.get(&group_path).await.status, 200);
}

#[tokio::test]
async fn list_keeps_its_page_after_changes() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    for fid in 2..=MEMBER_COUNT {
        assert_eq!(me.change_relation(1, fid).await, 0);
    }
    let second = get_page(&me, "/followings?pn=2").await;
    assert!(second.contains("第 2 / 2 页") && second.contains(r#"name="back" value="/followings?pn=2""#));
    // After the last page becomes empty, the page before is shown.
    for fid in 2..=10 {
        post_form(&me, "/x/relation/modify", "/followings?pn=2", &[("fid", &fid.to_string()), ("act", "2")])
            .await;
    }
    let last = get_page(&me, "/followings?pn=2").await;
    assert!(last.contains("成员60") && !last.contains("第 2"));
    assert!(get_page(&me, "/followings?order=asc").await.contains("<option value=\"oldest\" selected>"));
}

#[tokio::test]
async fn signup_then_follow_is_visible() {
    let service = Service::new().await;
    let me = service.anonymous();
    let fields = [
        ("uname", "小甲"),
        ("password", PASSWORD),
        ("tel", ""),
        ("mail", ""),
        ("back", "/"),
        ("at", "/signup"),
    ];
    assert_eq!(me.post("/form/passport/signup", &fields).await.redirect_target(), "/");
    assert!(get_page(&me, "/").await.contains("小甲"));
    post_form(&me, "/x/relation/modify", "/space/2", &[("fid", "2"), ("act", "1")]).await;
    assert!(get_page(&me, "/followings").await.contains(r#"<a href="/space/2">"#));
    assert!(get_page(&me, "/space/2").await.contains("已关注"));
    assert_eq!(post_form(&me, "/passport/logout", "/login", &[]).await.redirect_target(), "/login");
    assert_eq!(me.get("/").await.redirect_target(), "/login");
}
