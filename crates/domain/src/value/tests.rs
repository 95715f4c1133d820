use super::*;

fn table(rule: &Rule<str>, valid: &[&str], invalid: &[&str]) {
    for text in valid {
        assert!(rule.is_valid(text), "{text:?} is {}", rule.description);
    }
    for text in invalid {
        assert!(!rule.is_valid(text), "{text:?} is not {}", rule.description);
    }
}

#[test]
fn url_rule() {
    let long = format!("https://a.cn/{}", "a".repeat(2_000));
    let good = ["", "https://i1.example.cn/bfs/a.jpg", "http://a.cn", "https://a.cn:8080/图.png?b=0&c=1#d"];
    #[rustfmt::skip]
    let bad = [
        "javascript:alert(1)", "//a.cn/b.png", "/b.png", "b.png", "https://", "https:///b.png", "https:a.cn", "https://a.cn/\"", "https://a.cn\\b", "data:image/png;base64,",
        "https://a.cn/ b", " https://a.cn", "https://a.cn/\n", "https://a.cn/\u{202e}", "https://a.cn/\u{200b}",
        "https://me:secret@a.cn/", "ftp://a.cn/b", &long,
    ];
    table(&URL, &good, &bad);
}

#[test]
fn color_rule() {
    table(&COLOR, &["", "#FB7299", "#ffffff"], &["FB7299", "#FB729", "#FB72990", "#GGGGGG", "red", "#ééé"]);
}

#[test]
fn line_rules() {
    let (fits, long) = ("字".repeat(100), "字".repeat(101));
    table(&LINE, &["", "年度大会员", &fits], &[&long, "a\nb", "a\0", "a\u{202e}", "a\u{ffff}"]);
    table(&MULTILINE, &["a\nb"], &["a\rb", "a\tb", "\u{2066}a"]);
    table(&REASON, &["补偿", &fits], &["", &long, "a\nb"]);
    table(&REMARK, &["照片不清楚", "a\nb"], &["", " ", "a\u{7f}", &"字".repeat(201)]);
    table(&TOKEN_NAME, &["ci"], &["", " ", "\u{3164}", "a\nb", &"a".repeat(65)]);
}

#[test]
fn identity_rules() {
    let long = "字".repeat(17);
    table(&NAME, &["", "陈睿", "a b"], &[" 甲", "甲\u{34f}", "13800138000", "a@b.cn", &long, "e\u{301}"]);
    table(&USERID, &["", "gx_7", "bili_84675323391"], &["甲", "a b", &"a".repeat(33)]);
    table(&GROUP_NAME, &["我的同学", "❤\u{fe0f}"], &["", " a", "a\n", "\u{3164}", "a\u{202e}", &long]);
    table(&BIO, &["", "慢慢来", &"字".repeat(70)], &["😀", &"字".repeat(71)]);
    table(&REALNAME, &["王小明"], &["", "王", "王1"]);
    table(&PHONE, &["15312345056", "+1 415 555 0100"], &["", "1234", "a"]);
    table(&MAIL, &["a@b.cn"], &["", "a", "a@b"]);
    assert!(validate_card_number("card", 0, "11010519491231002X").is_ok());
    assert!(validate_card_number("card", 0, "110105194912310021").is_err());
    assert!(validate_card_number("card", 1, "11010519491231002X").is_err());
}

#[test]
fn phc_rule() {
    let phc = |costs: &str| format!("$argon2id$v=19${costs}$c2FsdHNhbHQ$aGFzaGhhc2g");
    let (good, huge) = (phc("m=19456,t=2,p=1"), phc("m=4194304,t=2,p=1"));
    #[rustfmt::skip]
    let bad = [
        "", "$argon2id$", "$2b$12$abcdefghijklmnopqrstuv", "secret", &huge, &phc("m=8,t=100000,p=1"), &phc("m=8,t=1"),
        &phc("m=8,t=1,p=-1"), &phc("m=8,t=1,p=1,x=1"), "$argon2id$v=19$m=8,t=1,p=1$$", "$argon2id$v=19$m=8,t=1,p=1$a b$c",
    ];
    table(&PHC, &[&good], &bad);
}

#[test]
fn number_rules() {
    let largest = i64::from(u32::MAX);
    for (rule, good, bad) in [
        (&TIME, [0, largest], [-1, largest + 1, i64::MIN, i64::MAX]),
        (&MILLISECONDS, [0, largest * 1_000 + 999], [-1, (largest + 1) * 1_000, i64::MIN, i64::MAX]),
    ] {
        assert!(good.iter().all(|time| rule.is_valid(time)) && !bad.iter().any(|time| rule.is_valid(time)));
    }
    for (rule, set) in [
        (&FLAG, &[0, 1][..]),
        (&ZERO, &[0]),
        (&VIP_KIND, &[0, 1, 2]),
        (&VIP_STATUS, &[0, 1, 2, 3]),
        (&VIP_ROLE, &[0, 1, 3]),
        (&PASSWORD_LEVEL, &[0, 1, 2, 3]),
        (&CARD_TYPE, &[0, 1, 2, 3, 4, 5, 6]),
    ] {
        let fits: Vec<u8> = (0..=255).filter(|number| rule.is_valid(number)).collect();
        assert_eq!(fits, set, "{}", rule.description);
    }
    assert!(SCORE.is_valid(&100) && !SCORE.is_valid(&101));
    assert!(TIP_EXP.is_valid(&50) && !TIP_EXP.is_valid(&51));
    assert!(COUNT.is_valid(&MAX_COUNT) && !COUNT.is_valid(&(MAX_COUNT + 1)));
    assert!(AUDIT_SEQ.is_valid(&1) && !AUDIT_SEQ.is_valid(&0) && !AUDIT_SEQ.is_valid(&MAX_COUNT));
    assert!(TAGID.is_valid(&Tagid(1)) && TAGID.is_valid(&Tagid(1 << 52)));
    assert!(![Tagid(0), Tagid(-10), Tagid(i64::MIN), Tagid::MAX].iter().any(|tagid| TAGID.is_valid(tagid)));
    assert!(
        DELTA.is_valid(&Coins::from_whole(-1_000_000_000))
            && !DELTA.is_valid(&Coins::from_tenths(-10_000_000_001))
    );
    assert!(BALANCE.is_valid(&MAX_BALANCE) && !BALANCE.is_valid(&Coins::from_tenths(-1)));
    assert!(DAY.is_valid(&date(2020, 3, 15)) && !DAY.is_valid(&date(1969, 12, 31)));
    assert!(BIRTHDAY.is_valid(&date(1875, 1, 1)) && !BIRTHDAY.is_valid(&date(-1, 1, 1)));
}

#[test]
fn invalid_value_error_names_field_without_value() {
    let invalid = URL.validate("card.face", "javascript:alert(1)").unwrap_err();
    assert_eq!(invalid.to_string(), "card.face: not an http or https URL of at most 2000 bytes, or empty");
}
