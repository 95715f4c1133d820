//! What operators' programs send: JSON, on a listener of its own, with a bearer token. One URL, one file, as in
//! [`api`](crate::api).

pub mod audit;
pub mod events;
pub mod keys;
pub mod member;
pub mod reviews {
    //! What waits for a moderator.
    pub mod realname;
    pub mod realnames;
    pub mod sign;
    pub mod signs;
}
pub mod tokens;

use http::Method;
use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// What an operator's token may do. Each operation names those that may do it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Everything.
    Admin,
    /// Look members up, review signs and real names, silence, end sessions.
    Moderator,
    /// Tell events, and that a phone or a mail address was verified.
    Ingest,
}

impl Role {
    /// All of them.
    pub const ALL: [Role; 3] = [Role::Admin, Role::Moderator, Role::Ingest];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Role::Admin => "admin",
            Role::Moderator => "moderator",
            Role::Ingest => "ingest",
        }
    }
}

/// Something that an operator may do: a GET has its fields in the query, a POST in its body, as JSON.
pub trait Operation: Serialize + DeserializeOwned + JsonSchema + Send {
    /// Its method.
    const METHOD: Method;
    /// Its path.
    const PATH: &'static str;
    /// Who may.
    const ROLES: &'static [Role];
    /// What it answers; `()` where there is nothing to tell.
    type Data: Serialize + DeserializeOwned + JsonSchema + Send;
}

/// Writes a request type and its [`Operation`]: method, path, who may, what is answered, then the fields.
macro_rules! operation {
    (
        $(#[$meta:meta])*
        $name:ident: $method:ident $path:literal, [$($role:ident),+] -> $data:ty {
            $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl $crate::operator::Operation for $name {
            const METHOD: ::http::Method = ::http::Method::$method;
            const PATH: &'static str = $path;
            const ROLES: &'static [$crate::operator::Role] = &[$($crate::operator::Role::$role),+];
            type Data = $data;
        }
    };
}

pub(crate) use operation;
