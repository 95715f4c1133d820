//! The entries of a list that a page contains (D15).

use guanxi_types::{ErrorCode, PageNumber, PageSize};

/// The last readable page of another member's list.
pub const MAX_PAGE_OF_OTHERS: u64 = 5;

/// A range of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageWindow {
    /// The number of entries before the range.
    pub offset: u64,
    /// The maximum number of entries in the range.
    pub limit: usize,
}

/// Returns the range of a page. Error 22007 after the fifth page of another member's list.
pub fn page_window(ps: PageSize, pn: PageNumber, is_owner: bool) -> Result<PageWindow, ErrorCode> {
    if !is_owner && pn.get() > MAX_PAGE_OF_OTHERS {
        return Err(ErrorCode::PageLimitExceeded);
    }
    Ok(PageWindow { offset: (pn.get() - 1).saturating_mul(ps.get() as u64), limit: ps.get() })
}

/// Returns the number of the last page of a list, 1 for an empty one.
pub fn last_page(total: u64, ps: PageSize) -> PageNumber {
    PageNumber::new(total.div_ceil(ps.get() as u64)).unwrap_or(PageNumber::FIRST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_window_of_each_page() {
        #[rustfmt::skip]
        let cases = [
            // ps, pn, is_owner -> offset, limit
            (50, 1,        false, Ok((0, 50))),
            (20, 2,        false, Ok((20, 20))),
            (20, 5,        false, Ok((80, 20))),
            (20, 6,        false, Err(ErrorCode::PageLimitExceeded)),
            (20, 6,        true,  Ok((100, 20))),
            (1,  u64::MAX, false, Err(ErrorCode::PageLimitExceeded)),
            (50, u64::MAX, true,  Ok((u64::MAX, 50))),
        ];
        for (ps, pn, is_owner, expected) in cases {
            let (ps, pn) = (PageSize::new(ps).unwrap(), PageNumber::new(pn).unwrap());
            let expected = expected.map(|(offset, limit)| PageWindow { offset, limit });
            assert_eq!(page_window(ps, pn, is_owner), expected);
        }
    }

    #[test]
    fn last_page_of_each_total() {
        for (total, ps, last) in [(0, 50, 1), (1, 50, 1), (50, 50, 1), (51, 50, 2), (40, 20, 2), (7, 1, 7)] {
            assert_eq!(last_page(total, PageSize::new(ps).unwrap()).get(), last, "{total} by {ps}");
        }
    }
}
