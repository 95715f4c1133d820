//! What a member shows, as long as it is where people fill it in.

use crate::shape::{Shape, mix};
use guanxi_storage::Row;
use guanxi_storage::row::{Card, Growth, Label, Official, Profile, Sex, Verified, Vip};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What names and signs are made of.
const WORDS: [&str; 48] = [
    "春", "江", "花", "月", "夜", "山", "水", "云", "风", "雨", "雪", "星", "海", "林", "竹", "石", "猫",
    "鱼", "鸟", "茶", "酒", "书", "琴", "棋", "灯", "船", "桥", "路", "城", "秋", "今天", "慢慢", "喜欢",
    "一起", "周末", "摸鱼", "随便", "写字", "画画", "看海", " music ", " code ", " vlog ", " daily ", "，",
    "。", "、", "～",
];

/// How many in a hundred are VIP; in a thousand verified; in a hundred without a sign.
const VIP: u32 = 10;
const VERIFIED: u32 = 10;
const SILENT: u32 = 10;

/// How many characters the others' signs have.
const SIGN: std::ops::RangeInclusive<usize> = 30..=70;

fn chance(shape: &Shape, index: u32, purpose: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(mix(mix(shape.seed ^ purpose) ^ u64::from(index)))
}

/// The public card.
pub(super) fn card(shape: &Shape, index: u32) -> Card {
    let mut chance = chance(shape, index, 5);
    let mid = shape.mid(index);
    let name: String = (0..chance.random_range(1..4)).map(|_| WORDS[chance.random_range(0..40)]).collect();
    let [folder, within, high, low] = [(); 4].map(|()| chance.random::<u64>());
    Card {
        mid,
        // The number keeps two of one name apart.
        uname: format!("{name}_{index}"),
        face: format!(
            "https://img.community.example.cn/face/{folder:016x}{within:016x}/{high:016x}{low:016x}.webp"
        ),
        sign: sign(&mut chance),
        official: official(&mut chance),
        vip: vip(&mut chance),
    }
}

fn sign(chance: &mut ChaCha8Rng) -> String {
    if chance.random_range(0..100) < SILENT {
        return String::new();
    }
    let length = chance.random_range(SIGN);
    let mut sign = String::with_capacity(3 * length);
    let mut characters = 0;
    while characters < length {
        let word = WORDS[chance.random_range(0..WORDS.len())];
        characters += word.chars().count();
        sign += word;
    }
    sign.chars().take(length).collect::<String>().trim().to_owned()
}

fn official(chance: &mut ChaCha8Rng) -> Official {
    if chance.random_range(0..1_000) >= VERIFIED {
        return Official::default();
    }
    Official {
        role: 1,
        title: "知名作者，本社区 2024 年度推荐".to_owned(),
        desc: String::new(),
        verified: Verified::Person,
    }
}

fn vip(chance: &mut ChaCha8Rng) -> Vip {
    if chance.random_range(0..100) >= VIP {
        return Vip::default();
    }
    Vip {
        kind: 2,
        status: 1,
        due_date: 1_800_000_000_000 + 86_400_000 * chance.random_range(0..700),
        pay_type: 1,
        label: Label {
            text: "年度会员".to_owned(),
            theme: "annual_vip".to_owned(),
            text_color: "#FFFFFF".to_owned(),
            bg_style: 1,
            bg_color: "#2A6FDB".to_owned(),
            ..Label::default()
        },
        avatar_subscript: 1,
        nickname_color: "#2A6FDB".to_owned(),
        role: 3,
        ..Vip::default()
    }
}

/// The rest of what is kept of a member themselves.
pub(super) fn rows(shape: &Shape, index: u32) -> [Row; 2] {
    let mut chance = chance(shape, index, 6);
    let mid = shape.mid(index);
    let sex = [Sex::Secret, Sex::Secret, Sex::Man, Sex::Woman][chance.random_range(0..4)];
    let jointime = 1_577_836_800 + chance.random_range(0..94_608_000);
    let exp = chance.random_range(0..40_000);
    [
        Row::Profile(Box::new(Profile { sex, jointime, ..Profile::of(mid) })),
        Row::Growth(Growth { exp, ..Growth::of(mid) }),
    ]
}
