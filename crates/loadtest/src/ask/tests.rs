use super::*;
use crate::known::{Login, Owner, Star};
use crate::shape::Shape;
use guanxi_types::Tagid;
use std::collections::HashSet;

fn known() -> Arc<Known> {
    let shape = Shape { seed: 1, members: 100, edges: 0 };
    let login =
        |index: u32| Login { mid: shape.mid(index), followings: index, token: format!("token-{index}") };
    let owner = Owner { mid: shape.mid(3), followings: 3, tagid: Tagid(7), grouped: 2, session: 3 };
    let star = Star { mid: shape.mid(2), fans: 60, session: 2 };
    Arc::new(Known { shape, stars: vec![star], owners: vec![owner], sessions: (0..4).map(login).collect() })
}

fn asker(mix: &str, wishes: &Wishes) -> Asker {
    let (target, _) = Target::of("http://127.0.0.1:8080/here").unwrap();
    Asker::several(1, &target, &known(), &mix.parse().unwrap(), wishes, 5).unwrap().remove(0)
}

fn asked(asker: &mut Asker) -> (Question, String) {
    let mut out = Vec::new();
    let question = asker.ask(&mut out).unwrap();
    (question, String::from_utf8(out).unwrap())
}

#[test]
fn requests_say_what_is_asked() {
    let mid = Mid::new(9).unwrap();
    let of_nine = Wishes { vmid: Some(mid), ..Wishes::default() };
    let page =
        Wishes { pn: Pn::new(3).unwrap(), ps: Ps::new(20).unwrap(), order: Order::Asc, ..of_nine.clone() };
    let cases = [
        ("stat", &of_nine, "GET /here/x/relation/stat?vmid=9 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"),
        ("card", &of_nine, "GET /here/x/web-interface/card?mid=9 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n"),
        (
            "followers",
            &page,
            "GET /here/x/relation/followers?vmid=9&pn=3&ps=20&order=asc HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n",
        ),
        (
            "group",
            &of_nine,
            "GET /here/x/relation/tag?tagid=7 HTTP/1.1\r\nHost: 127.0.0.1:8080\r\nCookie: SESSDATA=token-3\r\n\r\n",
        ),
    ];
    for (mix, wishes, expected) in cases {
        assert_eq!(asked(&mut asker(mix, wishes)).1, expected);
    }
    let own = Wishes { own: true, ..Wishes::default() };
    let text = asked(&mut asker("followings", &own)).1;
    assert!(text.contains(&format!("vmid={} ", known().shape.mid(3))) && text.contains("=token-3"), "{text}");
}

#[test]
fn a_form_is_as_long_as_it_says() {
    let (question, text) = asked(&mut asker("write", &Wishes::default()));
    let (head, form) = text.split_once("\r\n\r\n").unwrap();
    assert!(head.contains(&format!("Content-Length: {}", form.len())), "{head}");
    let csrf = known().sessions[question.me as usize].csrf();
    assert_eq!(form, format!("fid={}&act=1&csrf={csrf}", question.them));
}

#[test]
fn what_was_followed_is_taken_back_and_nothing_else() {
    let mut asker = asker("write", &Wishes::default());
    let mut there: HashSet<(u32, u64)> = HashSet::new();
    let (mut follows, mut unfollows) = (0, 0);
    for at in 0..1_000 {
        let (question, _) = asked(&mut asker);
        let pair = (question.me, question.them);
        assert_ne!(known().sessions[question.me as usize].mid.get(), question.them);
        // One in ten is refused, and there is nothing to take back then.
        let well = at % 10 != 0;
        if question.kind == Kind::Follow {
            follows += 1;
            if well {
                there.insert(pair);
            }
        } else {
            unfollows += 1;
            assert!(there.contains(&pair), "{pair:?}");
        }
        asker.answered(question, well);
    }
    assert!(follows + unfollows == 1_000 && unfollows > 400, "{follows} {unfollows}");
}

#[test]
fn what_takes_sessions_is_not_asked_without() {
    let (target, _) = Target::of("http://127.0.0.1:1").unwrap();
    let nobody = Arc::new(Known { owners: vec![], sessions: vec![], ..(*known()).clone() });
    let several = |mix: &str| {
        Asker::several(1, &target, &nobody, &mix.parse().unwrap(), &Wishes::default(), 1).map(|_| ()).err()
    };
    assert_eq!(several("stat"), None);
    assert_eq!(several("social"), Some(Unknown::Sessions));
    assert_eq!(several("write"), Some(Unknown::Sessions));
}

#[test]
fn addresses() {
    for wrong in ["", "127.0.0.1:80", "https://127.0.0.1", "http://", "ftp://127.0.0.1"] {
        assert!(Target::of(wrong).is_err(), "{wrong}");
    }
    assert_eq!(Target::of("http://127.0.0.1").unwrap().1.port(), 80);
    assert_eq!(Target::of("http://[::1]:81/").unwrap().1, "[::1]:81".parse().unwrap());
}
