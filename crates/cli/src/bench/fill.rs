//! `guanxi bench fill`: a made-up community, straight into an empty store.

use crate::filling::load;
use crate::{Failure, SettingsArgs, block_on, log, open, progress, secret};
use guanxi_loadtest::community::Community;
use guanxi_loadtest::known::Known;
use guanxi_server::Settings;
use guanxi_server::session::Token;
use guanxi_storage::command::{OpenSession, SetImportProgress};
use guanxi_storage::dump::Progress;
use guanxi_storage::{EmbeddedStore, Engine, FieldCipher, MemberBundle, Row, Store};
use indicatif::HumanCount;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::sync_channel;
use tokio::time::Instant;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// How many members.
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    members: u32,
    /// How many ties they have.
    #[arg(long, value_name = "N", default_value_t = 2_000_000)]
    edges: u64,
    /// From what it is drawn: the same seed, members and edges make the same community.
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many members have a session, whose token is written to the file.
    #[arg(long, value_name = "N", default_value_t = 1_000)]
    sessions: u32,
    /// The file for `bench run` and `bench compare`. It has tokens in it: only its owner may read it.
    #[arg(long, value_name = "FILE", default_value = "community.json")]
    community: PathBuf,
    #[command(flatten)]
    settings: SettingsArgs,
}

/// How many members are handed over at once, and how often before they are taken.
const SOME: usize = 256;
const QUEUE: usize = 16;

pub(super) fn run(args: &Args) -> Result<ExitCode, Failure> {
    let settings = args.settings.load()?;
    let began = Instant::now();
    let (community, known) = block_on(async {
        let store = open::to_load(&settings).await?;
        if !store.is_empty().await? {
            return Err(
                format!("{} already holds a community: fill an empty one", open::place(&settings)).into()
            );
        }
        let vault = open::vault(&store, &settings).await?;
        let bar = progress::open_end("drawing who follows whom");
        let (community, known) = draw(args, &settings);
        bar.finish_and_clear();
        store.run(SetImportProgress(Some(Progress::default()))).await?;
        if let Engine::Lmdb(_) = store {
            drop(store);
            build(&community, &settings)?;
            open::to_load(&settings).await?.run(SetImportProgress(None)).await?;
        } else {
            fill(&store, &vault, &community).await?;
            open_sessions(&store, &known, &settings).await?;
            store.run(SetImportProgress(None)).await?;
        }
        Ok((community, known))
    })?;
    secret::write(&args.community, &serde_json::to_string(&known)?)?;
    let (members, ties) = (HumanCount(u64::from(args.members)), HumanCount(community.ties()));
    let (took, file) = (began.elapsed().as_secs_f64(), args.community.display());
    log::print(format_args!("{members} members and {ties} ties in {took:.1} s; sessions are in {file}"))?;
    Ok(ExitCode::SUCCESS)
}

fn draw(args: &Args, settings: &Settings) -> (Community, Known) {
    let mut community = Community::draw(args.seed, args.members, args.edges);
    // Tokens open what is there, so they are never those of a seed.
    let tokens: Vec<Token> = (0..args.sessions.min(args.members)).map(|_| Token::draw()).collect();
    let now = settings.clock().now();
    let known = community.open_sessions(&tokens, now, now.saturating_add(settings.limits().session));
    (community, known)
}

/// Makes the embedded store at once. One thread makes members up, and one writes them.
fn build(community: &Community, settings: &Settings) -> Result<(), Failure> {
    let bar = progress::of_entries("filling");
    bar.set_length(u64::from(community.shape().members));
    let (out, made) = sync_channel(QUEUE);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut members = community.members();
            while let Some(first) = members.next() {
                let some: Vec<MemberBundle> =
                    std::iter::once(first).chain(members.by_ref().take(SOME - 1)).collect();
                if out.send(some).is_err() {
                    break;
                }
            }
        });
        let members = made.into_iter().flatten().inspect(|_| bar.inc(1));
        EmbeddedStore::build(settings.data_directory(), settings.engine(), members)
    })?;
    bar.finish_and_clear();
    Ok(())
}

/// Takes all rows in as those of a dump: cards first, as ties name members.
async fn fill(store: &impl Store, vault: &Arc<FieldCipher>, community: &Community) -> Result<(), Failure> {
    let members = community.shape().members;
    let bar = progress::of_entries("filling");
    bar.set_length(u64::from(members) + community.ties());
    // Groups and what else members have is little beside these.
    let counts = |row: &Row| matches!(row, Row::Card(_) | Row::Tie(_));
    load(store, vault, (0..members).map(|index| community.card(index)), &bar, counts).await?;
    let others = community.members().flat_map(|member| {
        let rows = member.rows.into_iter().filter(|row| !matches!(row, Row::Card(_)));
        rows.chain(member.ties.into_iter().map(Row::Tie))
    });
    load(store, vault, others, &bar, counts).await?;
    bar.finish_and_clear();
    Ok(())
}

async fn open_sessions(store: &impl Store, known: &Known, settings: &Settings) -> Result<(), Failure> {
    let now = settings.clock().now();
    let expires = now.saturating_add(settings.limits().session);
    let bar = progress::of_entries("opening sessions");
    bar.set_length(known.sessions.len() as u64);
    for login in &known.sessions {
        let hash = Token::said(&login.token).hash();
        let opened = store.run(OpenSession { me: login.mid, hash, now, expires }).await;
        opened.map_err(|_| format!("a session of {} could not be opened", login.mid))?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    Ok(())
}
