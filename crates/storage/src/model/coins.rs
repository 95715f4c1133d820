//! Exp, coins and daily rewards of a member, and the statistics of their works.

use super::{entity, stored_struct};
use guanxi_domain::reward::DailyRewards;
use guanxi_types::{Coins, Mid};
use jiff::civil::Date;

stored_struct! {
    /// The exp of a member, and their one-time rewards (D27).
    Experience(/** The member. */ mid: Mid) {
        /// The exp.
        #[serde(deserialize_with = "crate::model::serde_count::deserialize")]
        exp: u64,
        /// True after the 100 exp for a verified phone.
        tel: bool,
        /// True after the 50 exp for a verified real name.
        identify_card: bool,
        /// The last day with a reward, which the first request of a day has: the day the member was last seen.
        active: Option<Date>,
    }
}
entity!(Experience in Experience by mid: Mid);

stored_struct! {
    /// The rewards of a member for a day.
    RewardRow(/** The member. */ mid: Mid, /** The day in Asia/Shanghai. */ day: Date) {
        /// The rewards.
        granted: DailyRewards,
        /// The exp for other reasons on the day: one-time rewards, and corrections by operators.
        other: i64,
    }
}
entity!(RewardRow in Reward by (mid: Mid, day: Date));

stored_struct! {
    /// A change of a member's coins. The sum of all changes is the balance.
    CoinRow(/** The member. */ mid: Mid, /** The time, in seconds. */ time: i64) {
        /// The change.
        delta: Coins,
        /// The reason.
        reason: String,
    }
}

stored_struct! {
    /// The statistics of a member's works.
    Upstat(/** The member. */ mid: Mid) {
        /// Views of their videos.
        #[serde(deserialize_with = "crate::model::serde_count::deserialize")]
        archive_view: u64,
        /// Views of their articles.
        #[serde(deserialize_with = "crate::model::serde_count::deserialize")]
        article_view: u64,
        /// Likes of their works.
        #[serde(deserialize_with = "crate::model::serde_count::deserialize")]
        likes: u64,
        /// The number of their videos.
        #[serde(deserialize_with = "crate::model::serde_count::deserialize")]
        archive_count: u64,
        /// The number of their articles.
        #[serde(deserialize_with = "crate::model::serde_count::deserialize")]
        article_count: u64,
        /// The time of the counts, in seconds.
        counted_at: i64,
    }
}
entity!(Upstat in Upstat by mid: Mid);
