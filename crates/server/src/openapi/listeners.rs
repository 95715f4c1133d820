//! Introductions of the documents of both listeners.

use super::DocumentInfo;
use guanxi_types::ErrorCode;

/// Metadata of the members' document.
pub const MEMBERS: DocumentInfo = DocumentInfo {
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

/// Metadata of the operators' document.
pub const OPERATORS: DocumentInfo = DocumentInfo {
    title: "guanxi for operators",
    description: "The API for the community's operators and its other services. Every response is an envelope: \
        `code`, `message`, `ttl`, and `data` if there is any. The HTTP status corresponds to the code: 200 \
        success, 400 invalid request with the reason in the message, 401 no valid token, 403 the token's role \
        lacks the permission, 404 no such member, 409 rejected.\n\n\
        A GET has its fields in the query, a POST in its body as a JSON object. An unknown field is an error. \
        Times are seconds since 1970. Rows have the format of a dump.",
    groups: &[("operator", "Members, reviews, events, and the audit log of operators' actions.")],
    codes: ErrorCode::ALL,
};
