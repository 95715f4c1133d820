//! News as lines of a page.

use super::avatar::truncate_graphemes;
use super::format;
use super::language::Language;
use super::text::{Html, Key};
use guanxi_api::account::list_news::{NewsItem, NewsKind};
use guanxi_domain::news::MAX_COUNTED;
use guanxi_types::Coins;

/// The largest length of a name within a line.
const NAME_MAX_GRAPHEMES: usize = 16;

/// A line of news.
#[derive(Debug)]
pub struct NewsLine {
    /// Id of the item, for its form.
    pub id: String,
    /// Text with markup.
    pub text: Html<'static>,
    /// Bio of a review; empty for none.
    pub quote: String,
    /// Time, formatted.
    pub time: String,
    /// Path of the page that the news are about.
    pub path: String,
    /// True if the reader should look at it.
    pub is_alert: bool,
    /// Number among the unread ones, from 1; `None` if it is read.
    pub unread_number: Option<usize>,
}

/// Builds the lines of items.
pub fn news_lines(language: Language, list: Vec<NewsItem>) -> Vec<NewsLine> {
    let mut unread = 0;
    let line = |item: NewsItem| {
        unread += usize::from(item.unread);
        let unread_number = item.unread.then_some(unread);
        NewsLine { unread_number, ..NewsLine::new(language, item) }
    };
    list.into_iter().map(line).collect()
}

impl NewsLine {
    fn new(language: Language, item: NewsItem) -> NewsLine {
        let (id, time) = (item.id.to_string(), language.minute(item.time));
        let (path, is_alert) = match item.r#type {
            NewsKind::SignApproved => ("/me".to_owned(), false),
            NewsKind::SignRejected => ("/me".to_owned(), true),
            NewsKind::RealnameVerified => ("/realname".to_owned(), false),
            NewsKind::RealnameRejected => ("/realname".to_owned(), true),
            NewsKind::Login => ("/logins".to_owned(), true),
            NewsKind::Level => ("/levels".to_owned(), false),
            NewsKind::Coins => ("/coins".to_owned(), item.coins < Coins::ZERO),
            NewsKind::Followers => match item.members.as_slice() {
                [only] if item.count == 1 => (format!("/space/{}", only.mid), false),
                _ => ("/fans".to_owned(), false),
            },
        };
        let is_quoted = matches!(item.r#type, NewsKind::SignApproved | NewsKind::SignRejected);
        let quote = if is_quoted { truncate_graphemes(&item.text, 40) } else { String::new() };
        NewsLine { id, text: line_text(language, item), quote, time, path, is_alert, unread_number: None }
    }
}

fn line_text(language: Language, item: NewsItem) -> Html<'static> {
    let NewsItem { text, remark, ip, level, coins, count, members, .. } = item;
    let because = |plain: Key, with_remark: Key| {
        if remark.is_empty() {
            language.html(plain)
        } else {
            language.html(with_remark).with("remark", remark.clone())
        }
    };
    match item.r#type {
        NewsKind::SignApproved => language.html("news-sign-approved"),
        NewsKind::SignRejected => because(Key("news-sign-rejected"), Key("news-sign-rejected-because")),
        NewsKind::RealnameVerified => language.html("news-realname-verified"),
        NewsKind::RealnameRejected => {
            because(Key("news-realname-rejected"), Key("news-realname-rejected-because"))
        }
        NewsKind::Login => {
            let (device, place) = (language.device(text), language.place(remark));
            language.html("news-login").with("device", device).with("place", place).with("ip", ip)
        }
        NewsKind::Level => language.html("news-level").with("level", level.to_string()),
        NewsKind::Coins => {
            let is_given = coins >= Coins::ZERO;
            let coins = format::format_coins(if is_given { coins } else { -coins });
            let line =
                language.html(if is_given { Key("news-coins-given") } else { Key("news-coins-taken") });
            line.with("coins", coins).with("remark", remark)
        }
        NewsKind::Followers => {
            let mut names =
                members.into_iter().map(|member| truncate_graphemes(&member.uname, NAME_MAX_GRAPHEMES));
            let (name, second) = (names.next().unwrap_or_default(), names.next().unwrap_or_default());
            match count {
                0..=1 => language.html("news-follower").with("name", name),
                2 => language.html("news-followers-two").with("name", name).with("second", second),
                _ if count > MAX_COUNTED => language.html("news-followers-many").with("name", name),
                _ => language.html("news-followers").with("name", name).with("others", count as u64 - 1),
            }
        }
    }
}
