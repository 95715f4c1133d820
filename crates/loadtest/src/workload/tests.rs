use super::*;
use crate::dataset::{HeavyFollower, MemberSession, PopularMember};
use crate::topology::Topology;
use guanxi_types::Tagid;
use std::collections::HashSet;

fn dataset() -> Arc<Dataset> {
    let topology = Topology { seed: 1, members: 100, edges: 0 };
    let session = |index: u32| MemberSession {
        mid: topology.mid_at(index),
        followings: index,
        token: format!("token-{index}"),
    };
    let heavy =
        HeavyFollower { mid: topology.mid_at(3), followings: 3, tagid: Tagid(7), grouped: 2, session: 3 };
    let popular = PopularMember { mid: topology.mid_at(2), followers: 60, session: 2 };
    Arc::new(Dataset {
        topology,
        popular_members: vec![popular],
        heavy_followers: vec![heavy],
        sessions: (0..4).map(session).collect(),
    })
}

fn workload(mix: &str, options: &WorkloadOptions) -> EndpointWorkload {
    let (target, _) = Target::from_url("http://127.0.0.1:8080/here").unwrap();
    let mix = mix.parse().unwrap();
    EndpointWorkload::for_threads(1, &target, &dataset(), &mix, options, 5).unwrap().remove(0)
}

fn next_request(workload: &mut EndpointWorkload) -> (RequestInfo, String) {
    let mut out = Vec::new();
    let request = workload.next_request(&mut out).unwrap();
    (request, String::from_utf8(out).unwrap())
}

#[test]
fn requests_have_the_path_and_parameters() {
    let mid = Mid::new(9).unwrap();
    let about_nine = WorkloadOptions { vmid: Some(mid), ..WorkloadOptions::default() };
    let page = WorkloadOptions {
        pn: PageNumber::new(3).unwrap(),
        ps: PageSize::new(20).unwrap(),
        order: Order::Asc,
        ..about_nine.clone()
    };
    let cases = [
        ("stat", &about_nine, "GET /here/x/relation/stat?vmid=9 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"),
        (
            "card",
            &about_nine,
            "GET /here/x/web-interface/card?mid=9 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
        ),
        (
            "followers",
            &page,
            "GET /here/x/relation/followers?vmid=9&pn=3&ps=20&order=asc HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
        ),
        (
            "group",
            &about_nine,
            "GET /here/x/relation/tag?tagid=7 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nCookie: SESSDATA=token-3\r\n\r\n",
        ),
    ];
    for (mix, options, expected) in cases {
        assert_eq!(next_request(&mut workload(mix, options)).1, expected);
    }
    let own = WorkloadOptions { own: true, ..WorkloadOptions::default() };
    let text = next_request(&mut workload("followings", &own)).1;
    let query = format!("vmid={} ", dataset().topology.mid_at(3));
    assert!(text.contains(&query) && text.contains("=token-3"), "{text}");
}

#[test]
fn follow_request_has_the_correct_content_length() {
    let (request, text) = next_request(&mut workload("write", &WorkloadOptions::default()));
    let (head, form) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("Content-Length: {}", form.len())), "{head}");
    let csrf = dataset().sessions[request.session as usize].csrf();
    assert_eq!(form, format!("fid={}&act=1&csrf={csrf}", request.subject_mid));
}

#[test]
fn unfollow_reverses_successful_follows_only() {
    let mut workload = workload("write", &WorkloadOptions::default());
    let mut made_follows: HashSet<(u32, u64)> = HashSet::new();
    let (mut follows, mut unfollows) = (0, 0);
    for at in 0..1_000 {
        let (request, _) = next_request(&mut workload);
        let pair = (request.session, request.subject_mid);
        assert_ne!(dataset().sessions[request.session as usize].mid.get(), request.subject_mid);
        // Every tenth request fails, and leaves nothing to reverse.
        let is_success = at % 10 != 0;
        if request.kind == RequestKind::Follow {
            follows += 1;
            if is_success {
                made_follows.insert(pair);
            }
        } else {
            unfollows += 1;
            assert!(made_follows.contains(&pair), "{pair:?}");
        }
        workload.on_response(request, is_success);
    }
    assert!(follows + unfollows == 1_000 && unfollows > 400, "{follows} {unfollows}");
}

#[test]
fn mix_with_sessions_fails_without_sessions() {
    let (target, _) = Target::from_url("http://127.0.0.1:1").unwrap();
    let no_sessions = Arc::new(Dataset { heavy_followers: vec![], sessions: vec![], ..(*dataset()).clone() });
    let error = |mix: &str| {
        let (mix, options) = (mix.parse().unwrap(), WorkloadOptions::default());
        EndpointWorkload::for_threads(1, &target, &no_sessions, &mix, &options, 1).map(|_| ()).err()
    };
    assert_eq!(error("stat"), None);
    assert_eq!(error("social"), Some(WorkloadError::NoSessions));
    assert_eq!(error("write"), Some(WorkloadError::NoSessions));
}

#[test]
fn target_parses_http_urls_only() {
    for wrong in ["", "127.0.0.1:80", "https://127.0.0.1", "http://", "ftp://127.0.0.1"] {
        assert!(Target::from_url(wrong).is_err(), "{wrong}");
    }
    assert_eq!(Target::from_url("http://127.0.0.1").unwrap().1.port(), 80);
    assert_eq!(Target::from_url("http://[::1]:81/").unwrap().1, "[::1]:81".parse().unwrap());
}
