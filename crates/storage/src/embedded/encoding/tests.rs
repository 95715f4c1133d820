use super::*;
use crate::counters::Counters;
use guanxi_domain::relation::{GroupMembership, Relation, RelationKind};
use guanxi_types::{Coins, Tagid};
use proptest::prelude::*;

#[test]
fn table_numbers_of_old_wal_records_stay_the_same() {
    assert!(Table::all().enumerate().all(|(number, table)| table.index() == number));
    let names: Vec<&str> = Table::all().map(Table::name).take(12).collect();
    let expected = [
        "graph",
        "coin",
        "login",
        "due",
        "pending_review",
        "member_session",
        "meta",
        "name_index",
        "member_flag",
        "card",
        "profile",
        "account",
    ];
    assert_eq!(names, expected);
}

proptest! {
    #[test]
    fn encoded_relation_decodes_to_equal_one(mtime: u32, seq: u32, source: u32, groups: Vec<(i64, u32)>) {
        let groups: Vec<GroupMembership> =
            groups.into_iter().map(|(tagid, seq)| GroupMembership { tagid: Tagid(tagid), seq }).collect();
        for kind in [RelationKind::Whisper, RelationKind::Follow, RelationKind::Block] {
            for seq in [0, seq] {
                let groups = groups.clone();
                let relation = Relation { kind, mtime: i64::from(mtime), seq, source, groups };
                prop_assert_eq!(decode_relation(&encode_relation(&relation)).unwrap(), relation);
            }
        }
    }

    #[test]
    fn encoded_counters_decode_to_equal_ones(
        following: u32,
        next_join_seq: u32,
        last_mtime: u32,
        last_seq: u32,
        tenths: i64,
    ) {
        let coins = Coins::from_tenths(tenths);
        let counters =
            Counters { following, next_join_seq, last_mtime, last_seq, coins, ..Counters::default() };
        prop_assert_eq!(decode_counters(&encode_counters(&counters)).unwrap(), counters);
    }

    #[test]
    fn arbitrary_value_decodes_without_panic(bytes: Vec<u8>) {
        let _ = (decode_relation(&bytes), decode_counters(&bytes));
    }
}
