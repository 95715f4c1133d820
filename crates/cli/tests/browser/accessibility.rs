//! Accessibility and layout of every page and its states, at two widths, in both colour schemes and in both languages.

use crate::browser::{Browser, Script, with_and_without_script};
use crate::community::{Community, MEMBER_WITH_MANY_RELATIONS, PASSWORD, STRANGER};
use serde_json::json;
use thirtyfour::Key;

with_and_without_script! {
    keyboard_reaches_the_follow_button
}

const MEMBER_PAGES: [&str; 33] = [
    "/",
    "/me",
    "/rewards",
    "/news",
    "/levels",
    "/levels?month=2020-05",
    "/coins",
    "/coins?month=2020-05",
    "/logins",
    "/security",
    "/security/factors",
    "/realname",
    "/data",
    "/followings",
    "/followings?pn=3",
    "/followings?group=194110",
    "/followings?q=nobody",
    "/followings?show=one_way&sort=active",
    "/followings?sort=name&pn=7",
    "/fans?show=mutual&sort=oldest",
    "/fans",
    "/fans?pn=99",
    "/whispers",
    "/blacks",
    "/space/5818410",
    "/space/293793435",
    "/space/5818410/fans?pn=5",
    "/space/5818410/followings",
    "/space/1",
    "/nowhere",
    "/find",
    "/find?who=nobody",
    "/find?who=b",
];
const PUBLIC_PAGES: [&str; 7] =
    ["/login", "/login?back=%2Fme", "/login/qr?key=0", "/signup", "/recover", "/space/293793435", "/openapi"];
const OPERATOR_PAGES: [&str; 11] = [
    "/",
    "/reviews",
    "/member",
    "/members",
    "/members?silenced=true&exp_from=x",
    "/member/coins?mid=293793435",
    "/member?by=mid&text=293793435",
    "/member?by=mid&text=1",
    "/outbox",
    "/log",
    "/openapi",
];

/// Window widths of a phone and a desktop, with colour schemes.
const WINDOWS: [(u32, &str); 4] = [(360, "dark"), (360, "light"), (1200, "dark"), (1200, "light")];

async fn use_window(browser: &Browser, (width, scheme): (u32, &str)) {
    browser.set_width(width).await;
    // Colours must not be measured within a transition.
    let features = [("prefers-color-scheme", scheme), ("prefers-reduced-motion", "reduce")];
    let features = features.map(|(name, value)| json!({ "name": name, "value": value }));
    browser.send_cdp("Emulation.setEmulatedMedia", json!({ "features": features })).await;
}

/// Returns the faults of the current page in one window.
async fn faults_here(browser: &Browser, name: &str, (width, scheme): (u32, &str)) -> Vec<String> {
    let faults = browser.accessibility_faults().await.into_iter();
    faults.map(|fault| format!("{name} at {width}, {scheme}: {fault}")).collect()
}

/// Languages of the windows: each width and each scheme has both.
const LANGUAGES: [&str; 4] = ["en", "zh-CN", "zh-CN", "en"];

/// Returns the faults of the pages.
async fn faults(browser: &Browser, pages: impl Iterator<Item = String> + Clone) -> Vec<String> {
    let mut faults = Vec::new();
    for (window, language) in WINDOWS.into_iter().zip(LANGUAGES) {
        use_window(browser, window).await;
        browser.set_language(language).await;
        for page in pages.clone() {
            browser.goto(&page).await;
            faults.extend(faults_here(browser, &page, window).await);
        }
    }
    browser.set_language("zh-CN").await;
    faults
}

/// Asserts that the page as it is now has no faults.
async fn assert_state(browser: &Browser, name: &str) {
    let mut faults = Vec::new();
    for window in WINDOWS {
        use_window(browser, window).await;
        faults.extend(faults_here(browser, name, window).await);
    }
    assert_none(&faults);
}

fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn member_pages_have_no_faults() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    browser.load_axe().await;
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.use_session(&community).await;
    assert_none(&faults(&browser, MEMBER_PAGES.iter().map(|path| community.page(path))).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn public_pages_have_no_faults() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    browser.load_axe().await;
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    assert_none(&faults(&browser, PUBLIC_PAGES.iter().map(|path| community.page(path))).await);
    browser.goto(&community.page("/login")).await;
    browser.press("显示二维码").await;
    browser.wait_for_text("请用已登录的设备扫描").await;
    assert_none(&browser.accessibility_faults().await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn operator_pages_have_no_faults() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    browser.load_axe().await;
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    assert_none(&faults(&browser, ["/login"].iter().map(|path| community.operator_page(path))).await);
    browser.log_in_operator(&community).await;
    assert_none(&faults(&browser, OPERATOR_PAGES.iter().map(|path| community.operator_page(path))).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn rejected_forms_have_no_faults() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    browser.load_axe().await;
    let community = Community::empty(&[]);
    browser.goto(&community.page("/login")).await;
    browser.fill("昵称、用户名、手机号或邮箱", "小甲").await;
    browser.fill("密码", PASSWORD).await;
    browser.press("登录").await;
    browser.wait_for_text("账号或密码错误").await;
    assert_state(&browser, "rejected login").await;
    for uname in ["小甲", "小甲"] {
        browser.goto(&community.page("/signup")).await;
        browser.fill("昵称", uname).await;
        browser.fill("密码", PASSWORD).await;
        browser.press("注册").await;
        browser.wait_for_message().await;
        if browser.current_path().await == "/" {
            browser.log_out().await;
        }
    }
    browser.wait_for_text("昵称已被使用").await;
    assert_state(&browser, "rejected signup").await;
    browser.log_in(&community, "小甲", PASSWORD).await;
    browser.goto(&community.page("/me")).await;
    browser.fill_unchecked("提交", &["新的签名"], "早😀").await;
    browser.press("提交").await;
    browser.wait_for_text("签名不能包含表情图片").await;
    assert_state(&browser, "rejected sign").await;
    browser.goto(&community.page("/realname")).await;
    browser.fill("姓名", "王小明").await;
    browser.fill("证件号码", "1").await;
    browser.press("提交申请").await;
    browser.wait_for_text("证件号码有误").await;
    assert_state(&browser, "rejected application").await;
    browser.goto(&community.page("/security")).await;
    browser.expand("手机号").await;
    browser.fill("新手机号", "1531234505x").await;
    browser.press("更新手机号").await;
    browser.wait_for_text("手机号不对：5 ").await;
    assert_state(&browser, "rejected phone").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn profile_states_have_no_faults() {
    let Some([member, operator]) = Browser::open_many(Script::On).await else { return };
    member.load_axe().await;
    operator.load_axe().await;
    let community = Community::empty(&[("GUANXI_NAME_REVIEW", "moderator")]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    member.goto(&community.page("/me")).await;
    member.expand("昵称").await;
    member.fill("新的昵称", "admin").await;
    member.press("修改昵称").await;
    member.wait_for_text("昵称不合要求").await;
    assert_state(&member, "rejected name").await;
    member.fill("新的昵称", "小乙").await;
    member.press("修改昵称").await;
    member.wait_for_text("等待审核").await;
    member.expand("头像").await;
    let picture = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/home.png");
    member.choose_file("图片文件", picture).await;
    member.press("上传").await;
    member.wait_for_text("头像已更新").await;
    member.expand_all().await;
    assert_state(&member, "profile with every part open").await;
    operator.log_in_operator(&community).await;
    operator.goto(&community.operator_page("/reviews")).await;
    operator.expand("驳回 小甲 的昵称").await;
    assert_state(&operator, "review of a name").await;
    operator.goto(&community.operator_page("/member?by=mid&text=1")).await;
    operator.press("移除头像").await;
    operator.wait_for_text("移除这位用户的头像？").await;
    assert_state(&operator, "question about a picture").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn menus_of_lists_have_no_faults() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    browser.load_axe().await;
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.use_session(&community).await;
    for (path, menu) in [("/followings", "分组"), ("/fans", "批量操作"), ("/space/5818410", "备注")] {
        browser.goto(&community.page(path)).await;
        browser.expand(menu).await;
        assert_state(&browser, &format!("{menu} of {path}")).await;
    }
    browser.goto(&community.page("/followings")).await;
    browser.check("全选本页").await;
    browser.expand("批量操作").await;
    browser.press("改为悄悄关注").await;
    browser.wait_for_text("已悄悄关注 50 人").await;
    assert_state(&browser, "result of a batch").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn login_by_code_has_no_faults() {
    let Some([laptop, phone]) = Browser::open_many(Script::On).await else { return };
    laptop.load_axe().await;
    phone.load_axe().await;
    let community = Community::empty(&[("GUANXI_SIGN_REVIEW", "moderator")]);
    laptop.goto(&community.page("/login")).await;
    laptop.press("显示二维码").await;
    laptop.wait_for_text("请用已登录的设备扫描").await;
    assert_state(&laptop, "shown code").await;
    phone.sign_up(&community, "小甲", PASSWORD).await;
    phone.goto(&laptop.link_href("这个地址").await).await;
    phone.wait_for_text("请求以你的身份登录").await;
    assert_state(&phone, "scanned code").await;
    laptop.wait_for_text("已扫描").await;
    phone.press("取消").await;
    laptop.wait_for_text("取消了登录").await;
    assert_state(&laptop, "cancelled code").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn reviews_and_questions_have_no_faults() {
    let Some([member, operator]) = Browser::open_many(Script::On).await else { return };
    member.load_axe().await;
    operator.load_axe().await;
    let community = Community::empty(&[("GUANXI_SIGN_REVIEW", "moderator")]);
    member.sign_up(&community, "小甲", PASSWORD).await;
    member.goto(&community.page("/me")).await;
    member.fill("新的签名", "慢慢来，比较快").await;
    member.press("提交").await;
    member.wait_for_text("等待审核").await;
    assert_state(&member, "pending sign").await;
    member.goto(&community.page("/")).await;
    assert_state(&member, "home with a pending sign").await;
    member.goto(&community.page("/realname")).await;
    member.fill("姓名", "王小明").await;
    member.fill("证件号码", "110101199003072316").await;
    member.press("提交申请").await;
    member.wait_for_text("等待审核").await;
    assert_state(&member, "pending application").await;
    operator.goto(&community.operator_page("/login")).await;
    operator.fill("令牌", "none").await;
    operator.press("登录").await;
    operator.wait_for_text("令牌无效").await;
    assert_state(&operator, "rejected token").await;
    operator.log_in_operator(&community).await;
    operator.goto(&community.operator_page("/reviews")).await;
    assert_state(&operator, "reviews").await;
    operator.reload().await;
    operator.press("通过 小甲 的实名").await;
    operator.wait_for_text("通过这个实名认证？").await;
    assert_state(&operator, "question").await;
    operator.press("确认通过").await;
    operator.wait_for_text("没有等待审核的实名申请").await;
    member.reload().await;
    assert_state(&member, "verified application").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn suggestions_have_no_faults() {
    let Some(browser) = Browser::open(Script::On).await else { return };
    browser.load_axe().await;
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.use_session(&community).await;
    for (path, label) in [("/", "找人"), ("/find", "昵称、拼音或 UID")] {
        browser.set_width(1200).await;
        browser.goto(&community.page(path)).await;
        browser.fill(label, "bcj").await;
        browser.wait_for_text("北窗旧书").await;
        browser.press_key(Key::Down).await;
        assert_state(&browser, &format!("suggestions of {path}")).await;
    }
}

async fn keyboard_reaches_the_follow_button(script: Script) {
    let Some(browser) = Browser::open(script).await else { return };
    let community = Community::demo(MEMBER_WITH_MANY_RELATIONS);
    browser.use_session(&community).await;
    browser.goto(&community.page(&format!("/space/{STRANGER}"))).await;
    let focused = "return document.activeElement.ariaLabel";
    let mut steps = 0;
    while browser.run_script(focused, vec![]).await != json!("关注 北窗旧书") {
        steps += 1;
        assert!(steps < 40, "the button is not reachable by keyboard");
        browser.press_key(Key::Tab).await;
    }
    browser.press_key(Key::Enter).await;
    browser.wait_for_button("取消关注 北窗旧书").await;
    if script == Script::On {
        // The focus remains on the button after the update in place.
        assert_eq!(browser.run_script(focused, vec![]).await, json!("取消关注 北窗旧书"));
    }
}
