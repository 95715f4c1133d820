//! `GET /operator/messages`: the outbox.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::operator::list_messages::{Data, ListMessages, WaitingMessage};
use guanxi_domain::mask;
use guanxi_storage::commands::ContactKind;
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::key::KeyReader;
use guanxi_storage::model::{Message, Table};
use guanxi_storage::{StorageError, Store};
use guanxi_types::HttpError;

/// The maximum number of messages of each list.
const LIMIT: usize = 100;

/// Returns the waiting messages, and those in the folder.
pub async fn list_messages(app: App, _: ApiRequest<ListMessages>) -> Result<Data, ApiError> {
    let mut waiting = Vec::new();
    for task in app.store.due_tasks(i64::MAX, &[Table::Message]).await?.into_iter().take(LIMIT) {
        let mut key = KeyReader(&task.key);
        if let (Some(mid), Some(id)) = (key.mid(), key.u64())
            && let Some(message) = app.store.get::<Message>((mid, id)).await?
        {
            waiting.push(waiting_message(&app, &message)?);
        }
    }
    let sent = match app.messenger.folder() {
        Some(folder) => folder.latest(LIMIT).await.map_err(|error| {
            tracing::error!(%error, "the folder of messages is not readable");
            HttpError::InternalError
        })?,
        None => Vec::new(),
    };
    Ok(Data { waiting, sent })
}

fn waiting_message(app: &App, message: &Message) -> Result<WaitingMessage, StorageError> {
    let field = SensitiveField::MessageAddress;
    let address = app.cipher.decrypt_optional(field, message.mid, message.address.as_ref())?;
    let mask = match message.contact {
        ContactKind::Tel => mask::mask_phone,
        ContactKind::Mail => mask::mask_mail,
    };
    Ok(WaitingMessage {
        id: format!("{:016x}", message.id),
        mid: message.mid,
        kind: message.kind.name().to_owned(),
        to: address.as_deref().map(mask).unwrap_or_default(),
        created: message.created,
        next_attempt: message.next_attempt,
        failures: message.failures,
        error: message.error.clone(),
    })
}
