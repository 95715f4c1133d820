//! A server with scripted responses.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// Returns a response with this body.
pub(crate) fn ok_response(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Serves connections until the process ends. `answer` gets the number of the request, from 0, and the connection.
/// If it returns `None`, the connection is closed.
pub(crate) fn serve(
    answer: impl Fn(usize, &mut TcpStream) -> Option<String> + Send + Clone + 'static,
) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let count = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
        for stream in listener.incoming() {
            let (mut stream, answer, count) = (stream.unwrap(), answer.clone(), count.clone());
            std::thread::spawn(move || {
                let mut request = [0; 4096];
                // The generator writes a request at once, so one read returns all of it.
                while stream.read(&mut request).is_ok_and(|read| read > 0) {
                    let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(text) = answer(number, &mut stream) else { return };
                    if stream.write_all(text.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}
