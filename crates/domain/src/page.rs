//! Which entries of a list a page holds (D15).

use guanxi_api::paging::{Pn, Ps};
use guanxi_types::ErrorCode;

/// The last page of another's list that one may see.
pub const LAST_PAGE_OF_OTHERS: u64 = 5;

/// A stretch of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// How many entries lie before it.
    pub skip: u64,
    /// How many it has at most.
    pub take: usize,
}

/// The stretch of a page; 22007 past the fifth of a list that is not one's own.
pub fn window(ps: Ps, pn: Pn, own: bool) -> Result<Window, ErrorCode> {
    if !own && pn.get() > LAST_PAGE_OF_OTHERS {
        return Err(ErrorCode::PastFivePages);
    }
    Ok(Window { skip: (pn.get() - 1).saturating_mul(ps.get() as u64), take: ps.get() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows() {
        #[rustfmt::skip]
        let cases = [
            // ps, pn, own -> skip, take
            (50, 1,        false, Ok((0, 50))),
            (20, 2,        false, Ok((20, 20))),
            (20, 5,        false, Ok((80, 20))),
            (20, 6,        false, Err(ErrorCode::PastFivePages)),
            (20, 6,        true,  Ok((100, 20))),
            (1,  u64::MAX, false, Err(ErrorCode::PastFivePages)),
            (50, u64::MAX, true,  Ok((u64::MAX, 50))),
        ];
        for (ps, pn, own, expected) in cases {
            let (ps, pn) = (Ps::new(ps).unwrap(), Pn::new(pn).unwrap());
            assert_eq!(window(ps, pn, own), expected.map(|(skip, take)| Window { skip, take }));
        }
    }
}
