//! What a device is called in 25, from the User-Agent it logged in with: `Chrome浏览器`.
//!
//! Every name comes from the lists here or from those of [`woothee`], and nothing that was sent is in any.

use woothee::parser::Parser;

/// How much of a User-Agent is looked at, in bytes. The longest of real ones, of programs within programs, have some 500.
const LOOKED_AT: usize = 1_024;

/// Programs, each with a mark of its own in lower case. As they are built upon one another and name what they are built
/// upon, the first that is found counts: 微信 says that it is a QQ浏览器 too, and all of them that they are Chrome and Safari.
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

/// The browsers of the world, whose marks robots have as well.
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

/// What is only known by the system it runs on: a window of a program that does not say which.
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

/// What a device is called; `未知设备` if it says nothing, or nothing that is known.
pub fn name(user_agent: Option<&str>) -> String {
    let agent = user_agent.unwrap_or_default();
    let agent = &agent[..agent.floor_char_boundary(LOOKED_AT)];
    // The blank is for marks that begin a word: they may be the first.
    let marks = format!(" {}", agent.to_ascii_lowercase());
    let guess = Parser::new().parse(agent).unwrap_or_default();
    let guessed = match (guess.category, guess.name) {
        ("crawler", "misc crawler") => Some("网络爬虫"),
        (_, "" | "UNKNOWN" | "Webview" | "HTTP Library") => None,
        (_, "Safari") => Some("Safari浏览器"),
        (_, name) => Some(name),
    };
    let robot = guessed.filter(|_| guess.category == "crawler");
    let known = listed(&PROGRAMS, &marks).or(robot).or_else(|| listed(&BROWSERS, &marks));
    known.or(guessed).or_else(|| listed(&SYSTEMS, &marks)).unwrap_or("未知设备").to_owned()
}

fn listed(list: &[(&str, &'static str)], marks: &str) -> Option<&'static str> {
    list.iter().find(|(mark, _)| marks.contains(mark)).map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn devices() {
        // A device and its User-Agent a line.
        for line in include_str!("../tests/agents.tsv").lines() {
            let (device, agent) = line.split_once('\t').unwrap();
            assert_eq!(name(Some(agent)), device, "{agent}");
        }
        assert_eq!(name(None), "未知设备");
    }

    #[test]
    fn what_was_sent_is_never_told() {
        let long = "Chrome/".repeat(20_000);
        let late = format!("{} curl/8.0", "x".repeat(LOOKED_AT));
        let within = format!("{}器 curl/8.0", "x".repeat(LOOKED_AT - 1));
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
            assert_eq!(name(Some(agent)), device, "{agent:.80}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_short_name(agent in "(Mozilla/5.0|DoCoMo/2.0|KDDI-|SoftBank/1.0/|BlackBerry|\\PC|[ ();/]){0,40}") {
            let name = name(Some(&agent));
            prop_assert!(!name.is_empty() && name.chars().count() <= 24, "{name}");
        }
    }
}
