//! The format of document numbers, by the type of the document.
//!
//! Only the number of the mainland's identity card has a check character that is verified. The patterns of other
//! documents are lenient: a pattern that is too narrow would reject valid documents.

use jiff::civil::{Date, date};

/// The mainland identity card.
pub const IDENTITY_CARD: u8 = 0;
/// The mainland travel permit for residents of Hong Kong and Macao.
pub const HONG_KONG_MACAO_PERMIT: u8 = 2;
/// The mainland travel permit for residents of Taiwan.
pub const TAIWAN_PERMIT: u8 = 3;
/// A Chinese passport.
pub const PASSPORT: u8 = 4;
/// The permanent residence card of a foreigner.
pub const RESIDENCE_CARD: u8 = 5;
/// A document of another country or region.
pub const OTHER: u8 = 6;

/// Returns a document number in upper case, without surrounding blanks. `None` if the number is invalid for the
/// type, or the type is unknown. `today` is the latest valid day of birth.
pub fn normalize_card_number(card_type: u8, number: &str, today: Date) -> Option<String> {
    // The longest number has 20 characters. This check avoids a copy of a large input.
    let number = number.trim();
    if number.len() > 20 {
        return None;
    }
    let number = number.to_ascii_uppercase();
    let is_valid = match card_type {
        IDENTITY_CARD => is_identity_card(&number, today),
        HONG_KONG_MACAO_PERMIT => is_hong_kong_macao_permit(&number),
        TAIWAN_PERMIT => is_taiwan_permit(&number),
        PASSPORT => is_passport(&number),
        RESIDENCE_CARD => is_residence_card(&number, today),
        OTHER => is_other(&number),
        _ => false,
    };
    is_valid.then_some(number)
}

/// True for a GB 11643 number: region (6), birth (8), serial number (3), check character. The residence permits for
/// residents of Hong Kong, Macao and Taiwan (81, 82, 83) have the same format. Numbers of 15 digits are invalid
/// since 2013.
fn is_identity_card(number: &str, today: Date) -> bool {
    const PROVINCES: [&str; 35] = [
        "11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42",
        "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82",
        "83",
    ];
    matches_pattern(number, "99999999999999999?")
        && PROVINCES.contains(&&number[..2])
        && is_birth(&number[6..14], today)
        && number.ends_with(check_character(&number[..17]))
}

/// Returns the ISO 7064 MOD 11-2 check character of 17 digits. The weight of a digit is 2 to the power of its
/// position, counted from the check character at 0.
fn check_character(digits: &str) -> char {
    let sum = digits.bytes().fold(0, |sum, digit| (sum + u32::from(digit - b'0')) * 2 % 11);
    match (12 - sum) % 11 {
        10 => 'X',
        digit => char::from_digit(digit, 10).unwrap_or('X'),
    }
}

/// True if eight digits are a day of birth since 1900.
fn is_birth(digits: &str, today: Date) -> bool {
    let number = |from, to| digits[from..to].parse().ok();
    let day = || {
        let (year, month, day) = (number(0, 4)?, number(4, 6)?, number(6, 8)?);
        Date::new(year, i8::try_from(month).ok()?, i8::try_from(day).ok()?).ok()
    };
    day().is_some_and(|day| (date(1900, 1, 1)..=today).contains(&day))
}

/// True for H (Hong Kong) or M (Macao) and eight digits. Older numbers have two more digits, the count of renewals.
fn is_hong_kong_macao_permit(number: &str) -> bool {
    let is_permit = ["A99999999", "A9999999999"].iter().any(|pattern| matches_pattern(number, pattern));
    number.starts_with(['H', 'M']) && is_permit
}

/// True for eight digits. Older numbers have ten, and often a letter after them, with or without parentheses.
fn is_taiwan_permit(number: &str) -> bool {
    let patterns = ["99999999", "9999999999", "9999999999A", "9999999999(A)"];
    patterns.iter().any(|pattern| matches_pattern(number, pattern))
}

