//! `POST /operator/member/update`: changes the record of a member.

use crate::endpoint::endpoint;
use guanxi_types::Mid;
use serde_json::{Map, Value};

endpoint! {
    /// `POST /operator/member/update`: changes the record of a member, whole or not at all. Each part is merged
    /// into the row of that name, in the form of an export (docs/design/dump-format.md). Nested objects are merged
    /// too, and null resets a field to its default. Each value has the rule of an import. The message of -400 names
    /// the field. An unknown field is -400, and so is a field that this endpoint does not change. Errors: -401,
    /// -403, -400, 30010, -404, 30001, 30002, 30003, 30004, 30005.
    UpdateMember: POST "/operator/member/update", Operator<AdminOnly> -> () {
        /// The member.
        mid: Mid,
        /// The display name, avatar, bio, official verification and VIP.
        #[serde(default)] card: Map<String, Value>,
        /// The further fields of the space: pendant, nameplate, live room, school and others.
        #[serde(default)] profile: Map<String, Value>,
        /// The user name, and the fields of `GET /web/site/user/info`, except phone and mail address.
        #[serde(default)] account: Map<String, Value>,
        /// The exp.
        #[serde(default)] growth: Map<String, Value>,
        /// The statistics of works: views, likes, and numbers of works.
        #[serde(default)] upstat: Map<String, Value>,
        /// The phone, as in `POST /passport/signup`. The empty text removes it. A new phone is not verified.
        tel: Option<String>,
        /// The mail address, as in `POST /passport/signup`. The empty text removes it. A new address is not
        /// verified.
        mail: Option<String>,
        /// The new password. A change ends all sessions of the member.
        password: Option<String>,
    }
}
