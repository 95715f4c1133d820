//! The titles of ranks.

/// Returns the title of a rank. A rank between two levels has the title of the lower one.
pub fn rank_title(rank: u32) -> &'static str {
    match rank {
        0..10_000 => "普通用户",
        10_000..20_000 => "正式会员",
        20_000..25_000 => "字幕君",
        25_000..30_000 => "VIP",
        30_000..32_000 => "职人",
        32_000.. => "站长大人",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_titles_by_threshold() {
        let cases = [
            (0, "普通用户"),
            (5_000, "普通用户"),
            (10_000, "正式会员"),
            (20_000, "字幕君"),
            (25_000, "VIP"),
            (30_000, "职人"),
            (32_000, "站长大人"),
        ];
        for (rank, expected) in cases {
            assert_eq!(rank_title(rank), expected);
        }
    }
}
