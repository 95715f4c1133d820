//! Password strength: the number of guesses that an attacker needs. An attacker tries the most likely passwords first.
//!
//! zxcvbn estimates the number. It knows English words, names, keyboards, dates and repetitions, but no Chinese
//! passwords. This module adds a list of common ones, and counts pinyin by syllables instead of letters. The weight
//! of a date in a password is its distance from the current year, which zxcvbn reads from the system clock. This is
//! the only input that is not an argument.

/// The maximum number of analyzed characters of a password or of a word about its owner. The cost grows faster than
/// the length. A longer password is strong already, unless it repeats itself.
const MAX_ANALYZED_CHARS: usize = 100;

/// The guesses that each syllable of pinyin adds, as a power of ten. There are about 400 syllables, but the
/// preceding syllables predict about five bits of the next.
const SYLLABLE_LOG10_GUESSES: f64 = 1.5;

/// The replacement of pinyin when the rest of a password is estimated: a character that no word contains.
const PLACEHOLDER: char = '·';

/// The characters that zxcvbn also reads as letters: `@` as a, `(` as c and so on.
const LEET_CHARS: &str = "4@8({[<3691!|70$5+%2";

/// The number of different leet characters above which some are merged. No word has more.
const MAX_LEET_CHARS: usize = 8;

/// Common Chinese passwords and their parts, most likely first: numbers that sound like words, lucky numbers,
/// well-known telephone numbers, names and endearments in pinyin.
const COMMON_PASSWORDS: &str = "
    woaini 5201314 1314520 520 1314 521 woaini1314 woaini520 iloveyou 5211314 1314521 201314 520520 521521 7758521
    7758258 3344520 584520 5845201314 147258 147258369 741852963 789456 112233 445566 123123 121212 168168 168 518518
    518 888 666 888888 666666 88888888 66666666 5201 a123456 a123456789 aa123456 qq123456 abc123456 q123456 w123456
    z123456 zxc123 asd123 qwe123 123qwe 123abc 110110 119119 112112 10086 10010 10000 12306 12345 114 110 119 120 789
    wang li zhang liu chen yang zhao huang zhou wu xu sun hu zhu gao lin he guo ma luo liang song zheng xie han tang
    feng yu dong xiao cheng cao yuan deng fu shen zeng peng lu su jiang cai jia ding wei xue ye yan pan du dai xia
    zhong tian ren fan fang shi yao tan liao zou xiong jin hao kong bai cui kang mao qiu qin gu hou shao meng long wan
    duan lei qian yin yi chang wen pang lan tao hong jing min jun jie ping gang hua ling mei yun bin bo xin ning qing
    rui zi yue zhangwei wangwei wangfang lina zhangmin liwei wangjing liujie liqiang zhangli wangli nihao laopo
    laogong baobao baobei tiantian mama baba gege jiejie didi meimei xiaoxiao feifei lele yangyang tiancai shabi
    caonima nima woshi woshishui wodemima mima denglu meiyou zhidao xihuan aiqing pengyou kuaile xingfu meili tianshi
    mengxiang weilai zhongguo zhonghua beijing shanghai guangzhou shenzhen tianjin chongqing chengdu wuhan hangzhou
    nanjing xian guangdong sichuan hunan hubei henan hebei shandong shanxi taiwan xianggang xiaoming xiaohong
    xiaoqiang xiaogou xiaomao dashu dage sunwukong weixin taobao alipay zhifubao tengxun baidu weibo xiaomi huawei
    wangyi qq zhangsan lisi wangwu";

