//! One request a thousand times, in process and without a socket, for callgrind to count what it takes:
//!
//!     cargo build --release -p guanxi-loadtest --example counted
//!     valgrind --tool=callgrind --collect-atstart=no --toggle-collect='*counted::measured*' \
//!         target/release/examples/counted stat
//!
//! What it tells as `Collected`, divided by a thousand, is the count for one request: everything but the HTTP of hyper. It hardly
//! differs from run to run, on any machine of the kind. `stat`, `relation`, `card`, `followers` and `far` are known.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use guanxi_loadtest::community::Community;
use guanxi_loadtest::known::Known;
use guanxi_server::sender::PeerAddr;
use guanxi_server::session::Token;
use guanxi_server::{App, Settings, Site, keys, site};
use guanxi_storage::embedded::Options;
use guanxi_storage::embedded::directory::KEY_FILE;
use guanxi_storage::vault::KeyFile;
use guanxi_storage::{EmbeddedStore, Engine};
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use tokio::runtime::Runtime;

const MEMBERS: u32 = 20_000;
const EDGES: u64 = 400_000;
const TIMES: usize = 1000;

fn main() -> Result<(), Box<dyn Error>> {
    let what = std::env::args().nth(1).ok_or("say what is to be counted")?;
    let folder = tempfile::tempdir()?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (site, known) = runtime.block_on(served(folder.path()))?;
    let ask = |at: usize| asked(&what, &known, at).ok_or("nothing of that name is counted");
    // The first of each shows what is read once: cards, and the day's login.
    for at in 0..TIMES {
        runtime.block_on(answered(&site, ask(at)?))?;
    }
    let requests = (TIMES..2 * TIMES).map(ask).collect::<Result<Vec<_>, _>>()?;
    measured(&runtime, &site, requests)
}

#[inline(never)]
fn measured(runtime: &Runtime, site: &Site, requests: Vec<Request>) -> Result<(), Box<dyn Error>> {
    requests.into_iter().try_for_each(|request| runtime.block_on(answered(site, request)))
}

async fn answered(site: &Site, request: Request) -> Result<(), Box<dyn Error>> {
    let response = site.clone().answer(request).await;
    let body = to_bytes(response.into_body(), usize::MAX).await?;
    if body.starts_with(b"{\"code\":0,") {
        return Ok(());
    }
    Err(String::from_utf8_lossy(&body).into_owned().into())
}

async fn served(folder: &Path) -> Result<(Site, Known), Box<dyn Error>> {
    let mut community = Community::draw(1, MEMBERS, EDGES);
    let tokens: Vec<Token> = (0..1000).map(|_| Token::draw()).collect();
    let known = community.open_sessions(&tokens, 0, i64::MAX);
    EmbeddedStore::build(folder, Options::default(), community.members())?;
    let store: Engine = EmbeddedStore::open(folder, Options::default())?.into();
    let vault = keys::open(&store, &KeyFile::at(folder.join(KEY_FILE))).await?;
    let settings = Settings { data: Some(folder.to_owned()), ..Settings::default() };
    let app = App::new(store, vault, &settings)?;
    Ok((site(app, settings.compress_from_bytes), known))
}

/// The request of a turn; none if there is none of that name.
fn asked(what: &str, known: &Known, at: usize) -> Option<Request> {
    let login = &known.sessions[at % known.sessions.len()];
    let star = &known.stars[at % known.stars.len()];
    let longest = &known.stars[0];
    // Whoever is asked about again was asked about before.
    let other = known.sessions[(at * 7 + 1) % known.sessions.len()].mid;
    let (path, as_whom) = match what {
        "stat" => (format!("/x/relation/stat?vmid={other}"), None),
        "relation" => (format!("/x/relation?fid={other}"), Some(login)),
        "card" => (format!("/x/web-interface/card?mid={other}"), None),
        "followers" => (format!("/x/relation/followers?vmid={}&ps=50&pn=1", star.mid), None),
        "far" => {
            let far = longest.fans / 100;
            let path = format!("/x/relation/followers?vmid={}&ps=50&pn={far}", longest.mid);
            (path, known.sessions.get(longest.session as usize))
        }
        _ => return None,
    };
    let mut request = Request::builder().uri(path).header("host", "127.0.0.1:8080");
    if let Some(login) = as_whom {
        request = request.header("cookie", format!("SESSDATA={}", login.token));
    }
    request = request.extension(PeerAddr(SocketAddr::from((Ipv4Addr::LOCALHOST, 1))));
    request.body(Body::empty()).ok()
}
