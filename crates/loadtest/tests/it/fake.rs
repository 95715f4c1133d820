//! A server that answers as a test wants.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};

/// An answer with that body.
pub(crate) fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

/// Serves connections until the process ends: `answer` is told which request of the server's it is, from 0, and given the
/// connection; no answer closes it.
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
                // A request of the generator's comes in one piece.
                while stream.read(&mut request).is_ok_and(|read| read > 0) {
                    let at = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    let Some(text) = answer(at, &mut stream) else { return };
                    if stream.write_all(text.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    address
}
