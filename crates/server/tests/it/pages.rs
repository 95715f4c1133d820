//! Helpers: members' pages and their forms.

use crate::client::TestClient;
use crate::service::TestResponse;
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};

/// Gets a page, checks that it is a well-formed one, and returns its text.
pub(crate) async fn get_page(browser: &TestClient<'_>, path: &str) -> String {
    let answer = browser.get(path).await;
    assert_eq!(answer.status, 200, "{path}: {}", answer.text());
    assert_is_page(path, &answer);
    answer.text().to_owned()
}

/// Checks that a response is a well-formed page.
pub(crate) fn assert_is_page(path: &str, answer: &TestResponse) {
    let text = answer.text();
    assert_eq!(answer.header(CONTENT_TYPE), "text/html; charset=utf-8", "{path}");
    assert_eq!(answer.header(CACHE_CONTROL), "no-store", "{path}");
    let policy = answer.header(CONTENT_SECURITY_POLICY);
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self';") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(text.matches("<h1").count(), 1, "{path}");
    assert!(text.contains("<main id=\"main\"") && text.trim_end().ends_with("</html>"), "{path}");
    // The content security policy would block these.
    for inline in ["<style", "style=\"", "onclick", "javascript:", "http://", "https://"] {
        let own =
            text.replace("http://127.0.0.1:8080/login/confirm", "").replace("http://www.w3.org/2000/svg", "");
        assert!(!own.contains(inline), "{path} has {inline}");
    }
}

/// Checks that an English page has no Chinese text but names of members, an example of one, initials and the switch.
pub(crate) fn assert_is_english(path: &str, text: &str) {
    assert!(text.contains("<html lang=\"en\""), "{path}: {text}");
    // The sex is also a value of the API.
    let data = ["成员", ">成<", "中文", "陈睿", "value=\"男\"", "value=\"女\"", "value=\"保密\""];
    let own = data.iter().fold(text.to_owned(), |own, data| own.replace(data, ""));
    for line in own.lines() {
        let is_chinese = line.chars().any(|letter| ('\u{2e80}'..='\u{9fff}').contains(&letter));
        assert!(!is_chinese, "{path}: {line}");
    }
}

/// Posts a form of the page at a path.
pub(crate) async fn post_form(
    browser: &TestClient<'_>,
    endpoint: &str,
    at: &str,
    fields: &[(&str, &str)],
) -> TestResponse {
    browser.post(&format!("/form{endpoint}"), &[fields, &[("back", at)]].concat()).await
}
