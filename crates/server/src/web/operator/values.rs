//! Values of members' rows as words: for the page of a member, and for the changes of the audit log.

use crate::web::format;
use crate::web::language::Language;
use crate::web::text::Key;
use guanxi_domain::{day, rank};
use guanxi_types::Coins;
use serde_json::Value;

/// The kind of a value.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Texts,
    YesNo,
    Count,
    Coins,
    /// A time in seconds.
    Second,
    /// A time in milliseconds.
    Milli,
    Day,
    Rank,
    Sex,
    /// A known word. Each has a text.
    Words(&'static [(&'static str, Key)]),
}

const OFFICIAL: &[(&str, Key)] = &[
    ("none", Key("none")),
    ("person", Key("official-person")),
    ("organisation", Key("official-organisation")),
];
const VIP_KINDS: &[(&str, Key)] = &[("0", Key("none")), ("1", Key("vip-monthly")), ("2", Key("vip-yearly"))];
const VIP_STATES: &[(&str, Key)] = &[
    ("0", Key("vip-expired")),
    ("1", Key("vip-active")),
    ("2", Key("vip-frozen")),
    ("3", Key("vip-locked")),
];
const PASSWORD_LEVELS: &[(&str, Key)] =
    &[("1", Key("strength-weak")), ("2", Key("strength-medium")), ("3", Key("strength-strong"))];
const SECRETS: &[(&str, Key)] = &[("set", Key("value-set")), ("changed", Key("value-changed"))];
const VERIFICATION: &[(&str, Key)] =
    &[("waiting", Key("waits-for-review")), ("verified", Key("realname-status-verified"))];

/// The fields with labels, in the order of the page of a member. A field without a label is technical. Only fields
/// whose name means several things have the name of their row before it.
const FIELDS: &[(&str, Key, Kind)] = &[
    ("uname", Key("field-uname"), Kind::Text),
    ("sign", Key("field-sign"), Kind::Text),
    ("face", Key("member-picture"), Kind::Text),
    ("official.verified", Key("official"), Kind::Words(OFFICIAL)),
    ("official.title", Key("official-title"), Kind::Text),
    ("official.desc", Key("official-desc"), Kind::Text),
    ("vip.kind", Key("vip"), Kind::Words(VIP_KINDS)),
    ("vip.status", Key("vip-state"), Kind::Words(VIP_STATES)),
    ("vip.due_date", Key("vip-end"), Kind::Milli),
    ("vip.label.text", Key("vip-label"), Kind::Text),
    ("silence", Key("silenced"), Kind::YesNo),
    ("jointime", Key("joined-at"), Kind::Second),
    ("sex", Key("sex"), Kind::Sex),
    ("birthday", Key("birthday"), Kind::Day),
    ("rank", Key("rank"), Kind::Rank),
    ("moral", Key("moral"), Kind::Count),
    ("place", Key("place"), Kind::Text),
    ("description", Key("description"), Kind::Text),
    ("school", Key("school"), Kind::Text),
    ("profession.name", Key("organisation"), Kind::Text),
    ("profession.department", Key("department"), Kind::Text),
    ("profession.title", Key("profession"), Kind::Text),
    ("tags", Key("tags"), Kind::Texts),
    ("honour.tags", Key("honours"), Kind::Texts),
    ("pendant.name", Key("pendant"), Kind::Text),
    ("nameplate.name", Key("nameplate"), Kind::Text),
    ("live_room.open", Key("live-room"), Kind::YesNo),
    ("live_room.title", Key("live-title"), Kind::Text),
    ("live_room.url", Key("live-url"), Kind::Text),
    ("senior", Key("senior"), Kind::YesNo),
    ("userid", Key("userid"), Kind::Text),
    ("tel", Key("phone"), Kind::Words(SECRETS)),
    ("tel_verified", Key("phone-verified"), Kind::YesNo),
    ("mail", Key("field-mail"), Kind::Words(SECRETS)),
    ("mail_verified", Key("mail-verified"), Kind::YesNo),
    ("has_password", Key("has-password"), Kind::YesNo),
    ("pwd_level", Key("password-level"), Kind::Words(PASSWORD_LEVELS)),
    ("safe_question", Key("field-question"), Kind::YesNo),
    ("nick_free", Key("name-not-chosen"), Kind::YesNo),
    ("name_changed", Key("name-changed"), Kind::Second),
    ("weibo", Key("weibo"), Kind::YesNo),
    ("qq", Key("qq"), Kind::YesNo),
    ("exp", Key("experience"), Kind::Count),
    ("active", Key("last-login"), Kind::Day),
    ("growth.tel", Key("exp-tel"), Kind::YesNo),
    ("growth.identify_card", Key("exp-identify-card"), Kind::YesNo),
    ("archive_view", Key("video-views"), Kind::Count),
    ("article_view", Key("article-views"), Kind::Count),
    ("likes", Key("likes"), Kind::Count),
    ("archive_count", Key("videos"), Kind::Count),
    ("article_count", Key("articles"), Kind::Count),
    ("counted_at", Key("counted-at"), Kind::Second),
    // Only in the audit log.
    ("coins", Key("coins"), Kind::Coins),
    ("reason", Key("reason-of-change"), Kind::Text),
    ("sessions_ended", Key("sessions-ended"), Kind::Count),
    ("password", Key("password"), Kind::Words(SECRETS)),
    ("pending", Key("waits-for-review"), Kind::Text),
    ("remark", Key("reason-of-change"), Kind::Text),
    ("status", Key("realname"), Kind::Words(VERIFICATION)),
    ("status.rejected", Key("rejected"), Kind::Text),
    ("counted", Key("events-applied"), Kind::Count),
    ("name", Key("token"), Kind::Text),
    ("role", Key("role"), Kind::Text),
    ("key", Key("key-number"), Kind::Count),
    ("note", Key("note-number"), Kind::Text),
];

