//! `GET /x/relation/tag/user`: the groups one keeps somebody in.

use crate::endpoint::endpoint;
use guanxi_types::inline_schema;
use guanxi_types::{Mid, Tagid};
use serde::de::{Deserializer, Error, MapAccess, Visitor};
use serde::{Deserialize, Serialize, Serializer};
use std::fmt;

endpoint! {
    /// Asks for the groups one keeps somebody in (seed 002, D25). -400 for nobody (D39).
    TagUser: GET "/x/relation/tag/user", Session -> Data {
        /// The other.
        fid: Mid,
    }
}

/// The groups, in the order they were joined: an object of tagid, as text, to name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Data(pub Vec<(Tagid, String)>);

inline_schema!(Data: {
    "description": "The groups, in the order they were joined: an object of tagid, as text, to name.",
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
        input.deserialize_map(Names)
    }
}

struct Names;

impl<'de> Visitor<'de> for Names {
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
    fn an_object_in_order() {
        let data = Data(vec![(Tagid(194_111), "我的同学".into()), (Tagid::SPECIAL, "特别关注".into())]);
        let body = r#"{"194111":"我的同学","-10":"特别关注"}"#;
        assert_eq!(serde_json::to_string(&data).unwrap(), body);
        assert_eq!(serde_json::from_str::<Data>(body).unwrap(), data);
    }
}
