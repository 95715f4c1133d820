//! A service that answers each request as a test wants it, and then is gone.

use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What becomes of a request.
pub(crate) enum Act {
    /// It is answered: a status, headers, a body.
    Say(u16, Vec<String>, String),
    /// It is never answered, and the connection stays.
    Silence,
    /// It is read, and the connection is closed.
    HangUp,
    /// It is answered without an end.
    Flood,
}

/// An answer that was done.
pub(crate) fn done(data: &Value) -> Act {
    Act::Say(200, Vec::new(), envelope(0, "0", data))
}

/// An answer that was done, with nothing to tell.
pub(crate) fn written(headers: &[&str]) -> Act {
    let headers = headers.iter().map(|header| (*header).to_owned()).collect();
    Act::Say(200, headers, r#"{"code":0,"message":"0","ttl":1}"#.to_owned())
}

/// An answer with a status and a code.
pub(crate) fn denied(status: u16, code: i32, headers: &[&str]) -> Act {
    let headers = headers.iter().map(|header| (*header).to_owned()).collect();
    Act::Say(status, headers, envelope(code, "no", &Value::Null))
}

fn envelope(code: i32, message: &str, data: &Value) -> String {
    serde_json::json!({ "code": code, "message": message, "ttl": 1, "data": data }).to_string()
}

/// The service.
pub(crate) struct Fake {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Fake {
    /// One that does this with the requests that come, in this order, and takes no more.
    pub(crate) async fn new(acts: Vec<Act>) -> Fake {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut silent = Vec::new();
            for act in acts {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                seen.lock().unwrap().push(request);
                silent.extend(answer(stream, act).await);
            }
            drop(listener);
            std::future::pending::<()>().await;
        });
        Fake { address, requests }
    }

    /// What came, whole requests.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

async fn read(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    loop {
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        text.extend_from_slice(&chunk[..count]);
        let told = String::from_utf8(text.clone()).unwrap();
        if let Some((head, body)) = told.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if count == 0 || body.len() >= length.unwrap_or(0) {
                return told;
            }
        }
        assert!(count > 0, "a request was cut short");
    }
}

/// Does it; gives back a connection that stays.
async fn answer(mut stream: TcpStream, act: Act) -> Option<TcpStream> {
    match act {
        Act::Say(status, headers, body) => {
            let headers: String = headers.iter().flat_map(|header| [header.as_str(), "\r\n"]).collect();
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status} Said\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            stream.write_all(text.as_bytes()).await.unwrap();
            None
        }
        Act::Silence => Some(stream),
        Act::HangUp => None,
        Act::Flood => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            // It ends when the client has had enough.
            while stream.write_all(&[b'['; 4096]).await.is_ok() {}
            None
        }
    }
}
