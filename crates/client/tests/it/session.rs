//! Cookies: stored, sent, restored, expired.

use crate::fake_server::{FakeServer, error, success_without_data};
use crate::mid;
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::login::confirm_qr_code::ConfirmQrCode;
use guanxi_api::login::create_qr_code::CreateQrCode;
use guanxi_api::login::log_in::LogIn;
use guanxi_api::login::log_out::LogOut;
use guanxi_api::login::poll_qr_code::{PollQrCode, QrCodeStatus};
use guanxi_api::login::scan_qr_code::ScanQrCode;
use guanxi_api::login::sign_up::SignUp;
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::{Client, Cookies};
use guanxi_test_server::TestServer;
use guanxi_types::{ErrorCode, RelationAction, RelationSource, Secret};

fn password() -> Secret {
    Secret("chang-an-yi-pian-yue".to_owned())
}

#[tokio::test]
async fn cookies_last_from_sign_up_to_log_out() {
    let server = TestServer::start().await;
    let client = Client::new(&server.address).unwrap();
    assert_eq!(client.cookies(), None);
    let signup = SignUp { uname: "小甲".to_owned(), password: password(), tel: None, mail: None };
    let me = client.send(&signup).await.unwrap().mid;
    let clone = client.clone();
    assert_eq!(clone.send(&GetAccount {}).await.unwrap().mid, me, "clones share the login");

    let saved = serde_json::to_string(&client.cookies().unwrap()).unwrap();
    let cookies: Cookies = serde_json::from_str(&saved).unwrap();
    assert!(cookies.buvid3.ends_with("infoc"));
    let restored = Client::new(&server.address).unwrap().with_cookies(cookies);
    let follow = ModifyRelation { fid: mid(1), act: RelationAction::Follow, re_src: RelationSource::DEFAULT };
    restored.send(&follow).await.unwrap();

    // A login within a session sends its csrf, and replaces that session.
    client.send(&LogIn { account: Secret("小甲".to_owned()), password: password() }).await.unwrap();
    assert_ne!(client.cookies(), restored.cookies());
    client.send(&LogOut {}).await.unwrap();
    assert_eq!((client.cookies(), clone.cookies()), (None, None));
    assert_eq!(client.send(&GetAccount {}).await.unwrap_err().code(), Some(ErrorCode::NotLoggedIn));
    let replaced = restored.send(&GetAccount {}).await.unwrap_err();
    assert_eq!(replaced.code(), Some(ErrorCode::NotLoggedIn), "a login ends the session that it replaces");
}

#[tokio::test]
async fn qr_code_logs_in_its_requester_only() {
    let server = TestServer::start().await;
    let (me, screen) = (server.member(7).await, Client::new(&server.address).unwrap());
    let key = screen.send(&CreateQrCode {}).await.unwrap().key;
    let poll = PollQrCode { key: key.clone() };
    assert_eq!(screen.send(&poll).await.unwrap().status, QrCodeStatus::Waiting);
    me.send(&ScanQrCode { key: key.clone() }).await.unwrap();
    assert_eq!(screen.send(&poll).await.unwrap().status, QrCodeStatus::Scanned);
    me.send(&ConfirmQrCode { key }).await.unwrap();
    let thief = Client::new(&server.address).unwrap();
    assert_eq!(thief.send(&poll).await.unwrap().status, QrCodeStatus::Expired);
    assert_eq!(screen.send(&poll).await.unwrap().mid, Some(mid(7)));
    assert_eq!(screen.send(&GetAccount {}).await.unwrap().mid, mid(7));
    assert_eq!(screen.send(&poll).await.unwrap().status, QrCodeStatus::Expired, "the code is used up");
}

#[tokio::test]
async fn request_has_cookies_csrf_and_user_agent() {
    let set = ["set-cookie: SESSDATA=s; Path=/; HttpOnly", "set-cookie: bili_jct=c", "set-cookie: other=o"];
    let fake =
        FakeServer::start(vec![success_without_data(&set), success_without_data(&[]), error(200, -404, &[])])
            .await;
    let client = Client::new(&fake.address).unwrap();
    let follow = ModifyRelation { fid: mid(1), act: RelationAction::Follow, re_src: RelationSource::DEFAULT };
    client.send(&follow).await.unwrap();
    client.send(&follow).await.unwrap();
    client.send(&GetRelationCounters { vmid: mid(1) }).await.unwrap_err();
    let [first, write, read] = fake.requests().try_into().unwrap();
    assert!(!first.contains("cookie:") && first.ends_with("\r\n\r\nfid=1&act=1&re_src=11"), "{first}");
    assert!(write.contains("cookie: SESSDATA=s; bili_jct=c\r\n"), "{write}");
    assert!(write.ends_with("\r\n\r\nfid=1&act=1&re_src=11&csrf=c"), "{write}");
    assert!(read.contains("cookie: SESSDATA=s; bili_jct=c\r\n") && !read.contains("csrf"), "{read}");
    assert!(read.contains("user-agent: guanxi-client/"), "{read}");
}

#[test]
fn debug_output_hides_cookies() {
    let text = r#"{"SESSDATA":"secret","bili_jct":"secret","DedeUserID":"7","buvid3":"secret"}"#;
    let client = Client::new("http://127.0.0.1:1").unwrap().with_cookies(serde_json::from_str(text).unwrap());
    assert_eq!(
        format!("{client:?} {:?}", client.cookies().unwrap()),
        "Client of http://127.0.0.1:1 Cookies of 7"
    );
}

#[tokio::test]
async fn invalid_cookie_is_not_sent() {
    let text = r#"{"SESSDATA":"a\nb","bili_jct":"","DedeUserID":"","buvid3":""}"#;
    let client = Client::new("http://127.0.0.1:1").unwrap().with_cookies(serde_json::from_str(text).unwrap());
    let error = client.send(&GetAccount {}).await.unwrap_err();
    assert!(matches!(error, guanxi_client::Error::InvalidInput(_)), "{error:?}");
}
