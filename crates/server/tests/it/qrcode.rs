//! A code on one screen, a member with another: who is logged in by it, and who is not.

use crate::browser::{Browser, PASSWORD};
use crate::service::{Answer, Service};
use futures_util::future::join_all;
use guanxi_storage::Store;
use serde_json::json;

const CODE: &str = "/passport/qrcode";
const CONFIRM: &str = "/passport/qrcode/confirm";
const FIREFOX: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0";

/// Asks for a code; its key.
async fn draw(screen: &Browser<'_>) -> String {
    screen.post(CODE, &[]).await.data()["key"].as_str().unwrap().to_owned()
}

async fn poll(screen: &Browser<'_>, key: &str) -> Answer {
    screen.get(&format!("{CODE}?key={key}")).await
}

/// How far the screen is told that a code is.
async fn status(screen: &Browser<'_>, key: &str) -> String {
    let told = poll(screen, key).await.data();
    assert_eq!(told["mid"].is_null(), told["status"] != "confirmed", "{told}");
    told["status"].as_str().unwrap().to_owned()
}

async fn scan(phone: &Browser<'_>, key: &str) -> i64 {
    phone.get(&format!("{CONFIRM}?key={key}")).await.code()
}

async fn confirm(phone: &Browser<'_>, key: &str) -> i64 {
    phone.post(CONFIRM, &[("key", key)]).await.code()
}

#[tokio::test]
async fn a_member_logs_a_screen_in() {
    let service = Service::new().await;
    let screen = service.anyone().from("36.40.120.1").with("user-agent", FIREFOX);
    let phone = service.member(7).await.from("202.96.128.86");
    let key = draw(&screen).await;
    assert_eq!(key.len(), 64);
    assert_eq!(status(&screen, &key).await, "waiting");
    let asked = phone.get(&format!("{CONFIRM}?key={key}")).await.data();
    let now = service.app.now();
    assert!((now - 30..=now).contains(&asked["time"].as_i64().unwrap()));
    assert_eq!(asked["expires"].as_i64().unwrap() - asked["time"].as_i64().unwrap(), 180);
    assert_eq!(
        (&asked["device"], &asked["ip"], &asked["place"]),
        (&json!("Firefox浏览器"), &json!("36.40.***.*"), &json!("中国陕西渭南电信"))
    );
    assert_eq!(status(&screen, &key).await, "scanned");
    assert!(!screen.is_logged_in().await);
    assert_eq!(confirm(&phone, &key).await, 0);
    assert!(!screen.is_logged_in().await, "nobody is logged in before they ask");

    let done = poll(&screen, &key).await;
    assert_eq!(done.data(), json!({"status": "confirmed", "mid": 7}));
    let set: Vec<String> = done.cookies().into_iter().map(|cookie| cookie.name).collect();
    assert_eq!(set, ["SESSDATA", "bili_jct", "DedeUserID"]);
    assert_eq!(screen.get("/x/member/web/account").await.data()["mid"], 7);
    assert_ne!(screen.cookie("SESSDATA"), phone.cookie("SESSDATA"));
    assert_eq!(screen.act(1, 8).await, 0);

    // It is recorded as the member was shown it.
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
async fn a_used_code_is_none() {
    let service = Service::new().await;
    let (screen, phone) = (service.anyone(), service.member(7).await);
    let key = draw(&screen).await;
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (0, 0));
    // It is confirmed once, and nobody looks at it again.
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (30020, 30020));
    assert_eq!(status(&screen, &key).await, "confirmed");
    let again = poll(&screen, &key).await;
    assert_eq!((again.data(), again.cookies().len()), (json!({"status": "expired", "mid": null}), 0));
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (30020, 30020));
}

