//! Texts of pages, in the language of their reader.
//!
//! The catalogues are Fluent files in `locales`, one for each area of the service, and part of the program. A test
//! compares their keys with those that templates and code use.

use super::format;
use super::language::Language;
use askama::filters::HtmlSafe;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use guanxi_types::{ErrorCode, HttpError};
use std::borrow::Cow;
use std::fmt;
use std::fmt::Write;
use std::sync::LazyLock;

macro_rules! catalogues {
    ($($area:literal),+ $(,)?) => {
        /// The files of a language.
        #[cfg(test)]
        const AREAS: &[&str] = &[$($area),+];
        const CHINESE: &[&str] = &[$(include_str!(concat!("../../locales/zh-CN/", $area, ".ftl"))),+];
        const ENGLISH: &[&str] = &[$(include_str!(concat!("../../locales/en/", $area, ".ftl"))),+];
    };
}

catalogues!(
    "account",
    "common",
    "data",
    "errors",
    "factors",
    "find",
    "flash",
    "labels",
    "login",
    "many",
    "members",
    "messages",
    "news",
    "openapi",
    "operator_members",
    "operators",
    "profile"
);

/// The texts of a language.
pub(super) type Catalogue = FluentBundle<FluentResource>;

/// Returns a catalogue without texts.
pub(super) fn empty_catalogue(language: Language) -> Catalogue {
    let mut catalogue = Catalogue::new_concurrent(vec![language.tag().parse().expect("the tag is valid")]);
    // Text of members is isolated by <bdi>.
    catalogue.set_use_isolating(false);
    catalogue.set_formatter(Some(|value, _| match value {
        FluentValue::Number(number) => Some(format::format_count(number.into())),
        _ => None,
    }));
    catalogue
}

/// Parses the files of a language. The tests parse all of them.
fn parse(language: Language, files: &[&str]) -> Catalogue {
    let mut catalogue = empty_catalogue(language);
    for file in files {
        let resource = FluentResource::try_new((*file).to_owned());
        let resource = resource.unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", language.tag()));
        catalogue.add_resource(resource).unwrap_or_else(|errors| panic!("{}: {errors:?}", language.tag()));
    }
    catalogue
}

fn catalogue(language: Language) -> &'static Catalogue {
    static PARSED: LazyLock<[Catalogue; 2]> =
        LazyLock::new(|| [parse(Language::Chinese, CHINESE), parse(Language::English, ENGLISH)]);
    &PARSED[language as usize]
}

/// The key of a text, for tables of labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(pub &'static str);

impl From<&'static str> for Key {
    fn from(key: &'static str) -> Key {
        Key(key)
    }
}

// Templates pass values by reference.
impl From<&Key> for Key {
    fn from(key: &Key) -> Key {
        *key
    }
}

impl From<&&Key> for Key {
    fn from(key: &&Key) -> Key {
        **key
    }
}

/// A value of an argument: a text or a number.
pub trait Argument<'a> {
    /// Returns the value as the catalogue takes it.
    fn value(self) -> FluentValue<'a>;
}

macro_rules! arguments {
    ($($type:ty),+) => {
        $(impl<'a> Argument<'a> for $type {
            fn value(self) -> FluentValue<'a> {
                self.into()
            }
        }

        impl<'a> Argument<'a> for &$type {
            fn value(self) -> FluentValue<'a> {
                self.clone().into()
            }
        })+
    };
}

arguments!(String, u8, u16, u32, u64, usize, i64);

impl<'a> Argument<'a> for &'a str {
    fn value(self) -> FluentValue<'a> {
        self.into()
    }
}

impl<'a> Argument<'a> for &&'a str {
    fn value(self) -> FluentValue<'a> {
        (*self).into()
    }
}

impl<'a> Argument<'a> for &&String {
    fn value(self) -> FluentValue<'a> {
        (*self).clone().into()
    }
}

impl<'a> Argument<'a> for Text<'_> {
    fn value(self) -> FluentValue<'a> {
        self.to_string().into()
    }
}

impl Language {
    /// Returns a text of the catalogue. In templates the language is `t`.
    pub fn text<'a>(self, key: impl Into<Key>) -> Text<'a> {
        Text { language: self, key: key.into(), arguments: None }
    }

    /// Returns a text with markup. Its arguments are escaped.
    pub fn html<'a>(self, key: impl Into<Key>) -> Html<'a> {
        Html(self.text(key))
    }

    /// Returns the text of an error code, such as `code-30002`.
    pub fn code(self, code: ErrorCode) -> String {
        self.numbered("code", code.number()).unwrap_or_else(|| code.message().to_owned())
    }

    /// Returns the text of an error of HTTP, such as `http-404`.
    pub fn http_error(self, error: HttpError) -> String {
        self.numbered("http", error.number()).unwrap_or_else(|| error.message().to_owned())
    }

    /// Returns the text of the code of an answer. `None` if it has none.
    pub fn code_of_number(self, number: i32) -> Option<String> {
        self.numbered("code", number).or_else(|| self.numbered("http", number))
    }

    fn numbered(self, prefix: &str, number: i32) -> Option<String> {
        let key = format!("{prefix}-{}", number.unsigned_abs());
        let pattern = catalogue(self).get_message(&key)?.value()?;
        Some(catalogue(self).format_pattern(pattern, None, &mut Vec::new()).into_owned())
    }
}

/// A text of the catalogue with its arguments. It is formatted where it is shown.
#[derive(Debug)]
pub struct Text<'a> {
    language: Language,
    key: Key,
    arguments: Option<FluentArgs<'a>>,
}

impl<'a> Text<'a> {
    /// Adds an argument. A number has thousands separators, and selects a plural.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Argument<'a>) -> Text<'a> {
        self.arguments.get_or_insert_default().set(name, value.value());
        self
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (catalogue, key) = (catalogue(self.language), self.key.0);
        let Some(pattern) = catalogue.get_message(key).and_then(|message| message.value()) else {
            debug_assert!(false, "the catalogue of {} has no {key}", self.language.tag());
            return out.write_str(key);
        };
        let mut errors = Vec::new();
        catalogue.write_pattern(out, pattern, self.arguments.as_ref(), &mut errors)?;
        debug_assert!(errors.is_empty(), "{key} in {}: {errors:?}", self.language.tag());
        Ok(())
    }
}

impl From<Text<'_>> for Cow<'_, str> {
    fn from(text: Text<'_>) -> Self {
        text.to_string().into()
    }
}

/// A text of the catalogue that has markup, such as a link.
#[derive(Debug)]
pub struct Html<'a>(Text<'a>);

impl<'a> Html<'a> {
    /// Adds an argument, which is escaped.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Argument<'a>) -> Html<'a> {
        let value = match value.value() {
            FluentValue::String(text) => escape(&text).into(),
            value => value,
        };
        self.0.arguments.get_or_insert_default().set(name, value);
        self
    }
}

impl fmt::Display for Html<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(out)
    }
}

impl HtmlSafe for Html<'_> {}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' | '<' | '>' | '"' | '\'' => {
                write!(escaped, "&#{};", u32::from(letter)).expect("writing to a String does not fail");
            }
            _ => escaped.push(letter),
        }
    }
    escaped
}

#[cfg(test)]
mod tests;
