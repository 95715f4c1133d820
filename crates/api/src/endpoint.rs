//! The [`Endpoint`] trait: a request type with its method, path, access rule and response data.

use crate::auth::{Auth, AuthRequirement};
use crate::param::BadParam;
use crate::params::Params;
use bytes::Bytes;
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::json;

/// An endpoint of members or operators as its request type. The router, the client, the tests and the OpenAPI
/// document share the type. Its JSON schema contains the name, the description and the parameters.
pub trait Endpoint: JsonSchema + Sized + Send {
    /// The HTTP method.
    const METHOD: Method;
    /// The path.
    const PATH: &'static str;
    /// The parameters of a members' endpoint, in the order in which they are parsed. Empty for an operators'
    /// endpoint, whose fields serde decodes.
    const PARAMS: &'static [ParamInfo];
    /// The access rule.
    type Auth: Auth;
    /// The response data. `()` if there is none.
    type Data: Serialize + DeserializeOwned + JsonSchema + Send;

    /// Decodes the request from its parameters. The error names the first invalid parameter.
    fn decode(encoded: EncodedParams<'_>) -> Result<Self, InvalidRequest>;

    /// Encodes the parameters for their [location](Endpoint::param_location), without a file, for clients.
    fn encode(&self) -> serde_json::Result<String>;

    /// Returns the name and the bytes of the file among the parameters, for clients.
    fn file(&self) -> Option<(&'static str, &Bytes)> {
        None
    }

    /// Returns the location of the parameters.
    fn param_location() -> ParamLocation {
        match (Self::METHOD, Self::Auth::REQUIREMENT) {
            (Method::GET, _) => ParamLocation::Query,
            (_, AuthRequirement::Operator(_)) => ParamLocation::Json,
            _ if Self::PARAMS.iter().any(|param| param.is_file) => ParamLocation::Multipart,
            _ => ParamLocation::Form,
        }
    }
}

/// The location of the parameters of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamLocation {
    /// The query string.
    Query,
    /// The body, URL-encoded or multipart.
    Form,
    /// The body, multipart, with a file.
    Multipart,
    /// The body, as a JSON object.
    Json,
}

/// The encoded parameters of a request.
#[derive(Clone, Copy, Debug)]
pub enum EncodedParams<'a> {
    /// The pairs of a query or a form.
    Pairs(&'a Params),
    /// The JSON body of an operators' request.
    Json(&'a [u8]),
}

impl<'a> EncodedParams<'a> {
    /// Returns the pairs of a members' request.
    ///
    /// # Errors
    ///
    /// Returns an error for the body of an operators' request.
    pub fn pairs(self) -> Result<&'a Params, InvalidRequest> {
        match self {
            EncodedParams::Pairs(params) => Ok(params),
            EncodedParams::Json(_) => Err(InvalidRequest::Reason("the parameters are not a form".to_owned())),
        }
    }
}

/// The reason why a request cannot be decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InvalidRequest {
    /// The invalid parameter of a members' request.
    BadParam(BadParam),
    /// The message for an operator, which names the invalid field.
    Reason(String),
}

impl From<BadParam> for InvalidRequest {
    fn from(bad_param: BadParam) -> InvalidRequest {
        InvalidRequest::BadParam(bad_param)
    }
}

/// A parameter, as documents and tests see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamInfo {
    /// The name on the wire.
    pub name: &'static str,
    /// True if a request without the parameter is rejected with -400.
    pub required: bool,
    /// True for a file.
    pub is_file: bool,
}

/// The function that generates the JSON schema of a type.
pub type SchemaFn = fn(&mut SchemaGenerator) -> Schema;

/// The description of an endpoint, for documents and tests.
#[derive(Clone, Debug)]
pub struct EndpointInfo {
    /// The name of the request type.
    pub name: String,
    /// The HTTP method.
    pub method: Method,
    /// The path.
    pub path: &'static str,
    /// The access rule.
    pub auth: AuthRequirement,
    /// The location of the parameters.
    pub param_location: ParamLocation,
    /// The parameters of a members' endpoint.
    pub params: &'static [ParamInfo],
    /// The schema of the request: its description and its parameters.
    pub request_schema: SchemaFn,
    /// The schema of the response data. `None` if there is none.
    pub data_schema: Option<SchemaFn>,
}

