//! Device names for login logs, such as `Chrome浏览器`, from the `User-Agent` header.
//!
//! Every name comes from the lists here or from those of [`woothee`]. A name never contains text of the header.

use woothee::parser::Parser;

/// The number of bytes of a User-Agent that are parsed. The longest real ones, of apps with embedded browsers, have
/// about 500.
const MAX_BYTES: usize = 1_024;

/// Programs by a lowercase token of their User-Agent. The first match counts, since a program also sends the tokens
/// of its base: 微信 sends those of QQ浏览器, and all of them send those of Chrome and Safari.
const PROGRAMS: [(&str, &str); 62] = [
    ("wxwork/", "企业微信"),
    ("micromessenger", "微信"),
    ("alipayclient", "支付宝"),
    ("dingtalk", "钉钉"),
    ("feishu", "飞书"),
    (" lark/", "飞书"),
    ("weibo", "微博"),
    ("aweme", "抖音"),
    ("newsarticle/", "今日头条"),
    ("baiduboxapp", "百度"),
    (" tim/", "TIM"),
    (" qq/", "QQ"),
    ("qqbrowser", "QQ浏览器"),
    ("quark/", "夸克浏览器"),
    ("quarkpc/", "夸克浏览器"),
    ("ucbrowser", "UC浏览器"),
    (" ubrowser/", "UC浏览器"),
    ("ucweb", "UC浏览器"),
    ("huaweibrowser", "华为浏览器"),
    (" hbpc/", "华为浏览器"),
    ("miuibrowser", "小米浏览器"),
    ("vivobrowser", "vivo浏览器"),
    ("heytapbrowser", "OPPO浏览器"),
    ("oppobrowser", "OPPO浏览器"),
    ("samsungbrowser", "三星浏览器"),
    ("metasr", "搜狗浏览器"),
    ("sogoumobilebrowser", "搜狗浏览器"),
    ("sogoumse", "搜狗浏览器"),
    ("360se", "360浏览器"),
    ("360ee", "360浏览器"),
    ("360browser", "360浏览器"),
    ("360 aphone", "360浏览器"),
    ("qihoobrowser", "360浏览器"),
    ("qhbrowser", "360浏览器"),
    ("bidubrowser", "百度浏览器"),
    ("baidubrowser", "百度浏览器"),
    ("2345explorer", "2345浏览器"),
    ("lbbrowser", "猎豹浏览器"),
    ("maxthon", "傲游浏览器"),
    ("postmanruntime/", "Postman"),
    ("apifox/", "Apifox"),
    ("insomnia/", "Insomnia"),
    ("python-requests/", "python-requests"),
    ("python-urllib/", "python-urllib"),
    ("python-httpx/", "python-httpx"),
    (" aiohttp/", "aiohttp"),
    (" scrapy/", "Scrapy"),
    (" okhttp/", "okhttp"),
    ("apache-httpclient/", "Apache-HttpClient"),
    ("go-http-client/", "Go-http-client"),
    ("node-fetch", "node-fetch"),
    (" axios/", "axios"),
    (" undici", "undici"),
    (" reqwest/", "reqwest"),
    (" guzzlehttp/", "GuzzleHttp"),
    ("libwww-perl/", "libwww-perl"),
    (" dart/", "Dart"),
    (" java/", "Java"),
    (" httpie/", "HTTPie"),
    (" wget/", "Wget"),
    (" curl/", "curl"),
    (" guanxi/", "guanxi"),
];

/// Browsers whose tokens crawlers send as well.
const BROWSERS: [(&str, &str); 18] = [
    (" edg/", "Edge浏览器"),
    (" edge/", "Edge浏览器"),
    (" edga/", "Edge浏览器"),
    (" edgios/", "Edge浏览器"),
    (" opr/", "Opera浏览器"),
    (" opt/", "Opera浏览器"),
    (" opios/", "Opera浏览器"),
    (" opera", "Opera浏览器"),
    (" yabrowser/", "Yandex浏览器"),
    (" vivaldi/", "Vivaldi浏览器"),
    (" firefox/", "Firefox浏览器"),
    (" fxios/", "Firefox浏览器"),
    (" chrome/", "Chrome浏览器"),
    (" headlesschrome/", "Chrome浏览器"),
    (" crios/", "Chrome浏览器"),
    (" trident/", "IE浏览器"),
    (" msie ", "IE浏览器"),
    (" version/4.0 mobile safari/", "安卓浏览器"),
];

