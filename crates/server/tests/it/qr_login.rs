//! Login by QR code: a screen shows the code, a logged-in phone confirms it.

use crate::client::FIREFOX;
use crate::client::{PASSWORD, TestClient};
use crate::service::{Service, TestResponse};
use futures_util::future::join_all;
use serde_json::json;

const CODE: &str = "/passport/qrcode";
const CONFIRM: &str = "/passport/qrcode/confirm";
const CANCEL: &str = "/passport/qrcode/cancel";

/// Creates a code and returns its key.
async fn create_code(screen: &TestClient<'_>) -> String {
    screen.post(CODE, &[]).await.data()["key"].as_str().unwrap().to_owned()
}

async fn poll(screen: &TestClient<'_>, key: &str) -> TestResponse {
    screen.get(&format!("{CODE}?key={key}")).await
}

/// Returns the status of a code as the screen sees it.
async fn status(screen: &TestClient<'_>, key: &str) -> String {
    let data = poll(screen, key).await.data();
    assert_eq!(data["mid"].is_null(), data["status"] != "confirmed", "{data}");
    data["status"].as_str().unwrap().to_owned()
}

async fn scan(phone: &TestClient<'_>, key: &str) -> i64 {
    phone.get(&format!("{CONFIRM}?key={key}")).await.code()
}

async fn confirm(phone: &TestClient<'_>, key: &str) -> i64 {
    phone.post(CONFIRM, &[("key", key)]).await.code()
}

#[tokio::test]
async fn confirmed_code_logs_the_screen_in() {
    let service = Service::new().await;
    let screen = service.anonymous().with_address("36.40.120.1").with_header("user-agent", FIREFOX);
    let phone = service.log_in_as(7).await.with_address("202.96.128.86");
    let key = create_code(&screen).await;
    assert_eq!(key.len(), 64);
    assert_eq!(status(&screen, &key).await, "waiting");
    let request = phone.get(&format!("{CONFIRM}?key={key}")).await.data();
    let now = service.app.now();
    assert!((now - 30..=now).contains(&request["time"].as_i64().unwrap()));
    assert_eq!(request["expires"].as_i64().unwrap() - request["time"].as_i64().unwrap(), 180);
    assert_eq!(
        (&request["device"], &request["ip"], &request["place"]),
        (&json!("Firefox浏览器"), &json!("36.40.***.*"), &json!("中国陕西渭南电信"))
    );
    assert_eq!(status(&screen, &key).await, "scanned");
    assert!(!screen.is_logged_in().await);
    assert_eq!(confirm(&phone, &key).await, 0);
    assert!(!screen.is_logged_in().await, "the screen logs in only when it polls");

    let done = poll(&screen, &key).await;
    assert_eq!(done.data(), json!({"status": "confirmed", "mid": 7}));
    let names: Vec<String> = done.cookies().into_iter().map(|cookie| cookie.name).collect();
    assert_eq!(names, ["SESSDATA", "bili_jct", "DedeUserID"]);
    assert_eq!(screen.get("/x/member/web/account").await.data()["mid"], 7);
    assert_ne!(screen.cookie("SESSDATA"), phone.cookie("SESSDATA"));
    assert_eq!(screen.change_relation(1, 8).await, 0);

    // The login is recorded with the data that the phone was shown.
    let log = phone.get("/x/member/web/login/log").await.data();
    assert_eq!(log["count"], 1);
    assert_eq!(
        (&log["list"][0]["type"], &log["list"][0]["ip"], &log["list"][0]["status"]),
        (&json!(1), &json!("36.40.*.*"), &json!(true))
    );
    let buvid = screen.cookie("buvid3").unwrap();
    let notice = phone.get(&format!("/x/safecenter/login_notice?mid=7&buvid={buvid}")).await.data();
    assert_eq!(
        (&notice["login_type"], &notice["device_name"]),
        (&json!("扫码登录"), &json!("Firefox浏览器"))
    );
    let sessions = screen.get("/passport/sessions").await.data();
    let current =
        sessions["list"].as_array().unwrap().iter().find(|session| session["current"] == true).unwrap();
    assert_eq!((&current["type"], &current["place"]), (&json!(1), &json!("中国陕西渭南")));
}

#[tokio::test]
async fn used_code_is_invalid() {
    let service = Service::new().await;
    let (screen, phone) = (service.anonymous(), service.log_in_as(7).await);
    let key = create_code(&screen).await;
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (0, 0));
    // A confirmed code cannot be scanned or confirmed again.
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (30020, 30020));
    assert_eq!(status(&screen, &key).await, "confirmed");
    let again = poll(&screen, &key).await;
    assert_eq!((again.data(), again.cookies().len()), (json!({"status": "expired", "mid": null}), 0));
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (30020, 30020));
}

