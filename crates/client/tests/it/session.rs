//! Cookies: set, kept, told, taken back.

use crate::fake::{Fake, denied, written};
use crate::mid;
use guanxi_api::api::member::web::account::Account;
use guanxi_api::api::passport::login::LogIn;
use guanxi_api::api::passport::logout::LogOut;
use guanxi_api::api::passport::qrcode::confirm::{ConfirmQr, ScanQr};
use guanxi_api::api::passport::qrcode::{DrawQr, PollQr, Status};
use guanxi_api::api::passport::signup::SignUp;
use guanxi_api::api::relation::modify::{Modify, RelationAction, Source};
use guanxi_api::api::relation::stat::RelationStat;
use guanxi_api::param::Secret;
use guanxi_client::{Client, Cookies};
use guanxi_test_server::Sample;
use guanxi_types::ErrorCode;

fn password() -> Secret {
    Secret("chang-an-yi-pian-yue".to_owned())
}

#[tokio::test]
async fn from_a_signup_to_a_logout() {
    let sample = Sample::serve().await;
    let client = Client::new(&sample.address).unwrap();
    assert_eq!(client.cookies(), None);
    let signup = SignUp { uname: "小甲".to_owned(), password: password(), tel: None, mail: None };
    let me = client.send(&signup).await.unwrap().mid;
    let clone = client.clone();
    assert_eq!(clone.send(&Account {}).await.unwrap().mid, me, "clones share the login");

    let kept = serde_json::to_string(&client.cookies().unwrap()).unwrap();
    let cookies: Cookies = serde_json::from_str(&kept).unwrap();
    assert!(cookies.buvid3.ends_with("infoc"));
    let restored = Client::new(&sample.address).unwrap().logged_in(cookies);
    let follow = Modify { fid: mid(1), act: RelationAction::Follow, re_src: Source::USUAL };
    restored.send(&follow).await.unwrap();

    // Who is logged in knocks with csrf, and is somebody's new session then.
    client.send(&LogIn { account: Secret("小甲".to_owned()), password: password() }).await.unwrap();
    assert_ne!(client.cookies(), restored.cookies());
    client.send(&LogOut {}).await.unwrap();
    assert_eq!((client.cookies(), clone.cookies()), (None, None));
    assert_eq!(client.send(&Account {}).await.unwrap_err().code(), Some(ErrorCode::NotLoggedIn));
    let replaced = restored.send(&Account {}).await.unwrap_err();
    assert_eq!(replaced.code(), Some(ErrorCode::NotLoggedIn), "a login ends the session that it replaces");
}

#[tokio::test]
async fn a_code_logs_in_who_asked_for_it() {
    let sample = Sample::serve().await;
    let (me, screen) = (sample.member(7).await, Client::new(&sample.address).unwrap());
    let key = screen.send(&DrawQr {}).await.unwrap().key;
    let poll = PollQr { key: key.clone() };
    assert_eq!(screen.send(&poll).await.unwrap().status, Status::Waiting);
    me.send(&ScanQr { key: key.clone() }).await.unwrap();
    assert_eq!(screen.send(&poll).await.unwrap().status, Status::Scanned);
    me.send(&ConfirmQr { key }).await.unwrap();
    let thief = Client::new(&sample.address).unwrap();
    assert_eq!(thief.send(&poll).await.unwrap().status, Status::Expired);
    assert_eq!(screen.send(&poll).await.unwrap().mid, Some(mid(7)));
    assert_eq!(screen.send(&Account {}).await.unwrap().mid, mid(7));
    assert_eq!(screen.send(&poll).await.unwrap().status, Status::Expired, "it was used");
}

#[tokio::test]
async fn what_goes_with_a_request() {
    let set = ["set-cookie: SESSDATA=s; Path=/; HttpOnly", "set-cookie: bili_jct=c", "set-cookie: other=o"];
    let fake = Fake::new(vec![written(&set), written(&[]), denied(200, -404, &[])]).await;
    let client = Client::new(&fake.address).unwrap();
    let follow = Modify { fid: mid(1), act: RelationAction::Follow, re_src: Source::USUAL };
    client.send(&follow).await.unwrap();
    client.send(&follow).await.unwrap();
    client.send(&RelationStat { vmid: mid(1) }).await.unwrap_err();
    let [first, write, read] = fake.requests().try_into().unwrap();
    assert!(!first.contains("cookie:") && first.ends_with("\r\n\r\nfid=1&act=1&re_src=11"), "{first}");
    assert!(write.contains("cookie: SESSDATA=s; bili_jct=c\r\n"), "{write}");
    assert!(write.ends_with("\r\n\r\nfid=1&act=1&re_src=11&csrf=c"), "{write}");
    assert!(read.contains("cookie: SESSDATA=s; bili_jct=c\r\n") && !read.contains("csrf"), "{read}");
    assert!(read.contains("user-agent: guanxi-client/"), "{read}");
}

#[test]
fn a_client_does_not_show_its_cookies() {
    let text = r#"{"SESSDATA":"secret","bili_jct":"secret","DedeUserID":"7","buvid3":"secret"}"#;
    let client = Client::new("http://127.0.0.1:1").unwrap().logged_in(serde_json::from_str(text).unwrap());
    assert_eq!(
        format!("{client:?} {:?}", client.cookies().unwrap()),
        "Client of http://127.0.0.1:1 Cookies of 7"
    );
}

#[tokio::test]
async fn a_cookie_that_is_none_is_not_sent() {
    let text = r#"{"SESSDATA":"a\nb","bili_jct":"","DedeUserID":"","buvid3":""}"#;
    let client = Client::new("http://127.0.0.1:1").unwrap().logged_in(serde_json::from_str(text).unwrap());
    let error = client.send(&Account {}).await.unwrap_err();
    assert!(matches!(error, guanxi_client::Error::Wrong(_)), "{error:?}");
}