/// The finals that follow each initial in pinyin.
const PINYIN_FINALS: [(&str, &str); 24] = [
    ("zh", "a ai an ang ao e ei en eng i ong ou u ua uai uan uang ui un uo"),
    ("ch", "a ai an ang ao e en eng i ong ou u uai uan uang ui un uo"),
    ("sh", "a ai an ang ao e ei en eng i ou u ua uai uan uang ui un uo"),
    ("b", "a ai an ang ao ei en eng i ian iao ie in ing o u"),
    ("p", "a ai an ang ao ei en eng i ian iao ie in ing o ou u"),
    ("m", "a ai an ang ao e ei en eng i ian iao ie in ing iu o ou u"),
    ("f", "a an ang ei en eng o ou u"),
    ("d", "a ai an ang ao e ei en eng i ian iao ie ing iu ong ou u uan ui un uo"),
    ("t", "a ai an ang ao e eng i ian iao ie ing ong ou u uan ui un uo"),
    ("n", "a ai an ang ao e ei en eng i ian iang iao ie in ing iu ong ou u uan uo v ve"),
    ("l", "a ai an ang ao e ei eng i ia ian iang iao ie in ing iu ong ou u uan un uo v ve"),
    ("g", "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo"),
    ("k", "a ai an ang ao e en eng ong ou u ua uai uan uang ui un uo"),
    ("h", "a ai an ang ao e ei en eng ong ou u ua uai uan uang ui un uo"),
    ("j", "i ia ian iang iao ie in ing iong iu u uan ue un"),
    ("q", "i ia ian iang iao ie in ing iong iu u uan ue un"),
    ("x", "i ia ian iang iao ie in ing iong iu u uan ue un"),
    ("r", "an ang ao e en eng i ong ou u uan ui un uo"),
    ("z", "a ai an ang ao e ei en eng i ong ou u uan ui un uo"),
    ("c", "a ai an ang ao e en eng i ong ou u uan ui un uo"),
    ("s", "a ai an ang ao e en eng i ong ou u uan ui un uo"),
    ("y", "a an ang ao e i in ing o ong ou u uan ue un"),
    ("w", "a ai an ang ei en eng o u"),
    ("", "ai an ang ao en er ou"),
];

/// The length of the longest syllable, `zhuang`.
const MAX_SYLLABLE_LETTERS: usize = 6;

/// The strength of a password.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strength {
    /// The score, 0 to 100: eight points for each power of ten of guesses. 100 from 10^12.5 guesses.
    pub score: u8,
    /// The level: 1 weak, below 10^6 guesses (score 48). 3 strong, from 10^10 guesses (score 80). 2 between them.
    pub level: u8,
    /// True if the password is not weak.
    pub is_safe: bool,
}

/// Estimates the strength of a password. `owner_words` are facts about its owner: name, user id, phone, mail
/// address.
pub fn estimate_strength(password: &str, owner_words: &[&str]) -> Strength {
    let password: String = password.chars().take(MAX_ANALYZED_CHARS).collect();
    let password = merge_leet_chars(password);
    let words = build_dictionary(owner_words);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let direct = log10_guesses(&password, &words);
    let (remaining, syllables) = replace_pinyin(&password);
    if syllables == 0 {
        return rate_guesses(direct);
    }
    rate_guesses(
        direct.min(log10_guesses(&remaining, &words) + SYLLABLE_LOG10_GUESSES * f64::from(syllables)),
    )
}

/// Replaces some leet characters by similar ones if a password has too many different ones. zxcvbn tries each
/// combination of letters for them, which takes half a second for a password with all of them.
fn merge_leet_chars(password: String) -> String {
    if LEET_CHARS.chars().filter(|c| password.contains(*c)).count() <= MAX_LEET_CHARS {
        return password;
    }
    password.replace(['[', '{', '<'], "(").replace('|', "!")
}

/// Returns the guesses that a password needs, as a power of ten. At least 0, even for an empty password.
fn log10_guesses(password: &str, words: &[&str]) -> f64 {
    zxcvbn::zxcvbn(password, words).guesses_log10().max(0.0)
}

fn rate_guesses(guesses: f64) -> Strength {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 100")]
    let score = (8.0 * guesses).clamp(0.0, 100.0) as u8;
    let level = match score {
        0..48 => 1,
        48..80 => 2,
        _ => 3,
    };
    Strength { score, level, is_safe: level >= 2 }
}

/// Returns the words that an attacker tries first: the common passwords, then the words about the owner, their
/// parts (`zhang.san`) and the last digits of numbers. Common passwords keep their rank. So more knowledge about
/// the owner never raises the estimate.
fn build_dictionary(owner_words: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = COMMON_PASSWORDS.split_whitespace().map(str::to_owned).collect();
    for owner_word in owner_words {
        let text: String = owner_word.chars().take(MAX_ANALYZED_CHARS).collect::<String>().to_lowercase();
        let parts = text.split(|c: char| !c.is_alphanumeric());
        let digits: String = text.chars().filter(char::is_ascii_digit).collect();
        let tails = [8, 6].map(|length| digits.len().checked_sub(length).map_or("", |from| &digits[from..]));
        for word in [text.as_str(), &digits].into_iter().chain(parts).chain(tails) {
            if word.chars().count() > 1 && !words.iter().any(|other| other == word) {
                words.push(word.to_owned());
            }
        }
    }
    words
}

