//! Tests of the JSON Schemas that requests and answers derive.

use crate::api::{relation, web_interface};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// The schema of what is sent, and of the types that it names.
fn sent<T: JsonSchema>() -> (Schema, Value) {
    let mut schemas = SchemaSettings::draft2020_12().for_serialize().into_generator();
    (T::json_schema(&mut schemas), Value::Object(schemas.take_definitions(true)))
}

#[test]
fn a_request_tells_its_parameters() {
    let (modify, named) = sent::<relation::modify::Modify>();
    assert_eq!(relation::modify::Modify::schema_name(), "Modify");
    assert!(modify.get("description").is_some());
    let properties = modify.get("properties").unwrap();
    assert_eq!(
        properties["fid"],
        json!({ "description": "The other.", "type": "integer", "minimum": 1, "maximum": 9_007_199_254_740_991_u64 })
    );
    let acts: Vec<&Value> =
        properties["act"]["oneOf"].as_array().unwrap().iter().map(|act| &act["const"]).collect();
    assert_eq!(
        acts,
        relation::modify::RelationAction::ALL.map(|act| json!(act as u8)).iter().collect::<Vec<_>>()
    );
    assert_eq!(named, json!({}), "parameters have no names of their own");
}

#[test]
fn an_answer_tells_what_may_be_null_or_absent() {
    let (card, named) = sent::<web_interface::card::Data>();
    let required = card.get("required").unwrap().as_array().unwrap();
    assert!(!required.contains(&json!("space")), "only with `photo`, and never null");
    assert_eq!(card.get("properties").unwrap()["space"]["$ref"], "#/$defs/Space");
    let vip = named["CardVip"]["properties"].as_object().unwrap();
    let names = vip.keys().map(String::as_str);
    assert!(names.eq([
        "type",
        "status",
        "due_date",
        "vip_pay_type",
        "theme_type",
        "label",
        "avatar_subscript",
        "nickname_color",
        "role",
        "avatar_subscript_url",
        "vipType",
        "vipStatus"
    ]));
    let (tie, _) = sent::<relation::Data>();
    assert_eq!(tie.get("properties").unwrap()["tag"]["type"], json!(["array", "null"]));
    assert!(tie.get("required").unwrap().as_array().unwrap().contains(&json!("tag")));
}
