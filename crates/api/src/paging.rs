//! How lists are cut: page size, page number, direction (D15).

use crate::param::{Malformed, Param, digits};
use guanxi_types::Order;
use guanxi_types::inline_schema;

/// `ps`: entries a page, 1 to 50; more is taken as 50, absent is 50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ps(u8);

/// `pn`: the page, from 1; absent is 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pn(u64);

inline_schema!(Ps: { "type": "integer", "minimum": 1, "default": 50 });
inline_schema!(Pn: { "type": "integer", "minimum": 1, "default": 1 });

impl Ps {
    /// The most entries of a page, and what is meant when nothing is said.
    pub const MOST: Ps = Ps(50);

    /// So many, at most 50; 0 is none.
    pub fn new(count: u64) -> Option<Ps> {
        let most = u64::from(Ps::MOST.0);
        (count > 0).then(|| Ps(u8::try_from(count.min(most)).unwrap_or(Ps::MOST.0)))
    }

    /// The number.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl Pn {
    /// The first page.
    pub const FIRST: Pn = Pn(1);

    /// The page of that number, from 1.
    pub fn new(number: u64) -> Option<Pn> {
        (number > 0).then_some(Pn(number))
    }

    /// The number.
    pub fn get(self) -> u64 {
        self.0
    }
}

impl Param for Ps {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, Malformed> {
        digits(text).and_then(Ps::new).ok_or(Malformed("is not a number from 1"))
    }

    fn absent() -> Result<Self, Malformed> {
        Ok(Ps::MOST)
    }

    fn write(&self) -> Option<String> {
        (*self != Ps::MOST).then(|| self.0.to_string())
    }
}

impl Param for Pn {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, Malformed> {
        digits(text).and_then(Pn::new).ok_or(Malformed("is not a number from 1"))
    }

    fn absent() -> Result<Self, Malformed> {
        Ok(Pn::FIRST)
    }

    fn write(&self) -> Option<String> {
        (*self != Pn::FIRST).then(|| self.0.to_string())
    }
}

impl Param for Order {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, Malformed> {
        match text {
            "desc" => Ok(Order::Desc),
            "asc" => Ok(Order::Asc),
            _ => Err(Malformed("is not desc or asc")),
        }
    }

    fn absent() -> Result<Self, Malformed> {
        Ok(Order::Desc)
    }

    fn write(&self) -> Option<String> {
        (*self == Order::Asc).then(|| "asc".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_pages() {
        for (text, size) in
            [("1", 1), ("20", 20), ("50", 50), ("51", 50), ("200", 50), ("99999999999999999999999", 50)]
        {
            assert_eq!(Ps::parse(text).map(Ps::get), Ok(size), "{text}");
        }
        for text in ["", "0", "-1", "x", " 5"] {
            assert!(Ps::parse(text).is_err(), "{text:?}");
            assert!(Pn::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(Pn::parse("6").map(Pn::get), Ok(6));
        assert_eq!((Ps::absent().map(Ps::get), Pn::absent().map(Pn::get)), (Ok(50), Ok(1)));
    }

    #[test]
    fn orders() {
        for (text, order) in [("desc", Order::Desc), ("asc", Order::Asc)] {
            assert_eq!(Order::parse(text), Ok(order));
        }
        for text in ["", "DESC", "new"] {
            assert!(Order::parse(text).is_err(), "{text:?}");
        }
    }
}
