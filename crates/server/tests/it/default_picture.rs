//! Default picture of members without one (D40).

use crate::client::TestClient;
use crate::service::Service;
use guanxi_server::Settings;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};

/// Returns every `face` in a response.
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

/// Endpoints with faces, for member 1, who follows 2, is followed by 3, whispers 4 and blocks 5.
const PATHS_WITH_FACES: &[&str] = &[
    "/x/space/acc/info?mid=2",
    "/x/web-interface/card?mid=2",
    "/x/relation/followings?vmid=1",
    "/x/relation/followers?vmid=1",
    "/x/relation/tag?tagid=0",
    "/x/relation/whispers",
    "/x/relation/blacks",
    "/x/relation/followers?vmid=2",
    "/x/relation/followings?vmid=3",
    "/passport/relations?list=followings",
    "/passport/members?q=1",
    "/passport/news",
];

async fn with_relations(service: &Service) -> TestClient<'_> {
    let me = service.log_in_as(1).await;
    assert_eq!(
        [me.change_relation(1, 2).await, me.change_relation(3, 4).await, me.change_relation(5, 5).await],
        [0; 3]
    );
    assert_eq!(service.log_in_as(3).await.change_relation(1, 1).await, 0);
    me
}

#[tokio::test]
async fn member_without_picture_has_default_everywhere() {
    let service = Service::new().await;
    let me = with_relations(&service).await;
    // The first host comes twice, since lists are cached. Each response uses the host of its own request.
    for host in ["a.cn", "b.cn:8080", "a.cn"] {
        let me = me.with_service(&service).with_header("host", host);
        for path in PATHS_WITH_FACES {
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
async fn own_picture_is_shown_until_removed() {
    let service = Service::new().await;
    let me = with_relations(&service).await.with_header("host", "a.cn");
    let first_follower = async || {
        let data = me.get("/x/relation/followers?vmid=1").await.data();
        (faces(&data).join(" "), data["list"][0]["uname"].as_str().unwrap().to_owned())
    };
    let none = "http://a.cn/assets/noface.gif";
    for (face, shown) in [("", none), ("http://b.cn/3.jpg", "http://b.cn/3.jpg"), ("", none)] {
        let card = json!({"card": {"mid": 3, "uname": "\",\"face\":\"\"", "face": face}});
        service.import_rows(&[&card.to_string()]).await;
        assert_eq!(first_follower().await, (shown.to_owned(), "\",\"face\":\"\"".to_owned()));
    }
}

#[tokio::test]
async fn default_picture_url_is_under_the_public_url() {
    // public_url, trusted, peer, X-Forwarded-Proto, Host -> origin of the picture
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
    with_relations(&service).await;
    for (public_url, trusted, peer, proto, host, expected) in cases {
        let service = service.reconfigured(|settings: &mut Settings| {
            settings.public_url = public_url.map(str::to_owned);
            settings.trusted_proxies = trusted.parse().unwrap();
        });
        let mut browser = service.anonymous().with_address(peer);
        for (name, value) in [("x-forwarded-proto", proto), ("host", host)] {
            browser = value.into_iter().fold(browser, |browser, value| browser.with_header(name, value));
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
async fn default_picture_is_served_to_any_site() {
    let service = Service::new().await;
    let answer = service.anonymous().get("/assets/noface.gif").await;
    assert_eq!((answer.status.as_u16(), &answer.headers[CONTENT_TYPE]), (200, &"image/gif".parse().unwrap()));
    assert_eq!(answer.headers["cross-origin-resource-policy"], "cross-origin");
    assert!(answer.bytes.starts_with(b"GIF89a") && answer.bytes.ends_with(b";"));
}
