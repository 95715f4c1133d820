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
    /// Returns all remarks of a member.
    pub async fn of(app: &App, author: Mid) -> Result<Remarks, ApiError> {
        let rows = app.store.rows_of::<Remark>(author, app.limits.max_remarks).await?;
        Ok(Remarks { rows, cipher: Some(Arc::clone(&app.cipher)) })
    }

    /// Returns the remarks of a viewer on some members. An anonymous viewer has none.
    pub async fn on(
        app: &App,
        viewer: Option<Mid>,
        subjects: impl IntoIterator<Item = Mid>,
    ) -> Result<Remarks, ApiError> {
        let Some(viewer) = viewer else { return Ok(Remarks::default()) };
        let mut subjects: Vec<Mid> = subjects.into_iter().collect();
        subjects.sort_unstable();
        subjects.dedup();
        let keys = subjects.into_iter().map(|subject| (viewer, subject)).collect();
        let rows = app.store.rows::<Remark>(keys).await?.into_iter().flatten().collect();
        Ok(Remarks { rows, cipher: Some(Arc::clone(&app.cipher)) })
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
