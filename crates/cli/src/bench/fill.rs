//! `guanxi bench fill`: a synthetic community in an empty store.

use crate::{Failure, SettingsArgs, block_on, private_file, progress, storage, terminal};
use guanxi_loadtest::community::Community;
use guanxi_loadtest::dataset::Dataset;
use guanxi_server::Settings;
use guanxi_server::session_token::Token;
use guanxi_storage::commands::SetImportProgress;
use guanxi_storage::dump::ImportProgress;
use guanxi_storage::{EmbeddedStore, Engine, MemberBundle, Store};
use indicatif::{HumanCount, ProgressBar};
use std::path::PathBuf;
use std::process::ExitCode;
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
        let bar = progress::spinner("generating relations");
        let (community, dataset) = generate(args, &settings);
        bar.finish_and_clear();
        store.run(SetImportProgress(Some(ImportProgress::default()))).await?;
        let bar = progress::entries_bar("filling");
        bar.set_length(u64::from(args.members));
        let store = match store {
            Engine::Postgres(store) => {
                store.bulk_load(community.members().inspect(|_| bar.inc(1))).await?;
                store.into()
            }
            Engine::Embedded(store) => {
                drop(store);
                bulk_load(&community, &settings, &bar)?;
                storage::open_for_import(&settings).await?
            }
        };
        bar.finish_and_clear();
        store.run(SetImportProgress(None)).await?;
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

/// Fills the embedded store. One thread generates members and another writes them.
fn bulk_load(community: &Community, settings: &Settings, bar: &ProgressBar) -> Result<(), Failure> {
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
        Ok(EmbeddedStore::bulk_load(settings.data_directory(), settings.embedded_options(), members)?)
    })
}
