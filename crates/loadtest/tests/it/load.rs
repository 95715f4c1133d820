//! Statistics of the load generator.

use crate::fake_server::{ok_response, serve};
use guanxi_loadtest::kind::RequestKind;
use guanxi_loadtest::load::{Failure, Load, Rate, RequestInfo, RequestSource, Spacing, Stats};
use guanxi_loadtest::workload::{PathWorkload, Target};
use std::io::Read;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::time::Duration;

const STALL: Duration = Duration::from_millis(200);

fn load(address: SocketAddr) -> Load {
    Load {
        address,
        connections: 1,
        rate: Rate::Max,
        time: Duration::from_millis(100),
        grace: Duration::from_millis(400),
        seed: 1,
        pid: None,
    }
}

fn rate(rate: u32) -> Rate {
    Rate::PerSecond(NonZeroU32::new(rate).unwrap(), Spacing::Even)
}

fn path_source(address: SocketAddr) -> PathWorkload {
    PathWorkload::new(&Target::from_url(&format!("http://{address}")).unwrap().0, "/", None, 1)
}

/// A source with the given number of requests.
struct LimitedSource(u64);

impl RequestSource for LimitedSource {
    fn next_request(&mut self, out: &mut Vec<u8>) -> Option<RequestInfo> {
        self.0 = self.0.checked_sub(1)?;
        out.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n");
        Some(RequestInfo { kind: RequestKind::Stat, session: 0, subject_mid: 0 })
    }

    fn on_response(&mut self, _: RequestInfo, _: bool) {}
}

fn run_requests(count: u64, answer: impl Fn(usize) -> Option<String> + Send + Clone + 'static) -> Stats {
    let address = serve(move |at, _| answer(at));
    Load { time: Duration::from_secs(20), ..load(address) }.run(&mut [LimitedSource(count)]).unwrap()
}

#[test]
fn latency_counts_from_the_intended_start() {
    let address = serve(|at, stream| {
        if at == 0 {
            // A connection has one request in flight, so nothing else arrives.
            stream.set_read_timeout(Some(STALL)).unwrap();
            assert!(stream.read(&mut [0; 1]).is_err());
            stream.set_read_timeout(None).unwrap();
        }
        Some(ok_response("{}"))
    });
    let load = Load { rate: rate(100), time: STALL, ..load(address) };
    let stats = load.run(&mut [path_source(address)]).unwrap();
    assert!(stats.failures.is_empty(), "{:?}", stats.failures);
    let latencies = stats.all_latencies();
    // The schedule has 20 starts. The first request takes the whole stall, the second, 10 ms later, 10 ms less, and
    // so on. Requests that still wait at the end are sent too.
    assert_eq!(latencies.len(), 20);
    let half = u64::try_from(STALL.as_nanos()).unwrap() / 2;
    assert!(latencies.max() >= 2 * half, "{}", latencies.max());
    assert!(latencies.len() - latencies.count_between(0, half) >= 9, "{}", latencies.count_between(0, half));
}

#[test]
fn rate_is_maintained_with_a_fast_service() {
    let address = serve(|_, _| Some(ok_response("{}")));
    let load = Load { rate: rate(500), connections: 4, ..load(address) };
    let stats = load.run(&mut [path_source(address)]).unwrap();
    assert_eq!(stats.all_latencies().len(), 50);
    assert_eq!(stats.bytes, 100);
    // Two threads share the rate.
    let stats = load.run(&mut [path_source(address), path_source(address)]).unwrap();
    assert_eq!(stats.all_latencies().len(), 50);
}

#[test]
fn unanswered_request_is_a_failure() {
    let address = serve(|at, stream| {
        if at > 0 {
            // Waits until the generator closes the connection.
            let _ = stream.read(&mut [0; 1]);
            return None;
        }
        Some(ok_response("{}"))
    });
    let load = Load { rate: rate(100), ..load(address) };
    let stats = load.run(&mut [path_source(address)]).unwrap();
    assert_eq!(stats.all_latencies().len(), 1);
    assert_eq!(stats.failures[&Failure::Unanswered], 1);
    assert_eq!(stats.failures[&Failure::Unsent], 8);
}

#[test]
fn failures_are_counted_by_reason() {
    let answers = |at: usize| {
        Some(match at {
            1 => ok_response(r#"{"code":-404,"message":"啥都木有"}"#),
            2 => "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_owned(),
            3 => ok_response("hello"),
            4 => return None,
            5 => "hello\r\n\r\n".to_owned(),
            6 => ok_response(r#"{"code":0,"message":"0"}"#).replacen(
                "Content",
                "Connection: close\r\nContent",
                1,
            ),
            _ => ok_response(r#"{"code":0,"message":"0"}"#),
        })
    };
    let stats = run_requests(9, answers);
    let failures: Vec<(Failure, u64)> =
        stats.failures.iter().map(|(failure, count)| (*failure, *count)).collect();
    let expected = [
        (Failure::Status(503), 1),
        (Failure::Code(-404), 1),
        (Failure::InvalidResponse, 2),
        (Failure::Lost, 1),
    ];
    assert_eq!(failures, expected);
    assert_eq!(stats.kinds[&RequestKind::Stat].len(), 4);
    assert_eq!((stats.succeeded(), stats.failed()), (4, 5));
}

#[test]
fn run_ends_when_the_source_is_exhausted() {
    let stats = run_requests(3, |_| Some(ok_response(r#"{"code":0,"message":"0"}"#)));
    assert_eq!(stats.succeeded(), 3);
    assert!(stats.time < Duration::from_secs(20));
    assert!(stats.per_second() > 0.15);
}

#[test]
fn run_fails_without_a_listening_server() {
    // A bound socket that does not listen reserves its port and refuses connections.
    let reserved = tokio::net::TcpSocket::new_v4().unwrap();
    reserved.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = reserved.local_addr().unwrap();
    assert!(load(address).run(&mut [path_source(address)]).is_err());
    // A server that closes every connection ends the run as well.
    let address = serve(|_, _| None);
    // The error ends the run long before this time.
    let long = Load { time: Duration::from_mins(1), ..load(address) };
    let error = long.run(&mut [path_source(address)]).unwrap_err();
    assert!(error.to_string().contains("connections in a row"), "{error}");
}