#[tokio::test]
async fn key_without_cookie_never_logs_in() {
    let service = Service::new().await;
    let (screen, phone) = (service.anonymous(), service.log_in_as(7).await);
    let key = create_code(&screen).await;
    let thief = service.anonymous();
    create_code(&thief).await;
    let bare = service.anonymous();
    let assert_expired = async || {
        for other in [&thief, &bare, &phone] {
            let response = poll(other, &key).await;
            assert_eq!(
                (response.data(), response.cookies().len()),
                (json!({"status": "expired", "mid": null}), 0)
            );
        }
    };
    assert_expired().await;
    assert_eq!(scan(&phone, &key).await, 0);
    assert_expired().await;
    assert_eq!(confirm(&phone, &key).await, 0);
    assert_expired().await;
    // The screen that created the code still logs in.
    assert_eq!(status(&screen, &key).await, "confirmed");
    assert!(screen.is_logged_in().await && !thief.is_logged_in().await && !bare.is_logged_in().await);
}

#[tokio::test]
async fn only_the_last_scanner_may_confirm() {
    let service = Service::new().await;
    let (screen, one, other) = (service.anonymous(), service.log_in_as(7).await, service.log_in_as(8).await);
    let key = create_code(&screen).await;
    assert_eq!(confirm(&one, &key).await, 30021);
    assert_eq!(scan(&one, &key).await, 0);
    assert_eq!(confirm(&other, &key).await, 30021);
    // The last scanner confirms.
    assert_eq!(
        (scan(&other, &key).await, confirm(&one, &key).await, confirm(&other, &key).await),
        (0, 30021, 0)
    );
    assert_eq!(poll(&screen, &key).await.data()["mid"], 8);
}

#[tokio::test]
async fn cancelled_code_is_expired_for_everybody() {
    let service = Service::new().await;
    let (screen, phone) = (service.anonymous(), service.log_in_as(7).await);
    let key = create_code(&screen).await;
    let cancel = async || phone.post(CANCEL, &[("key", &key)]).await.code();
    assert_eq!(cancel().await, 30021);
    assert_eq!(scan(&phone, &key).await, 0);
    assert_eq!(phone.post_raw(CANCEL, &format!("key={key}")).await.code(), -111);
    assert_eq!(status(&screen, &key).await, "scanned");
    assert_eq!(cancel().await, 0);
    assert_eq!(status(&screen, &key).await, "expired");
    assert_eq!(
        (scan(&phone, &key).await, confirm(&phone, &key).await, cancel().await),
        (30020, 30020, 30020)
    );
}

#[tokio::test]
async fn confirmation_needs_a_session() {
    let service = Service::new().await;
    let (screen, phone) = (service.anonymous(), service.log_in_as(7).await);
    let key = create_code(&screen).await;
    assert_eq!((scan(&screen, &key).await, confirm(&screen, &key).await), (-101, -101));
    assert_eq!(scan(&phone, &key).await, 0);
    assert_eq!(phone.post_raw(CONFIRM, &format!("key={key}")).await.code(), -111);
    assert_eq!(status(&screen, &key).await, "scanned");
}

#[tokio::test]
async fn invalid_keys_are_rejected() {
    let service = Service::new().await;
    let (screen, phone) = (service.anonymous(), service.log_in_as(7).await);
    let key = create_code(&screen).await;
    for none in ["", "0", &key.to_uppercase(), &key[1..], &format!("{key}0"), "%00", "键"] {
        let none = guanxi_api::params::encode_form([("key", none)]);
        assert_eq!(screen.get(&format!("{CODE}?{none}")).await.data()["status"], "expired", "{none}");
        assert_eq!(phone.get(&format!("{CONFIRM}?{none}")).await.code(), 30020, "{none}");
    }
    assert_eq!((screen.get(CODE).await.code(), phone.get(CONFIRM).await.code()), (-400, -400));
}

