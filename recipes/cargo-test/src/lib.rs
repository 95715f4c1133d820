//! A program under test: relations of members, at a fixed address.

use serde_json::Value;
use ureq::{Agent, Body, Error, http::Response};

const BASE: &str = "https://api.bilibili.com";

/// The error of a request.
#[derive(Debug)]
pub enum Failure {
    /// The service rejected the request with a code.
    Rejected(i64),
    /// No answer came.
    Http(Error),
}

/// Returns the number of followers. Repeats a failed request once.
pub fn follower_count(http: &Agent, vmid: u64) -> Result<u64, Failure> {
    let request = || http.get(format!("{BASE}/x/relation/stat")).query("vmid", vmid.to_string()).call();
    let response = request().or_else(|error| match error {
        Error::StatusCode(500..) => request(),
        error => Err(error),
    });
    Ok(data(response)?["follower"].as_u64().unwrap_or_default())
}

/// Follows a member.
pub fn follow(http: &Agent, cookie: &str, csrf: &str, fid: u64) -> Result<(), Failure> {
    let form = [("fid", fid.to_string()), ("act", "1".to_owned()), ("csrf", csrf.to_owned())];
    let response = http.post(format!("{BASE}/x/relation/modify")).header("cookie", cookie).send_form(form);
    data(response).map(|_| ())
}

fn data(response: Result<Response<Body>, Error>) -> Result<Value, Failure> {
    let read = response.and_then(|mut response| response.body_mut().read_json());
    let mut answer: Value = read.map_err(Failure::Http)?;
    match answer["code"].as_i64() {
        Some(0) => Ok(answer["data"].take()),
        code => Err(Failure::Rejected(code.unwrap_or_default())),
    }
}
