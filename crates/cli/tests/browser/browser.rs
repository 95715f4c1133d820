//! A browser, used as somebody does who reads: what is pressed and filled in is found by its name.

use crate::community::Community;
use crate::driver;
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::prelude::*;
use tokio::sync::SemaphorePermit;
use tokio::time::MissedTickBehavior;

/// How long something may take on a busy machine, and how often it is looked for.
const PATIENCE: Duration = Duration::from_secs(20);
const INTERVAL: Duration = Duration::from_millis(50);

/// Whether pages may run their script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    On,
    Off,
}

/// A browser with a profile of its own.
pub(crate) struct Browser {
    driver: WebDriver,
    _room: SemaphorePermit<'static>,
}

impl Browser {
    /// One browser; none where there is no driver.
    pub(crate) async fn one(script: Script) -> Option<Browser> {
        Browser::some(script).await.map(|[browser]| browser)
    }

    /// So many browsers; none where there is no driver.
    pub(crate) async fn some<const COUNT: usize>(script: Script) -> Option<[Browser; COUNT]> {
        let mut room = driver::room(COUNT).await?;
        let mut browsers = Vec::new();
        for _ in 0..COUNT {
            let driver = driver::browser(&[]).await;
            let browser = Browser { driver, _room: room.split(1).unwrap() };
            if script == Script::Off {
                browser.say("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
            }
            browsers.push(browser);
        }
        browsers.try_into().ok()
    }

    /// Tells the browser something in the protocol of its developers' tools.
    pub(crate) async fn say(&self, what: &str, with: Value) {
        self.driver.cdp().send_raw(what, with).await.unwrap();
    }

    /// The same browser with another name for its device.
    pub(crate) async fn named(&self, agent: &str) {
        self.say("Network.setUserAgentOverride", json!({ "userAgent": agent })).await;
    }

    /// Its window is so wide.
    pub(crate) async fn is_wide(&self, width: u32) {
        self.driver.set_window_rect(0, 0, width, 900).await.unwrap();
    }

    /// Goes to an address.
    pub(crate) async fn go(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
    }

    /// Asks for the page once more.
    pub(crate) async fn reload(&self) {
        self.driver.refresh().await.unwrap();
    }

    /// Logs a member in by password.
    pub(crate) async fn log_in(&self, to: &Community, account: &str, password: &str) {
        self.go(&to.page("/login")).await;
        self.fill("昵称、用户名、手机号或邮箱", account).await;
        self.fill("密码", password).await;
        self.press("登录").await;
        self.is_at("/").await;
    }

    /// Makes somebody a member, who is logged in then.
    pub(crate) async fn sign_up(&self, to: &Community, uname: &str, password: &str) {
        self.go(&to.page("/signup")).await;
        self.fill("昵称", uname).await;
        self.fill("密码", password).await;
        self.press("注册").await;
        self.sees("欢迎加入").await;
    }

    /// Logs out.
    pub(crate) async fn log_out(&self) {
        self.press("退出").await;
        self.is_at("/login").await;
        self.sees("已退出登录").await;
    }

    /// Becomes the member of whom there is a session.
    pub(crate) async fn be_member(&self, of: &Community) {
        self.go(&of.page("/login")).await;
        self.driver.add_cookie(Cookie::new("SESSDATA", of.session())).await.unwrap();
    }

    /// Brings an operator's token.
    pub(crate) async fn operate(&self, of: &Community) {
        self.go(&of.desk("/reviews")).await;
        self.fill("令牌", of.token()).await;
        self.press("登录").await;
        self.sees("事件接入").await;
    }

    /// What is shown and found by a selector, if anything is.
    async fn shown(&self, by: &By) -> WebDriverResult<Option<WebElement>> {
        for found in self.driver.find_all(by.clone()).await? {
            if found.is_displayed().await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The same, once it is there.
    async fn find(&self, by: By) -> WebElement {
        self.until(&format!("{by} is not shown"), async || self.shown(&by).await).await
    }

    /// Clicks on what is shown and found by a selector, once it is there. A page that goes away meanwhile is no matter.
    async fn click(&self, by: By) {
        let click = async || match self.shown(&by).await? {
            Some(found) => found.click().await.map(Some),
            None => Ok(None),
        };
        self.until(&format!("{by} cannot be clicked on"), click).await;
    }

    /// Waits for something. A page that goes away while it is looked at is looked at again.
    async fn until<T>(&self, else_say: &str, attempt: impl AsyncFn() -> WebDriverResult<Option<T>>) -> T {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let met = async {
            loop {
                ticks.tick().await;
                if let Ok(Some(met)) = attempt().await {
                    return met;
                }
            }
        };
        let Ok(met) = tokio::time::timeout(PATIENCE, met).await else {
            panic!("{else_say} on {}", self.told().await);
        };
        met
    }

    /// The text that is shown, and where.
    pub(crate) async fn told(&self) -> String {
        let text = self.text().await.unwrap_or_default();
        format!("{}:\n{text}", self.address().await)
    }

    /// Its address, from the path on.
    pub(crate) async fn address(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", url.path())
    }

    /// Presses the button of a name.
    pub(crate) async fn press(&self, name: &str) {
        self.click(button(name)).await;
    }

    /// Follows the link of a text.
    pub(crate) async fn follow(&self, text: &str) {
        self.click(link(text)).await;
    }

    /// The same, where blanks between its parts are not told.
    pub(crate) async fn follow_near(&self, text: &str) {
        self.click(By::XPath(format!("//a[translate(normalize-space(.), ' ', '')={}]", quoted(text)))).await;
    }

    /// The name of the first button whose name begins so.
    pub(crate) async fn first_named(&self, beginning: &str) -> String {
        let by = By::XPath(format!("//button[starts-with(@aria-label, {})]", quoted(beginning)));
        self.find(by).await.attr("aria-label").await.unwrap().unwrap()
    }

    /// Where the link of a text leads.
    pub(crate) async fn leads(&self, text: &str) -> String {
        self.find(link(text)).await.prop("href").await.unwrap().unwrap()
    }

    /// Opens what is folded below a heading.
    pub(crate) async fn unfold(&self, heading: &str) {
        let heading = quoted(heading);
        let by = format!("//summary[starts-with(normalize-space(.), {heading}) or @aria-label={heading}]");
        self.click(By::XPath(by)).await;
    }

    /// The field of a label.
    pub(crate) async fn field(&self, label: &str) -> WebElement {
        self.find(field(label)).await
    }

    /// Writes into the field of a label, in place of what is there.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Unfolds everything.
    pub(crate) async fn unfold_all(&self) {
        let unfold =
            "for (const fold of document.querySelectorAll('details')) { fold.name = ''; fold.open = true; }";
        self.ask(unfold, Vec::new()).await;
    }

    /// Writes into fields of a button's form whatever it is, past what the browser would say of it.
    pub(crate) async fn force(&self, button: &str, labels: &[&str], text: &str) {
        let button = self.offers(button).await.to_json().unwrap();
        self.ask(include_str!("force.js"), vec![button, json!(labels), json!(text)]).await;
    }

    /// Waits until it says what became of a form.
    pub(crate) async fn is_told(&self) {
        self.find(By::XPath("//*[@id='said' or @role='alert']")).await;
    }

    /// Ticks the box of a label.
    pub(crate) async fn tick(&self, label: &str) {
        self.click(field(label)).await;
    }

    /// What stands in the field of a label.
    pub(crate) async fn written(&self, label: &str) -> String {
        self.field(label).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Waits until the page shows a text.
    pub(crate) async fn sees(&self, text: &str) {
        let sees = async || Ok(self.text().await?.contains(text).then_some(()));
        self.until(&format!("{text} is not"), sees).await;
    }

    /// The same, where blanks and lines are not told.
    pub(crate) async fn reads(&self, text: &str) {
        let reads = async || {
            let shown: String = self.text().await?.split_whitespace().collect();
            Ok(shown.contains(text).then_some(()))
        };
        self.until(&format!("{text} is not"), reads).await;
    }

    /// Waits until it does not.
    pub(crate) async fn misses(&self, text: &str) {
        let misses = async || Ok((!self.text().await?.contains(text)).then_some(()));
        self.until(&format!("{text} is still"), misses).await;
    }

    async fn text(&self) -> WebDriverResult<String> {
        self.driver.find(By::Tag("body")).await?.text().await
    }

    /// Waits until there is a button of a name.
    pub(crate) async fn offers(&self, name: &str) -> WebElement {
        self.find(button(name)).await
    }

    /// Waits until it is at a path, with this query.
    pub(crate) async fn is_at(&self, path: &str) {
        self.until(&format!("{path} is elsewhere: this is"), async || {
            Ok((self.address().await == path).then_some(()))
        })
        .await;
    }

    /// What a script tells of the page. It runs also where the page's own may not.
    pub(crate) async fn ask(&self, script: &str, with: Vec<Value>) -> Value {
        self.driver.execute(script, with).await.unwrap().json().clone()
    }

    /// What the browser has complained of since it was asked last: scripts, the policy, what was not found. That a page or a
    /// form was answered with a refusal is none.
    pub(crate) async fn complaints(&self) -> Vec<String> {
        let here = self.driver.current_url().await.unwrap();
        let refused = |message: &str| {
            let page = message.split(" - Failed to load resource").next().unwrap_or_default();
            page != message && (page.contains("/do/") || page == here.as_str())
        };
        let log = self.driver.browser_log().await.unwrap();
        let bad = log.into_iter().filter(|entry| entry.level == "SEVERE" || entry.level == "WARNING");
        bad.map(|entry| entry.message).filter(|message| !refused(message)).collect()
    }

    /// What is wrong with the page, as somebody would find who looks closely.
    pub(crate) async fn faults(&self) -> Vec<String> {
        let faults = self.ask(include_str!("faults.js"), Vec::new()).await;
        let mut faults: Vec<String> = serde_json::from_value(faults).unwrap();
        faults.extend(self.complaints().await);
        faults
    }

    /// Presses a key, wherever the focus is.
    pub(crate) async fn key(&self, key: Key) {
        self.driver.action_chain().send_keys(key).perform().await.unwrap();
    }
}

fn button(name: &str) -> By {
    let name = quoted(name);
    By::XPath(format!("//button[@aria-label={name} or not(@aria-label) and normalize-space(.)={name}]"))
}

fn link(text: &str) -> By {
    By::XPath(format!("//a[normalize-space(.)={}]", quoted(text)))
}

fn field(label: &str) -> By {
    let label = quoted(label);
    // What is optional says so behind its name.
    let named =
        format!("normalize-space(.)={label} or starts-with(normalize-space(.), concat({label}, ' '))");
    By::XPath(format!(
        "//*[self::input or self::select or self::textarea]\
         [@aria-label={label} or @id=//label[{named}]/@for or ancestor::label[{named}]]"
    ))
}

/// A text as XPath says it, which has no way to quote both quotes.
fn quoted(text: &str) -> String {
    let parts: Vec<String> = text.split('\'').map(|part| format!("'{part}'")).collect();
    if parts.len() == 1 { parts.concat() } else { format!("concat({})", parts.join(", \"'\", ")) }
}

/// The stories told with the script and without it: each is the test `with_script` and `without` of a module of its name.
///
/// A second thread is there as a browser that is dropped waits for its driver's answer, which somebody has to read.
macro_rules! with_and_without_script {
    ($($story:ident)+) => {$(
        mod $story {
            use crate::browser::Script;

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn with_script() {
                super::$story(Script::On).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn without() {
                super::$story(Script::Off).await;
            }
        }
    )+};
}
pub(crate) use with_and_without_script;
