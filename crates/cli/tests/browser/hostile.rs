//! Texts that would be more than texts: no page takes them for its own, whoever wrote them and whoever looks.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::Community;
use guanxi_api::params::encode;
use serde_json::{Value, json};

with_and_without_script! {
    what_a_community_brings_is_shown_as_text
    what_is_typed_is_shown_as_text
}

const PASSWORD: &str = "chang-an-yi-pian-yue";

/// What every text and name begins with.
const BEGINNING: &str = "<script>";
/// When all of it was said, which is a minute before the service's clock starts.
const THEN: i64 = 1_795_233_540;
const CLOCK: (&str, &str) = ("GUANXI_CLOCK", "2026-11-21T12:00:00+08:00");
/// A name that an import takes, as long as a name can be.
const NAME: &str = "<script>hacked'\"";
/// A name has no more room.
const SHORT: &str = "\"><img src=x>'";

/// An element, an attribute's end, a script's end, an address that is a script, writing that runs backwards, and a letter
/// under a tower of marks.
fn hostile() -> String {
    let tower = format!("a{}", "\u{301}".repeat(70));
    format!(
        "{BEGINNING}window.hacked=1</script>\"><img src=x onerror=window.hacked=1>'-alert(1)-'javascript:window.hacked=1\u{202e}{tower}"
    )
}

/// The hostile text as far as an import takes it: without what turns writing round, and cut to the longest line.
fn importable() -> String {
    hostile().replace('\u{202e}', "").chars().take(100).collect()
}

/// A community of five, of whom everything that can be said is hostile. The second is looked at, by the first.
fn dump() -> String {
    let (text, page) = (importable(), "https://example.cn/'-alert(1)-'javascript:window.hacked=1");
    let short = |most| text.chars().take(most).collect::<String>();
    let mut rows = vec![json!({ "guanxi_dump": 2 })];
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
        rows.push(json!({ "coin": { "mid": mid, "time": THEN, "delta": 5, "reason": text } }));
        let login = json!({ "mid": mid, "time": THEN, "ip": "203.0.113.9", "how": "password", "ok": true,
            "device": text, "place": text, "carrier": text });
        rows.push(json!({ "login": login }));
        let waits = json!({ "mid": mid, "sign": short(70), "submitted": THEN });
        let rejected =
            json!({ "mid": mid, "sign": short(70), "submitted": THEN, "rejected": text, "ended": THEN + 30 });
        rows.push(json!({ "sign": if mid == 1 { rejected } else { waits } }));
        let standing = if mid == 1 { json!({ "rejected": text }) } else { json!("waiting") };
        rows.push(json!({ "realname": {
            "mid": mid, "standing": standing, "name": "王小明", "card": "110101199003072316", "submitted": THEN, "ended": if mid == 1 { THEN + 30 } else { 0 },
        } }));
    }
    rows.push(json!({ "group": { "mid": 1, "tagid": 7, "name": SHORT } }));
    for (from, to, kind) in
        [(1, 2, "follow"), (2, 1, "follow"), (3, 1, "follow"), (1, 4, "whisper"), (1, 5, "black")]
    {
        let groups = if (from, to) == (1, 2) {
            json!([[7, 0]])
        } else if kind == "follow" {
            json!([[0, 0]])
        } else {
            json!([])
        };
        let tie = json!({ "kind": kind, "mtime": THEN, "source": 11, "groups": groups });
        rows.push(json!({ "tie": { "from": from, "to": to, "tie": tie } }));
    }
    let audit = json!({ "seq": 1, "time": THEN, "by": short(64), "deed": "sign", "mid": 2, "after": json!(text).to_string() });
    rows.push(json!({ "audit": audit }));
    rows.iter().map(Value::to_string).collect::<Vec<_>>().join("\n")
}

