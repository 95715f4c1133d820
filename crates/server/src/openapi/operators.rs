//! Document of the operators' listener.

use super::{Access, DocumentInfo, Operation, ParamLocation};
use guanxi_api::operator;
use guanxi_types::{ErrorCode, HttpError};
use http::Method;
use schemars::JsonSchema;
use serde_json::Value;

/// Metadata of the document.
const INFO: DocumentInfo = DocumentInfo {
    title: "guanxi for operators",
    description: "The API for the community's operators and its other services. Every response is \
        an envelope: `code`, `message`, `ttl`, and `data` if there is any. The HTTP status corresponds to the code: 200 success, 400 \
        invalid request with the reason in the message, 401 no valid token, 403 the token's role lacks the \
        permission, 404 no such member, 409 rejected.\n\n\
        A GET has its fields in the query, a POST in its body as a JSON object. An unknown field is an error. \
        Times are seconds since 1970. Rows have the format of a dump.",
    groups: &[("operator", "Members, reviews, events, and the audit log of operators' actions.")],
    codes: ErrorCode::ALL,
};

/// Builds the document.
pub fn document(operations: &[Operation]) -> Value {
    super::document(&INFO, operations)
}

/// Describes an operation.
pub fn operation<O: operator::OperatorEndpoint>() -> Operation {
    let (param_location, errors): (_, &[HttpError]) = if O::METHOD == Method::GET {
        const GET: [HttpError; 5] = [
            HttpError::BadRequest,
            HttpError::Unauthorized,
            HttpError::Forbidden,
            HttpError::InternalError,
            HttpError::Unavailable,
        ];
        (ParamLocation::Query, &GET)
    } else {
        const POST: [HttpError; 7] = [
            HttpError::BadRequest,
            HttpError::Unauthorized,
            HttpError::Forbidden,
            HttpError::RequestTimeout,
            HttpError::PayloadTooLarge,
            HttpError::InternalError,
            HttpError::Unavailable,
        ];
        (ParamLocation::Json, &POST)
    };
    Operation {
        name: O::schema_name().into_owned(),
        method: O::METHOD,
        path: O::PATH,
        access: Access::Operator(O::ROLES),
        param_location,
        request: O::json_schema,
        // As in the envelope, data of a type without fields is left out.
        data: (size_of::<O::Data>() > 0).then_some(O::Data::json_schema),
        errors,
    }
}
