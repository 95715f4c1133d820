//! What only a member sees of themselves.

use super::{record, row};
use guanxi_rules::realname::Standing;
use guanxi_wire::Mid;

row! {
    /// A member's account.
    Account(/** Whose. */ mid: Mid) {
        /// Their user name.
        userid: String,
        /// Whether they have yet to choose a name.
        nick_free: bool,
        /// Their phone.
        tel: Option<String>,
        /// Whether it is verified.
        tel_verified: bool,
        /// Their mail address.
        mail: Option<String>,
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
    }
}
record!(Account in Account by mid: Mid);

row! {
    /// A member's application for real name verification.
    Realname(/** Whose. */ mid: Mid, /** How it stands. */ standing: Standing) {
        /// The name.
        name: String,
        /// The card's number.
        card: String,
        /// 0 to 6.
        card_type: u8,
    }
}
record!(Realname in Realname by mid: Mid);
