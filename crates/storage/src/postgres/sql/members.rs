//! The profile page of a member, and the index of their sessions.

use super::builder::{select_list, statements};
use crate::counters::Counters;
use crate::model::{Card, Experience, Profile, Upstat};

statements! {
    /// Returns the data of a member's space, without the viewer's relation.
    SPACE = format!(
        "select {}, {}, {}, {}, {} from counters s left join card c on c.mid = $1 left join profile p on p.mid = $1 \
         left join growth g on g.mid = $1 left join upstat u on u.mid = $1 where s.mid = $1",
        select_list::<Counters>("s"),
        select_list::<Card>("c"),
        select_list::<Profile>("p"),
        select_list::<Experience>("g"),
        select_list::<Upstat>("u")
    );
}

pub(crate) const MEMBER_SESSIONS: &str = "select hash from member_session where mid = $1 order by hash";
pub(crate) const INSERT_MEMBER_SESSION: &str =
    "insert into member_session (mid, hash) values ($1, $2) on conflict (mid, hash) do nothing";
pub(crate) const DELETE_MEMBER_SESSION: &str = "delete from member_session where mid = $1 and hash = $2";
