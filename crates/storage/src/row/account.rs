//! What only a member sees of themselves.

use super::{Sensitive, record, row};
use crate::vault::Hash;
use guanxi_domain::realname::VerificationStatus;
use guanxi_types::Mid;

row! {
    /// A member's account.
    Account(/** Whose. */ mid: Mid) {
        /// Their user name.
        userid: String,
        /// Whether they have yet to choose a name.
        nick_free: bool,
        /// Their phone.
        tel: Option<Sensitive>,
        /// Whether it is verified.
        tel_verified: bool,
        /// Their mail address.
        mail: Option<Sensitive>,
        /// Whether it is verified.
        mail_verified: bool,
        /// Whether they have a password.
        has_password: bool,
        /// How strong it is, 0 to 100.
        score: u8,
        /// 1 weak, 2 middling, 3 strong.
        pwd_level: u8,
        /// Whether it is safe.
        security: bool,
        /// Whether they have a safe question.
        safe_question: bool,
        /// Whether a Weibo account is bound.
        weibo: bool,
        /// Whether a QQ account is bound.
        qq: bool,
        /// The seed knows no meaning of it.
        skip_verify: bool,
        /// Until when they have seen their news, in seconds; 0 if they never said so.
        seen: i64,
    }
}
record!(Account in Account by mid: Mid);

row! {
    /// A member's application for real name verification.
    Realname(/** Whose. */ mid: Mid, /** How it stands. */ standing: VerificationStatus) {
        /// The name.
        name: Option<Sensitive>,
        /// The card's number.
        card: Option<Sensitive>,
        /// 0 to 6.
        card_type: u8,
        /// When it was submitted, in seconds.
        submitted: i64,
        /// When its review ended, in seconds; 0 while it waits, and for one that ended before this was kept.
        ended: i64,
    }
}
record!(Realname in Realname by mid: Mid, waits: |row| {
    (row.standing == VerificationStatus::Waiting).then_some(row.submitted)
});

row! {
    /// A member's password.
    Password(/** Whose. */ mid: Mid) {
        /// What argon2 made of it, with its parameters and its salt.
        phc: String,
    }
}
record!(Password in Password by mid: Mid);

row! {
    /// A member's safe question.
    Question(/** Whose. */ mid: Mid) {
        /// The question.
        question: Option<Sensitive>,
        /// What argon2 made of the answer.
        answer: String,
    }
}
record!(Question in Question by mid: Mid);

row! {
    /// By what a member is found: a name, a user name, a phone or a mail address.
    Handle(/** The hash of it. */ hash: Hash, /** Whose. */ mid: Mid) {}
}
record!(Handle in Handle by hash: Hash);

row! {
    /// A member who leaves: what they had is taken away step by step.
    Farewell(/** Who. */ mid: Mid) {
        /// Since when, in seconds.
        since: i64,
    }
}
record!(Farewell in Farewell by mid: Mid, due: |row| Some(row.since));

row! {
    /// The mark that stays of a member who left: nobody's mid now, which was given once.
    Tombstone(/** Whose it was. */ mid: Mid) {
        /// When they began to leave, in seconds.
        since: i64,
    }
}
record!(Tombstone in Tombstone by mid: Mid);