#[tokio::test]
async fn who_knows_the_key_alone_is_never_logged_in() {
    let service = Service::new().await;
    let (screen, phone) = (service.anyone(), service.member(7).await);
    let key = draw(&screen).await;
    let thief = service.anyone();
    draw(&thief).await;
    let bare = service.anyone();
    let look = async || {
        for other in [&thief, &bare, &phone] {
            let told = poll(other, &key).await;
            assert_eq!((told.data(), told.cookies().len()), (json!({"status": "expired", "mid": null}), 0));
        }
    };
    look().await;
    assert_eq!(scan(&phone, &key).await, 0);
    look().await;
    assert_eq!(confirm(&phone, &key).await, 0);
    look().await;
    // And the screen it is meant for still is.
    assert_eq!(status(&screen, &key).await, "confirmed");
    assert!(screen.is_logged_in().await && !thief.is_logged_in().await && !bare.is_logged_in().await);
}

#[tokio::test]
async fn who_confirms_is_who_has_scanned() {
    let service = Service::new().await;
    let (screen, one, other) = (service.anyone(), service.member(7).await, service.member(8).await);
    let key = draw(&screen).await;
    assert_eq!(confirm(&one, &key).await, 30021);
    assert_eq!(scan(&one, &key).await, 0);
    assert_eq!(confirm(&other, &key).await, 30021);
    // Who scans last confirms.
    assert_eq!(
        (scan(&other, &key).await, confirm(&one, &key).await, confirm(&other, &key).await),
        (0, 30021, 0)
    );
    assert_eq!(poll(&screen, &key).await.data()["mid"], 8);
}

#[tokio::test]
async fn who_is_not_logged_in_confirms_nothing() {
    let service = Service::new().await;
    let (screen, phone) = (service.anyone(), service.member(7).await);
    let key = draw(&screen).await;
    assert_eq!((scan(&screen, &key).await, confirm(&screen, &key).await), (-101, -101));
    assert_eq!(scan(&phone, &key).await, 0);
    assert_eq!(phone.post_bare(CONFIRM, &format!("key={key}")).await.code(), -111);
    assert_eq!(status(&screen, &key).await, "scanned");
}

#[tokio::test]
async fn keys_that_are_none() {
    let service = Service::new().await;
    let (screen, phone) = (service.anyone(), service.member(7).await);
    let key = draw(&screen).await;
    for none in ["", "0", &key.to_uppercase(), &key[1..], &format!("{key}0"), "%00", "键"] {
        let none = guanxi_api::params::encode([("key", none)]);
        assert_eq!(screen.get(&format!("{CODE}?{none}")).await.data()["status"], "expired", "{none}");
        assert_eq!(phone.get(&format!("{CONFIRM}?{none}")).await.code(), 30020, "{none}");
    }
    assert_eq!((screen.get(CODE).await.code(), phone.get(CONFIRM).await.code()), (-400, -400));
}