/// True for nine characters: one or two letters for kind and series, then digits. Older numbers begin with 14 or
/// 15. Passports of Hong Kong and Macao have the same format.
fn is_passport(number: &str) -> bool {
    matches_pattern(number, "A99999999")
        || matches_pattern(number, "AA9999999")
        || (number.starts_with("14") || number.starts_with("15")) && matches_pattern(number, "999999999")
}

/// True for a number since 2023, which has the format of an identity card and begins with 9. Older numbers are
/// three letters and twelve digits.
fn is_residence_card(number: &str, today: Date) -> bool {
    let has_identity_card_form = matches_pattern(number, "99999999999999999?");
    matches_pattern(number, "AAA999999999999")
        || has_identity_card_form && number.starts_with('9') && is_birth(&number[6..14], today)
}

/// True for letters, digits and separators. The number begins with a letter or digit. It has at least one digit,
/// and at least five letters and digits.
fn is_other(number: &str) -> bool {
    let alphanumerics = number.bytes().filter(u8::is_ascii_alphanumeric).count();
    let is_separator = |byte: u8| matches!(byte, b'-' | b'/' | b'.' | b' ' | b'(' | b')');
    alphanumerics >= 5
        && number.starts_with(|c: char| c.is_ascii_alphanumeric())
        && number.bytes().any(|byte| byte.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_alphanumeric() || is_separator(byte))
}

