//! Escaping of hostile text from imports and forms, on every page.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, PASSWORD};
use guanxi_api::params::encode_form;
use serde_json::{Value, json};

with_and_without_script! {
    imported_text_is_escaped
    submitted_text_is_escaped
}

/// Beginning of every hostile text and name.
const MARKER: &str = "<script>";
/// Time of the imported rows, a minute before the service's start time.
const IMPORT_TIME: i64 = 1_795_233_540;
const CLOCK: (&str, &str) = ("GUANXI_START_TIME", "2026-11-21T12:00:00+08:00");
/// A hostile name of the maximum length.
const NAME: &str = "<script>hacked'\"";
/// A shorter hostile name.
const SHORT: &str = "\"><img src=x>'";

/// Returns markup, an attribute end, a script end, a `javascript:` URL, a bidirectional control, and a letter with
/// many combining marks.
fn hostile() -> String {
    let stacked = format!("a{}", "\u{301}".repeat(70));
    format!(
        "{MARKER}window.hacked=1</script>\"><img src=x onerror=window.hacked=1>'-alert(1)-'javascript:window.hacked=1\u{202e}{stacked}"
    )
}

/// Returns the hostile text as an import accepts it: without the bidirectional control, and truncated.
fn importable() -> String {
    hostile().replace('\u{202e}', "").chars().take(100).collect()
}