#[tokio::test]
async fn concurrent_polls_open_one_session() {
    let service = Service::new().await;
    let (screen, phone) = (service.anonymous(), service.log_in_as(7).await);
    let key = create_code(&screen).await;
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (0, 0));
    let screens: Vec<_> = (0..10).map(|_| screen.with_service(&service)).collect();
    let responses = join_all(screens.iter().map(|screen| poll(screen, &key))).await;
    let confirmed = responses.iter().filter(|answer| answer.data()["status"] == "confirmed").count();
    let with_cookies = responses.iter().filter(|answer| !answer.cookies().is_empty()).count();
    assert_eq!((confirmed, with_cookies), (1, 1));
    assert_eq!(phone.get("/passport/sessions").await.data()["list"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn code_expires_after_its_ttl() {
    let service = Service::new().await;
    let (screen, phone) = (service.anonymous(), service.log_in_as(7).await);
    let (one, other) = (create_code(&screen).await, create_code(&screen).await);
    let soon = service.at_time("2026-01-15T12:02:30+08:00");
    assert_eq!(status(&screen.with_service(&soon), &other).await, "waiting");
    let (screen, phone) = (screen.with_service(&soon), phone.with_service(&soon));
    // The cookie of a screen belongs to its newest code.
    assert_eq!(status(&screen, &one).await, "expired");
    assert_eq!((scan(&phone, &other).await, confirm(&phone, &other).await), (0, 0));
    let late = service.at_time("2026-01-15T12:04:00+08:00");
    let (screen, phone) = (screen.with_service(&late), phone.with_service(&late));
    assert_eq!(status(&screen, &other).await, "expired");
    assert!(!screen.is_logged_in().await);
    assert_eq!((scan(&phone, &other).await, confirm(&phone, &other).await), (30020, 30020));
    // The cleanup task deletes the code.
    late.run_due_tasks().await;
    late.assert_consistent().await;
}

#[tokio::test]
async fn qr_login_replaces_an_existing_session() {
    let service = Service::new().await;
    let screen = service.anonymous();
    screen.sign_up("新来的", &[]).await;
    let phone = service.log_in_as(7).await;
    let previous = screen.cookie("SESSDATA");
    let key = create_code(&screen).await;
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (0, 0));
    assert_eq!(status(&screen, &key).await, "confirmed");
    assert_ne!(screen.cookie("SESSDATA"), previous);
    assert_eq!(screen.get("/x/member/web/account").await.data()["mid"], 7);
    assert_eq!(service.anonymous().log_in("新来的", PASSWORD).await.code(), 0);
}

#[tokio::test]
async fn qr_image_encodes_the_url() {
    let service = Service::new()
        .await
        .reconfigured(|settings| settings.public_url = Some("https://members.example.cn".to_owned()));
    let drawn = service.anonymous().post(CODE, &[]).await.data();
    let (key, url) = (drawn["key"].as_str().unwrap(), drawn["url"].as_str().unwrap());
    assert_eq!(url, format!("https://members.example.cn/login/confirm?key={key}"));
    assert_eq!(decode_qr(drawn["svg"].as_str().unwrap()), url);
    assert_eq!(drawn["expires_in"], 180);
}

/// Pixels per module of the rendered image.
const PIXELS_PER_MODULE: usize = 4;

/// Decodes the QR code of an SVG. Its path draws each dark module as a square: `M4,4h1v1h-1`.
fn decode_qr(svg: &str) -> String {
    let within = |begin: &str, end: &str| svg.split(begin).nth(1).and_then(|rest| rest.split(end).next());
    let size: usize = within("viewBox=\"0 0 ", " ").unwrap().parse().unwrap();
    let path = within("<path d=\"", "\"").unwrap();
    let mut dark = vec![false; size * size];
    for square in path.split('M').skip(1) {
        let (x, rest) = square.split_once(',').unwrap();
        let y = rest.split('h').next().unwrap();
        dark[y.parse::<usize>().unwrap() * size + x.parse::<usize>().unwrap()] = true;
    }
    let pixel =
        |x: usize, y: usize| if dark[y / PIXELS_PER_MODULE * size + x / PIXELS_PER_MODULE] { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(
        size * PIXELS_PER_MODULE,
        size * PIXELS_PER_MODULE,
        pixel,
    );
    let [code] = <[_; 1]>::try_from(image.detect_grids()).unwrap_or_else(|_| panic!("exactly one code"));
    code.decode().unwrap().1
}

#[tokio::test]
async fn qr_login_fails_after_password_change() {
    let service = Service::new().await;
    let me = service.anonymous();
    me.sign_up("小甲", &[]).await;
    let (thief, screen) = (service.anonymous(), service.anonymous());
    assert_eq!(thief.log_in("小甲", crate::client::PASSWORD).await.code(), 0);
    let key = create_code(&screen).await;
    assert_eq!(scan(&thief, &key).await, 0);
    assert_eq!(confirm(&thief, &key).await, 0);
    let fields = [("old", crate::client::PASSWORD), ("new", "wan-hu-dao-yi-sheng")];
    assert_eq!(me.post("/passport/password", &fields).await.code(), 0);
    assert!(!thief.is_logged_in().await);
    assert_eq!(status(&screen, &key).await, "expired");
    assert!(!screen.is_logged_in().await);
}
