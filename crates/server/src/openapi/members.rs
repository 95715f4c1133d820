//! Document of the members' listener.

use super::{Access, DocumentInfo, Operation, ParamLocation};
use guanxi_api::Endpoint;
use guanxi_api::auth::Auth;
use guanxi_types::{ErrorCode, HttpError};
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// Metadata of the document.
const INFO: DocumentInfo = DocumentInfo {
    title: "guanxi",
    description: "A member centre and its relation chain. Every response is an envelope: `code`, `message`, `ttl`, \
        and `data` if there is any. Success and rejections have HTTP status 200. Any other status is an error of \
        HTTP or of the service, and `code` is then minus the status: 404 for an unknown path, 405 for another \
        method.\n\n\
        A GET has its parameters in the query. A POST has them in its body, as a form of either kind, or in the \
        query. Unknown parameters are ignored, and the first value of a repeated parameter counts. An empty \
        optional parameter counts as absent. More than 1,000 parameters are rejected with -400. Times are \
        seconds since 1970 unless stated otherwise.",
    groups: &[
        ("member", "The member centre: account, daily rewards, coins, logins, bio and real name."),
        ("vip", "VIP status."),
        ("web", "Account security."),
        ("space", "Public profile of a member."),
        ("web-interface", "Card of a member."),
        ("relation", "Follows, whispers, blocks and groups."),
        ("safecenter", "Login notices."),
        ("passport", "Signup, login by password or QR code, and account settings."),
    ],
    codes: ErrorCode::ALL,
};

/// Builds the document.
pub fn document(operations: &[Operation]) -> Value {
    super::document(&INFO, operations)
}

/// Describes an endpoint.
pub fn operation<E: Endpoint>() -> Operation {
    let (param_location, errors): (_, &[HttpError]) = if E::METHOD == Method::GET {
        (ParamLocation::Query, &[HttpError::InternalError, HttpError::Unavailable])
    } else {
        (
            ParamLocation::Form,
            &[
                HttpError::BadRequest,
                HttpError::RequestTimeout,
                HttpError::PayloadTooLarge,
                HttpError::InternalError,
                HttpError::Unavailable,
            ],
        )
    };
    Operation {
        name: E::schema_name().into_owned(),
        method: E::METHOD,
        path: E::PATH,
        access: Access::Member(E::Auth::REQUIREMENT),
        param_location,
        request: request::<E>,
        // As in the envelope, data of a type without fields is left out.
        data: (size_of::<E::Data>() > 0).then_some(E::Data::json_schema),
        errors,
    }
}

/// Returns the schema of a request. The parameters' types determine which are required.
fn request<E: Endpoint>(schemas: &mut SchemaGenerator) -> Schema {
    let mut schema = E::json_schema(schemas);
    let required = E::PARAMS.iter().filter(|param| param.required).map(|param| param.name);
    schema.insert("required".to_owned(), json!(required.collect::<Vec<_>>()));
    schema
}
