//! Parameters of paged lists: page size, page number, order (D15).

use crate::param::{InvalidValue, Param, parse_digits};
use guanxi_types::{Order, PageNumber, PageSize};

impl Param for PageSize {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, InvalidValue> {
        parse_digits(text).and_then(PageSize::new).ok_or(InvalidValue("is not a number from 1"))
    }

    fn default_if_absent() -> Result<Self, InvalidValue> {
        Ok(PageSize::MAX)
    }

    fn encode(&self) -> Option<String> {
        (*self != PageSize::MAX).then(|| self.get().to_string())
    }
}

impl Param for PageNumber {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, InvalidValue> {
        parse_digits(text).and_then(PageNumber::new).ok_or(InvalidValue("is not a number from 1"))
    }

    fn default_if_absent() -> Result<Self, InvalidValue> {
        Ok(PageNumber::FIRST)
    }

    fn encode(&self) -> Option<String> {
        (*self != PageNumber::FIRST).then(|| self.get().to_string())
    }
}

impl Param for Order {
    const REQUIRED: bool = false;

    fn parse(text: &str) -> Result<Self, InvalidValue> {
        match text {
            "desc" => Ok(Order::Desc),
            "asc" => Ok(Order::Asc),
            _ => Err(InvalidValue("is not desc or asc")),
        }
    }

    fn default_if_absent() -> Result<Self, InvalidValue> {
        Ok(Order::Desc)
    }

    fn encode(&self) -> Option<String> {
        (*self == Order::Asc).then(|| "asc".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_size_and_number_parse() {
        for (text, size) in
            [("1", 1), ("20", 20), ("50", 50), ("51", 50), ("200", 50), ("99999999999999999999999", 50)]
        {
            assert_eq!(PageSize::parse(text).map(PageSize::get), Ok(size), "{text}");
        }
        for text in ["", "0", "-1", "x", " 5"] {
            assert!(PageSize::parse(text).is_err(), "{text:?}");
            assert!(PageNumber::parse(text).is_err(), "{text:?}");
        }
        assert_eq!(PageNumber::parse("6").map(PageNumber::get), Ok(6));
        assert_eq!(
            (
                PageSize::default_if_absent().map(PageSize::get),
                PageNumber::default_if_absent().map(PageNumber::get)
            ),
            (Ok(50), Ok(1))
        );
    }

    #[test]
    fn order_parses() {
        for (text, order) in [("desc", Order::Desc), ("asc", Order::Asc)] {
            assert_eq!(Order::parse(text), Ok(order));
        }
        for text in ["", "DESC", "new"] {
            assert!(Order::parse(text).is_err(), "{text:?}");
        }
    }
}
