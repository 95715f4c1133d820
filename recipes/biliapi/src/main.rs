//! Reads a card and an account as the examples of biliapi do, and compares them with the demo's community.

use biliapi::requests::{MyAccountInfo, UploaderStat, UserInfo};
use biliapi::{Error, Request, connection::new_client};
use reqwest::{Client, Url, cookie::Jar};
use serde_json::{Value, json};
use std::sync::Arc;

const ME: u64 = 293_793_435;
const UPLOADER: u64 = 524_144_317;
const UNKNOWN: u64 = 9_000_000_000_000_000;

type Failure = Box<dyn std::error::Error>;

/// Returns a client with the cookies of a member, from the control API of the emulator.
async fn log_in(mid: u64) -> Result<Client, Failure> {
    let url = format!("{}/emulator/session", std::env::var("GUANXI_EMULATOR")?);
    let token = std::env::var("GUANXI_EMULATOR_TOKEN")?;
    let request = Client::new().post(url).bearer_auth(token).json(&json!({ "mid": mid }));
    let session: Value = request.send().await?.error_for_status()?.json().await?;
    let url: Url = "https://api.bilibili.com/".parse()?;
    let jar = Arc::new(Jar::default());
    for (name, value) in session["data"]["cookies"].as_object().ok_or("no cookies")? {
        jar.add_cookie_str(&format!("{name}={}", value.as_str().ok_or("no text")?), &url);
    }
    Ok(Client::builder().cookie_provider(jar).build()?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let anonymous = new_client()?;
    let card = UserInfo::request(&anonymous, ME).await?;
    assert_eq!(card.name, "社会易姐QwQ");
    let unknown = UserInfo::request(&anonymous, UNKNOWN).await;
    assert!(matches!(unknown, Err(Error::BiliCustom { code: -404, .. })));
    let account = MyAccountInfo::request(&anonymous, ()).await;
    assert!(matches!(account, Err(Error::BiliCustom { code: -101, .. })));

    let me = log_in(ME).await?;
    let account = serde_json::to_value(MyAccountInfo::request(&me, ()).await?)?;
    assert_eq!((account["mid"].as_u64(), account["uname"].as_str()), (Some(ME), Some("社会易姐QwQ")));
    let stat = UploaderStat::request(&me, UPLOADER).await?;
    assert_eq!((stat.video_views, stat.article_views, stat.likes), (38_420_179, 18_900, 2_106_947));
    Ok(())
}
