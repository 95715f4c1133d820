//! Second factors of a login, and the proofs that a dangerous operation requires.

/// The length of a step of one-time codes, in seconds (RFC 6238).
pub const STEP_SECONDS: u64 = 30;

/// The number of recovery codes that a member gets.
pub const RECOVERY_CODES: usize = 10;

/// The tries of a second step of a login.
pub const MAX_TRIES: u32 = 5;

/// Returns true if the code of a step is accepted after that of the step used last. A code works once (RFC 6238,
/// section 5.2).
pub fn is_unused_step(last_used: i64, step: i64) -> bool {
    step > last_used
}

/// The kinds of credentials that a member has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Credentials {
    /// True for a member with a password.
    pub password: bool,
    /// True for a member with a second factor.
    pub factor: bool,
}

/// The times at which a session last proved its member's credentials, in seconds. 0 for never.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Proofs {
    /// The time of the last password.
    pub password: i64,
    /// The time of the last second factor.
    pub factor: i64,
}

/// The credentials whose proof is missing for a dangerous operation. A proof lasts `max_age` seconds.
pub fn missing_proofs(credentials: Credentials, proofs: Proofs, max_age: i64, now: i64) -> Credentials {
    let is_old = |time: i64| time <= 0 || !(0..max_age).contains(&now.saturating_sub(time));
    Credentials {
        password: credentials.password && is_old(proofs.password),
        factor: credentials.factor && is_old(proofs.factor),
    }
}

/// Returns true if a member has to set up a second factor: the community requires one from a level on.
pub fn must_set_up(from_level: Option<u8>, level: u8, has_factor: bool) -> bool {
    !has_factor && from_level.is_some_and(|from| level >= from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn step_is_accepted_once_and_never_after_a_later_one() {
        for (last_used, step, accepted) in [(0, 1, true), (5, 6, true), (5, 5, false), (5, 4, false)] {
            assert_eq!(is_unused_step(last_used, step), accepted, "{step} after {last_used}");
        }
    }

    #[test]
    fn old_and_absent_proofs_are_missing() {
        let (none, both) = ((false, false), (true, true));
        #[rustfmt::skip]
        let cases = [
            // (password, factor) of the member, times of the proofs -> missing (password, factor) at 1000
            (none,          (0, 0),         none),
            ((true, false), (0, 0),         (true, false)),
            ((true, false), (101, 0),       none),
            ((true, false), (100, 0),       (true, false)),
            ((true, false), (1000, 0),      none),
            // A time of the future comes from a wrong clock.
            ((true, false), (1001, 0),      (true, false)),
            ((true, false), (0, 1000),      (true, false)),
            (both,          (1000, 0),      (false, true)),
            (both,          (0, 1000),      (true, false)),
            (both,          (1000, 1000),   none),
            (both,          (100, 100),     both),
            ((false, true), (0, 0),         (false, true)),
            ((false, true), (0, 999),       none),
        ];
        for ((password, factor), (password_time, factor_time), missing) in cases {
            let proofs = Proofs { password: password_time, factor: factor_time };
            let found = missing_proofs(Credentials { password, factor }, proofs, 900, 1000);
            assert_eq!((found.password, found.factor), missing, "{password} {factor} {proofs:?}");
        }
    }

    #[test]
    fn factor_is_required_from_a_level_on() {
        for (from, level, has_factor, required) in [
            (None, 6, false, false),
            (Some(0), 0, false, true),
            (Some(4), 3, false, false),
            (Some(4), 4, false, true),
            (Some(4), 6, true, false),
        ] {
            assert_eq!(must_set_up(from, level, has_factor), required, "{from:?} {level} {has_factor}");
        }
    }
}
