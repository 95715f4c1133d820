//! The community of the demo: the members in the examples of the contract, and synthetic members that complete
//! their totals.

use super::{synthetic, time_shift};
use crate::populate::insert_rows;
use crate::{Failure, progress, storage};
use guanxi_server::Settings;
use guanxi_storage::commands::SetImportProgress;
use guanxi_storage::dump::ImportProgress;
use guanxi_storage::model::Password;
use guanxi_storage::{EmbeddedStore, Engine, FieldCipher, Row, Store, dump};
use guanxi_types::Mid;
use indicatif::ProgressBar;
use std::sync::Arc;

const COMMUNITY: &str = include_str!("../../../../fixtures/community.jsonl");

/// Fills an empty store. Returns the store, which a bulk load has closed and opened again.
pub(super) async fn fill_store(
    store: Engine,
    cipher: &Arc<FieldCipher>,
    settings: &Settings,
    full: bool,
) -> Result<Engine, Failure> {
    let mut named_rows = named_rows()?;
    if settings.start_time.is_none() {
        time_shift::shift_to(settings.clock().now(), &mut named_rows);
    }
    // Versions are inserted last, since every relation increments them.
    let (versions, named_rows): (Vec<Row>, Vec<Row>) =
        named_rows.into_iter().partition(|row| matches!(row, Row::Versions(_)));
    let passwords = password_rows(&named_rows, settings).await?;
    let synthetic = synthetic::rows(&named_rows);
    let extra = if full { synthetic::extra_row_count() } else { 0 };
    let bar = if full { progress::entries_bar("filling") } else { ProgressBar::hidden() };
    bar.set_length((named_rows.len() + synthetic.len() + extra) as u64);
    store.run(SetImportProgress(Some(ImportProgress::default()))).await?;
    // A bulk load takes a fraction of the time of inserting 1.4 million members, and only the embedded engine has
    // it.
    let is_bulk = full && matches!(store, Engine::Embedded(_));
    let store = if is_bulk { bulk_load(store, settings, &bar).await? } else { store };
    let rows = named_rows.into_iter().chain(passwords).chain(synthetic);
    if full && !is_bulk {
        insert_rows(&store, cipher, rows.chain(synthetic::extra_rows()).chain(versions), &bar, |_| true)
            .await?;
    } else {
        insert_rows(&store, cipher, rows.chain(versions), &bar, |_| true).await?;
    }
    store.run(SetImportProgress(None)).await?;
    bar.finish_and_clear();
    Ok(store)
}

/// Loads the additional followers of a full demo into an empty embedded store, which must be closed meanwhile.
/// Their names get no identifiers, so operators cannot find these members by name.
async fn bulk_load(store: Engine, settings: &Settings, bar: &ProgressBar) -> Result<Engine, Failure> {
    drop(store);
    let (path, options) = (settings.data_directory().to_owned(), settings.embedded_options());
    let bar = bar.clone();
    let load = move || {
        // Each member but the popular one has two rows: a card and a relation.
        EmbeddedStore::bulk_load(&path, options, synthetic::extra_members().inspect(|_| bar.inc(2)))
    };
    tokio::task::spawn_blocking(load).await??;
    storage::open_for_import(settings).await
}

/// The password of all example members that have one.
pub(super) const PASSWORD: &str = "guanxi-demo";

async fn password_rows(named_rows: &[Row], settings: &Settings) -> Result<Vec<Row>, Failure> {
    let passwords = settings.password_hasher()?;
    let result = match passwords.acquire(None) {
        Ok(permit) => passwords.hash(permit, PASSWORD.to_owned()).await,
        Err(error) => Err(error),
    };
    let phc = result.map_err(|_| "cannot hash the password of the demo")?;
    let members = named_rows.iter().filter_map(|row| match row {
        Row::Account(account) if account.has_password => Some(account.mid),
        _ => None,
    });
    Ok(members.map(|mid| Row::Password(Password { mid, phc: phc.clone() })).collect())
}

/// Returns the members in the examples of the contract.
pub(super) fn named_members() -> Result<Vec<Mid>, Failure> {
    let cards = named_rows()?
        .into_iter()
        .filter_map(|row| if let Row::Card(card) = row { Some(card.mid) } else { None });
    Ok(cards.collect())
}

fn named_rows() -> Result<Vec<Row>, Failure> {
    let rows = dump::read_rows(COMMUNITY.as_bytes()).map(|row| row.map(|(_, row)| row));
    Ok(rows.collect::<Result<_, _>>()?)
}