/// Replaces each run of two or more pinyin syllables by [`PLACEHOLDER`]. Returns the result and the number of
/// syllables.
fn replace_pinyin(password: &str) -> (String, u32) {
    let lower = password.to_ascii_lowercase();
    let (mut remaining, mut syllable_count, mut index) = (String::new(), 0, 0);
    while let Some(c) = password[index..].chars().next() {
        let (length, syllables) = match_pinyin(&lower.as_bytes()[index..]);
        if syllables >= 2 {
            remaining.push(PLACEHOLDER);
            syllable_count += syllables;
            index += length;
        } else {
            remaining.push(c);
            index += c.len_utf8();
        }
    }
    (remaining, syllable_count)
}

/// Returns the length of the longest prefix that is pinyin, and its minimum number of syllables.
fn match_pinyin(letters: &[u8]) -> (usize, u32) {
    // Dynamic programming: the minimum number of syllables of each prefix.
    let mut min_syllables = vec![None; letters.len() + 1];
    min_syllables[0] = Some(0);
    let (mut index, mut longest) = (0, 0);
    while index <= longest {
        if let Some(syllables) = min_syllables[index] {
            for end in index + 1..=letters.len().min(index + MAX_SYLLABLE_LETTERS) {
                if is_syllable(&letters[index..end]) {
                    min_syllables[end] =
                        Some(min_syllables[end].map_or(syllables + 1, |other: u32| other.min(syllables + 1)));
                    longest = longest.max(end);
                }
            }
        }
        index += 1;
    }
    (longest, min_syllables[longest].unwrap_or(0))
}

