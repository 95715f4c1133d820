//! How strong a password is: how many guesses somebody needs who tries the likeliest first.
//!
//! zxcvbn counts them, which knows English words, names, keyboards, dates and repetitions. What it does not know is how
//! Chinese passwords are made: so it is told common ones, and pinyin is counted by the syllable and not by the letter. A
//! date within a password weighs by its distance from the present year, which zxcvbn takes from the machine's clock. It is
//! the only thing here that is no argument.

/// How many characters of a password, or of a word about its owner, are looked at: the time grows faster than they do. What
/// follows adds nothing, and so many that are not all alike are strong already.
const LOOKED_AT: usize = 100;

/// The power of ten of guesses at a further syllable of a text in pinyin. There are some 400, but who knows those before it
/// knows some five bits less of it.
const SYLLABLE: f64 = 1.5;

/// What a text in pinyin is replaced by where the rest of a password is judged: a character that no word has.
const PLACE_HOLDER: char = '·';

/// What zxcvbn takes for letters: `@` for a, `(` for c and so on.
const STAND_INS: &str = "4@8({[<3691!|70$5+%2";

/// How many kinds of them a password may have before some are taken for others. No word has so many.
const MANY_STAND_INS: usize = 8;

/// What Chinese passwords are made of, the likeliest first: numbers that sound like words, luck, telephone numbers everybody
/// knows, and names and endearments in pinyin.
const COMMON: &str = "
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

/// Which finals follow an initial in pinyin.
const PINYIN: [(&str, &str); 24] = [
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

/// The letters of the longest syllable, `zhuang`.
const LONGEST: usize = 6;

/// How strong a password is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Strength {
    /// 0 to 100: eight for every power of ten of guesses, so 100 from 10^12.5 on.
    pub score: u8,
    /// 1 weak, below 10^6 guesses, which is a score below 48. 3 strong, from 10^10 on, a score of 80. 2 between them.
    pub level: u8,
    /// Whether it is not weak.
    pub safe: bool,
}

/// How strong a password is against somebody who knows `about` its owner: name, user id, phone, mail.
pub fn strength(password: &str, about: &[&str]) -> Strength {
    let password: String = password.chars().take(LOOKED_AT).collect();
    let password = with_few_stand_ins(password);
    let words = words(about);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let whole = guesses(&password, &words);
    let (rest, syllables) = without_pinyin(&password);
    if syllables == 0 {
        return rated(whole);
    }
    rated(whole.min(guesses(&rest, &words) + SYLLABLE * f64::from(syllables)))
}

/// A password with fewer kinds of characters that stand for letters, if it has many: zxcvbn tries every choice of letters
/// for them, and would work for half a second at one that has them all.
fn with_few_stand_ins(password: String) -> String {
    if STAND_INS.chars().filter(|letter| password.contains(*letter)).count() <= MANY_STAND_INS {
        return password;
    }
    password.replace(['[', '{', '<'], "(").replace('|', "!")
}

/// The power of ten of guesses that a password needs; no less than 0, even for none.
fn guesses(password: &str, words: &[&str]) -> f64 {
    zxcvbn::zxcvbn(password, words).guesses_log10().max(0.0)
}

fn rated(guesses: f64) -> Strength {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 100")]
    let score = (8.0 * guesses).clamp(0.0, 100.0) as u8;
    let level = match score {
        0..48 => 1,
        48..80 => 2,
        _ => 3,
    };
    Strength { score, level, safe: level >= 2 }
}

/// What is tried first: what is common, and then what is known of the owner, with its parts (`zhang.san`) and a number's
/// last digits. What is common stays at its place, so that who knows more never needs more guesses.
fn words(about: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = COMMON.split_whitespace().map(str::to_owned).collect();
    for known in about {
        let known: String = known.chars().take(LOOKED_AT).collect::<String>().to_lowercase();
        let parts = known.split(|letter: char| !letter.is_alphanumeric());
        let digits: String = known.chars().filter(char::is_ascii_digit).collect();
        let tails = [8, 6].map(|length| digits.len().checked_sub(length).map_or("", |from| &digits[from..]));
        for word in [known.as_str(), &digits].into_iter().chain(parts).chain(tails) {
            if word.chars().count() > 1 && !words.iter().any(|other| other == word) {
                words.push(word.to_owned());
            }
        }
    }
    words
}

