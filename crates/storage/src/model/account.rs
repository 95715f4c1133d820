//! The account of a member: private data, credentials, identifiers, and the stages of its deletion.

use super::{Sensitive, entity, stored_struct};
use crate::encryption::Hash;
use guanxi_domain::member_filter::MemberFlag;
use guanxi_domain::verification::VerificationStatus;
use guanxi_types::Mid;

stored_struct! {
    /// The account of a member.
    Account(/** The member. */ mid: Mid) {
        /// The user name.
        userid: String,
        /// True until the member chooses a name.
        nick_free: bool,
        /// The phone.
        tel: Option<Sensitive>,
        /// True if the phone is verified.
        tel_verified: bool,
        /// The mail address.
        mail: Option<Sensitive>,
        /// True if the mail address is verified.
        mail_verified: bool,
        /// True if the member has a password.
        has_password: bool,
        /// The strength of the password, 0 to 100.
        score: u8,
        /// The level of the password: 1 weak, 2 medium, 3 strong.
        pwd_level: u8,
        /// True if the password is not weak.
        security: bool,
        /// True if the member has a security question.
        safe_question: bool,
        /// True if a Weibo account is bound.
        weibo: bool,
        /// True if a QQ account is bound.
        qq: bool,
        /// A flag of the contract without a documented meaning.
        skip_verify: bool,
        /// True if the member dismissed the first steps.
        steps_dismissed: bool,
        /// The time at which the member changed the name last, in seconds. 0 for never.
        name_changed: i64,
    }
}
entity!(Account in Account by mid: Mid, flags: |account| {
    let tel = (account.tel.is_some() && !account.tel_verified).then_some(MemberFlag::UnverifiedTel);
    let mail = (account.mail.is_some() && !account.mail_verified).then_some(MemberFlag::UnverifiedMail);
    tel.into_iter().chain(mail).collect()
});

stored_struct! {
    /// The application of a member for real name verification.
    Realname(/** The member. */ mid: Mid, /** The status. */ status: VerificationStatus) {
        /// The real name.
        name: Option<Sensitive>,
        /// The number of the document.
        card: Option<Sensitive>,
        /// The type of the document, 0 to 6.
        card_type: u8,
        /// The time of the submission, in seconds.
        submitted: i64,
        /// The end of the review, in seconds. 0 during the review, or if unknown.
        ended: i64,
    }
}
entity!(Realname in Realname by mid: Mid, review_since: |row| {
    (row.status == VerificationStatus::Waiting).then_some(row.submitted)
});

stored_struct! {
    /// The password of a member.
    Password(/** The member. */ mid: Mid) {
        /// The argon2 hash as a PHC string, with parameters and salt.
        phc: String,
    }
}
entity!(Password in Password by mid: Mid);

stored_struct! {
    /// The security question of a member.
    Question(/** The member. */ mid: Mid) {
        /// The question.
        question: Option<Sensitive>,
        /// The argon2 hash of the answer, as a PHC string.
        answer: String,
    }
}
entity!(Question in Question by mid: Mid);

stored_struct! {
    /// The blind index entry of an identifier: a name, a user name, a phone or a mail address.
    LoginIdentifier(/** The hash of the identifier. */ hash: Hash, /** The member. */ mid: Mid) {}
}
entity!(LoginIdentifier in LoginIdentifier by hash: Hash);

stored_struct! {
    /// A member in deletion. A scheduled task deletes their data in steps.
    PendingDeletion(/** The member. */ mid: Mid) {
        /// The start of the deletion, in seconds.
        since: i64,
    }
}
entity!(PendingDeletion in PendingDeletion by mid: Mid, run_at: |row| Some(row.since));

stored_struct! {
    /// A member who leaves. Until the deletion starts, the member can still stay.
    Leaving(/** The member. */ mid: Mid) {
        /// The request, in seconds.
        since: i64,
        /// The second from which the deletion starts.
        due: i64,
    }
}
entity!(Leaving in Leaving by mid: Mid, run_at: |row| Some(row.due));

stored_struct! {
    /// The tombstone of a deleted member. The mid is never assigned again.
    Tombstone(/** The deleted mid. */ mid: Mid) {
        /// The start of the deletion, in seconds.
        since: i64,
    }
}
entity!(Tombstone in Tombstone by mid: Mid);
