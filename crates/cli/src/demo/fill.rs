//! The community of the demo: the members in the examples of the contract, and synthetic members that complete
//! their totals.

use super::{synthetic, time_shift};
use crate::{Failure, progress, storage};
use guanxi_server::Settings;
use guanxi_storage::commands::{InsertRows, SetImportProgress};
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
    let extra_count = if full { synthetic::extra_row_count() } else { 0 };
    let bar = if full { progress::entries_bar("filling") } else { ProgressBar::hidden() };
    bar.set_length((named_rows.len() + synthetic.len() + extra_count) as u64);
    store.run(SetImportProgress(Some(ImportProgress::default()))).await?;
    // A bulk load takes a fraction of the time of inserting 1.4 million members.
    let store = if full { bulk_load(store, settings, &bar).await? } else { store };
    let rows = named_rows.into_iter().chain(passwords).chain(synthetic).chain(versions);
    insert_rows(&store, cipher, rows, &bar).await?;
    store.run(SetImportProgress(None)).await?;
    bar.finish_and_clear();
    Ok(store)
}

/// Loads the additional followers of a full demo into an empty store. The embedded engine is closed meanwhile.
async fn bulk_load(store: Engine, settings: &Settings, bar: &ProgressBar) -> Result<Engine, Failure> {
    let bar = bar.clone();
    // Each member but the popular one has two rows: a card and a relation.
    let members = synthetic::extra_members().inspect(move |_| bar.inc(2));
    match store {
        Engine::Postgres(store) => {
            store.bulk_load(members).await?;
            Ok(store.into())
        }
        Engine::Embedded(store) => {
            drop(store);
            let (path, options) = (settings.data_directory().to_owned(), settings.embedded_options());
            tokio::task::spawn_blocking(move || EmbeddedStore::bulk_load(&path, options, members)).await??;
            storage::open_for_import(settings).await
        }
    }
}

/// The number of rows per commit.
const ROWS_PER_COMMIT: usize = 20_000;

/// Inserts rows as an import does.
async fn insert_rows(
    store: &impl Store,
    cipher: &Arc<FieldCipher>,
    mut rows: impl Iterator<Item = Row>,
    bar: &ProgressBar,
) -> Result<(), Failure> {
    loop {
        let chunk: Vec<Row> = rows.by_ref().take(ROWS_PER_COMMIT).collect();
        if chunk.is_empty() {
            return Ok(());
        }
        let count = chunk.len() as u64;
        let result = store.run(InsertRows { rows: chunk, cipher: Arc::clone(cipher) }).await?;
        if let Some(error) = result.error {
            return Err(format!("the synthetic community is invalid: {error}").into());
        }
        bar.inc(count);
    }
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
