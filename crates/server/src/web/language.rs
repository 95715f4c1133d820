//! Languages of pages, and the language that a browser asks for.

use http::HeaderMap;
use http::header::ACCEPT_LANGUAGE;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A language of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Language {
    /// Simplified Chinese.
    #[serde(rename = "zh-CN")]
    Chinese,
    /// English.
    #[serde(rename = "en")]
    English,
}

/// The maximum number of languages that are read from a request.
const MAX_RANGES: usize = 32;

impl Language {
    /// Every language, in the order of the switch.
    pub const ALL: [Language; 2] = [Language::Chinese, Language::English];

    /// Returns the language tag, as in HTML and HTTP.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// Returns the name of the language in itself.
    pub const fn name(self) -> &'static str {
        match self {
            Language::Chinese => "中文",
            Language::English => "English",
        }
    }

    /// Returns the language of a tag.
    pub fn from_tag(tag: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.tag() == tag)
    }

    /// Returns the language that the header `Accept-Language` prefers, or `default` if it accepts none.
    pub fn accepted(headers: &HeaderMap, default: Language) -> Language {
        let lines = headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|line| line.to_str().ok());
        let ranges = lines.flat_map(|line| line.split(',')).take(MAX_RANGES);
        let mut best = (default, 0);
        for (language, quality) in ranges.filter_map(|range| parse_range(range, default)) {
            // The first of several languages with the same quality counts.
            if quality > best.1 {
                best = (language, quality);
            }
        }
        best.0
    }
}

/// Parses a range such as `zh-TW;q=0.8`. Returns its language and its quality in thousandths, or `None` for another
/// language. Any language stands for `default`.
fn parse_range(range: &str, default: Language) -> Option<(Language, u32)> {
    let (tag, weight) = range.split_once(';').map_or((range, None), |(tag, weight)| (tag, Some(weight)));
    let primary = tag.split('-').next().unwrap_or_default().trim().to_ascii_lowercase();
    let language = match primary.as_str() {
        "zh" => Language::Chinese,
        "en" => Language::English,
        "*" => default,
        _ => return None,
    };
    Some((language, weight.map_or(Some(1_000), parse_quality)?))
}

/// Parses `q=0.8` as thousandths.
fn parse_quality(text: &str) -> Option<u32> {
    let text = text.trim().strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('=')?.trim();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_valid = matches!(whole, "0" | "1") && fraction.len() <= 3;
    let thousandths: u32 = is_valid.then(|| format!("{whole}{fraction:0<3}").parse().ok())??;
    (thousandths <= 1_000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn language_is_that_of_the_highest_quality() {
        use Language::{Chinese, English};
        // lines, default, language
        let cases: [(&[&str], Language, Language); 17] = [
            (&[], Chinese, Chinese),
            (&[], English, English),
            (&[""], English, English),
            (&["en"], Chinese, English),
            (&["en-GB,en;q=0.9"], Chinese, English),
            (&["ZH-TW"], English, Chinese),
            (&["zh-CN,zh;q=0.9,en;q=0.8"], English, Chinese),
            (&["fr;q=1,en;q=0.5,zh;q=0.6"], English, Chinese),
            (&["de,fr"], Chinese, Chinese),
            (&["de", "en;q=0.3"], Chinese, English),
            (&["en,zh"], Chinese, English),
            (&["en;q=0,zh;q=0"], English, English),
            (&["en;q=0.1,*;q=0.5"], Chinese, Chinese),
            (&["en ; q = 0.25 , zh ; q = 0.2"], Chinese, English),
            (&["en;q=2,zh;q=0.1"], English, Chinese),
            (&["en;q=x;;,zh;q=0.1111,zh;q=0.1"], English, Chinese),
            (&["english,enx"], Chinese, Chinese),
        ];
        for (lines, default, language) in cases {
            let values = lines.iter().map(|line| (ACCEPT_LANGUAGE, HeaderValue::from_str(line).unwrap()));
            assert_eq!(Language::accepted(&values.collect(), default), language, "{lines:?}");
        }
    }

    #[test]
    fn tag_is_that_of_the_setting() {
        for language in Language::ALL {
            assert_eq!(serde_json::to_value(language).unwrap(), language.tag());
            assert_eq!(Language::from_tag(language.tag()), Some(language));
        }
    }
}
