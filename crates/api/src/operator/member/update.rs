//! `POST /operator/member/update`: what is told of a member.

use crate::operator::operation;
use guanxi_types::Mid;
use serde_json::{Map, Value};

operation! {
    /// Changes what is told of a member. Each part is merged into the row of that name as a dump has it (docs/dump.md): an
    /// object part by part, null back to the default. A field that the row has not is refused, as is one that is not
    /// changed here. Refused with -404, 30001, 30002, 30005, 30003, 30004, 30010.
    UpdateMember: POST "/operator/member/update", [Admin] -> () {
        /// Who.
        mid: Mid,
        /// Name, picture, sign, verification, VIP.
        #[serde(default)] card: Map<String, Value>,
        /// What their space shows: pendant, nameplate, live room, school and so on.
        #[serde(default)] profile: Map<String, Value>,
        /// User name and what 4 tells; no phone and no mail address.
        #[serde(default)] account: Map<String, Value>,
        /// Their exp.
        #[serde(default)] growth: Map<String, Value>,
        /// Views, likes and counts of their works.
        #[serde(default)] upstat: Map<String, Value>,
        /// Their phone, as in `/passport/signup`; the empty text for none. It is not verified then.
        tel: Option<String>,
        /// Their mail address, likewise; the empty text for none. It is not verified then.
        mail: Option<String>,
        /// Their new password; their sessions end.
        password: Option<String>,
    }
}
