//! Descriptions of a document in the language of its page. The English ones are doc comments.

use crate::web::language::Language;
use crate::web::text::Key;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

/// Pairs of an English and a Chinese line.
const PAIRS: &str = include_str!("../../locales/zh-CN/descriptions.txt");

/// Beginnings of the two lists at the end of a description, with the keys of their texts.
const ERRORS: &str = "Errors: ";
const ROLES: &str = "For tokens of: ";

fn pairs() -> &'static HashMap<&'static str, &'static str> {
    static PARSED: LazyLock<HashMap<&'static str, &'static str>> = LazyLock::new(|| {
        let mut lines = PAIRS.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        std::iter::from_fn(|| Some((lines.next()?, lines.next()?))).collect()
    });
    &PARSED
}

/// Returns a description in a language. A description without a translation stays as it is.
pub(super) fn translate(description: &str, language: Language) -> Cow<'_, str> {
    if language == Language::English {
        return description.into();
    }
    let (rest, roles) = split_list(description, ROLES);
    let (text, errors) = split_list(rest, ERRORS);
    let Some(text) = pairs().get(text) else { return description.into() };
    let list = |key: Key, list: Option<&str>| {
        list.map(|list| language.text(key).with("list", list.replace(", ", "、")).to_string())
    };
    let (errors, roles) = (list(Key("list-of-errors"), errors), list(Key("list-of-roles"), roles));
    format!("{text}{}{}", errors.unwrap_or_default(), roles.unwrap_or_default()).into()
}

/// Splits the list at the end off a description, such as that behind `Errors: `.
fn split_list<'d>(description: &'d str, name: &str) -> (&'d str, Option<&'d str>) {
    match description.rsplit_once(name) {
        Some((text, list)) if !list.contains(". ") => (text.trim_end(), Some(list.trim_end_matches('.'))),
        _ => (description, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::openapi::listeners::{MEMBERS, OPERATORS};
    use serde_json::Value;
    use std::collections::BTreeSet;

    fn collect(value: &Value, found: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => fields.iter().for_each(|(name, field)| match field {
                Value::String(text) if name == "description" => {
                    for paragraph in text.split("\n\n") {
                        let text = split_list(split_list(paragraph, ROLES).0, ERRORS).0;
                        found.insert(text.to_owned());
                    }
                }
                _ => collect(field, found),
            }),
            Value::Array(values) => values.iter().for_each(|value| collect(value, found)),
            _ => (),
        }
    }

    #[test]
    fn every_description_has_a_chinese_text() {
        let mut found = BTreeSet::new();
        for document in [crate::routes::document(), crate::operator::document()] {
            collect(&document, &mut found);
        }
        found.extend([MEMBERS, OPERATORS].map(|info| info.title.to_owned()));
        found.remove("");
        let missing: Vec<_> = found.iter().filter(|text| !pairs().contains_key(text.as_str())).collect();
        assert!(missing.is_empty(), "descriptions.txt has no {missing:#?}");
        let unused: Vec<_> = pairs().keys().filter(|text| !found.contains(**text)).collect();
        assert!(unused.is_empty(), "no document has {unused:#?}");
    }

    #[test]
    fn lists_of_errors_and_roles_are_translated() {
        let chinese = |text| translate(text, Language::Chinese).into_owned();
        assert_eq!(
            chinese("Returns the caller's account. Errors: -101, -400. For tokens of: admin, ingest."),
            "返回调用者的账号。错误码：-101、-400。令牌的角色：admin、ingest。"
        );
        assert_eq!(chinese("The mid."), "mid。");
        assert_eq!(chinese("No text of a document."), "No text of a document.");
        assert_eq!(translate("The mid.", Language::English), "The mid.");
    }
}
