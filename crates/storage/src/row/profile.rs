//! What a member's space shows beside their card.

use super::column::{Column, Columns, Kind, Value, Values, damaged, in_column};
use super::{record, row};
use crate::StorageError;
use guanxi_types::Mid;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

row! {
    /// What a member's space shows beside their card.
    Profile(/** Whose. */ mid: Mid) {
        /// Their sex.
        sex: Sex,
        /// Their birthday.
        birthday: Option<Date>,
        /// Their rank.
        rank: Rank,
        /// 1 if their picture is an NFT.
        face_nft: u8,
        /// When they joined, in seconds; 0 untold.
        jointime: i64,
        /// Their moral; 0 untold.
        moral: i32,
        /// Whether they are silenced.
        silence: bool,
        /// How their space stands.
        spacesta: i32,
        /// Where they are.
        place: String,
        /// About them.
        description: String,
        /// Their fan medal.
        medal: Medal,
        /// Their pendant.
        pendant: Pendant,
        /// Their nameplate.
        nameplate: Nameplate,
        /// Their honours.
        honour: Option<Honour>,
        /// The picture on top.
        top_photo: String,
        /// The same, small.
        top_photo_small: String,
        /// Their live room.
        live_room: LiveRoom,
        /// Their school.
        school: Option<String>,
        /// Their profession.
        profession: Profession,
        /// Their tags.
        tags: Option<Vec<String>>,
        /// Their series.
        series: Series,
        /// Whether they are a senior member.
        senior: bool,
    }
}
record!(Profile in Profile by mid: Mid);

/// 男, 女 or 保密.
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

in_column!(Rank, Int, |rank| Value::Int(i64::from(rank.0)), |value| {
    if let Value::Int(rank) = value { u32::try_from(rank).ok().map(Rank) } else { None }
});

/// 10000 for a member in full.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rank(pub u32);

impl Default for Rank {
    fn default() -> Rank {
        Rank(10_000)
    }
}

row! {
    /// A fan medal.
    Medal {
        /// Whether there is a badge.
        badge: bool,
        /// Whether it is shown.
        show: bool,
        /// Whether it is worn.
        wear: bool,
    }
}

row! {
    /// A pendant.
    Pendant {
        /// Its number.
        #[serde(deserialize_with = "crate::row::number::count")]
        pid: u64,
        /// Its name.
        name: String,
        /// Its picture.
        image: String,
        /// When it ends, in seconds.
        expire: i64,
        /// Its picture in motion.
        image_enhance: String,
        /// The frames of that.
        image_enhance_frame: String,
    }
}

row! {
    /// A nameplate.
    Nameplate {
        /// Its number.
        #[serde(deserialize_with = "crate::row::number::count")]
        nid: u64,
        /// Its name.
        name: String,
        /// Its picture.
        image: String,
        /// The same, small.
        image_small: String,
        /// Its rank among them.
        level: String,
        /// What it is given for.
        condition: String,
    }
}

row! {
    /// Honours.
    Honour {
        /// Their colour.
        colour: Option<String>,
        /// Their names.
        tags: Vec<String>,
    }
}

row! {
    /// A live room.
    LiveRoom {
        /// Whether there is one.
        open: bool,
        /// Whether it is on.
        live: bool,
        /// Where.
        url: String,
        /// Its title.
        title: String,
        /// Its picture.
        cover: String,
        /// Its number.
        roomid: u64,
        /// Whether it plays recordings.
        round: bool,
        /// 0.
        broadcast_type: u8,
        /// Who watches.
        watched: Watched,
    }
}

row! {
    /// Who watches a live room.
    Watched {
        /// Whether it is told.
        switch: bool,
        /// How many.
        num: u64,
        /// The number in short.
        text_small: String,
        /// The number in words.
        text_large: String,
        /// A picture.
        icon: String,
        /// Where it goes.
        icon_location: String,
        /// The picture for the web.
        icon_web: String,
    }
}

row! {
    /// A profession.
    Profession {
        /// Where.
        name: String,
        /// In which part of it.
        department: String,
        /// As what.
        title: String,
        /// Whether it is shown.
        show: bool,
    }
}

row! {
    /// Series.
    Series {
        /// How far the upgrade is.
        upgrade_status: u8,
        /// Whether to offer it.
        upgrade_window: bool,
    }
}
