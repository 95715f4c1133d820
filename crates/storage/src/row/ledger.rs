//! What a member has earned: exp, coins, rewards, and how their works are seen.

use super::{record, row};
use guanxi_domain::reward::DailyRewards;
use guanxi_types::{Coins, Mid};
use jiff::civil::Date;

row! {
    /// A member's exp, and the one-off rewards they were given (D27).
    Growth(/** Whose. */ mid: Mid) {
        /// Their exp.
        #[serde(deserialize_with = "crate::row::number::count")]
        exp: u64,
        /// Whether the phone's 100 exp were given.
        tel: bool,
        /// Whether the real name's 50 exp were given.
        identify_card: bool,
    }
}
record!(Growth in Growth by mid: Mid);

row! {
    /// What a day has given a member.
    RewardRow(/** Whose. */ mid: Mid, /** Which, in Asia/Shanghai. */ day: Date) {
        /// What.
        given: DailyRewards,
    }
}
record!(RewardRow in Reward by (mid: Mid, day: Date));

row! {
    /// A change of a member's coins. Their sum is the balance.
    CoinRow(/** Whose. */ mid: Mid, /** When, in seconds. */ time: i64) {
        /// What came or went, in coins.
        delta: Coins,
        /// Why.
        reason: String,
    }
}

row! {
    /// How a member's works are seen.
    Upstat(/** Whose. */ mid: Mid) {
        /// Views of their videos.
        #[serde(deserialize_with = "crate::row::number::count")]
        archive_view: u64,
        /// Views of their articles.
        #[serde(deserialize_with = "crate::row::number::count")]
        article_view: u64,
        /// Likes they were given.
        #[serde(deserialize_with = "crate::row::number::count")]
        likes: u64,
        /// How many videos they have.
        #[serde(deserialize_with = "crate::row::number::count")]
        archive_count: u64,
        /// How many articles.
        #[serde(deserialize_with = "crate::row::number::count")]
        article_count: u64,
        /// Of which second this was told.
        told: i64,
    }
}
record!(Upstat in Upstat by mid: Mid);
