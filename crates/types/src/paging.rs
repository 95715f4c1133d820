//! The page of a list: size and number (D15).

use crate::inline_schema;

/// `ps`: entries per page, 1 to 50. A larger size becomes 50.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageSize(u8);

/// `pn`: the page number, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageNumber(u64);

inline_schema!(PageSize: { "type": "integer", "minimum": 1, "default": 50 });
inline_schema!(PageNumber: { "type": "integer", "minimum": 1, "default": 1 });

impl PageSize {
    /// The largest size, and the size of a request that names none.
    pub const MAX: PageSize = PageSize(50);

    /// Returns a page size of at most 50. `None` for 0.
    pub fn new(count: u64) -> Option<PageSize> {
        let max = u64::from(PageSize::MAX.0);
        (count > 0).then(|| PageSize(u8::try_from(count.min(max)).unwrap_or(PageSize::MAX.0)))
    }

    /// Returns the number of entries.
    pub fn get(self) -> usize {
        usize::from(self.0)
    }
}

impl PageNumber {
    /// The first page, and the page of a request that names none.
    pub const FIRST: PageNumber = PageNumber(1);

    /// Returns the page of a number. `None` for 0.
    pub fn new(number: u64) -> Option<PageNumber> {
        (number > 0).then_some(PageNumber(number))
    }

    /// Returns the number, from 1.
    pub fn get(self) -> u64 {
        self.0
    }
}
