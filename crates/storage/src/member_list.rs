//! The operators' list of members: the query, the members to compare, and the page.

use crate::model::{Account, Card, Entity, Experience, Profile};
use guanxi_domain::member_filter::{MemberFacts, MemberFilter, MemberFlag};
use guanxi_types::{Mid, Order};

/// The query of a page of members, in the order of their mids.
#[derive(Clone, Debug)]
pub struct MemberQuery {
    /// The filter.
    pub filter: MemberFilter,
    /// The only members to compare, in any order. `None` compares all.
    pub among: Option<Vec<Mid>>,
    /// The order of mids. `Desc` has the newest members first.
    pub order: Order,
    /// The member behind which the page begins.
    pub after: Option<Mid>,
    /// The maximum number of members of the page.
    pub limit: usize,
    /// The maximum number of members to compare.
    pub max_compared: usize,
}

impl MemberQuery {
    /// Returns the members to compare if the query names them, in its order.
    pub(crate) fn named(&self) -> Option<Vec<Mid>> {
        let is_behind = |mid: &Mid| match (self.after, self.order) {
            (None, _) => true,
            (Some(after), Order::Asc) => *mid > after,
            (Some(after), Order::Desc) => *mid < after,
        };
        let mut named: Vec<Mid> = self.among.clone()?.into_iter().filter(is_behind).collect();
        named.sort_unstable();
        if self.order == Order::Desc {
            named.reverse();
        }
        Some(named)
    }
}

/// A page of the list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MemberPage {
    /// The members.
    pub members: Vec<ListedMember>,
    /// The member behind which the next page begins. `None` on the last page.
    pub next: Option<Mid>,
    /// The number of compared members, if the page ended for it.
    pub compared: Option<usize>,
}

/// A member of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedMember {
    /// The card.
    pub card: Card,
    /// The other values.
    pub facts: MemberFacts,
}

/// Returns the values of a member from its rows. An absent row has defaults.
pub(crate) fn facts(
    profile: Option<&Profile>,
    account: Option<&Account>,
    experience: Option<&Experience>,
) -> MemberFacts {
    let flags = profile.map(Entity::flags).unwrap_or_default();
    let flags: Vec<MemberFlag> =
        flags.into_iter().chain(account.map(Entity::flags).unwrap_or_default()).collect();
    MemberFacts {
        joined: profile.map_or(0, |row| row.jointime),
        active: experience.and_then(|row| row.active),
        exp: experience.map_or(0, |row| row.exp),
        flags,
    }
}
