//! What somebody would write by hand in an afternoon: axum and PostgreSQL, a statement a request. It is what the ratios to a
//! hand-written server in docs/performance.md are measured against.
//!
//!     psql "$DATABASE" -f crates/loadtest/examples/handwritten/schema.sql
//!     cargo run --release -p guanxi-loadtest --example handwritten -- "$DATABASE" 127.0.0.1:9000
//!
//! `GET /followers?vmid=MID` is fifty fans with their cards and how many there are, `GET /stat?vmid=MID` two counters, and
//! `GET /follow?me=MID&them=MID` one statement, durable before it is answered.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use deadpool_postgres::{Manager, Object, Pool};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_postgres::{NoTls, Row};

/// How many connections to the database there are.
const CONNECTIONS: usize = 16;

#[derive(Deserialize)]
struct Of {
    vmid: i64,
}

#[derive(Deserialize)]
struct Pair {
    me: i64,
    them: i64,
}

#[derive(Serialize)]
struct Answer<T> {
    code: i32,
    data: T,
}

#[derive(Serialize)]
struct Page {
    list: Vec<Fan>,
    total: i64,
}

#[derive(Serialize)]
struct Fan {
    mid: i64,
    mtime: i64,
    uname: String,
    face: String,
    sign: String,
    official_title: String,
    official_verified: String,
    vip_kind: i16,
    vip_status: i16,
    vip_due_date: i64,
    vip_label_path: String,
}

#[derive(Serialize)]
struct Counts {
    following: i64,
    follower: i64,
}

type Told<T> = Result<Json<Answer<T>>, StatusCode>;

fn broken<E>(_: E) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

fn told<T>(data: T) -> Json<Answer<T>> {
    Json(Answer { code: 0, data })
}

async fn ask(
    pool: &Pool,
    text: &str,
    with: &[&(dyn tokio_postgres::types::ToSql + Sync)],
) -> Result<Vec<Row>, StatusCode> {
    let client: Object = pool.get().await.map_err(broken)?;
    let statement = client.prepare_cached(text).await.map_err(broken)?;
    client.query(&statement, with).await.map_err(broken)
}

const PAGE: &str =
    "select f.mid, f.mtime, uname, face, sign, official_title, official_verified, vip_kind, vip_status,
    vip_due_date, vip_label_path, n.follower
    from (select mid, mtime from hand.follow where fid = $1 order by mtime desc, mid desc limit 50) f
    join hand.card c on c.mid = f.mid, hand.count n where n.mid = $1 order by f.mtime desc, f.mid desc";

async fn followers(State(pool): State<Pool>, Query(of): Query<Of>) -> Told<Page> {
    let rows = ask(&pool, PAGE, &[&of.vmid]).await?;
    let total = rows.first().map_or(0, |row| row.get(11));
    let fan = |row: &Row| Fan {
        mid: row.get(0),
        mtime: row.get(1),
        uname: row.get(2),
        face: row.get(3),
        sign: row.get(4),
        official_title: row.get(5),
        official_verified: row.get(6),
        vip_kind: row.get(7),
        vip_status: row.get(8),
        vip_due_date: row.get(9),
        vip_label_path: row.get(10),
    };
    Ok(told(Page { list: rows.iter().map(fan).collect(), total }))
}

async fn stat(State(pool): State<Pool>, Query(of): Query<Of>) -> Told<Counts> {
    let rows = ask(&pool, "select following, follower from hand.count where mid = $1", &[&of.vmid]).await?;
    let row = rows.first().ok_or(StatusCode::NOT_FOUND)?;
    Ok(told(Counts { following: row.get(0), follower: row.get(1) }))
}

async fn follow(State(pool): State<Pool>, Query(pair): Query<Pair>) -> Told<()> {
    ask(&pool, "select hand.follow($1, $2, 1800000000)", &[&pair.me, &pair.them]).await?;
    Ok(told(()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut said = std::env::args().skip(1);
    let (Some(database), Some(listen)) = (said.next(), said.next()) else {
        return Err("say the database's URL, and the address to listen on".into());
    };
    let manager = Manager::new(database.parse()?, NoTls);
    let pool = Pool::builder(manager).max_size(CONNECTIONS).build()?;
    let routes = Router::new()
        .route("/followers", get(followers))
        .route("/stat", get(stat))
        .route("/follow", get(follow))
        .with_state(pool);
    axum::serve(TcpListener::bind(listen).await?, routes).await?;
    Ok(())
}
