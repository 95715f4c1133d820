//! Descriptions of the settings for the reference documentation.

use super::validation::numeric_ranges;
use super::{
    BioApproval, LogFormat, MessageSender, NameApproval, OptionalListenAddr, Registration, Settings,
    SmtpEncryption, VipExpiry,
};
use crate::image_policy::ImageOrigins;
use crate::trusted_proxies::TrustedProxies;
use crate::web::language::Language;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;

/// A setting for the reference.
#[derive(Clone, Debug)]
pub struct SettingInfo {
    /// The key.
    pub name: &'static str,
    /// The default in Markdown.
    pub default: String,
    /// The range of a numeric setting, if it is narrower than its type.
    pub range: Option<RangeInclusive<u64>>,
    /// The description.
    pub doc: &'static str,
}

/// The text of a default value.
pub(super) trait DefaultText {
    fn default_text(&self) -> String;
}

macro_rules! displayed {
    ($($type:ty),+) => {
        $(impl DefaultText for $type {
            fn default_text(&self) -> String {
                format!("`{self}`")
            }
        })+
    };
}

displayed!(SocketAddr, NonZeroU32, u32, u64, bool);

impl DefaultText for OptionalListenAddr {
    fn default_text(&self) -> String {
        self.0.as_ref().map_or_else(|| "none".to_owned(), SocketAddr::default_text)
    }
}

impl<T> DefaultText for Option<T> {
    fn default_text(&self) -> String {
        "none".to_owned()
    }
}

impl DefaultText for TrustedProxies {
    fn default_text(&self) -> String {
        "none".to_owned()
    }
}

impl DefaultText for ImageOrigins {
    fn default_text(&self) -> String {
        "none".to_owned()
    }
}

macro_rules! serialized {
    ($($type:ty),+) => {
        $(impl DefaultText for $type {
            fn default_text(&self) -> String {
                serde_json::to_string(self).unwrap_or_default().replace('"', "`")
            }
        })+
    };
}

serialized!(
    BioApproval,
    NameApproval,
    VipExpiry,
    Registration,
    LogFormat,
    Language,
    MessageSender,
    SmtpEncryption
);

impl Settings {
    /// Returns every setting with its default, range and description, in the order of the documentation.
    pub fn reference() -> Vec<SettingInfo> {
        let mut settings = Settings::describe();
        for (key, _, range) in numeric_ranges(&Settings::default()) {
            let setting = settings.iter_mut().find(|setting| setting.name == key);
            if let Some(setting) = setting {
                setting.range = Some(range);
            }
        }
        settings
    }
}