fn is_syllable(letters: &[u8]) -> bool {
    PINYIN_FINALS.iter().any(|(initial, finals)| {
        let rest = letters.strip_prefix(initial.as_bytes());
        rest.is_some_and(|rest| finals.split(' ').any(|ending| ending.as_bytes() == rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn score(password: &str, owner_words: &[&str]) -> u8 {
        estimate_strength(password, owner_words).score
    }

    #[test]
    fn password_levels() {
        let cases = [
            ("", 1),
            ("1", 1),
            ("123456", 1),
            ("88888888", 1),
            ("5201314", 1),
            ("19900101", 1),
            ("20001231", 1),
            ("password", 1),
            ("iloveyou", 1),
            ("1qaz2wsx", 1),
            ("a123456", 1),
            ("qq123456789", 1),
            ("Abc12345", 1),
            ("Abc123456!", 1),
            ("Passw0rd!", 1),
            ("P@ssw0rd2024", 1),
            ("woaini", 1),
            ("WoAiNi1314", 1),
            ("1314woaini520", 1),
            ("nihao123", 1),
            ("zhangwei", 1),
            ("Zhangwei123", 1),
            ("wangwei1990", 1),
            ("zhangsan1990", 1),
            ("wang5201314", 1),
            ("beijing2008", 1),
            ("woshishui", 1),
            ("我爱你", 1),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", 1),
            ("woxihuanni", 2),
            ("woaibeijing", 2),
            ("woxihuanchiping", 2),
            ("chen.weikai", 2),
            ("k7Gd2pQz", 2),
            ("hfjwkqzr", 2),
            ("Tr0ub4dour&3", 2),
            ("wobuzhidaomimashishenme", 3),
            ("correcthorsebatterystaple", 3),
            ("xK9#mP2$vL7q", 3),
            ("渭水东流去不还人间几度", 3),
        ];
        for (password, level) in cases {
            let strength = estimate_strength(password, &[]);
            assert_eq!((strength.level, strength.is_safe), (level, level > 1), "{password} {strength:?}");
        }
    }

    #[test]
    fn owner_words_weaken_password() {
        // password, word about the owner, level
        let cases = [
            ("pianyuanmuwu", "pianyuanmuwu", 1),
            ("Qzkvtr88", "qzkvtr88", 1),
            ("qzkvtrwmx1990", "qzkvtrwmx", 1),
            ("qzkvtrwmx", "qzkvtrwmx@example.com", 1),
            ("qzkvtr12", "qzkvtr.wmxhj@example.com", 1),
            ("15382745056", "15382745056", 1),
            ("82745056", "+86 153-8274-5056", 1),
            ("745056qz", "15382745056", 1),
            ("冷门的昵称甲", "冷门的昵称甲", 1),
        ];
        for (password, owner_word, level) in cases {
            assert!(score(password, &[owner_word]) < score(password, &[]), "{password}");
            assert_eq!(estimate_strength(password, &[owner_word]).level, level, "{password}");
        }
        let trivial_words = ["", " ", "@", "--"];
        assert_eq!(estimate_strength("k7Gd2pQz", &trivial_words), estimate_strength("k7Gd2pQz", &[]));
    }

    #[test]
    fn harder_password_has_higher_score() {
        let ladder = [
            "123456",
            "woaini520",
            "qwer1234",
            "wangwei1990",
            "woaibeijing",
            "k7Gd2pQz",
            "k7Gd2pQzM",
            "wobuzhidaomimashi",
            "k7Gd2pQzMx3!",
        ];
        let scores = ladder.map(|password| score(password, &[]));
        assert!(scores.is_sorted_by(|less, more| less < more), "{scores:?}");
        assert_eq!((score("", &[]), score("k7Gd2pQzMx3!vT9?", &[])), (0, 100));
    }

    #[test]
    fn score_and_level_by_guesses() {
        // guesses as a power of ten, score, level
        let cases = [
            (0.0, 0, 1),
            (5.99, 47, 1),
            (6.0, 48, 2),
            (9.99, 79, 2),
            (10.0, 80, 3),
            (12.5, 100, 3),
            (19.3, 100, 3),
        ];
        for (guesses, score, level) in cases {
            assert_eq!(rate_guesses(guesses), Strength { score, level, is_safe: level > 1 });
        }
    }

    #[test]
    fn long_password_is_analyzed_by_its_beginning() {
        let varied: String = ('!'..='~').cycle().take(1_000_000).collect();
        let same = "a".repeat(1_000_000);
        let pinyin = "zhuang".repeat(200_000);
        for long in [varied, same, pinyin, "密".repeat(300_000)] {
            let beginning: String = long.chars().take(MAX_ANALYZED_CHARS).collect();
            assert_eq!(estimate_strength(&long, &[&long]), estimate_strength(&beginning, &[&beginning]));
        }
    }

    #[test]
    fn leet_chars_are_merged_above_maximum() {
        let cases =
            [("qwertyuiop[]", "qwertyuiop[]"), ("4@8({[<3", "4@8({[<3"), ("4@8({[<36|", "4@8((((36!")];
        for (password, merged) in cases {
            assert_eq!(merge_leet_chars(password.to_owned()), merged);
        }
    }

    #[test]
    fn pinyin_runs_are_replaced() {
        let cases = [
            ("woaini", "·", 3),
            ("WoAiNi1314", "·1314", 3),
            ("12wangwei!zhongguo", "12·!·", 4),
            ("zhuangshuang", "·", 2),
            ("xian", "xian", 0),
            ("nvlve", "·", 2),
            ("fangan", "·", 2),
            ("password", "password", 0),
            ("密woaini码", "密·码", 3),
            ("wangwwei", "wangwwei", 0),
            ("", "", 0),
        ];
        for (password, remaining, syllables) in cases {
            assert_eq!(replace_pinyin(password), (remaining.to_owned(), syllables), "{password}");
        }
    }

    #[test]
    fn common_passwords_are_unique() {
        let words: Vec<&str> = COMMON_PASSWORDS.split_whitespace().collect();
        for (index, word) in words.iter().enumerate() {
            assert!(!words[..index].contains(word), "{word}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn owner_words_never_raise_score(password in "\\PC{0,20}|[a-z0-9]{0,16}", words: [String; 2]) {
            let owner_words = [words[0].as_str(), &words[1], &password[..password.floor_char_boundary(6)]];
            prop_assert!(score(&password, &owner_words) <= score(&password, &[]));
        }
    }
}
