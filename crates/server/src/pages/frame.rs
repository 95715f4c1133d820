//! What surrounds every page: whose it is, the way to the others, and what was just said.

use super::face::{Avatar, cut};
use super::said::Flash;
use crate::images::ImageOrigins;
use guanxi_storage::row::Card;
use guanxi_types::Mid;
use std::borrow::Cow;

/// What surrounds a page.
#[derive(Debug)]
pub struct Layout {
    /// Its title.
    pub title: Cow<'static, str>,
    /// Where it belongs.
    pub section: Section,
    /// Who looks at it.
    pub me: Option<Me>,
    /// What their writes repeat; empty for nobody.
    pub csrf: String,
    /// The page itself, with its query.
    pub here: String,
    /// What is to be said of the form just sent.
    pub said: Option<Flash>,
}

/// Who looks at a page.
#[derive(Debug)]
pub struct Me {
    /// They.
    pub mid: Mid,
    /// Their name.
    pub uname: String,
    /// Their picture.
    pub portrait: Avatar,
}

impl Me {
    /// Who has that card.
    pub fn of(images: &ImageOrigins, card: &Card) -> Me {
        let portrait = Avatar::of(images, card.mid, &card.uname, &card.face);
        Me { mid: card.mid, portrait, uname: cut(&card.uname, 16) }
    }
}

/// Where a page belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What is one's own.
    Centre,
    /// Whom one knows.
    Relation,
    /// A member's space.
    Space,
    /// The door.
    Door,
}

/// A way to a page, as the navigation shows it.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    /// Where it leads.
    pub path: &'static str,
    /// What it says.
    pub label: &'static str,
}

const CENTRE: [Way; 7] = [
    Way { path: "/", label: "首页" },
    Way { path: "/me", label: "我的信息" },
    Way { path: "/rewards", label: "每日奖励" },
    Way { path: "/coins", label: "硬币记录" },
    Way { path: "/logins", label: "登录记录" },
    Way { path: "/security", label: "账号安全" },
    Way { path: "/realname", label: "实名认证" },
];

const RELATION: [Way; 4] = [
    Way { path: "/followings", label: "关注" },
    Way { path: "/fans", label: "粉丝" },
    Way { path: "/whispers", label: "悄悄关注" },
    Way { path: "/blacks", label: "黑名单" },
];

impl Layout {
    /// What surrounds a page of which nothing is known.
    pub fn bare(title: &'static str) -> Layout {
        let (csrf, here) = (String::new(), "/".to_owned());
        Layout { title: title.into(), section: Section::Door, me: None, csrf, here, said: None }
    }

    /// The pages beside this one.
    pub fn ways(&self) -> &'static [Way] {
        match self.section {
            Section::Centre => &CENTRE,
            Section::Relation => &RELATION,
            Section::Space | Section::Door => &[],
        }
    }

    /// Whether a way leads to this page.
    pub fn is_here(&self, way: &Way) -> bool {
        self.here.split('?').next() == Some(way.path)
    }

    /// Whether the page belongs there.
    pub fn is_in(&self, section: Section) -> bool {
        self.section == section
    }
}
