//! Preferences of a browser: the language and the theme of pages. A cookie remembers each, without a login too.

use super::language::Language;
use super::text::Key;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::cookies::request_cookie;
use crate::http::response::{ApiError, ApiResponse};
use guanxi_api::Endpoint;
use guanxi_api::auth::AnonymousWrite;
use guanxi_api::endpoint::{EncodedParams, InvalidRequest, ParamInfo};
use guanxi_api::param::{BadParam, InvalidValue, Param};
use guanxi_api::params::{Params, encode_form};
use http::{HeaderMap, HeaderValue, Method};
use schemars::JsonSchema;

/// The colour scheme of pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, JsonSchema)]
pub enum Theme {
    /// The theme of the system.
    System,
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

impl Theme {
    /// Every theme, in the order of the switch.
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    /// Returns the value of the cookie and of the attribute of `<html>`.
    pub const fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// Returns the label of the switch.
    pub const fn label(self) -> Key {
        match self {
            Theme::System => Key("theme-system"),
            Theme::Light => Key("theme-light"),
            Theme::Dark => Key("theme-dark"),
        }
    }

    /// Returns the schemes that the browser may use for its own controls.
    pub const fn colour_scheme(self) -> &'static str {
        match self {
            Theme::System => "light dark",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    fn from_name(name: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.name() == name)
    }
}

impl Param for Language {
    fn parse(text: &str) -> Result<Language, InvalidValue> {
        Language::from_tag(text).ok_or(InvalidValue("is no language of pages"))
    }

    fn encode(&self) -> Option<String> {
        Some(self.tag().to_owned())
    }
}

impl Param for Theme {
    fn parse(text: &str) -> Result<Theme, InvalidValue> {
        Theme::from_name(text).ok_or(InvalidValue("is no theme of pages"))
    }

    fn encode(&self) -> Option<String> {
        Some(self.name().to_owned())
    }
}

const LANGUAGE_COOKIE: &str = "language";
const THEME_COOKIE: &str = "theme";
/// Lifetime of the cookies in seconds: a year.
const LIFETIME_SECS: u32 = 31_536_000;

/// The preferences of a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// The language of pages.
    pub language: Language,
    /// The theme of pages.
    pub theme: Theme,
}

impl Preferences {
    /// Returns the preferences of a request. Without a remembered language, that of the browser counts.
    pub fn of(headers: &HeaderMap, app: &App) -> Preferences {
        let language = request_cookie(headers, LANGUAGE_COOKIE).and_then(|tag| Language::from_tag(&tag));
        let theme = request_cookie(headers, THEME_COOKIE).and_then(|name| Theme::from_name(&name));
        Preferences {
            language: language.unwrap_or_else(|| Language::accepted(headers, app.language)),
            theme: theme.unwrap_or(Theme::System),
        }
    }
}

/// The form that remembers preferences.
#[derive(Clone, Debug, JsonSchema)]
pub struct SetPreferences {
    language: Option<Language>,
    theme: Option<Theme>,
}

impl SetPreferences {
    /// Parses the fields of the form.
    pub fn parse(form: &Params) -> Result<SetPreferences, BadParam> {
        Ok(SetPreferences { language: form.get("language")?, theme: form.get("theme")? })
    }

    /// Returns the cookies that remember the preferences.
    pub fn cookies(&self) -> Vec<HeaderValue> {
        let language = self.language.map(|language| (LANGUAGE_COOKIE, language.tag()));
        let theme = self.theme.map(|theme| (THEME_COOKIE, theme.name()));
        // A link from another site opens the page in the remembered language, so the cookies are not strict.
        let cookie = |(name, value)| {
            format!("{name}={value}; Path=/; Max-Age={LIFETIME_SECS}; HttpOnly; SameSite=Lax")
        };
        language.into_iter().chain(theme).filter_map(|pair| cookie(pair).try_into().ok()).collect()
    }
}

impl Endpoint for SetPreferences {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/preferences";
    const PARAMS: &'static [ParamInfo] = &[
        ParamInfo { name: "language", required: false, is_file: false },
        ParamInfo { name: "theme", required: false, is_file: false },
    ];
    type Auth = AnonymousWrite;
    type Data = ();

    fn decode(encoded: EncodedParams<'_>) -> Result<SetPreferences, InvalidRequest> {
        let params = encoded.pairs()?;
        Ok(SetPreferences::parse(params)?)
    }

    fn encode(&self) -> serde_json::Result<String> {
        let language = self.language.map(|language| ("language", language.tag()));
        let theme = self.theme.map(|theme| ("theme", theme.name()));
        Ok(encode_form(language.into_iter().chain(theme)))
    }
}

/// Remembers the preferences of a form.
pub async fn set_preferences(
    _: App,
    request: ApiRequest<SetPreferences>,
) -> Result<ApiResponse<()>, ApiError> {
    Ok(ApiResponse::new((), request.params.cookies()))
}
