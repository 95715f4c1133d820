//! A fake server with a fixed behaviour for each request.

use serde_json::Value;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The behaviour of the server for one request.
pub(crate) enum Behaviour {
    /// Responds with a status, headers and a body.
    Respond(u16, Vec<String>, String),
    /// Never responds, and leaves the connection open.
    Hang,
    /// Reads the request and closes the connection.
    Disconnect,
    /// Responds with an endless body.
    EndlessBody,
}

/// Returns a successful response with data.
pub(crate) fn success(data: &Value) -> Behaviour {
    Behaviour::Respond(200, Vec::new(), envelope(0, "0", data))
}

/// Returns a successful response without data.
pub(crate) fn success_without_data(headers: &[&str]) -> Behaviour {
    let headers = headers.iter().map(|header| (*header).to_owned()).collect();
    Behaviour::Respond(200, headers, r#"{"code":0,"message":"0","ttl":1}"#.to_owned())
}

/// Returns an error response with a status and a code.
pub(crate) fn error(status: u16, code: i32, headers: &[&str]) -> Behaviour {
    let headers = headers.iter().map(|header| (*header).to_owned()).collect();
    Behaviour::Respond(status, headers, envelope(code, "no", &Value::Null))
}

fn envelope(code: i32, message: &str, data: &Value) -> String {
    serde_json::json!({ "code": code, "message": message, "ttl": 1, "data": data }).to_string()
}

/// The fake server.
pub(crate) struct FakeServer {
    pub(crate) address: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl FakeServer {
    /// Starts a server that handles one request per behaviour, in order, and then stops accepting.
    pub(crate) async fn start(behaviours: Vec<Behaviour>) -> FakeServer {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(Mutex::new(Vec::new()));
        let recorded = Arc::clone(&requests);
        tokio::spawn(async move {
            let mut open = Vec::new();
            for behaviour in behaviours {
                let (mut stream, _) = listener.accept().await.unwrap();
                let request = read(&mut stream).await;
                recorded.lock().unwrap().push(request);
                open.extend(respond(stream, behaviour).await);
            }
            drop(listener);
            std::future::pending::<()>().await;
        });
        FakeServer { address, requests }
    }

    /// Returns the requests received so far.
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
        let request = String::from_utf8(text.clone()).unwrap();
        if let Some((head, body)) = request.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
            if count == 0 || body.len() >= length.unwrap_or(0) {
                return request;
            }
        }
        assert!(count > 0, "truncated request");
    }
}

/// Responds to a request. Returns the connection if it must stay open.
async fn respond(mut stream: TcpStream, behaviour: Behaviour) -> Option<TcpStream> {
    match behaviour {
        Behaviour::Respond(status, headers, body) => {
            let headers: String = headers.iter().flat_map(|header| [header.as_str(), "\r\n"]).collect();
            let length = body.len();
            let text = format!(
                "HTTP/1.1 {status} Status\r\n{headers}connection: close\r\ncontent-length: {length}\r\n\r\n{body}"
            );
            stream.write_all(text.as_bytes()).await.unwrap();
            None
        }
        Behaviour::Hang => Some(stream),
        Behaviour::Disconnect => None,
        Behaviour::EndlessBody => {
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
            // The write fails once the client closes the connection.
            while stream.write_all(&[b'['; 4096]).await.is_ok() {}
            None
        }
    }
}
