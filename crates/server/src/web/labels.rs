//! Labels that the service stores in Chinese, such as the name of a device, in the language of a page.
//! A text that is none of them is data, and stays as it is.

use super::language::Language;
use super::text::Key;

/// Chinese parts of the names of devices, and their English names.
const DEVICES: [(&str, &str); 20] = [
    ("企业微信", "WeCom"),
    ("微信", "WeChat"),
    ("支付宝", "Alipay"),
    ("钉钉", "DingTalk"),
    ("飞书", "Feishu"),
    ("微博", "Weibo"),
    ("抖音", "Douyin"),
    ("今日头条", "Toutiao"),
    ("百度", "Baidu"),
    ("夸克", "Quark"),
    ("华为", "Huawei"),
    ("小米", "Xiaomi"),
    ("三星", "Samsung"),
    ("搜狗", "Sogou"),
    ("猎豹", "Cheetah"),
    ("傲游", "Maxthon"),
    ("鸿蒙", "HarmonyOS"),
    ("安卓", "Android"),
    ("网络爬虫", "Crawler"),
    ("未知", "Unknown"),
];

/// Chinese endings of the names of devices, and their English names.
const DEVICE_KINDS: [(&str, &str); 3] = [("浏览器", " browser"), ("设备", " device"), ("电脑", " computer")];

/// Titles of ranks.
const RANKS: [(&str, Key); 5] = [
    ("普通用户", Key("rank-user")),
    ("正式会员", Key("rank-member")),
    ("字幕君", Key("rank-subtitler")),
    ("职人", Key("rank-expert")),
    ("站长大人", Key("rank-operator")),
];

impl Language {
    /// Returns the name of a device.
    pub fn device(self, name: String) -> String {
        if name.is_empty() {
            return self.text("unknown-device").to_string();
        }
        if self == Language::Chinese {
            return name;
        }
        let find = |table: &[(&'static str, &'static str)], text: &str| {
            table.iter().find(|(chinese, _)| *chinese == text).map(|(_, english)| *english)
        };
        let kind =
            DEVICE_KINDS.iter().find_map(|(chinese, english)| Some((name.strip_suffix(chinese)?, *english)));
        let (brand, kind) = kind.unwrap_or((&name, ""));
        match find(&DEVICES, brand) {
            Some(english) => format!("{english}{kind}"),
            None => format!("{brand}{kind}"),
        }
    }

    /// Returns the name of a place; empty for an unknown one.
    pub fn place(self, name: String) -> String {
        if name == "局域网" { self.text("local-network").to_string() } else { name }
    }

    /// Returns the reason of a change of coins.
    pub fn coin_reason(self, reason: String) -> String {
        if reason == guanxi_domain::reward::LOGIN_REASON {
            return self.text("login-reward").to_string();
        }
        match reason.strip_prefix("给视频 ").and_then(|rest| rest.strip_suffix(" 打赏")) {
            Some(video) => self.text("tip-for-video").with("video", video).to_string(),
            None => reason,
        }
    }

    /// Returns the title of a rank.
    pub fn rank(self, title: String) -> String {
        let found = RANKS.iter().find(|(known, _)| *known == title);
        found.map_or(title, |(_, key)| self.text(key).to_string())
    }

    /// Returns the sex of a member; `None` if the member does not tell it.
    pub fn sex(self, sex: &str) -> Option<String> {
        match sex {
            "男" => Some(self.text("sex-man").to_string()),
            "女" => Some(self.text("sex-woman").to_string()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::user_agent;
    use Language::{Chinese, English};
    use guanxi_domain::rank::rank_title;
    use guanxi_domain::reward;

    fn has_han(text: &str) -> bool {
        text.chars().any(|letter| ('\u{2e80}'..='\u{9fff}').contains(&letter))
    }

    #[test]
    fn names_of_devices_have_english_names() {
        for name in user_agent::names() {
            let english = English.device(name.to_owned());
            assert!(!has_han(&english) && !english.is_empty(), "{name}: {english}");
            assert_eq!(Chinese.device(name.to_owned()), name);
        }
        for (name, english) in [
            ("Chrome浏览器", "Chrome browser"),
            ("安卓设备", "Android device"),
            ("微信", "WeChat"),
            ("", "Unknown device"),
            ("甲的浏览器", "甲的 browser"),
        ] {
            assert_eq!(English.device(name.to_owned()), english);
        }
    }

    #[test]
    fn labels_of_the_service_have_english_texts() {
        for rank in [0, 10_000, 20_000, 25_000, 30_000, 32_000] {
            let title = rank_title(rank);
            assert!(!has_han(&English.rank(title.to_owned())), "{title}");
            assert_eq!(Chinese.rank(title.to_owned()), title);
        }
        for (reason, english) in [
            (reward::LOGIN_REASON.to_owned(), "Daily sign-in"),
            (reward::format_tip_reason("BV1"), "Tip for the video BV1"),
            ("补发".to_owned(), "补发"),
        ] {
            assert_eq!(English.coin_reason(reason.clone()), english);
            assert_eq!(Chinese.coin_reason(reason.clone()), reason);
        }
        assert_eq!(English.place("局域网".to_owned()), "Local network");
        assert_eq!((English.sex("男").as_deref(), English.sex("保密")), (Some("Male"), None));
    }
}
