//! The document of the listener that operators reach.

use super::{Access, Asks, Listener, Operation};
use guanxi_api::operator;
use guanxi_types::{ErrorCode, HttpError};
use http::Method;
use schemars::JsonSchema;
use serde_json::Value;

/// What the document says of the listener that operators reach.
const LISTENER: Listener = Listener {
    title: "guanxi for operators",
    about: "What the community's operators and its other services ask. Every answer is an envelope: `code`, `message`, `ttl`, and \
        `data` where there is something to tell. The status tells the same: 200 done, 400 no request, and the message says what \
        is wrong with it, 401 no token, 403 a token that may not do that, 404 no such member, 409 refused.\n\n\
        A GET has its fields in its query, a POST in its body as a JSON object. A field that is unknown is an error. Times are \
        seconds since 1970. Rows are told as a dump has them.",
    groups: &[("operator", "Members, reviews, events, and the log of what operators did.")],
    codes: ErrorCode::ALL,
};

/// The document of the listener that operators reach.
pub fn document(operations: &[Operation]) -> Value {
    super::document(&LISTENER, operations)
}

/// An operation, as the document tells it.
pub fn operation<O: operator::Operation>() -> Operation {
    let (asks, faults): (_, &[HttpError]) = if O::METHOD == Method::GET {
        const GET: [HttpError; 5] = [
            HttpError::BadRequest,
            HttpError::Unauthorized,
            HttpError::Forbidden,
            HttpError::Broken,
            HttpError::Unavailable,
        ];
        (Asks::Query, &GET)
    } else {
        const POST: [HttpError; 7] = [
            HttpError::BadRequest,
            HttpError::Unauthorized,
            HttpError::Forbidden,
            HttpError::TooSlow,
            HttpError::TooLarge,
            HttpError::Broken,
            HttpError::Unavailable,
        ];
        (Asks::Json, &POST)
    };
    Operation {
        name: O::schema_name().into_owned(),
        method: O::METHOD,
        path: O::PATH,
        access: Access::Operator(O::ROLES),
        asks,
        request: O::json_schema,
        // As in the envelope: a type without a value to tell is left out.
        data: (size_of::<O::Data>() > 0).then_some(O::Data::json_schema),
        faults,
    }
}
