//! Operators' endpoints: JSON on a listener of its own, authenticated with a bearer token. One file per endpoint.

pub mod ingest_events;
pub mod keys;
pub mod list_audit_entries;
pub mod members;
pub mod reviews;
pub mod tokens;

use guanxi_types::Role;
use http::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// An operators' endpoint as its request type. The fields of a GET are in the query, those of a POST in the JSON
/// body.
pub trait OperatorEndpoint: Serialize + DeserializeOwned + JsonSchema + Send {
    /// The HTTP method.
    const METHOD: Method;
    /// The path.
    const PATH: &'static str;
    /// The roles whose tokens may call the endpoint.
    const ROLES: &'static [Role];
    /// The response data. `()` if there is none.
    type Data: Serialize + DeserializeOwned + JsonSchema + Send;
}

/// Declares a request type and its [`OperatorEndpoint`]: method, path, roles, response data, then the fields.
macro_rules! operator_endpoint {
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

        impl $crate::operator::OperatorEndpoint for $name {
            const METHOD: ::http::Method = ::http::Method::$method;
            const PATH: &'static str = $path;
            const ROLES: &'static [::guanxi_types::Role] = &[$(::guanxi_types::Role::$role),+];
            type Data = $data;
        }
    };
}

pub(crate) use operator_endpoint;
