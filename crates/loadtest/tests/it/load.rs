//! What the generator counts.

use crate::fake::{ok, serve};
use guanxi_loadtest::ask::{ByPath, Target};
use guanxi_loadtest::kind::Kind;
use guanxi_loadtest::load::{Ask, Failure, Load, Question, Rate, Spacing, Tally};
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

fn at(rate: u32) -> Rate {
    Rate::PerSecond(NonZeroU32::new(rate).unwrap(), Spacing::Even)
}

fn path(address: SocketAddr) -> ByPath {
    ByPath::new(&Target::of(&format!("http://{address}")).unwrap().0, "/", None, 1)
}

/// Asks so many questions with an envelope.
struct Few(u64);

impl Ask for Few {
    fn ask(&mut self, out: &mut Vec<u8>) -> Option<Question> {
        self.0 = self.0.checked_sub(1)?;
        out.extend_from_slice(b"GET / HTTP/1.1\r\n\r\n");
        Some(Question { kind: Kind::Stat, me: 0, them: 0 })
    }

    fn answered(&mut self, _: Question, _: bool) {}
}

fn few(count: u64, answer: impl Fn(usize) -> Option<String> + Send + Clone + 'static) -> Tally {
    let address = serve(move |at, _| answer(at));
    Load { time: Duration::from_secs(20), ..load(address) }.run(&mut [Few(count)]).unwrap()
}

#[test]
fn a_request_that_waits_for_a_connection_counts_from_its_intended_start() {
    let address = serve(|at, stream| {
        if at == 0 {
            // Nothing comes meanwhile: a connection has one request in flight.
            stream.set_read_timeout(Some(STALL)).unwrap();
            assert!(stream.read(&mut [0; 1]).is_err());
            stream.set_read_timeout(None).unwrap();
        }
        Some(ok("{}"))
    });
    let load = Load { rate: at(100), time: STALL, ..load(address) };
    let tally = load.run(&mut [path(address)]).unwrap();
    assert!(tally.failures.is_empty(), "{:?}", tally.failures);
    let all = tally.all();
    // 20 are meant to start. The first took the whole stall; the second, meant 10 ms later, 10 ms less; and so on. Those that
    // wait when the time is up are sent all the same.
    assert_eq!(all.len(), 20);
    let half = u64::try_from(STALL.as_nanos()).unwrap() / 2;
    assert!(all.max() >= 2 * half, "{}", all.max());
    assert!(all.len() - all.count_between(0, half) >= 9, "{}", all.count_between(0, half));
}

#[test]
fn a_rate_is_kept_while_the_service_can() {
    let address = serve(|_, _| Some(ok("{}")));
    let load = Load { rate: at(500), connections: 4, ..load(address) };
    let tally = load.run(&mut [path(address)]).unwrap();
    assert_eq!(tally.all().len(), 50);
    assert_eq!(tally.bytes, 100);
    // Two threads share the rate.
    let tally = load.run(&mut [path(address), path(address)]).unwrap();
    assert_eq!(tally.all().len(), 50);
}

#[test]
fn what_was_never_answered_is_a_failure() {
    let address = serve(|at, stream| {
        if at > 0 {
            // Until the generator has gone.
            let _ = stream.read(&mut [0; 1]);
            return None;
        }
        Some(ok("{}"))
    });
    let load = Load { rate: at(100), ..load(address) };
    let tally = load.run(&mut [path(address)]).unwrap();
    assert_eq!(tally.all().len(), 1);
    assert_eq!(tally.failures[&Failure::Unanswered], 1);
    assert_eq!(tally.failures[&Failure::Unsent], 8);
}

#[test]
fn failures_are_told_by_their_kind() {
    let answers = |at: usize| {
        Some(match at {
            1 => ok(r#"{"code":-404,"message":"啥都木有"}"#),
            2 => "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n".to_owned(),
            3 => ok("hello"),
            4 => return None,
            5 => "hello\r\n\r\n".to_owned(),
            6 => ok(r#"{"code":0,"message":"0"}"#).replacen("Content", "Connection: close\r\nContent", 1),
            _ => ok(r#"{"code":0,"message":"0"}"#),
        })
    };
    let tally = few(9, answers);
    let failures: Vec<(Failure, u64)> =
        tally.failures.iter().map(|(failure, count)| (*failure, *count)).collect();
    let expected =
        [(Failure::Status(503), 1), (Failure::Code(-404), 1), (Failure::Nonsense, 2), (Failure::Lost, 1)];
    assert_eq!(failures, expected);
    assert_eq!(tally.kinds[&Kind::Stat].len(), 4);
    assert_eq!((tally.done(), tally.failed()), (4, 5));
}

#[test]
fn who_has_nothing_more_to_ask_ends() {
    let tally = few(3, |_| Some(ok(r#"{"code":0,"message":"0"}"#)));
    assert_eq!(tally.done(), 3);
    assert!(tally.time < Duration::from_secs(20));
    assert!(tally.per_second() > 0.15);
}

#[test]
fn nobody_there_is_said() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    assert!(load(address).run(&mut [path(address)]).is_err());
    // And one who closes every connection is not asked for ever.
    let address = serve(|_, _| None);
    assert!(load(address).run(&mut [path(address)]).unwrap_err().to_string().contains("in a row were lost"));
}