const OF_MEMBERS: [&str; 15] = [
    "/",
    "/me",
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

async fn what_a_community_brings_is_shown_as_text(script: Script) {
    let Some([member, operator]) = Browser::some(script).await else { return };
    let community =
        Community::of_dump(&dump(), 1, &importable().chars().take(64).collect::<String>(), &[CLOCK]);
    member.be_member(&community).await;
    operator.operate(&community).await;
    for width in [390, 1200] {
        member.is_wide(width).await;
        operator.is_wide(width).await;
        for path in OF_MEMBERS {
            member.go(&community.page(path)).await;
            intact(&member, !matches!(path, "/security")).await;
        }
        for path in ["/", "/reviews", "/member?by=mid&text=2", "/log"] {
            operator.go(&community.desk(path)).await;
            intact(&operator, true).await;
        }
    }
    // Nobody in particular sees no more.
    let stranger = operator;
    for path in ["/space/2", "/space/2/fans"] {
        stranger.go(&community.page(path)).await;
        intact(&stranger, true).await;
    }
}

async fn what_is_typed_is_shown_as_text(script: Script) {
    let Some([member, operator]) = Browser::some(script).await else { return };
    let community = Community::empty(&[("GUANXI_SIGN_REVIEW", "moderator")]);
    let text = hostile();
    let query =
        |path: &str, name: &str| community.page(&format!("{path}?{}", encode([(name, text.as_str())])));

    // The door.
    refuses(&member, &community.page("/signup"), "注册", &["昵称", "密码", "手机号", "邮箱"]).await;
    refuses(&member, &community.page("/login"), "登录", &["昵称、用户名、手机号或邮箱", "密码"]).await;
    for path in ["/login", "/login/qr", "/login/confirm"] {
        for back in [text.as_str(), "javascript:window.hacked=1", "//example.cn/", "/\\example.cn"] {
            member.go(&community.page(&format!("{path}?{}", encode([("back", back), ("key", &text)])))).await;
            intact(&member, false).await;
        }
    }
    member.go(&community.page("/login?back=javascript:window.hacked=1")).await;
    member.sign_up(&community, SHORT, PASSWORD).await;
    intact(&member, false).await;

    // What a member writes.
    for path in ["/followings", "/fans", "/whispers", "/blacks"] {
        member.go(&query(path, "q")).await;
        intact(&member, true).await;
    }
    let page = community.page("/followings");
    refuses(&member, &page, "创建", &["分组名"]).await;
    member.go(&page).await;
    member.unfold("新建分组").await;
    member.fill("分组名", SHORT).await;
    member.press("创建").await;
    member.sees(SHORT).await;
    member.follow_near(&format!("{}0", SHORT.replace(' ', ""))).await;
    let page = community.page(&member.address().await);
    refuses(&member, &page, "改名", &["新的分组名"]).await;
    refuses(&member, &community.page("/me"), "提交", &["新的签名"]).await;
    refuses(&member, &community.page("/realname"), "提交申请", &["姓名", "证件号码"]).await;
    refuses(&member, &community.page("/security"), "修改密码", &["现在的密码", "新密码"]).await;
    refuses(&member, &community.page("/security"), "更新手机号", &["新手机号", "密码"]).await;
    refuses(&member, &community.page("/security"), "更新邮箱", &["新邮箱", "密码"]).await;
    refuses(&member, &community.page("/security"), "设置密保问题", &["问题", "答案", "密码"]).await;

    // What waits for an operator, and what they write.
    let sign = "\"><img src=x onerror=window.hacked=1>'-alert(1)-'";
    member.go(&community.page("/me")).await;
    member.fill("新的签名", sign).await;
    member.press("提交").await;
    member.sees("等待审核").await;
    intact(&member, false).await;
    refuses(&operator, &community.desk("/login"), "登录", &["令牌"]).await;
    operator.operate(&community).await;
    for by in ["mid", "uname", "userid", "tel", "mail", &text] {
        operator.go(&community.desk(&format!("/member?{}", encode([("by", by), ("text", &text)])))).await;
        intact(&operator, false).await;
    }
    operator.go(&community.desk("/member?by=mid&text=1")).await;
    operator.unfold("硬币…").await;
    operator.fill("变更", "3").await;
    operator.fill("原因", sign).await;
    operator.press("变更").await;
    operator.sees("硬币已变更").await;
    intact(&operator, false).await;
    operator.go(&community.desk("/reviews")).await;
    operator.sees(sign).await;
    operator.unfold(&format!("驳回 {SHORT} 的签名")).await;
    operator.fill("原因", sign).await;
    operator.press("驳回").await;
    operator.sees("没有等待审核的签名").await;
    for path in ["/", "/log"] {
        operator.go(&community.desk(path)).await;
        operator.sees("onerror=window.hacked").await;
        intact(&operator, false).await;
    }
    for path in ["/", "/me", "/coins"] {
        member.go(&community.page(path)).await;
        member.sees(sign).await;
        intact(&member, false).await;
    }
}

/// Sends a form that has the hostile text in these fields, past what the browser would say of them, and is told no.
async fn refuses(browser: &Browser, page: &str, button: &str, labels: &[&str]) {
    browser.go(page).await;
    browser.unfold_all().await;
    browser.force(button, labels, &hostile()).await;
    browser.press(button).await;
    browser.is_told().await;
    intact(browser, false).await;
}

/// That nothing of the text became a part of the page, that it is shown where it has to be, and that it needs no more room
/// than there is.
async fn intact(browser: &Browser, shown: bool) {
    let told = browser.ask(include_str!("intact.js"), vec![json!(BEGINNING), json!("\u{202e}")]).await;
    let clean = json!({ "hacked": "undefined", "made": [], "loose": [], "wide": [], "shown": shown || told["shown"] == true });
    assert_eq!(told, clean, "{}", browser.told().await);
    assert_eq!(browser.complaints().await, Vec::<String>::new(), "{}", browser.told().await);
}
