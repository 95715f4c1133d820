//! Cards and profiles, with texts of realistic length.

use crate::topology::{Topology, splitmix64};
use guanxi_storage::Row;
use guanxi_storage::model::{Card, Experience, Official, OfficialKind, Profile, Sex, Vip, VipLabel};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// The words of which names and bios consist.
const WORDS: [&str; 48] = [
    "春", "江", "花", "月", "夜", "山", "水", "云", "风", "雨", "雪", "星", "海", "林", "竹", "石", "猫",
    "鱼", "鸟", "茶", "酒", "书", "琴", "棋", "灯", "船", "桥", "路", "城", "秋", "今天", "慢慢", "喜欢",
    "一起", "周末", "摸鱼", "随便", "写字", "画画", "看海", " music ", " code ", " vlog ", " daily ", "，",
    "。", "、", "～",
];

/// The shares of members that are VIP, that are verified, and that have no bio.
const VIP_PERCENT: u32 = 10;
const VERIFIED_PER_MILLE: u32 = 10;
const NO_BIO_PERCENT: u32 = 10;

/// The length of a bio in characters.
const BIO_LENGTH: std::ops::RangeInclusive<usize> = 30..=70;

fn rng(topology: &Topology, index: u32, purpose: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(splitmix64(splitmix64(topology.seed ^ purpose) ^ u64::from(index)))
}

/// Returns the public card of a member.
pub(super) fn card(topology: &Topology, index: u32) -> Card {
    let mut rng = rng(topology, index, 5);
    let mid = topology.mid_at(index);
    let name: String = (0..rng.random_range(1..4)).map(|_| WORDS[rng.random_range(0..40)]).collect();
    let [folder, within, high, low] = [(); 4].map(|()| rng.random::<u64>());
    Card {
        mid,
        // The number makes the name unique.
        uname: format!("{name}_{index}"),
        face: format!(
            "https://img.community.example.cn/face/{folder:016x}{within:016x}/{high:016x}{low:016x}.webp"
        ),
        sign: bio(&mut rng),
        official: official(&mut rng),
        vip: vip(&mut rng),
    }
}

fn bio(rng: &mut ChaCha8Rng) -> String {
    if rng.random_range(0..100) < NO_BIO_PERCENT {
        return String::new();
    }
    let length = rng.random_range(BIO_LENGTH);
    let mut bio = String::with_capacity(3 * length);
    let mut characters = 0;
    while characters < length {
        let word = WORDS[rng.random_range(0..WORDS.len())];
        characters += word.chars().count();
        bio += word;
    }
    bio.chars().take(length).collect::<String>().trim().to_owned()
}

fn official(rng: &mut ChaCha8Rng) -> Official {
    if rng.random_range(0..1_000) >= VERIFIED_PER_MILLE {
        return Official::default();
    }
    Official {
        role: 1,
        title: "知名作者，本社区 2024 年度推荐".to_owned(),
        desc: String::new(),
        verified: OfficialKind::Person,
    }
}

fn vip(rng: &mut ChaCha8Rng) -> Vip {
    if rng.random_range(0..100) >= VIP_PERCENT {
        return Vip::default();
    }
    Vip {
        kind: 2,
        status: 1,
        due_date: 1_800_000_000_000 + 86_400_000 * rng.random_range(0..700),
        pay_type: 1,
        label: VipLabel {
            text: "年度会员".to_owned(),
            theme: "annual_vip".to_owned(),
            text_color: "#FFFFFF".to_owned(),
            bg_style: 1,
            bg_color: "#2A6FDB".to_owned(),
            ..VipLabel::default()
        },
        avatar_subscript: 1,
        nickname_color: "#2A6FDB".to_owned(),
        role: 3,
        ..Vip::default()
    }
}

/// Returns the other rows of a member: profile and experience.
pub(super) fn rows(topology: &Topology, index: u32) -> [Row; 2] {
    let mut rng = rng(topology, index, 6);
    let mid = topology.mid_at(index);
    let sex = [Sex::Secret, Sex::Secret, Sex::Man, Sex::Woman][rng.random_range(0..4)];
    let jointime = 1_577_836_800 + rng.random_range(0..94_608_000);
    let exp = rng.random_range(0..40_000);
    [
        Row::Profile(Box::new(Profile { sex, jointime, ..Profile::new(mid) })),
        Row::Experience(Experience { exp, ..Experience::new(mid) }),
    ]
}
