//! The profile of a member: public data besides the card.

use super::sql_row::{Column, SqlRow, SqlType, SqlValue, SqlValues, corrupted_row, impl_single_column};
use super::{entity, stored_struct};
use crate::StorageError;
use guanxi_domain::member_filter::MemberFlag;
use guanxi_types::Mid;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

stored_struct! {
    /// The profile of a member.
    Profile(/** The member. */ mid: Mid) {
        /// The sex.
        sex: Sex,
        /// The birthday.
        birthday: Option<Date>,
        /// The rank.
        rank: Rank,
        /// 1 if the avatar is an NFT.
        face_nft: u8,
        /// The time of joining, in seconds. 0 if unknown.
        jointime: i64,
        /// The moral score. 0 if unknown.
        moral: i32,
        /// True if the member is silenced.
        silence: bool,
        /// The state of the profile page.
        spacesta: i32,
        /// The location.
        place: String,
        /// The description.
        description: String,
        /// The fan medal.
        medal: Medal,
        /// The pendant.
        pendant: Pendant,
        /// The nameplate.
        nameplate: Nameplate,
        /// The honours.
        honour: Option<Honour>,
        /// The URL of the banner.
        top_photo: String,
        /// The URL of the small banner.
        top_photo_small: String,
        /// The live room.
        live_room: LiveRoom,
        /// The school.
        school: Option<String>,
        /// The profession.
        profession: Profession,
        /// The tags.
        tags: Option<Vec<String>>,
        /// The series.
        series: Series,
        /// True for a senior member.
        senior: bool,
    }
}
entity!(Profile in Profile by mid: Mid, flags: |profile| {
    profile.silence.then_some(MemberFlag::Silenced).into_iter().collect()
});

/// The sex of a member: 男, 女 or 保密.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sex {
    /// 保密.
    #[default]
    #[serde(rename = "保密")]
    Secret,
    /// 男.
    #[serde(rename = "男")]
    Man,
    /// 女.
    #[serde(rename = "女")]
    Woman,
}

impl_single_column!(Rank, Int, |rank| SqlValue::Int(i64::from(rank.0)), |value| {
    if let SqlValue::Int(rank) = value { u32::try_from(rank).ok().map(Rank) } else { None }
});

/// The rank of a member. 10000 for a full member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rank(pub u32);

impl Default for Rank {
    fn default() -> Rank {
        Rank(10_000)
    }
}

stored_struct! {
    /// A fan medal.
    Medal {
        /// True if the medal has a badge.
        badge: bool,
        /// True if the medal is shown.
        show: bool,
        /// True if the member wears the medal.
        wear: bool,
    }
}

stored_struct! {
    /// A pendant: a frame around the avatar.
    Pendant {
        /// The id.
        #[serde(deserialize_with = "crate::model::serde_count::deserialize")]
        pid: u64,
        /// The name.
        name: String,
        /// The URL of the picture.
        image: String,
        /// The expiry, in seconds.
        expire: i64,
        /// The URL of the animated picture.
        image_enhance: String,
        /// The URL of the animation frames.
        image_enhance_frame: String,
    }
}

stored_struct! {
    /// A nameplate: a medal of merit.
    Nameplate {
        /// The id.
        #[serde(deserialize_with = "crate::model::serde_count::deserialize")]
        nid: u64,
        /// The name.
        name: String,
        /// The URL of the picture.
        image: String,
        /// The URL of the small picture.
        image_small: String,
        /// The level.
        level: String,
        /// The condition for the award.
        condition: String,
    }
}

stored_struct! {
    /// The honours of a member.
    Honour {
        /// The color.
        colour: Option<String>,
        /// The names.
        tags: Vec<String>,
    }
}

stored_struct! {
    /// A live room.
    LiveRoom {
        /// True if the member has a live room.
        open: bool,
        /// True during a broadcast.
        live: bool,
        /// The URL of the room.
        url: String,
        /// The title.
        title: String,
        /// The URL of the cover.
        cover: String,
        /// The id of the room.
        roomid: u64,
        /// True if the room plays recordings.
        round: bool,
        /// Always 0.
        broadcast_type: u8,
        /// The viewers.
        watched: LiveViewers,
    }
}

stored_struct! {
    /// The viewers of a live room.
    LiveViewers {
        /// True if the number is shown.
        switch: bool,
        /// The number of viewers.
        num: u64,
        /// The number as a short text.
        text_small: String,
        /// The number as a long text.
        text_large: String,
        /// The URL of the icon.
        icon: String,
        /// The position of the icon.
        icon_location: String,
        /// The URL of the icon for the web.
        icon_web: String,
    }
}

stored_struct! {
    /// A profession.
    Profession {
        /// The organization.
        name: String,
        /// The department.
        department: String,
        /// The title.
        title: String,
        /// True if the profession is shown.
        show: bool,
    }
}

stored_struct! {
    /// The series of a member.
    Series {
        /// The status of the upgrade.
        upgrade_status: u8,
        /// True if the upgrade is offered.
        upgrade_window: bool,
    }
}
