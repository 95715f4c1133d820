//! `/outbox`: messages to members that wait, and those in the folder of the sender.

use super::context::{Layout, OperatorContext};
use crate::http::response::ApiError;
use crate::operator::list_messages;
use crate::web::language::Language;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::list_messages::{ListMessages, SentMessage, WaitingMessage};
use guanxi_storage::model::MessageKind;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "operator/outbox.html")]
struct Outbox {
    layout: Layout,
    waiting: Vec<WaitingRow>,
    /// The sent messages; `None` without a folder.
    sent: Option<Vec<SentRow>>,
}

struct WaitingRow {
    message: WaitingMessage,
    kind: String,
    created: String,
    next_attempt: String,
}

struct SentRow {
    message: SentMessage,
    kind: String,
    created: String,
}

/// Shows the page.
pub async fn outbox(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let data = context.call_api(list_messages::list_messages, ListMessages {}).await?;
    let t = context.language();
    let waiting = data.waiting.into_iter().map(|message| WaitingRow {
        kind: kind_label(&message.kind, t),
        created: t.minute(message.created),
        next_attempt: t.minute(message.next_attempt),
        message,
    });
    let sent = data.sent.into_iter().map(|message| SentRow {
        kind: kind_label(&message.kind, t),
        created: t.minute(message.created),
        message,
    });
    context.render(&Outbox {
        layout: context.layout(t.text("outbox")),
        waiting: waiting.collect(),
        sent: context.app.messenger.folder().map(|_| sent.collect()),
    })
}

/// Returns the label of a kind of messages, or its name if it is of another version.
fn kind_label(name: &str, language: Language) -> String {
    let kind = MessageKind::ALL.into_iter().find(|kind| kind.name() == name);
    let label = kind.map(|kind| match kind {
        MessageKind::VerificationCode => Key("message-kind-verification"),
        MessageKind::RecoveryCode => Key("message-kind-recovery"),
        MessageKind::Login => Key("message-kind-login"),
        MessageKind::PasswordChanged => Key("message-kind-password"),
        MessageKind::TelChanged => Key("message-kind-tel"),
        MessageKind::MailChanged => Key("message-kind-mail"),
        MessageKind::FactorsChanged => Key("message-kind-factors"),
    });
    label.map_or_else(|| name.to_owned(), |label| language.text(label).to_string())
}
