//! `guanxi bench fill`: a synthetic community in an empty store.

use crate::populate::insert_rows;
use crate::{Failure, SettingsArgs, block_on, private_file, progress, storage, terminal};
use guanxi_loadtest::community::Community;
use guanxi_loadtest::dataset::Dataset;
use guanxi_server::Settings;
use guanxi_server::session_token::Token;
use guanxi_storage::commands::{CreateSession, SetImportProgress};
use guanxi_storage::dump::ImportProgress;
use guanxi_storage::{EmbeddedStore, Engine, FieldCipher, MemberBundle, Row, Store};
use indicatif::HumanCount;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use tokio::time::Instant;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The number of members.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    members: u32,
    /// The approximate number of relations.
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    edges: u64,
    /// The random seed. The same seed, members and edges give the same community.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// The number of members with a session, whose token is written to the community file.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    sessions: u32,
    /// The community file for `bench run` and `bench compare`. It contains session tokens, so only its owner may
    /// read it.
    #[arg(long, value_name = "FILE", default_value = "community.json")]
    community: PathBuf,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// The number of members per batch, and of batches that wait for the writer.
const BATCH_MEMBERS: usize = 256;
const QUEUED_BATCHES: usize = 16;

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let started_at = Instant::now();
    let (community, dataset) = block_on(async {
        let store = storage::open_for_import(&settings).await?;
        if !store.is_empty().await? {
            return Err(format!(
                "{} already contains a community: fill an empty store",
                storage::location(&settings)
            )
            .into());
        }
        let cipher = storage::field_cipher(&store, &settings).await?;
        let bar = progress::spinner("generating relations");
        let (community, dataset) = generate(args, &settings);
        bar.finish_and_clear();
        store.run(SetImportProgress(Some(ImportProgress::default()))).await?;
        if let Engine::Embedded(_) = store {
            drop(store);
            bulk_load(&community, &settings)?;
            storage::open_for_import(&settings).await?.run(SetImportProgress(None)).await?;
        } else {
            insert_community(&store, &cipher, &community).await?;
            open_sessions(&store, &dataset, &settings).await?;
            store.run(SetImportProgress(None)).await?;
        }
        Ok((community, dataset))
    })?;
    private_file::write_private(&args.community, &serde_json::to_string(&dataset)?)?;
    let (members, relations) = (HumanCount(u64::from(args.members)), HumanCount(community.relation_count()));
    let (seconds, file) = (started_at.elapsed().as_secs_f64(), args.community.display());
    terminal::print(format_args!(
        "{members} members and {relations} relations in {seconds:.1} s; sessions are in {file}"
    ))?;
    Ok(ExitCode::SUCCESS)
}

fn generate(args: &Args, settings: &Settings) -> (Community, Dataset) {
    let mut community = Community::generate(args.seed, args.members, args.edges);
    // Tokens are secrets, so they do not depend on the seed.
    let tokens: Vec<Token> = (0..args.sessions.min(args.members)).map(|_| Token::generate()).collect();
    let now = settings.clock().now();
    let dataset = community.open_sessions(&tokens, now, now.saturating_add(settings.limits().session_secs));
    (community, dataset)
}

/// Bulk loads the embedded store. One thread generates members and another writes them.
fn bulk_load(community: &Community, settings: &Settings) -> Result<(), Failure> {
    let bar = progress::entries_bar("filling");
    bar.set_length(u64::from(community.topology().members));
    let (out, batches) = sync_channel(QUEUED_BATCHES);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut members = community.members();
            while let Some(first) = members.next() {
                let batch: Vec<MemberBundle> =
                    std::iter::once(first).chain(members.by_ref().take(BATCH_MEMBERS - 1)).collect();
                if out.send(batch).is_err() {
                    break;
                }
            }
        });
        let members = batches.into_iter().flatten().inspect(|_| bar.inc(1));
        EmbeddedStore::bulk_load(settings.data_directory(), settings.embedded_options(), members)
    })?;
    bar.finish_and_clear();
    Ok(())
}

/// Inserts all rows as an import does: cards first, since relations reference members.
async fn insert_community(
    store: &impl Store,
    cipher: &Arc<FieldCipher>,
    community: &Community,
) -> Result<(), Failure> {
    let members = community.topology().members;
    let bar = progress::entries_bar("filling");
    bar.set_length(u64::from(members) + community.relation_count());
    // The bar counts cards and relations only, as all other rows are few.
    let is_counted = |row: &Row| matches!(row, Row::Card(_) | Row::Relation(_));
    insert_rows(store, cipher, (0..members).map(|index| community.card(index)), &bar, is_counted).await?;
    let other_rows = community.members().flat_map(|member| {
        let rows = member.rows.into_iter().filter(|row| !matches!(row, Row::Card(_)));
        rows.chain(member.relations.into_iter().map(Row::Relation))
    });
    insert_rows(store, cipher, other_rows, &bar, is_counted).await?;
    bar.finish_and_clear();
    Ok(())
}

async fn open_sessions(store: &impl Store, dataset: &Dataset, settings: &Settings) -> Result<(), Failure> {
    let now = settings.clock().now();
    let expires = now.saturating_add(settings.limits().session_secs);
    let bar = progress::entries_bar("opening sessions");
    bar.set_length(dataset.sessions.len() as u64);
    for session in &dataset.sessions {
        let hash = Token::from_text(&session.token).hash();
        let opened = store.run(CreateSession { me: session.mid, hash, now, expires }).await;
        opened.map_err(|_| format!("cannot open a session for {}", session.mid))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}
