//! What an endpoint is: a request type that knows its method, its path, who may call it and what it answers.

use crate::auth::Auth;
use crate::param::BadParam;
use crate::params::Params;
use http::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A request of the contract. The router, the client, the tests and the document all read the same type: its schema has
/// its name, what it is for, and what each parameter is.
pub trait Endpoint: JsonSchema + Sized + Send {
    /// Its method.
    const METHOD: Method;
    /// Its path.
    const PATH: &'static str;
    /// Its parameters, in the order in which they are read.
    const PARAMS: &'static [ParamInfo];
    /// Who may call it.
    type Auth: Auth;
    /// What it answers; `()` where there is nothing to tell.
    type Data: Serialize + DeserializeOwned + JsonSchema + Send;

    /// Reads the request from its parameters; the first that is malformed is named.
    fn read(params: &Params) -> Result<Self, BadParam>;

    /// Writes the request as parameters, for clients.
    fn write(&self) -> Vec<(&'static str, String)>;
}

/// What a document or a test needs to know of a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamInfo {
    /// Its name on the wire.
    pub name: &'static str,
    /// Whether its absence is -400.
    pub required: bool,
}

/// Writes a request type and its [`Endpoint`]: method, path, who may call, what is answered, then the parameters.
/// Each parameter's type is a [`Param`](crate::param::Param) and says itself what its absence means.
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

            fn read(params: &$crate::params::Params) -> Result<Self, $crate::param::BadParam> {
                let _ = params;
                Ok($name { $($field: params.read(stringify!($field))?,)* })
            }

            fn write(&self) -> Vec<(&'static str, String)> {
                let written: Vec<Option<(&'static str, String)>> =
                    vec![$($crate::param::Param::write(&self.$field).map(|value| (stringify!($field), value)),)*];
                written.into_iter().flatten().collect()
            }
        }
    };
}

pub(crate) use endpoint;