/// The rows whose names may precede a field.
const ROWS: [&str; 5] = ["card.", "profile.", "account.", "growth.", "upstat."];

/// Returns the position of a field in [`FIELDS`].
fn position(path: &str) -> Option<usize> {
    let find = |path: &str| FIELDS.iter().position(|(name, ..)| *name == path);
    find(path).or_else(|| find(ROWS.iter().find_map(|row| path.strip_prefix(row))?))
}

/// Returns the labelled values of a member's row, in their order.
pub(super) fn of_row(name: &str, row: Value, language: Language) -> Vec<(Key, String)> {
    let mut found: Vec<(usize, Value)> =
        flatten(name, row).into_iter().filter_map(|(path, value)| Some((position(&path)?, value))).collect();
    found.sort_by_key(|(position, _)| *position);
    let labelled = |(position, value): (usize, Value)| {
        let (_, label, kind) = FIELDS[position];
        (label, words(kind, &value, language))
    };
    found.into_iter().map(labelled).collect()
}

/// Returns the changed fields of an audit entry, as `label: before → after`.
pub(super) fn of_change(before: Value, after: Value, language: Language) -> Vec<String> {
    let (before, after) = (flatten("", before), flatten("", after));
    let mut paths: Vec<&String> = before.iter().map(|(path, _)| path).collect();
    for (path, _) in &after {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let line = |path: &String| {
        let find = |fields: &[(String, Value)]| {
            fields.iter().find(|(name, _)| name == path).map(|(_, value)| value.clone())
        };
        let (label, kind) = match position(path) {
            Some(position) => (language.text(FIELDS[position].1).to_string(), FIELDS[position].2),
            None => (path.clone(), Kind::Text),
        };
        let text =
            |value: Option<Value>| value.map(|value| words(kind, &value, language)).unwrap_or_default();
        let (old, new) = (text(find(&before)), text(find(&after)));
        let change = match (old.as_str(), new.as_str()) {
            ("", new) => new.to_owned(),
            (old, "") => format!("{old} → –"),
            (old, new) => format!("{old} → {new}"),
        };
        language.text("labelled").with("label", label).with("value", change).to_string()
    };
    paths.into_iter().map(line).collect()
}

/// Flattens a value into paths and values. The names of nested fields are joined with a dot.
fn flatten(name: &str, value: Value) -> Vec<(String, Value)> {
    match value {
        Value::Object(nested) => {
            let prefix = if name.is_empty() { String::new() } else { format!("{name}.") };
            nested.into_iter().flat_map(|(key, value)| flatten(&format!("{prefix}{key}"), value)).collect()
        }
        Value::Null if name.is_empty() => Vec::new(),
        value => vec![(name.to_owned(), value)],
    }
}

/// Returns a value as words. An absent flag is `no`, and other absent values are empty.
fn words(kind: Kind, value: &Value, language: Language) -> String {
    let plain = || match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        value => value.to_string(),
    };
    let number = value.as_i64();
    match (kind, number) {
        (Kind::YesNo, _) => {
            language.text(if *value == Value::Bool(true) { Key("yes") } else { Key("no") }).to_string()
        }
        (Kind::Texts, _) => {
            let texts = value.as_array().into_iter().flatten().filter_map(Value::as_str);
            texts.collect::<Vec<_>>().join(&language.text("list-separator").to_string())
        }
        (Kind::Count, Some(number)) => format::format_signed(number),
        (Kind::Second, Some(number)) => language.minute(number),
        (Kind::Milli, Some(number)) => language.minute(number.div_euclid(1000)),
        (Kind::Rank, Some(number)) => {
            language.rank(rank::rank_title(u32::try_from(number).unwrap_or_default()).to_owned())
        }
        (Kind::Coins, _) => {
            serde_json::from_value::<Coins>(value.clone()).map_or_else(|_| plain(), format::format_coins)
        }
        (Kind::Day, _) => {
            let date = day::parse_day(&plain());
            date.map_or_else(plain, |date| language.date(day::start_of(date)))
        }
        (Kind::Sex, _) if *value == Value::Null => String::new(),
        (Kind::Sex, _) => language.sex(&plain()).unwrap_or_else(|| language.text("sex-secret").to_string()),
        (Kind::Words(known), _) => {
            let text = plain();
            let known = known.iter().find(|(word, _)| *word == text);
            known.map_or(text, |(_, key)| language.text(*key).to_string())
        }
        _ => plain(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_of_rows_are_words_in_order() {
        let card = json!({"vip": {"status": 1, "kind": 2, "theme_type": 0}, "uname": "甲"});
        let values = |language| {
            of_row("card", card.clone(), language).into_iter().map(|(_, value)| value).collect::<Vec<_>>()
        };
        assert_eq!(values(Language::English), ["甲", "Yearly", "Active"]);
        assert_eq!(values(Language::Chinese), ["甲", "年度", "有效"]);
        let growth = of_row("growth", json!({"tel": true, "exp": 1500}), Language::English);
        assert_eq!(growth, [(Key("experience"), "1,500".to_owned()), (Key("exp-tel"), "Yes".to_owned())]);
    }

    #[test]
    fn changes_are_words() {
        for (before, after, english) in [
            (
                json!({"profile": {"silence": null}}),
                json!({"profile": {"silence": true}}),
                "Silenced: No → Yes",
            ),
            (json!({"coins": 0}), json!({"coins": 12.5}), "Coins: 0 → 12.5"),
            (json!({"uname": "甲"}), json!(null), "Name: 甲 → –"),
            (json!(null), json!({"sessions_ended": 2}), "Sessions ended: 2"),
            (
                json!({"status": "waiting"}),
                json!({"status": {"rejected": "no"}}),
                "Real name: Waits for review → –",
            ),
            (json!({"tel": null}), json!({"tel": "set"}), "Phone: set"),
            (json!({"unknown": {"x": 1}}), json!({"unknown": {"x": 2}}), "unknown.x: 1 → 2"),
        ] {
            assert_eq!(of_change(before, after, Language::English)[0], english);
        }
    }
}