impl EndpointInfo {
    /// Returns the description of an endpoint.
    pub fn new<E: Endpoint>() -> EndpointInfo {
        EndpointInfo {
            name: E::schema_name().into_owned(),
            method: E::METHOD,
            path: E::PATH,
            auth: E::Auth::REQUIREMENT,
            param_location: E::param_location(),
            params: E::PARAMS,
            request_schema: request_schema::<E>,
            // As in the envelope, data of a type without fields is absent.
            data_schema: (size_of::<E::Data>() > 0).then_some(E::Data::json_schema),
        }
    }
}

/// Returns the schema of a request. The types of a members' request decide which parameters are required.
fn request_schema<E: Endpoint>(generator: &mut SchemaGenerator) -> Schema {
    let mut schema = E::json_schema(generator);
    if !matches!(E::Auth::REQUIREMENT, AuthRequirement::Operator(_)) {
        let required = E::PARAMS.iter().filter(|param| param.required).map(|param| param.name);
        schema.insert("required".to_owned(), json!(required.collect::<Vec<_>>()));
    }
    schema
}

/// Declares a request type and its [`Endpoint`]: method, path, access rule, response data, then the parameters. The
/// access rule selects the encoding:
///
/// - A members' endpoint has a query or a form. The type of each parameter is a [`Param`](crate::param::Param),
///   which decides the meaning of its absence.
/// - The endpoint of an `Operator<roles>` has a query or a JSON body. Serde decodes the fields, and an unknown field
///   is an error.
macro_rules! endpoint {
    (
        $(#[$meta:meta])*
        $name:ident: $method:ident $path:literal, Operator<$roles:ident> -> $data:ty {
            $($(#[$field_meta:meta])* $field:ident: $type:ty,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq, ::serde::Serialize, ::serde::Deserialize, ::schemars::JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name { $($(#[$field_meta])* pub $field: $type,)* }

        impl $crate::endpoint::Endpoint for $name {
            const METHOD: ::http::Method = ::http::Method::$method;
            const PATH: &'static str = $path;
            const PARAMS: &'static [$crate::endpoint::ParamInfo] = &[];
            type Auth = $crate::auth::Operator<$crate::auth::$roles>;
            type Data = $data;

            fn decode(
                encoded: $crate::endpoint::EncodedParams<'_>,
            ) -> Result<Self, $crate::endpoint::InvalidRequest> {
                $crate::serde_params::decode(encoded)
            }

            fn encode(&self) -> ::serde_json::Result<String> {
                $crate::serde_params::encode(self)
            }
        }
    };
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
                    is_file: <$type as $crate::param::Param>::IS_FILE,
                },
            )*];
            type Auth = $crate::auth::$auth;
            type Data = $data;

            fn decode(
                encoded: $crate::endpoint::EncodedParams<'_>,
            ) -> Result<Self, $crate::endpoint::InvalidRequest> {
                let params = encoded.pairs()?;
                let _ = params;
                Ok($name { $($field: params.get(stringify!($field))?,)* })
            }

            fn encode(&self) -> ::serde_json::Result<String> {
                let params: Vec<(&str, Option<String>)> =
                    vec![$((stringify!($field), $crate::param::Param::encode(&self.$field)),)*];
                let present = params.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
                Ok($crate::params::encode_form(present))
            }

            fn file(&self) -> Option<(&'static str, &::bytes::Bytes)> {
                let files: &[(&'static str, Option<&::bytes::Bytes>)] =
                    &[$((stringify!($field), $crate::param::Param::file(&self.$field)),)*];
                files.iter().find_map(|(name, file)| Some((*name, (*file)?)))
            }
        }
    };
}

pub(crate) use endpoint;