#[tokio::test]
async fn polls_at_once_are_one_login() {
    let service = Service::new().await;
    let (screen, phone) = (service.anyone(), service.member(7).await);
    let key = draw(&screen).await;
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (0, 0));
    let screens: Vec<_> = (0..10).map(|_| screen.at(&service)).collect();
    let told = join_all(screens.iter().map(|screen| poll(screen, &key))).await;
    let confirmed = told.iter().filter(|answer| answer.data()["status"] == "confirmed").count();
    let given = told.iter().filter(|answer| !answer.cookies().is_empty()).count();
    assert_eq!((confirmed, given), (1, 1));
    assert_eq!(phone.get("/passport/sessions").await.data()["list"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_code_lives_so_long() {
    let service = Service::new().await;
    let (screen, phone) = (service.anyone(), service.member(7).await);
    let (one, other) = (draw(&screen).await, draw(&screen).await);
    let soon = service.at("2026-01-15T12:02:30+08:00");
    assert_eq!(status(&screen.at(&soon), &other).await, "waiting");
    let (screen, phone) = (screen.at(&soon), phone.at(&soon));
    // A screen's newest code is the one that it has the cookie of.
    assert_eq!(status(&screen, &one).await, "expired");
    assert_eq!((scan(&phone, &other).await, confirm(&phone, &other).await), (0, 0));
    let late = service.at("2026-01-15T12:04:00+08:00");
    let (screen, phone) = (screen.at(&late), phone.at(&late));
    assert_eq!(status(&screen, &other).await, "expired");
    assert!(!screen.is_logged_in().await);
    assert_eq!((scan(&phone, &other).await, confirm(&phone, &other).await), (30020, 30020));
    // And then it is forgotten.
    late.attend().await;
    assert!(late.app.store.check().await.unwrap().is_clean());
}

#[tokio::test]
async fn a_member_who_has_logged_in_is_logged_in_anew() {
    let service = Service::new().await;
    let screen = service.anyone();
    screen.sign_up("新来的", &[]).await;
    let phone = service.member(7).await;
    let was = screen.cookie("SESSDATA");
    let key = draw(&screen).await;
    assert_eq!((scan(&phone, &key).await, confirm(&phone, &key).await), (0, 0));
    assert_eq!(status(&screen, &key).await, "confirmed");
    assert_ne!(screen.cookie("SESSDATA"), was);
    assert_eq!(screen.get("/x/member/web/account").await.data()["mid"], 7);
    assert_eq!(service.anyone().log_in("新来的", PASSWORD).await.code(), 0);
}

#[tokio::test]
async fn the_picture_says_the_url() {
    let service = Service::new()
        .await
        .set(|settings| settings.public_url = Some("https://members.example.cn".to_owned()));
    let drawn = service.anyone().post(CODE, &[]).await.data();
    let (key, url) = (drawn["key"].as_str().unwrap(), drawn["url"].as_str().unwrap());
    assert_eq!(url, format!("https://members.example.cn/login/confirm?key={key}"));
    assert_eq!(read(drawn["svg"].as_str().unwrap()), url);
    assert_eq!(drawn["expires_in"], 180);
}

/// How many pixels wide a module is photographed.
const WIDE: usize = 4;

/// What a picture says to who scans it. Its path draws each dark module as a square: `M4,4h1v1h-1`.
fn read(svg: &str) -> String {
    let within = |begin: &str, end: &str| svg.split(begin).nth(1).and_then(|rest| rest.split(end).next());
    let size: usize = within("viewBox=\"0 0 ", " ").unwrap().parse().unwrap();
    let path = within("<path d=\"", "\"").unwrap();
    let mut dark = vec![false; size * size];
    for square in path.split('M').skip(1) {
        let (x, rest) = square.split_once(',').unwrap();
        let y = rest.split('h').next().unwrap();
        dark[y.parse::<usize>().unwrap() * size + x.parse::<usize>().unwrap()] = true;
    }
    let pixel = |x: usize, y: usize| if dark[y / WIDE * size + x / WIDE] { 0 } else { 255 };
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(size * WIDE, size * WIDE, pixel);
    let [code] = <[_; 1]>::try_from(image.detect_grids()).unwrap_or_else(|_| panic!("one code"));
    code.decode().unwrap().1
}

#[tokio::test]
async fn who_was_put_out_by_a_new_password_does_not_come_back_by_a_code() {
    let service = Service::new().await;
    let me = service.anyone();
    me.sign_up("小甲", &[]).await;
    let (thief, screen) = (service.anyone(), service.anyone());
    assert_eq!(thief.log_in("小甲", crate::browser::PASSWORD).await.code(), 0);
    let key = draw(&screen).await;
    assert_eq!(scan(&thief, &key).await, 0);
    assert_eq!(confirm(&thief, &key).await, 0);
    let fields = [("old", crate::browser::PASSWORD), ("new", "wan-hu-dao-yi-sheng")];
    assert_eq!(me.post("/passport/password", &fields).await.code(), 0);
    assert!(!thief.is_logged_in().await);
    assert_eq!(status(&screen, &key).await, "expired");
    assert!(!screen.is_logged_in().await);
}
