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

use guanxi_types::Role;
use http::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

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
            const ROLES: &'static [::guanxi_types::Role] = &[$(::guanxi_types::Role::$role),+];
            type Data = $data;
        }
    };
}

pub(crate) use operation;
