//! Layout of members' pages: header, navigation and flash message.

use super::avatar::{Avatar, truncate_graphemes};
use super::flash::Flash;
use super::form_field::FormField;
use super::member::lists::MemberRow;
use super::preferences::Preferences;
use super::text::Key;
use crate::image_policy::ImageOrigins;
use guanxi_domain::news::MAX_COUNTED;
use guanxi_storage::model::Card;
use guanxi_types::Mid;
use std::borrow::Cow;

/// Data of the layout around a page.
#[derive(Debug)]
pub struct Layout {
    /// Title of the page.
    pub title: Cow<'static, str>,
    /// Language and theme of the page.
    pub preferences: Preferences,
    /// Section of the navigation.
    pub section: NavSection,
    /// Logged-in member; `None` for an anonymous visitor.
    pub viewer: Option<Viewer>,
    /// CSRF token of the session; empty if there is none.
    pub csrf: String,
    /// Path and query of this page.
    pub path_and_query: String,
    /// Result of the preceding form.
    pub flash: Option<Flash>,
}

/// The logged-in member, as the header shows them.
#[derive(Debug)]
pub struct Viewer {
    /// Id of the member.
    pub mid: Mid,
    /// Name, truncated for display.
    pub uname: String,
    /// Picture or initial.
    pub avatar: Avatar,
    /// Number of unread news; 100 stands for more than 99.
    pub unread: usize,
    /// Time of the account's deletion, if the member leaves.
    pub leaves_at: Option<String>,
}

impl Viewer {
    /// Builds the viewer from their card.
    pub fn new(images: &ImageOrigins, card: &Card, unread: usize) -> Viewer {
        let avatar = Avatar::new(images, card.mid, &card.uname, &card.face);
        Viewer { mid: card.mid, avatar, uname: truncate_graphemes(&card.uname, 16), unread, leaves_at: None }
    }

    /// Returns the number of unread news, as the badge shows it.
    pub fn unread_badge(&self) -> String {
        if self.unread > MAX_COUNTED { format!("{MAX_COUNTED}+") } else { self.unread.to_string() }
    }
}

/// Section of the navigation that a page belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NavSection {
    /// The viewer's own account.
    Account,
    /// The viewer's relations.
    Relations,
    /// The space of a member.
    Space,
    /// Login and signup.
    Auth,
}

/// A link of the navigation.
#[derive(Clone, Copy, Debug)]
pub struct NavItem {
    /// Path of the page.
    pub path: &'static str,
    /// Text of the link.
    pub label: Key,
}

const ACCOUNT_ITEMS: [NavItem; 10] = [
    NavItem { path: "/", label: Key("home") },
    NavItem { path: "/news", label: Key("news") },
    NavItem { path: "/me", label: Key("my-profile") },
    NavItem { path: "/rewards", label: Key("daily-rewards") },
    NavItem { path: "/levels", label: Key("levels") },
    NavItem { path: "/coins", label: Key("coin-history") },
    NavItem { path: "/logins", label: Key("logins") },
    NavItem { path: "/security", label: Key("account-security") },
    NavItem { path: "/realname", label: Key("realname") },
    NavItem { path: "/data", label: Key("your-data") },
];

const RELATION_ITEMS: [NavItem; 4] = [
    NavItem { path: "/followings", label: Key("followings") },
    NavItem { path: "/fans", label: Key("followers") },
    NavItem { path: "/whispers", label: Key("whispers") },
    NavItem { path: "/blacks", label: Key("blocks") },
];

impl Layout {
    /// Builds a layout without a viewer, for pages where the request's context is not available.
    pub fn minimal(title: impl Into<Cow<'static, str>>, preferences: Preferences) -> Layout {
        let (csrf, path_and_query) = (String::new(), "/".to_owned());
        Layout {
            title: title.into(),
            preferences,
            section: NavSection::Auth,
            viewer: None,
            csrf,
            path_and_query,
            flash: None,
        }
    }

    /// Name of the site, in the header and in titles.
    pub const SITE_NAME: Key = Key("site");

    /// Returns true if the page has the search for members, so that the header has none.
    pub fn is_find_page(&self) -> bool {
        self.path_and_query.split('?').next() == Some("/find")
    }

    /// Returns the links of the page's section.
    pub fn nav_items(&self) -> &'static [NavItem] {
        match self.section {
            NavSection::Account => &ACCOUNT_ITEMS,
            NavSection::Relations => &RELATION_ITEMS,
            NavSection::Space | NavSection::Auth => &[],
        }
    }

    /// Returns the field `name` of the form of an endpoint, with the id of its element and that of its hint.
    pub fn field<'p>(&'p self, form: &str, name: &str, id: &'p str, hint: &'p str) -> FormField<'p> {
        FormField::new(self.flash.as_ref(), form, name, id, hint)
    }

    /// Moves the flash message to one of the rows of a list, if it belongs to one of them.
    pub(super) fn move_flash_to(&mut self, rows: &mut [MemberRow]) {
        let members = self.flash.iter().flat_map(|flash| &flash.rows);
        let mut members = members.filter_map(|mid| rows.iter().position(|row| row.member.mid.get() == *mid));
        if let Some(at) = members.next() {
            rows[at].flash = self.flash.take();
        }
    }

    /// Returns true if the form of an endpoint was rejected.
    pub fn is_rejected(&self, form: &str) -> bool {
        self.flash.as_ref().is_some_and(|flash| flash.is_of(form))
    }

    /// Returns true if the account of the viewer is to be deleted.
    pub fn leaves(&self) -> bool {
        self.viewer.as_ref().is_some_and(|viewer| viewer.leaves_at.is_some())
    }

    /// Returns true if the item links to this page.
    pub fn is_current(&self, item: &NavItem) -> bool {
        self.path_and_query.split('?').next() == Some(item.path)
    }

    /// Returns true if the page belongs to the section.
    pub fn is_in_section(&self, section: NavSection) -> bool {
        self.section == section
    }
}
