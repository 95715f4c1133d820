//! `POST /x/relation/modify`: follow, whisper, block, and their removal.

use crate::endpoint::endpoint;
use crate::param::{InvalidValue, Param, parse_digits};
use guanxi_types::{Mid, RelationAction, RelationSource};

endpoint! {
    /// `POST /x/relation/modify`: changes the caller's relation to another member (seed 002, D8, D11 to D13).
    /// docs/design/decisions.md lists the effect of each act. An act without an effect is a success (D11). A follow
    /// or whisper is 22003 if either side blocks the other, and 22009 at the limit. A mid that was never assigned
    /// is 40061, and a deleted member is 22013. The caller is 22001. Errors: -101, -111, -400, 22003, 40061, 22013,
    /// 22001, 22009.
    ModifyRelation: POST "/x/relation/modify", SessionWithCsrf -> () {
        /// The other member.
        fid: Mid,
        /// The change.
        act: RelationAction,
        /// The source of a follow, a number below 2^32. Any other value counts as 11 (D8).
        re_src: RelationSource,
    }
}

impl Param for RelationAction {
    fn parse(text: &str) -> Result<Self, InvalidValue> {
        parse_digits(text)
            .and_then(RelationAction::from_number)
            .ok_or(InvalidValue("is not a number from 1 to 7"))
    }

    fn encode(&self) -> Option<String> {
        Some(self.number().to_string())
    }
}

impl Param for RelationSource {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, InvalidValue> {
        let number = parse_digits(text).and_then(|number| u32::try_from(number).ok());
        Ok(number.map_or(RelationSource::DEFAULT, RelationSource))
    }

    fn default_if_absent() -> Result<Self, InvalidValue> {
        Ok(RelationSource::DEFAULT)
    }

    fn encode(&self) -> Option<String> {
        Some(self.0.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_parses_from_its_number() {
        for (index, action) in RelationAction::ALL.into_iter().enumerate() {
            assert_eq!(RelationAction::parse(&(index + 1).to_string()), Ok(action));
            assert_eq!(action.encode(), Some((index + 1).to_string()));
        }
        for text in ["", "0", "8", "-1", "x", "18446744073709551616"] {
            assert!(RelationAction::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn source_accepts_any_text() {
        for (text, source) in [("11", 11), ("14", 14), ("", 11), ("x", 11), ("-1", 11), ("4294967296", 11)] {
            assert_eq!(RelationSource::parse(text), Ok(RelationSource(source)));
        }
        assert_eq!(RelationSource::default_if_absent(), Ok(RelationSource(11)));
    }
}