/// True if a number matches a pattern. `9` stands for a digit, `A` for a letter, `?` for a digit or X, others for
/// themselves.
fn matches_pattern(number: &str, pattern: &str) -> bool {
    let matches_byte = |(byte, expected): (u8, u8)| match expected {
        b'9' => byte.is_ascii_digit(),
        b'A' => byte.is_ascii_uppercase(),
        b'?' => byte.is_ascii_digit() || byte == b'X',
        other => byte == other,
    };
    number.len() == pattern.len() && number.bytes().zip(pattern.bytes()).all(matches_byte)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TODAY: Date = date(2020, 5, 19);

    #[test]
    fn valid_card_numbers_are_normalized() {
        let cases = [
            (IDENTITY_CARD, "11010519491231002X", "11010519491231002X"),
            (IDENTITY_CARD, "11010519491231002x", "11010519491231002X"),
            (IDENTITY_CARD, " 110101199003072316\n", "110101199003072316"),
            (IDENTITY_CARD, "310101200002290015", "310101200002290015"),
            (IDENTITY_CARD, "310101190001010011", "310101190001010011"),
            (IDENTITY_CARD, "710000199001010015", "710000199001010015"),
            (IDENTITY_CARD, "810000199805120010", "810000199805120010"),
            (IDENTITY_CARD, "830000199805120014", "830000199805120014"),
            (HONG_KONG_MACAO_PERMIT, "H12345678", "H12345678"),
            (HONG_KONG_MACAO_PERMIT, "m1234567801", "M1234567801"),
            (TAIWAN_PERMIT, "01234567", "01234567"),
            (TAIWAN_PERMIT, "0123456789", "0123456789"),
            (TAIWAN_PERMIT, "0123456789b", "0123456789B"),
            (TAIWAN_PERMIT, "0123456789(B)", "0123456789(B)"),
            (PASSPORT, "G12345678", "G12345678"),
            (PASSPORT, "e12345678", "E12345678"),
            (PASSPORT, "EA1234567", "EA1234567"),
            (PASSPORT, "141234567", "141234567"),
            (PASSPORT, "K12345678", "K12345678"),
            (PASSPORT, "MA1234567", "MA1234567"),
            (RESIDENCE_CARD, "FRA110098010101", "FRA110098010101"),
            (RESIDENCE_CARD, "911124199005050012", "911124199005050012"),
            (RESIDENCE_CARD, "91112419900505001x", "91112419900505001X"),
            (OTHER, "C01X00T47", "C01X00T47"),
            (OTHER, "123456789", "123456789"),
            (OTHER, "a123456(3)", "A123456(3)"),
            (OTHER, "900101-1234567", "900101-1234567"),
        ];
        for (card_type, number, normalized) in cases {
            assert_eq!(
                normalize_card_number(card_type, number, TODAY).as_deref(),
                Some(normalized),
                "{card_type} {number:?}"
            );
        }
    }

    #[test]
    fn invalid_card_numbers_are_rejected() {
        let cases = [
            (IDENTITY_CARD, ""),
            // A wrong check character, two digits swapped, too short, too long.
            (IDENTITY_CARD, "110105194912310021"),
            (IDENTITY_CARD, "11010519491231020X"),
            (IDENTITY_CARD, "1101051949123100X"),
            (IDENTITY_CARD, "11010519491231002XX"),
            (IDENTITY_CARD, "110105491231002"),
            // Birth: too early, in the future, an impossible day.
            (IDENTITY_CARD, "440524188001010014"),
            (IDENTITY_CARD, "310101189912310017"),
            (IDENTITY_CARD, "310101209901010014"),
            (IDENTITY_CARD, "310101199002300011"),
            // An unknown province, and characters that are not digits.
            (IDENTITY_CARD, "910101199001010014"),
            (IDENTITY_CARD, "000000000000000000"),
            (IDENTITY_CARD, "1101051949123１002X"),
            (IDENTITY_CARD, "11010519491231 02X"),
            (IDENTITY_CARD, "+1010519491231002X"),
            (IDENTITY_CARD, "X1010519491231002X"),
            (1, "G12345678"),
            (7, "G12345678"),
            (255, "110101199003072316"),
            (HONG_KONG_MACAO_PERMIT, "A12345678"),
            (HONG_KONG_MACAO_PERMIT, "H1234567"),
            (HONG_KONG_MACAO_PERMIT, "H123456789"),
            (TAIWAN_PERMIT, "1234567"),
            (TAIWAN_PERMIT, "A1234567"),
            (TAIWAN_PERMIT, "0123456789(B"),
            (PASSPORT, "123456789"),
            (PASSPORT, "EAB123456"),
            (PASSPORT, "E1234567"),
            (PASSPORT, "E123456789"),
            (RESIDENCE_CARD, "FR1110098010101"),
            (RESIDENCE_CARD, "811124199005050012"),
            (RESIDENCE_CARD, "911124199013050012"),
            (OTHER, "1234"),
            (OTHER, "ABCDEFG"),
            (OTHER, "-12345"),
            (OTHER, "护照12345"),
            (OTHER, "<b>12345</b>"),
            (OTHER, "123456789012345678901"),
        ];
        for (card_type, number) in cases {
            assert_eq!(normalize_card_number(card_type, number, TODAY), None, "{card_type} {number:?}");
        }
        let long = "1".repeat(1_000_000);
        assert!((0..=u8::MAX).all(|card_type| normalize_card_number(card_type, &long, TODAY).is_none()));
    }

    #[test]
    fn card_number_with_future_birth_is_rejected() {
        let number = |day: &str| {
            let digits = format!("310101{day}001");
            format!("{digits}{}", check_character(&digits))
        };
        assert!(normalize_card_number(IDENTITY_CARD, &number("20200519"), TODAY).is_some());
        assert!(normalize_card_number(IDENTITY_CARD, &number("20200520"), TODAY).is_none());
    }

    proptest! {
        #[test]
        fn normalized_card_number_is_stable(card_type in 0_u8..8, number in "\\PC*|[0-9A-Zx() -]{0,20}") {
            if let Some(normalized) = normalize_card_number(card_type, &number, TODAY) {
                prop_assert!(normalized.len() <= 20 && normalized.is_ascii());
                prop_assert_eq!(normalize_card_number(card_type, &normalized, TODAY), Some(normalized));
            }
        }

        #[test]
        fn one_wrong_digit_is_rejected(index in 0_usize..17, by in 1_u8..10) {
            let mut number = *b"110101199003072316";
            number[index] = (number[index] - b'0' + by) % 10 + b'0';
            let number = std::str::from_utf8(&number).unwrap();
            prop_assert_eq!(normalize_card_number(IDENTITY_CARD, number, TODAY), None);
        }
    }
}