/// A password with each text of two syllables or more replaced by [`STAND_IN`], and how many syllables those are.
fn without_pinyin(password: &str) -> (String, u32) {
    let lower = password.to_ascii_lowercase();
    let (mut rest, mut all, mut at) = (String::new(), 0, 0);
    while let Some(letter) = password[at..].chars().next() {
        let (length, syllables) = text(&lower.as_bytes()[at..]);
        if syllables >= 2 {
            rest.push(PLACE_HOLDER);
            all += syllables;
            at += length;
        } else {
            rest.push(letter);
            at += letter.len_utf8();
        }
    }
    (rest, all)
}

/// How far a text in pinyin reaches from the beginning, and the fewest syllables it may have.
fn text(letters: &[u8]) -> (usize, u32) {
    let mut fewest = vec![None; letters.len() + 1];
    fewest[0] = Some(0);
    let (mut at, mut furthest) = (0, 0);
    while at <= furthest {
        if let Some(syllables) = fewest[at] {
            for end in at + 1..=letters.len().min(at + LONGEST) {
                if is_syllable(&letters[at..end]) {
                    fewest[end] =
                        Some(fewest[end].map_or(syllables + 1, |other: u32| other.min(syllables + 1)));
                    furthest = furthest.max(end);
                }
            }
        }
        at += 1;
    }
    (furthest, fewest[furthest].unwrap_or(0))
}

fn is_syllable(letters: &[u8]) -> bool {
    PINYIN.iter().any(|(initial, finals)| {
        let ending = letters.strip_prefix(initial.as_bytes());
        ending.is_some_and(|ending| finals.split(' ').any(|end| end.as_bytes() == ending))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn score(password: &str, about: &[&str]) -> u8 {
        strength(password, about).score
    }

    #[test]
    fn levels() {
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
            let told = strength(password, &[]);
            assert_eq!((told.level, told.safe), (level, level > 1), "{password} {told:?}");
        }
    }

    #[test]
    fn what_is_known_of_the_owner_weakens() {
        // password, what is known, its level then
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
        for (password, known, level) in cases {
            assert!(score(password, &[known]) < score(password, &[]), "{password}");
            assert_eq!(strength(password, &[known]).level, level, "{password}");
        }
        assert_eq!(strength("k7Gd2pQz", &["", " ", "@", "--"]), strength("k7Gd2pQz", &[]));
    }

    #[test]
    fn what_is_harder_scores_more() {
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
    fn where_levels_begin() {
        // the power of ten of guesses, score, level
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
            assert_eq!(rated(guesses), Strength { score, level, safe: level > 1 });
        }
    }

    #[test]
    fn only_the_beginning_is_looked_at() {
        let varied: String = ('!'..='~').cycle().take(1_000_000).collect();
        let same = "a".repeat(1_000_000);
        let pinyin = "zhuang".repeat(200_000);
        for long in [varied, same, pinyin, "密".repeat(300_000)] {
            let beginning: String = long.chars().take(LOOKED_AT).collect();
            assert_eq!(strength(&long, &[&long]), strength(&beginning, &[&beginning]));
        }
    }

    #[test]
    fn only_many_stand_ins_are_merged() {
        let cases =
            [("qwertyuiop[]", "qwertyuiop[]"), ("4@8({[<3", "4@8({[<3"), ("4@8({[<36|", "4@8((((36!")];
        for (password, judged) in cases {
            assert_eq!(with_few_stand_ins(password.to_owned()), judged);
        }
    }

    #[test]
    fn pinyin() {
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
        for (password, rest, syllables) in cases {
            assert_eq!(without_pinyin(password), (rest.to_owned(), syllables), "{password}");
        }
    }

    #[test]
    fn nothing_common_is_told_twice() {
        let words: Vec<&str> = COMMON.split_whitespace().collect();
        for (at, word) in words.iter().enumerate() {
            assert!(!words[..at].contains(word), "{word}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn who_knows_more_never_needs_more(password in "\\PC{0,20}|[a-z0-9]{0,16}", about: [String; 2]) {
            let about = [about[0].as_str(), &about[1], &password[..password.floor_char_boundary(6)]];
            prop_assert!(score(&password, &about) <= score(&password, &[]));
        }
    }
}
