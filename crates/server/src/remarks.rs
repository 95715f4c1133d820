//! The private remarks of a member on others.

use crate::app::App;
use crate::http::response::ApiError;
use guanxi_storage::encryption::{FieldCipher, SensitiveField};
use guanxi_storage::model::Remark;
use guanxi_storage::{StorageError, Store};
use guanxi_types::Mid;
use std::sync::Arc;

/// The remarks of a member, decrypted when they are read.
#[derive(Clone, Debug, Default)]
pub struct Remarks {
    /// The rows in the order of their subjects.
    rows: Vec<Remark>,
    cipher: Option<Arc<FieldCipher>>,
}

impl Remarks {
    /// Returns the remarks of a viewer. An anonymous one has none.
    pub async fn of(app: &App, viewer: Option<Mid>) -> Result<Remarks, ApiError> {
        let Some(viewer) = viewer else { return Ok(Remarks::default()) };
        let rows = app.store.rows_of::<Remark>(viewer, app.limits.max_remarks).await?;
        Ok(Remarks { rows, cipher: Some(Arc::clone(&app.cipher)) })
    }

    /// Returns the remark of a viewer on one member.
    pub async fn on(app: &App, viewer: Option<Mid>, mid: Mid) -> Result<Option<String>, ApiError> {
        let Some(viewer) = viewer else { return Ok(None) };
        let rows = app.store.get::<Remark>((viewer, mid)).await?.into_iter().collect();
        Ok(Remarks { rows, cipher: Some(Arc::clone(&app.cipher)) }.get(mid)?)
    }

    /// Returns the remark on a member.
    pub fn get(&self, mid: Mid) -> Result<Option<String>, StorageError> {
        let (Ok(at), Some(cipher)) = (self.rows.binary_search_by_key(&mid, |row| row.fid), &self.cipher)
        else {
            return Ok(None);
        };
        let row = &self.rows[at];
        cipher.decrypt_optional(SensitiveField::Remark, row.mid, row.text.as_ref())
    }
}
