//! The demo's community: the members behind the contract's examples, and made-up ones who fill their totals up.

use super::{made_up, moved};
use crate::Failure;
use crate::filling::load;
use guanxi_server::Settings;
use guanxi_storage::command::SetImportProgress;
use guanxi_storage::dump::Progress;
use guanxi_storage::row::Password;
use guanxi_storage::{FieldCipher, Row, Store, dump};
use guanxi_types::Mid;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;

const COMMUNITY: &str = include_str!("../../../../fixtures/community.jsonl");

/// Fills an empty store.
pub(super) async fn fill(
    store: &impl Store,
    vault: &Arc<FieldCipher>,
    settings: &Settings,
    full: bool,
) -> Result<(), Failure> {
    let mut named = community()?;
    if settings.clock.is_none() {
        moved::to(settings.clock().now(), &mut named);
    }
    // The versions come last: every tie moves them on.
    let (versions, named): (Vec<Row>, Vec<Row>) =
        named.into_iter().partition(|row| matches!(row, Row::Versions(_)));
    let passwords = passwords(&named, settings).await?;
    let (rows, count) = made_up::rows(&named, full);
    let bar = progress(full, named.len() + count);
    store.run(SetImportProgress(Some(Progress::default()))).await?;
    let rows = named.into_iter().chain(passwords).chain(rows).chain(versions);
    load(store, vault, rows, &bar, |_| true).await?;
    store.run(SetImportProgress(None)).await?;
    bar.finish_and_clear();
    Ok(())
}

/// The password of all whose account has one: nothing of theirs is worth a secret.
pub(super) const PASSWORD: &str = "guanxi-demo";

async fn passwords(named: &[Row], settings: &Settings) -> Result<Vec<Row>, Failure> {
    let passwords = settings.passwords()?;
    let kept = match passwords.place(None) {
        Ok(place) => passwords.keep(place, PASSWORD.to_owned()).await,
        Err(reject) => Err(reject),
    };
    let phc = kept.map_err(|_| "the demo's password could not be kept")?;
    let members = named.iter().filter_map(|row| match row {
        Row::Account(account) if account.has_password => Some(account.mid),
        _ => None,
    });
    Ok(members.map(|mid| Row::Password(Password { mid, phc: phc.clone() })).collect())
}

/// The members that the contract's examples name.
pub(super) fn named_members() -> Result<Vec<Mid>, Failure> {
    let cards = community()?
        .into_iter()
        .filter_map(|row| if let Row::Card(card) = row { Some(card.mid) } else { None });
    Ok(cards.collect())
}

fn community() -> Result<Vec<Row>, Failure> {
    let rows = dump::read(COMMUNITY.as_bytes()).map(|row| row.map(|(_, row)| row));
    Ok(rows.collect::<Result<_, _>>()?)
}

fn progress(full: bool, rows: usize) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(rows as u64), ProgressDrawTarget::stderr());
    let style = ProgressStyle::with_template("filling  {bar:40}  {percent:>3}%  {eta} left");
    if let (true, Ok(style)) = (full, style) { bar.with_style(style) } else { ProgressBar::hidden() }
}
