//! Sends one request a thousand times, in-process and without a socket, so that callgrind can count its
//! instructions:
//!
//!     cargo build --profile dist -p guanxi-loadtest --example instruction_count
//!     valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*instruction_count::run_measured*' \
//!         target/dist/examples/instruction_count stat
//!
//! The reported `Collected`, divided by a thousand, is the count of one request without the HTTP of hyper. The
//! count hardly differs between runs and machines. Workloads: `stat`, `relation`, `card`, `followers` and `far`.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use guanxi_loadtest::community::Community;
use guanxi_loadtest::dataset::Dataset;
use guanxi_server::http::client_info::PeerAddr;
use guanxi_server::session_token::Token;
use guanxi_server::{App, HttpService, Settings, encryption_keys, service};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::data_dir::KEY_FILE;
use guanxi_storage::encryption::KeyFile;
use guanxi_storage::{EmbeddedStore, Engine};
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use tokio::runtime::Runtime;

const MEMBERS: u32 = 20_000;
const EDGES: u64 = 400_000;
const TIMES: usize = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    let workload = std::env::args().nth(1).ok_or("usage: instruction_count WORKLOAD")?;
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (service, dataset) = runtime.block_on(start_service(folder.path()))?;
    let request_at = |round: usize| request(&workload, &dataset, round).ok_or("unknown workload");
    // The first requests fill the caches and write the daily login rewards.
    for round in 0..TIMES {
        runtime.block_on(expect_success(&service, request_at(round)?))?;
    }
    let requests = (TIMES..2 * TIMES).map(request_at).collect::<Result<Vec<_>, _>>()?;
    run_measured(&runtime, &service, requests)
}

#[inline(never)]
fn run_measured(
    runtime: &Runtime,
    service: &HttpService,
    requests: Vec<Request>,
) -> Result<(), Box<dyn Error>> {
    requests.into_iter().try_for_each(|request| runtime.block_on(expect_success(service, request)))
}

async fn expect_success(service: &HttpService, request: Request) -> Result<(), Box<dyn Error>> {
    let response = service.clone().respond(request).await;
    let body = to_bytes(response.into_body(), usize::MAX).await?;
    if body.starts_with(b"{\"code\":0,") {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&body).into_owned().into())
}

async fn start_service(folder: &Path) -> Result<(HttpService, Dataset), Box<dyn Error>> {
    let mut community = Community::generate(1, MEMBERS, EDGES);
    let tokens: Vec<Token> = (0..1000).map(|_| Token::generate()).collect();
    let dataset = community.open_sessions(&tokens, 0, i64::MAX);
    EmbeddedStore::bulk_load(folder, Options::default(), community.members())?;
    let store: Engine = EmbeddedStore::open(folder, Options::default())?.into();
    let cipher = encryption_keys::open_cipher(&store, &KeyFile::new(folder.join(KEY_FILE))).await?;
    let settings = Settings { data_dir: Some(folder.to_owned()), ..Settings::default() };
    let app = App::new(store, cipher, &settings)?;
    Ok((service(app, &settings)?, dataset))
}

/// Returns the request of a round, or `None` for an unknown workload.
fn request(workload: &str, dataset: &Dataset, round: usize) -> Option<Request> {
    let session = &dataset.sessions[round % dataset.sessions.len()];
    let popular = &dataset.popular_members[round % dataset.popular_members.len()];
    let most_popular = &dataset.popular_members[0];
    // The measured rounds repeat members of the warm-up rounds.
    let other = dataset.sessions[(round * 7 + 1) % dataset.sessions.len()].mid;
    let (path, session) = match workload {
        "stat" => (format!("/x/relation/stat?vmid={other}"), None),
        "relation" => (format!("/x/relation?fid={other}"), Some(session)),
        "card" => (format!("/x/web-interface/card?mid={other}"), None),
        "followers" => (format!("/x/relation/followers?vmid={}&ps=50&pn=1", popular.mid), None),
        "far" => {
            let page = most_popular.followers / 100;
            let path = format!("/x/relation/followers?vmid={}&ps=50&pn={page}", most_popular.mid);
            (path, dataset.sessions.get(most_popular.session as usize))
        }
        _ => return None,
    };
    let mut request = Request::builder().uri(path).header("host", "127.0.0.1:8080");
    if let Some(session) = session {
        request = request.header("cookie", format!("SESSDATA={}", session.token));
    }
    request = request.extension(PeerAddr(SocketAddr::from((Ipv4Addr::LOCALHOST, 1))));
    request.body(Body::empty()).ok()
}
