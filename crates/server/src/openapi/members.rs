//! The document of the listener that members reach.

use super::{Access, Asks, Listener, Operation};
use guanxi_api::Endpoint;
use guanxi_api::auth::Auth;
use guanxi_types::{ErrorCode, HttpError};
use http::Method;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Value, json};

/// What the document says of the listener that members reach.
const LISTENER: Listener = Listener {
    title: "guanxi",
    about: "A member centre and its relation chain. Every answer is an envelope: `code`, `message`, `ttl`, and `data` where there \
        is something to tell. HTTP 200 carries every answer, refusals included; another status tells a fault of HTTP or of the \
        service, and `code` is then minus the status: 404 for a path that is not there, 405 for another method.\n\n\
        A GET has its parameters in its query. A POST has them in its body, as a form of either kind, or in its query. Names that \
        an operation does not know are ignored, and of a name given twice the first counts. An optional parameter that is \
        empty is as absent. More than 1,000 parameters are -400. Times are seconds since 1970 unless it \
        says milliseconds.",
    groups: &[
        (
            "member",
            "The member centre: who one is, what the day has brought, one's coins, logins, sign and real name.",
        ),
        ("vip", "One's VIP."),
        ("web", "How safe one's account is."),
        ("space", "A member's space."),
        ("web-interface", "A member's card."),
        ("relation", "Who follows, whispers or blocks whom, and in which groups."),
        ("safecenter", "Logins from a device."),
        ("passport", "Signing up, logging in by password and by QR code, and looking after one's account."),
    ],
    codes: ErrorCode::ALL,
};

/// The document of the listener that members reach.
pub fn document(operations: &[Operation]) -> Value {
    super::document(&LISTENER, operations)
}

/// An endpoint, as the document tells it.
pub fn operation<E: Endpoint>() -> Operation {
    let (asks, faults): (_, &[HttpError]) = if E::METHOD == Method::GET {
        (Asks::Query, &[HttpError::Broken, HttpError::Unavailable])
    } else {
        (
            Asks::Form,
            &[
                HttpError::BadRequest,
                HttpError::TooSlow,
                HttpError::TooLarge,
                HttpError::Broken,
                HttpError::Unavailable,
            ],
        )
    };
    Operation {
        name: E::schema_name().into_owned(),
        method: E::METHOD,
        path: E::PATH,
        access: Access::Member(E::Auth::NEEDS),
        asks,
        request: request::<E>,
        // As in the envelope: a type without a value to tell is left out.
        data: (size_of::<E::Data>() > 0).then_some(E::Data::json_schema),
        faults,
    }
}

/// The schema of a request. Which parameters it cannot do without is known to their types.
fn request<E: Endpoint>(schemas: &mut SchemaGenerator) -> Schema {
    let mut schema = E::json_schema(schemas);
    let required = E::PARAMS.iter().filter(|param| param.required).map(|param| param.name);
    schema.insert("required".to_owned(), json!(required.collect::<Vec<_>>()));
    schema
}
