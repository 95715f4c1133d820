//! A minimal hand-written server with axum and PostgreSQL, one statement per request. It is the reference for the
//! ratios to a hand-written server in docs/design/performance.md.
//!
//!     psql "$DATABASE" -f crates/loadtest/examples/handwritten/schema.sql
//!     cargo run --profile dist -p guanxi-loadtest --example handwritten -- "$DATABASE" 127.0.0.1:9000
//!
//! `GET /followers?vmid=MID` returns fifty followers with their cards and the total. `GET /stat?vmid=MID` returns
//! two counters. `GET /follow?me=MID&them=MID` runs one statement, durable before the response.

use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::routing::get;
use axum::{Json, Router};
use deadpool_postgres::{Manager, Object, Pool};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_postgres::{NoTls, Row};

/// The number of database connections.
const CONNECTIONS: usize = 16;

#[derive(Deserialize)]
struct VmidQuery {
    vmid: i64,
}

#[derive(Deserialize)]
struct FollowQuery {
    me: i64,
    them: i64,
}

#[derive(Serialize)]
struct Envelope<T> {
    code: i32,
    data: T,
}

#[derive(Serialize)]
struct FollowersPage {
    list: Vec<Follower>,
    total: i64,
}

#[derive(Serialize)]
struct Follower {
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

type ApiResult<T> = Result<Json<Envelope<T>>, StatusCode>;

fn internal_error<E>(_: E) -> StatusCode {
    StatusCode::INTERNAL_SERVER_ERROR
}

fn success<T>(data: T) -> Json<Envelope<T>> {
    Json(Envelope { code: 0, data })
}

async fn run_query(
    pool: &Pool,
    text: &str,
    params: &[&(dyn tokio_postgres::types::ToSql + Sync)],
) -> Result<Vec<Row>, StatusCode> {
    let client: Object = pool.get().await.map_err(internal_error)?;
    let statement = client.prepare_cached(text).await.map_err(internal_error)?;
    client.query(&statement, params).await.map_err(internal_error)
}

const FOLLOWERS_SQL: &str =
    "select f.mid, f.mtime, uname, face, sign, official_title, official_verified, vip_kind, vip_status,
    vip_due_date, vip_label_path, n.follower
    from (select mid, mtime from hand.follow where fid = $1 order by mtime desc, mid desc limit 50) f
    join hand.card c on c.mid = f.mid, hand.count n where n.mid = $1 order by f.mtime desc, f.mid desc";

async fn followers(State(pool): State<Pool>, Query(query): Query<VmidQuery>) -> ApiResult<FollowersPage> {
    let rows = run_query(&pool, FOLLOWERS_SQL, &[&query.vmid]).await?;
    let total = rows.first().map_or(0, |row| row.get(11));
    let follower = |row: &Row| Follower {
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
    Ok(success(FollowersPage { list: rows.iter().map(follower).collect(), total }))
}

async fn stat(State(pool): State<Pool>, Query(query): Query<VmidQuery>) -> ApiResult<Counts> {
    let rows =
        run_query(&pool, "select following, follower from hand.count where mid = $1", &[&query.vmid]).await?;
    let row = rows.first().ok_or(StatusCode::NOT_FOUND)?;
    Ok(success(Counts { following: row.get(0), follower: row.get(1) }))
}

async fn follow(State(pool): State<Pool>, Query(query): Query<FollowQuery>) -> ApiResult<()> {
    run_query(&pool, "select hand.follow($1, $2, 1800000000)", &[&query.me, &query.them]).await?;
    Ok(success(()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1);
    let (Some(database), Some(listen)) = (args.next(), args.next()) else {
        return Err("usage: handwritten DATABASE_URL LISTEN_ADDRESS".into());
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
