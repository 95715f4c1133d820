//! The [`Endpoint`] trait: a request type with its method, path, access rule and response data.

use crate::auth::Auth;
use crate::param::BadParam;
use crate::params::Params;
use http::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A members' endpoint as its request type. The router, the client, the tests and the OpenAPI document share the
/// type. Its JSON schema contains the name, the description and the parameters.
pub trait Endpoint: JsonSchema + Sized + Send {
    /// The HTTP method.
    const METHOD: Method;
    /// The path.
    const PATH: &'static str;
    /// The parameters, in the order in which they are parsed.
    const PARAMS: &'static [ParamInfo];
    /// The access rule.
    type Auth: Auth;
    /// The response data. `()` if there is none.
    type Data: Serialize + DeserializeOwned + JsonSchema + Send;

    /// Parses the request from its parameters. The error names the first invalid parameter.
    fn from_params(params: &Params) -> Result<Self, BadParam>;

    /// Encodes the request as parameters, for clients.
    fn to_params(&self) -> Vec<(&'static str, String)>;
}

/// A parameter, as documents and tests see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// True if a request without the parameter is rejected with -400.
    pub required: bool,
}

/// Declares a request type and its [`Endpoint`]: method, path, access rule, response data, then the parameters. The
/// type of each parameter is a [`Param`](crate::param::Param), which decides the meaning of its absence.
macro_rules! endpoint {
    (
        $(#[$meta:meta])*
        $name:ident: $method:ident $path:literal, $auth:ident -> $data:ty {
            $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, Eq, ::schemars::JsonSchema)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl $crate::endpoint::Endpoint for $name {
            const METHOD: ::http::Method = ::http::Method::$method;
            const PATH: &'static str = $path;
            const PARAMS: &'static [$crate::endpoint::ParamInfo] = &[$(
                $crate::endpoint::ParamInfo {
                    name: stringify!($field),
                    required: <$type as $crate::param::Param>::REQUIRED,
                },
            )*];
            type Auth = $crate::auth::$auth;
            type Data = $data;

            fn from_params(params: &$crate::params::Params) -> Result<Self, $crate::param::BadParam> {
                let _ = params;
                Ok($name { $($field: params.get(stringify!($field))?,)* })
            }

            fn to_params(&self) -> Vec<(&'static str, String)> {
                let encoded: Vec<Option<(&'static str, String)>> =
                    vec![$($crate::param::Param::encode(&self.$field).map(|value| (stringify!($field), value)),)*];
                encoded.into_iter().flatten().collect()
            }
        }
    };
}

pub(crate) use endpoint;
