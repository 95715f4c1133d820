//! The picture of members who have none of their own (D40).

use crate::browser::Browser;
use crate::service::Service;
use guanxi_server::Settings;
use guanxi_server::networks::TrustedProxies;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

fn networks(list: &str) -> TrustedProxies {
    serde_json::from_value(json!(list)).unwrap()
}

/// Every `face` in an answer.
fn faces(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => fields
            .iter()
            .flat_map(
                |(name, value)| if name == "face" { vec![value.as_str().unwrap()] } else { faces(value) },
            )
            .collect(),
        Value::Array(list) => list.iter().flat_map(faces).collect(),
        _ => Vec::new(),
    }
}

/// What shows faces: to member 1, who follows 2, is followed by 3, whispers 4 and blocks 5.
const SHOW: [&str; 9] = [
    "/x/space/acc/info?mid=2",
    "/x/web-interface/card?mid=2",
    "/x/relation/followings?vmid=1",
    "/x/relation/followers?vmid=1",
    "/x/relation/tag?tagid=0",
    "/x/relation/whispers",
    "/x/relation/blacks",
    "/x/relation/followers?vmid=2",
    "/x/relation/followings?vmid=3",
];

async fn settled(service: &Service) -> Browser<'_> {
    let me = service.member(1).await;
    assert_eq!([me.act(1, 2).await, me.act(3, 4).await, me.act(5, 5).await], [0; 3]);
    assert_eq!(service.member(3).await.act(1, 1).await, 0);
    me
}

#[tokio::test]
async fn a_member_without_a_picture_has_the_services_everywhere() {
    let service = Service::new().await;
    let me = settled(&service).await;
    // Twice, as lists keep what they have shown; each time for who asks.
    for host in ["a.cn", "b.cn:8080", "a.cn"] {
        let me = me.at(&service).with("host", host);
        for path in SHOW {
            let data = me.get(path).await.data();
            let faces = faces(&data);
            assert!(!faces.is_empty(), "{path}");
            for face in faces {
                assert_eq!(face, format!("http://{host}/assets/noface.gif"), "{path}");
            }
        }
    }
}

#[tokio::test]
async fn a_picture_of_ones_own_is_shown_until_it_is_taken_away() {
    let service = Service::new().await;
    let me = settled(&service).await.with("host", "a.cn");
    let fan = async || {
        let data = me.get("/x/relation/followers?vmid=1").await.data();
        (faces(&data).join(" "), data["list"][0]["uname"].as_str().unwrap().to_owned())
    };
    let none = "http://a.cn/assets/noface.gif";
    for (face, shown) in [("", none), ("http://b.cn/3.jpg", "http://b.cn/3.jpg"), ("", none)] {
        let card = json!({"card": {"mid": 3, "uname": "\",\"face\":\"\"", "face": face}});
        service.load(&[&card.to_string()]).await;
        assert_eq!(fan().await, (shown.to_owned(), "\",\"face\":\"\"".to_owned()));
    }
}

#[tokio::test]
async fn the_picture_is_where_members_reach_the_service() {
    // public_url, trusted, peer, X-Forwarded-Proto, Host -> where it is
    let cases = [
        (None, "", "127.0.0.1", None, Some("a.cn"), "http://a.cn"),
        (None, "", "127.0.0.1", Some("https"), Some("a.cn"), "http://a.cn"),
        (None, "10.0.0.1", "10.0.0.1", Some("https"), Some("a.cn"), "https://a.cn"),
        (None, "", "127.0.0.1", None, Some("[::1]:8080"), "http://[::1]:8080"),
        (None, "", "127.0.0.1", None, Some("a.cn\"<b>"), "http://127.0.0.1:8080"),
        (None, "", "127.0.0.1", None, None, "http://127.0.0.1:8080"),
        (Some("https://m.cn"), "", "127.0.0.1", None, Some("a.cn"), "https://m.cn"),
        (Some("http://m.cn"), "10.0.0.1", "10.0.0.1", Some("https"), Some("a.cn"), "http://m.cn"),
    ];
    let service = Service::new().await;
    settled(&service).await;
    for (public_url, trusted, peer, proto, host, expected) in cases {
        let service = service.set(|settings: &mut Settings| {
            settings.public_url = public_url.map(str::to_owned);
            settings.trusted_proxies = networks(trusted);
        });
        let mut browser = service.anyone().from(peer);
        for (name, value) in [("x-forwarded-proto", proto), ("host", host)] {
            browser = value.into_iter().fold(browser, |browser, value| browser.with(name, value));
        }
        for path in ["/x/web-interface/card?mid=2", "/x/relation/followers?vmid=2"] {
            let data = browser.get(path).await.data();
            assert_eq!(
                faces(&data),
                [format!("{expected}/assets/noface.gif")],
                "{path} {public_url:?} {host:?}"
            );
        }
    }
}

#[tokio::test]
async fn the_picture_is_there_and_any_site_may_show_it() {
    let service = Service::new().await;
    let answer = service.anyone().get("/assets/noface.gif").await;
    assert_eq!((answer.status.as_u16(), &answer.headers[CONTENT_TYPE]), (200, &"image/gif".parse().unwrap()));
    assert_eq!(answer.headers["cross-origin-resource-policy"], "cross-origin");
    assert!(answer.bytes.starts_with(b"GIF89a") && answer.bytes.ends_with(b";"));
}