/// Returns a dump of five members with hostile text in every field. Member 1 views member 2.
fn dump() -> String {
    let (text, page) = (importable(), "https://example.cn/'-alert(1)-'javascript:window.hacked=1");
    let short = |max| text.chars().take(max).collect::<String>();
    let mut rows = vec![json!({ "guanxi_dump": 1 })];
    for mid in 1..=5 {
        rows.push(json!({ "card": {
            "mid": mid, "uname": NAME, "face": page, "sign": short(70),
            "official": { "role": 1, "title": text, "desc": text, "verified": "person" },
            "vip": { "kind": 2, "status": 1, "label": { "text": text } },
        } }));
        rows.push(json!({ "profile": {
            "mid": mid, "place": text, "description": text, "school": text, "tags": [short(50)],
            "profession": { "name": text, "department": text, "title": text, "show": true },
            "live_room": { "url": page, "title": text, "cover": page },
            "top_photo": page, "nameplate": { "name": text, "image": page },
        } }));
        rows.push(json!({ "account": { "mid": mid, "userid": format!("gx_{mid}") } }));
        rows.push(json!({ "coin": { "mid": mid, "time": IMPORT_TIME, "delta": 5, "reason": text } }));
        let login = json!({ "mid": mid, "time": IMPORT_TIME, "ip": "203.0.113.9", "method": "password", "success": true,
            "device": text, "location": text, "isp": text });
        rows.push(json!({ "login": login }));
        let pending = json!({ "mid": mid, "sign": short(70), "submitted": IMPORT_TIME });
        let rejected = json!({ "mid": mid, "sign": short(70), "submitted": IMPORT_TIME, "rejected": text, "ended": IMPORT_TIME + 30 });
        rows.push(json!({ "bio_review": if mid == 1 { rejected } else { pending } }));
        let status = if mid == 1 { json!({ "rejected": text }) } else { json!("waiting") };
        rows.push(json!({ "realname": {
            "mid": mid, "status": status, "name": "王小明", "card": "110101199003072316", "submitted": IMPORT_TIME, "ended": if mid == 1 { IMPORT_TIME + 30 } else { 0 },
        } }));
    }
    rows.push(json!({ "group": { "mid": 1, "tagid": 7, "name": SHORT } }));
    for (from, to, kind) in
        [(1, 2, "follow"), (2, 1, "follow"), (3, 1, "follow"), (1, 4, "whisper"), (1, 5, "block")]
    {
        let groups = if (from, to) == (1, 2) {
            json!([[7, 0]])
        } else if kind == "follow" {
            json!([[0, 0]])
        } else {
            json!([])
        };
        let relation = json!({ "kind": kind, "mtime": IMPORT_TIME, "source": 11, "groups": groups });
        rows.push(json!({ "relation": { "from": from, "to": to, "relation": relation } }));
    }
    let audit = json!({ "seq": 1, "time": IMPORT_TIME, "operator": short(64), "action": "/operator/reviews/sign", "mid": 2, "after": json!(text).to_string() });
    rows.push(json!({ "audit": audit }));
    rows.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

const MEMBER_PAGES: [&str; 17] = [
    "/",
    "/me",
    "/news",
    "/levels",
    "/coins",
    "/logins",
    "/security",
    "/realname",
    "/followings",
    "/followings?group=7",
    "/fans",
    "/whispers",
    "/blacks",
    "/space/1",
    "/space/2",
    "/space/2/fans",
    "/space/2/followings",
];

async fn imported_text_is_escaped(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community =
        Community::from_dump(&dump(), 1, &importable().chars().take(64).collect::<String>(), &[CLOCK]);
    member.use_session(&community).await;
    operator.log_in_operator(&community).await;
    for width in [390, 1200] {
        member.set_width(width).await;
        operator.set_width(width).await;
        for path in MEMBER_PAGES {
            member.goto(&community.page(path)).await;
            assert_not_injected(&member, !matches!(path, "/security")).await;
        }
        for path in ["/", "/reviews", "/member?by=mid&text=2", "/log"] {
            operator.goto(&community.operator_page(path)).await;
            assert_not_injected(&operator, true).await;
        }
    }
    // Anonymous visitors see the same.
    let stranger = operator;
    for path in ["/space/2", "/space/2/fans"] {
        stranger.goto(&community.page(path)).await;
        assert_not_injected(&stranger, true).await;
    }
}

async fn submitted_text_is_escaped(script: Script) {
    let Some([member, operator]) = Browser::open_many(script).await else { return };
    let community = Community::empty(&[("GUANXI_SIGN_REVIEW", "moderator")]);
    let text = hostile();
    let query =
        |path: &str, name: &str| community.page(&format!("{path}?{}", encode_form([(name, text.as_str())])));

    // Login and signup.
    submit_hostile(&member, &community.page("/signup"), "注册", &["昵称", "密码", "手机号", "邮箱"]).await;
    submit_hostile(&member, &community.page("/login"), "登录", &["昵称、用户名、手机号或邮箱", "密码"]).await;
    for path in ["/login", "/login/qr", "/login/confirm"] {
        for back in [text.as_str(), "javascript:window.hacked=1", "//example.cn/", "/\\example.cn"] {
            member
                .goto(&community.page(&format!("{path}?{}", encode_form([("back", back), ("key", &text)]))))
                .await;
            assert_not_injected(&member, false).await;
        }
    }
    member.goto(&community.page("/login?back=javascript:window.hacked=1")).await;
    member.sign_up(&community, SHORT, PASSWORD).await;
    assert_not_injected(&member, false).await;

    // Members' forms.
    for path in ["/followings", "/fans", "/whispers", "/blacks"] {
        member.goto(&query(path, "q")).await;
        assert_not_injected(&member, true).await;
    }
    let page = community.page("/followings");
    submit_hostile(&member, &page, "创建", &["分组名"]).await;
    member.goto(&page).await;
    member.expand("新建分组").await;
    member.fill("分组名", SHORT).await;
    member.press("创建").await;
    member.wait_for_text(SHORT).await;
    member.follow_compact_link(&format!("{}0", SHORT.replace(' ', ""))).await;
    let page = community.page(&member.current_path().await);
    submit_hostile(&member, &page, "改名", &["新的分组名"]).await;
    submit_hostile(&member, &community.page("/me"), "提交", &["新的签名"]).await;
    submit_hostile(&member, &community.page("/realname"), "提交申请", &["姓名", "证件号码"]).await;
    submit_hostile(&member, &community.page("/security"), "修改密码", &["新密码"]).await;
    submit_hostile(&member, &community.page("/security"), "更新手机号", &["新手机号"]).await;
    submit_hostile(&member, &community.page("/security"), "更新邮箱", &["新邮箱"]).await;
    submit_hostile(&member, &community.page("/security"), "设置密保问题", &["问题", "答案"]).await;

    // Review and other operators' forms.
    let sign = "\"><img src=x onerror=window.hacked=1>'-alert(1)-'";
    member.goto(&community.page("/me")).await;
    member.fill("新的签名", sign).await;
    member.press("提交").await;
    member.wait_for_text("等待审核").await;
    assert_not_injected(&member, false).await;
    submit_hostile(&operator, &community.operator_page("/login"), "登录", &["令牌"]).await;
    operator.log_in_operator(&community).await;
    for by in ["mid", "uname", "userid", "tel", "mail", &text] {
        operator
            .goto(
                &community.operator_page(&format!("/member?{}", encode_form([("by", by), ("text", &text)]))),
            )
            .await;
        assert_not_injected(&operator, false).await;
    }
    operator.goto(&community.operator_page("/member?by=mid&text=1")).await;
    operator.expand("硬币…").await;
    operator.fill("变更", "3").await;
    operator.fill("原因", sign).await;
    operator.press("变更").await;
    operator.wait_for_button("确认变更").await;
    assert_not_injected(&operator, false).await;
    operator.press("确认变更").await;
    operator.wait_for_text("硬币已变更").await;
    assert_not_injected(&operator, false).await;
    operator.goto(&community.operator_page("/reviews")).await;
    operator.wait_for_text(sign).await;
    operator.expand(&format!("驳回 {SHORT} 的签名")).await;
    operator.fill("原因", sign).await;
    operator.press("驳回").await;
    operator.wait_for_text("没有等待审核的签名").await;
    for path in ["/", "/log"] {
        operator.goto(&community.operator_page(path)).await;
        operator.wait_for_text("onerror=window.hacked").await;
        assert_not_injected(&operator, false).await;
    }
    for path in ["/", "/me", "/coins"] {
        member.goto(&community.page(path)).await;
        member.wait_for_text(sign).await;
        assert_not_injected(&member, false).await;
    }
}

/// Submits a form with the hostile text in these fields, bypassing the browser's validation, and expects a
/// rejection.
async fn submit_hostile(browser: &Browser, page: &str, button: &str, labels: &[&str]) {
    browser.goto(page).await;
    browser.expand_all().await;
    browser.fill_unchecked(button, labels, &hostile()).await;
    browser.press(button).await;
    browser.wait_for_message().await;
    assert_not_injected(browser, false).await;
}

/// Asserts that the hostile text created no elements, is shown where expected, and does not overflow the page.
async fn assert_not_injected(browser: &Browser, shown: bool) {
    let report =
        browser.run_script(include_str!("injection.js"), vec![json!(MARKER), json!("\u{202e}")]).await;
    let clean = json!({ "hacked": "undefined", "injected": [], "unisolated": [], "overflowing": [], "shown": shown || report["shown"] == true });
    assert_eq!(report, clean, "{}", browser.describe().await);
    assert_eq!(browser.console_errors().await, Vec::<String>::new(), "{}", browser.describe().await);
}