/// Systems, for an embedded browser of an unknown app.
const SYSTEMS: [(&str, &str); 8] = [
    ("iphone", "iPhone"),
    ("ipad", "iPad"),
    ("openharmony", "鸿蒙设备"),
    ("harmonyos", "鸿蒙设备"),
    ("android", "安卓设备"),
    ("macintosh", "Mac"),
    ("windows", "Windows电脑"),
    ("linux", "Linux电脑"),
];

/// Returns the name of a device, or `未知设备` if the User-Agent is absent or unknown.
pub fn device_name(user_agent: Option<&str>) -> String {
    let agent = user_agent.unwrap_or_default();
    let agent = &agent[..agent.floor_char_boundary(MAX_BYTES)];
    // The blank is for tokens that begin with one: the token may be the first.
    let tokens = format!(" {}", agent.to_ascii_lowercase());
    let guess = Parser::new().parse(agent).unwrap_or_default();
    let guessed = match (guess.category, guess.name) {
        ("crawler", "misc crawler") => Some("网络爬虫"),
        (_, "" | "UNKNOWN" | "Webview" | "HTTP Library") => None,
        (_, "Safari") => Some("Safari浏览器"),
        (_, name) => Some(name),
    };
    let robot = guessed.filter(|_| guess.category == "crawler");
    let known = find_name(&PROGRAMS, &tokens).or(robot).or_else(|| find_name(&BROWSERS, &tokens));
    known.or(guessed).or_else(|| find_name(&SYSTEMS, &tokens)).unwrap_or("未知设备").to_owned()
}

fn find_name(list: &[(&str, &'static str)], tokens: &str) -> Option<&'static str> {
    list.iter().find(|(token, _)| tokens.contains(token)).map(|(_, name)| *name)
}

/// Returns every name that is written out here.
#[cfg(test)]
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    let tables = PROGRAMS.iter().chain(&BROWSERS).chain(&SYSTEMS);
    tables.map(|(_, name)| *name).chain(["网络爬虫", "Safari浏览器", "未知设备"])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_user_agents_have_their_device_names() {
        // Each line is a device name and a User-Agent.
        for line in include_str!("../../tests/agents.tsv").lines() {
            let (device, agent) = line.split_once('\t').unwrap();
            assert_eq!(device_name(Some(agent)), device, "{agent}");
        }
        assert_eq!(device_name(None), "未知设备");
    }

    #[test]
    fn device_name_contains_no_header_text() {
        let long = "Chrome/".repeat(20_000);
        let late = format!("{} curl/8.0", "x".repeat(MAX_BYTES));
        let within = format!("{}器 curl/8.0", "x".repeat(MAX_BYTES - 1));
        let cases = [
            (long.as_str(), "Chrome浏览器"),
            (late.as_str(), "未知设备"),
            (within.as_str(), "未知设备"),
            ("<script>alert(1)</script>", "未知设备"),
            ("Mozilla/5.0 <b>Chrome</b> Chrome/90 Safari/537.36", "Chrome浏览器"),
            ("curl/\r\nSet-Cookie: a=b", "curl"),
            ("\u{0}\u{7}\u{1b}[31m", "未知设备"),
            ("微信", "未知设备"),
        ];
        for (agent, device) in cases {
            assert_eq!(device_name(Some(agent)), device, "{agent:.80}");
        }
    }

    proptest! {
        #[test]
        fn arbitrary_user_agent_has_a_short_name(agent in "(Mozilla/5.0|DoCoMo/2.0|KDDI-|SoftBank/1.0/|BlackBerry|\\PC|[ ();/]){0,40}") {
            let name = device_name(Some(&agent));
            prop_assert!(!name.is_empty() && name.chars().count() <= 24, "{name}");
        }
    }
}
