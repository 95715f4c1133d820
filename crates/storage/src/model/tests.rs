use super::*;
use guanxi_types::Mid;

#[test]
fn default_fields_are_omitted_in_json() {
    let mid = Mid::new(7).unwrap();
    let row = Row::Profile(Box::new(Profile::new(mid)));
    let line = serde_json::to_string(&row).unwrap();
    assert_eq!(line, r#"{"profile":{"mid":7}}"#);
    assert_eq!(serde_json::from_str::<Row>(&line).unwrap(), row);
}

#[test]
fn unknown_or_missing_field_is_named_in_error() {
    let error = serde_json::from_str::<Row>(r#"{"card":{"mid":7,"nmae":"x"}}"#).unwrap_err().to_string();
    assert!(error.contains("nmae"), "{error}");
    let error = serde_json::from_str::<Row>(r#"{"card":{"uname":"x"}}"#).unwrap_err().to_string();
    assert!(error.contains("mid"), "{error}");
}

#[test]
fn count_above_maximum_is_rejected() {
    let with_exp =
        |exp: u64| serde_json::from_str::<Row>(&format!(r#"{{"growth":{{"mid":7,"exp":{exp}}}}}"#));
    assert!(with_exp(9_007_199_254_740_991).is_ok());
    let error = with_exp(9_007_199_254_740_992).unwrap_err().to_string();
    assert!(error.contains("9007199254740992 exceeds the maximum count"), "{error}");
    assert!(with_exp(u64::MAX).is_err());
}

#[test]
fn hashes_are_hex_in_dump_and_bytes_on_disk() {
    let row = EventRow { hash: [0xab; 32], content_hash: u64::MAX - 1, time: 100, expires: 200 };
    let line = serde_json::to_string(&row).unwrap();
    let digits = "ab".repeat(32);
    assert_eq!(
        line,
        format!(r#"{{"hash":"{digits}","content_hash":"fffffffffffffffe","time":100,"expires":200}}"#)
    );
    assert_eq!(serde_json::from_str::<EventRow>(&line).unwrap(), row);
    let mut bytes = Vec::new();
    row.write(&mut bytes).unwrap();
    assert!(bytes.starts_with(&row.hash));
    for wrong in ["", "ab", &digits.replace('a', "A"), &digits.replacen("ab", "+b", 1), &"é".repeat(32)] {
        assert!(serde_json::from_str::<EventRow>(&format!(r#"{{"hash":"{wrong}"}}"#)).is_err(), "{wrong}");
    }
}
