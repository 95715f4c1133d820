//! Tests of the JSON schemas that requests and responses derive.

use crate::{profile, relations};
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};
use serde_json::{Value, json};

/// Returns the serialization schema of a type, and the definitions that it references.
fn serialized_schema<T: JsonSchema>() -> (Schema, Value) {
    let mut schemas = SchemaSettings::draft2020_12().for_serialize().into_generator();
    (T::json_schema(&mut schemas), Value::Object(schemas.take_definitions(true)))
}

#[test]
fn request_schema_describes_parameters() {
    let (modify, definitions) = serialized_schema::<relations::modify_relation::ModifyRelation>();
    assert_eq!(relations::modify_relation::ModifyRelation::schema_name(), "ModifyRelation");
    assert!(modify.get("description").is_some());
    let properties = modify.get("properties").unwrap();
    assert_eq!(
        properties["fid"],
        json!({ "description": "The other member.", "type": "integer", "minimum": 1, "maximum": 9_007_199_254_740_991_u64 })
    );
    let actions: Vec<&Value> =
        properties["act"]["oneOf"].as_array().unwrap().iter().map(|action| &action["const"]).collect();
    assert_eq!(
        actions,
        guanxi_types::RelationAction::ALL.map(|action| json!(action as u8)).iter().collect::<Vec<_>>()
    );
    assert_eq!(definitions, json!({}), "parameter schemas are inline");
}

#[test]
fn response_schema_marks_null_and_absent_fields() {
    let (card, definitions) = serialized_schema::<profile::get_card::Data>();
    let required = card.get("required").unwrap().as_array().unwrap();
    assert!(!required.contains(&json!("space")), "absent without `photo`, and never null");
    assert_eq!(card.get("properties").unwrap()["space"]["$ref"], "#/$defs/Space");
    let vip = definitions["CardVip"]["properties"].as_object().unwrap();
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
    let (relation, _) = serialized_schema::<relations::get_relation::Data>();
    assert_eq!(relation.get("properties").unwrap()["tag"]["type"], json!(["array", "null"]));
    assert!(relation.get("required").unwrap().as_array().unwrap().contains(&json!("tag")));
}
