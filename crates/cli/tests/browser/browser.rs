//! A browser for the tests. Elements are found by their accessible names.

use crate::community::Community;
use crate::driver;
use serde_json::{Value, json};
use std::time::Duration;
use thirtyfour::prelude::*;
use tokio::sync::SemaphorePermit;
use tokio::time::MissedTickBehavior;

/// Timeout of a wait, and the interval between its attempts.
const TIMEOUT: Duration = Duration::from_secs(20);
const INTERVAL: Duration = Duration::from_millis(50);

/// Setting for the execution of the pages' script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Script {
    On,
    Off,
}

/// A browser with a new profile.
pub(crate) struct Browser {
    driver: WebDriver,
    _permit: SemaphorePermit<'static>,
}

impl Browser {
    /// Opens a browser, or `None` without a driver.
    pub(crate) async fn open(script: Script) -> Option<Browser> {
        Browser::open_many(script).await.map(|[browser]| browser)
    }

    /// Opens several browsers, or `None` without a driver.
    pub(crate) async fn open_many<const COUNT: usize>(script: Script) -> Option<[Browser; COUNT]> {
        let mut permits = driver::acquire(COUNT).await?;
        let mut browsers = Vec::new();
        for _ in 0..COUNT {
            let driver = driver::new_session().await;
            let browser = Browser { driver, _permit: permits.split(1).unwrap() };
            if script == Script::Off {
                browser.send_cdp("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
            }
            browsers.push(browser);
        }
        browsers.try_into().ok()
    }

    /// Sends a command of the Chrome DevTools protocol.
    pub(crate) async fn send_cdp(&self, method: &str, params: Value) {
        self.driver.cdp().send_raw(method, params).await.unwrap();
    }

    /// Sets the user agent.
    pub(crate) async fn set_user_agent(&self, agent: &str) {
        self.send_cdp("Network.setUserAgentOverride", json!({ "userAgent": agent })).await;
    }

    /// Sets the language that the browser asks for.
    pub(crate) async fn set_language(&self, tag: &str) {
        self.send_cdp("Network.enable", json!({})).await;
        self.send_cdp("Network.setExtraHTTPHeaders", json!({ "headers": { "Accept-Language": tag } })).await;
    }

    /// Sets the window width.
    pub(crate) async fn set_width(&self, width: u32) {
        self.driver.set_window_rect(0, 0, width, 900).await.unwrap();
    }

    /// Navigates to a URL.
    pub(crate) async fn goto(&self, address: &str) {
        self.driver.goto(address).await.unwrap();
    }

    /// Reloads the page.
    pub(crate) async fn reload(&self) {
        self.driver.refresh().await.unwrap();
    }

    /// Logs a member in by password.
    pub(crate) async fn log_in(&self, community: &Community, account: &str, password: &str) {
        self.goto(&community.page("/login")).await;
        self.fill("昵称、用户名、手机号或邮箱", account).await;
        self.fill("密码", password).await;
        self.press("登录").await;
        self.wait_for_path("/").await;
    }

    /// Signs up a member, who is then logged in.
    pub(crate) async fn sign_up(&self, community: &Community, uname: &str, password: &str) {
        self.goto(&community.page("/signup")).await;
        self.fill("昵称", uname).await;
        self.fill("密码", password).await;
        self.press("注册").await;
        self.wait_for_text("欢迎加入").await;
    }

    /// Logs out.
    pub(crate) async fn log_out(&self) {
        self.press("退出").await;
        self.wait_for_path("/login").await;
        self.wait_for_text("已退出登录").await;
    }

    /// Sets the session cookie of the community's member.
    pub(crate) async fn use_session(&self, community: &Community) {
        self.goto(&community.page("/login")).await;
        self.driver.add_cookie(Cookie::new("SESSDATA", community.session())).await.unwrap();
    }

    /// Logs the operator in by token.
    pub(crate) async fn log_in_operator(&self, community: &Community) {
        self.goto(&community.operator_page("/reviews")).await;
        self.fill("令牌", community.token()).await;
        self.press("登录").await;
        self.wait_for_text("事件接入").await;
    }

    /// Returns the first displayed element of a selector, if any.
    async fn find_displayed(&self, by: &By) -> WebDriverResult<Option<WebElement>> {
        for found in self.driver.find_all(by.clone()).await? {
            if found.is_displayed().await? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// Waits for a displayed element.
    async fn wait_for(&self, by: By) -> WebElement {
        self.wait_until(&format!("{by} is not shown"), async || self.find_displayed(&by).await).await
    }

    /// Waits for a displayed element and clicks it. A concurrent navigation causes a retry.
    async fn click(&self, by: By) {
        let click = async || match self.find_displayed(&by).await? {
            Some(found) => found.click().await.map(Some),
            None => Ok(None),
        };
        self.wait_until(&format!("{by} cannot be clicked"), click).await;
    }

    /// Waits for a condition. An error, such as by a concurrent navigation, causes a retry.
    async fn wait_until<T>(&self, failure: &str, attempt: impl AsyncFn() -> WebDriverResult<Option<T>>) -> T {
        let mut ticks = tokio::time::interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let result = async {
            loop {
                ticks.tick().await;
                if let Ok(Some(result)) = attempt().await {
                    return result;
                }
            }
        };
        let Ok(result) = tokio::time::timeout(TIMEOUT, result).await else {
            panic!("{failure} on {}", self.describe().await);
        };
        result
    }

    /// Returns path and text of the page, for failure messages.
    pub(crate) async fn describe(&self) -> String {
        let text = self.text().await.unwrap_or_default();
        format!("{}:\n{text}", self.current_path().await)
    }

    /// Returns path and query of the current URL.
    pub(crate) async fn current_path(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
        format!("{}{query}", url.path())
    }

    /// Clicks the button with that name.
    pub(crate) async fn press(&self, name: &str) {
        self.click(button(name)).await;
    }

    /// Clicks the link with that text.
    pub(crate) async fn follow_link(&self, text: &str) {
        self.click(link(text)).await;
    }

    /// Clicks the link with that text, ignoring white space.
    pub(crate) async fn follow_compact_link(&self, text: &str) {
        self.click(By::XPath(format!("//a[translate(normalize-space(.), ' ', '')={}]", quoted(text)))).await;
    }

    /// Returns the name of the first button whose name starts with the text.
    pub(crate) async fn first_button_starting_with(&self, beginning: &str) -> String {
        let by = By::XPath(format!("//button[starts-with(@aria-label, {})]", quoted(beginning)));
        self.wait_for(by).await.attr("aria-label").await.unwrap().unwrap()
    }

    /// Returns the target of the link with that text.
    pub(crate) async fn link_href(&self, text: &str) -> String {
        self.wait_for(link(text)).await.prop("href").await.unwrap().unwrap()
    }

    /// Returns the target of the link whose text starts with the text.
    pub(crate) async fn link_href_starting_with(&self, beginning: &str) -> String {
        let by = By::XPath(format!("//a[starts-with(normalize-space(.), {})]", quoted(beginning)));
        self.wait_for(by).await.prop("href").await.unwrap().unwrap()
    }

    /// Clicks the element of a CSS selector.
    pub(crate) async fn click_css(&self, selector: &str) {
        self.click(By::Css(selector.to_owned())).await;
    }

    /// Expands the `<details>` with that summary.
    pub(crate) async fn expand(&self, heading: &str) {
        let heading = quoted(heading);
        let by = format!("//summary[starts-with(normalize-space(.), {heading}) or @aria-label={heading}]");
        self.click(By::XPath(by)).await;
    }

    /// Returns the field with that label.
    pub(crate) async fn field(&self, label: &str) -> WebElement {
        self.wait_for(field(label)).await
    }

    /// Replaces the value of the field with that label.
    pub(crate) async fn fill(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses a file in the field with that label.
    pub(crate) async fn choose_file(&self, label: &str, path: &str) {
        let path = std::fs::canonicalize(path).unwrap();
        self.field(label).await.send_keys(path.to_str().unwrap()).await.unwrap();
    }

    /// Expands every `<details>`.
    pub(crate) async fn expand_all(&self) {
        let expand =
            "for (const fold of document.querySelectorAll('details')) { fold.name = ''; fold.open = true; }";
        self.run_script(expand, Vec::new()).await;
    }

    /// Fills fields of a button's form, bypassing the browser's validation.
    pub(crate) async fn fill_unchecked(&self, button: &str, labels: &[&str], text: &str) {
        let button = self.wait_for_button(button).await.to_json().unwrap();
        self.run_script(include_str!("fill_unchecked.js"), vec![button, json!(labels), json!(text)]).await;
    }

    /// Waits for a flash message or an alert.
    pub(crate) async fn wait_for_message(&self) {
        self.wait_for(By::XPath("//*[@id='flash' or @role='alert']")).await;
    }

    /// Clicks the checkbox with that label.
    pub(crate) async fn check(&self, label: &str) {
        self.click(field(label)).await;
    }

    /// Returns the value of the field with that label.
    pub(crate) async fn field_value(&self, label: &str) -> String {
        self.field(label).await.prop("value").await.unwrap().unwrap_or_default()
    }

    /// Waits until the page shows the text.
    pub(crate) async fn wait_for_text(&self, text: &str) {
        let has_text = async || Ok(self.text().await?.contains(text).then_some(()));
        self.wait_until(&format!("{text} is not shown"), has_text).await;
    }

    /// Reloads the page until it shows the text, which a job of the service brings.
    pub(crate) async fn reload_until_text(&self, text: &str) {
        let has_text = async || {
            self.driver.refresh().await?;
            Ok(self.text().await?.contains(text).then_some(()))
        };
        self.wait_until(&format!("{text} is not shown"), has_text).await;
    }

    /// Waits until the page shows the text, ignoring white space.
    pub(crate) async fn wait_for_compact_text(&self, text: &str) {
        let has_text = async || {
            let shown: String = self.text().await?.split_whitespace().collect();
            Ok(shown.contains(text).then_some(()))
        };
        self.wait_until(&format!("{text} is not shown"), has_text).await;
    }

    /// Waits until the page does not show the text.
    pub(crate) async fn wait_for_no_text(&self, text: &str) {
        let lacks_text = async || Ok((!self.text().await?.contains(text)).then_some(()));
        self.wait_until(&format!("{text} is still shown"), lacks_text).await;
    }

    async fn text(&self) -> WebDriverResult<String> {
        self.driver.find(By::Tag("body")).await?.text().await
    }

    /// Waits for the button with that name.
    pub(crate) async fn wait_for_button(&self, name: &str) -> WebElement {
        self.wait_for(button(name)).await
    }

    /// Waits until the button with that name is shown as pressed.
    pub(crate) async fn wait_for_pressed(&self, name: &str) {
        let name = quoted(name);
        self.wait_for(By::XPath(format!("//button[@aria-pressed='true'][normalize-space(.)={name}]"))).await;
    }

    /// Waits for that path and query.
    pub(crate) async fn wait_for_path(&self, path: &str) {
        self.wait_until(&format!("{path} is not the current path:"), async || {
            Ok((self.current_path().await == path).then_some(()))
        })
        .await;
    }

    /// Runs a script in the page, also where the page's own script is disabled.
    pub(crate) async fn run_script(&self, script: &str, args: Vec<Value>) -> Value {
        self.driver.execute(script, args).await.unwrap().json().clone()
    }

    /// Returns errors and warnings of the console since the last call: script errors, policy violations, missing
    /// resources. Error statuses of pages and forms are ignored.
    pub(crate) async fn console_errors(&self) -> Vec<String> {
        let url = self.driver.current_url().await.unwrap();
        let is_rejection = |message: &str| {
            let page = message.split(" - Failed to load resource").next().unwrap_or_default();
            page != message && (page.contains("/form/") || page == url.as_str())
        };
        let log = self.driver.browser_log().await.unwrap();
        let errors = log.into_iter().filter(|entry| entry.level == "SEVERE" || entry.level == "WARNING");
        errors.map(|entry| entry.message).filter(|message| !is_rejection(message)).collect()
    }

    /// Adds axe to every page that is opened from now on.
    pub(crate) async fn load_axe(&self) {
        let axe = json!({ "source": include_str!("axe/axe.min.js") });
        self.send_cdp("Page.addScriptToEvaluateOnNewDocument", axe).await;
    }

    /// Returns the accessibility faults and console errors of the page. It has axe.
    pub(crate) async fn accessibility_faults(&self) -> Vec<String> {
        let faults = self.run_script(include_str!("accessibility.js"), Vec::new()).await;
        let mut faults: Vec<String> = serde_json::from_value(faults).unwrap();
        faults.extend(self.console_errors().await);
        faults
    }

    /// Returns the id of the focused element, and the text that describes it.
    pub(crate) async fn focused(&self) -> (String, String) {
        let focused = self.run_script(include_str!("focused.js"), Vec::new()).await;
        serde_json::from_value(focused).unwrap()
    }

    /// Returns true if the page shows a field with that label.
    pub(crate) async fn has_field(&self, label: &str) -> bool {
        self.find_displayed(&field(label)).await.unwrap().is_some()
    }

    /// Connects the browser to the network, or disconnects it.
    pub(crate) async fn set_online(&self, is_online: bool) {
        let conditions =
            json!({ "offline": !is_online, "latency": 0, "downloadThroughput": -1, "uploadThroughput": -1 });
        self.send_cdp("Network.enable", json!({})).await;
        self.send_cdp("Network.emulateNetworkConditions", conditions).await;
    }

    /// Presses a key in the focused element. A navigation that the key starts may abort the command.
    pub(crate) async fn press_key(&self, key: Key) {
        if let Err(error) = self.driver.action_chain().send_keys(key).perform().await {
            assert!(format!("{error:?}").contains("aborted by navigation"), "{error:?}");
        }
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
    // Optional fields have a note after their label.
    let label_match =
        format!("normalize-space(.)={label} or starts-with(normalize-space(.), concat({label}, ' '))");
    By::XPath(format!(
        "//*[self::input or self::select or self::textarea]\
         [@aria-label={label} or @id=//label[{label_match}]/@for or ancestor::label[{label_match}]]"
    ))
}

/// Quotes a text for XPath 1.0, which has no escape for quotes.
fn quoted(text: &str) -> String {
    let parts: Vec<String> = text.split('\'').map(|part| format!("'{part}'")).collect();
    if parts.len() == 1 { parts.concat() } else { format!("concat({})", parts.join(", \"'\", ")) }
}

/// Defines each scenario as two tests: `with_script` and `without_script`, in a module named after it.
///
/// A second thread is required: dropping a browser blocks on the driver's response, which another thread must read.
macro_rules! with_and_without_script {
    ($($scenario:ident)+) => {$(
        mod $scenario {
            use crate::browser::Script;

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn with_script() {
                super::$scenario(Script::On).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 1)]
            async fn without_script() {
                super::$scenario(Script::Off).await;
            }
        }
    )+};
}
pub(crate) use with_and_without_script;
