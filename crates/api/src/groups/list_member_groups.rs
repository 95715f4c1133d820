//! `GET /x/relation/tag/user`: the caller's groups that contain a member.

use crate::endpoint::endpoint;
use guanxi_types::{Mid, Tagid, inline_schema};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

endpoint! {
    /// `GET /x/relation/tag/user`: returns the caller's groups that contain a member (seed 002, D25). A follow
    /// without a group is in 默认分组: `{"0":"默认分组"}`. The object is empty for a member that the caller does not follow
    /// publicly. An unknown member is -400 (D39). Errors: -101, -400.
    ListMemberGroups: GET "/x/relation/tag/user", Session -> Data {
        /// The member.
        fid: Mid,
    }
}

/// The groups in the order in which the member joined them: an object of tagid, as text, to name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data(pub Vec<(Tagid, String)>);

inline_schema!(Data: {
    "description": "The groups in the order in which the member joined them: an object of tagid, as text, to name.",
    "type": "object",
    "patternProperties": { "^(-10|0|[1-9][0-9]*)$": { "type": "string" } },
    "additionalProperties": false,
});

impl Serialize for Data {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_map(self.0.iter().map(|(tagid, name)| (tagid.to_string(), name)))
    }
}

impl<'de> Deserialize<'de> for Data {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Data, D::Error> {
        input.deserialize_map(DataVisitor)
    }
}

struct DataVisitor;

impl<'de> Visitor<'de> for DataVisitor {
    type Value = Data;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object of tagid to name")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Data, M::Error> {
        let mut names = Vec::new();
        while let Some((tagid, name)) = map.next_entry::<String, String>()? {
            let tagid = tagid.parse().map_err(|_| M::Error::custom("a tagid is a number"))?;
            names.push((Tagid(tagid), name));
        }
        Ok(Data(names))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_serialize_as_ordered_object() {
        let data = Data(vec![(Tagid(194_111), "我的同学".into()), (Tagid::SPECIAL, "特别关注".into())]);
        let body = r#"{"194111":"我的同学","-10":"特别关注"}"#;
        assert_eq!(serde_json::to_string(&data).unwrap(), body);
        assert_eq!(serde_json::from_str::<Data>(body).unwrap(), data);
    }
}
