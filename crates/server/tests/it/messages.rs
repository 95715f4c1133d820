//! Messages: their senders, retries, and the operators' list.

use crate::client::PASSWORD;
use crate::service::Service;
use crate::smtp_server::SmtpServer;
use guanxi_server::Settings;
use guanxi_server::config::{MessageSender, SecretText, SmtpEncryption};
use guanxi_server::jobs::sender;
use hmac::{Hmac, KeyInit, Mac};
use http::HeaderMap;
use serde_json::{Value, json};
use sha2::Sha256;
use std::path::Path;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Sends phones and mails to a folder.
pub(crate) fn to_folder(settings: &mut Settings, folder: &Path) {
    settings.mail_sender = MessageSender::Folder;
    settings.sms_sender = MessageSender::Folder;
    settings.message_folder = Some(folder.to_owned());
}

/// Sends mails to a server.
fn to_server(settings: &mut Settings, port: u16) {
    settings.mail_sender = MessageSender::Smtp;
    settings.smtp_host = Some("127.0.0.1".to_owned());
    settings.smtp_port = u32::from(port).try_into().unwrap();
    settings.smtp_encryption = SmtpEncryption::None;
    settings.mail_from = Some("Members <no-reply@example.cn>".to_owned());
}

async fn send(service: &Service) -> usize {
    sender::send_due_messages(&service.app).await.unwrap()
}

async fn waiting(service: &Service) -> Value {
    service.outbox().await["waiting"].take()
}

#[tokio::test]
async fn mail_is_sent_by_smtp() {
    let server = SmtpServer::start().await;
    let service = Service::with_settings(|settings| to_server(settings, server.port)).await;
    let browser = service.anonymous().with_header("accept-language", "en");
    browser.sign_up("新来的", &[("mail", "new@example.cn"), ("tel", "15312345056")]).await;
    assert_eq!(send(&service).await, 1, "phones have no sender");
    let mails = server.mails();
    assert_eq!(mails.len(), 1);
    let mail = &mails[0];
    assert_eq!((mail.from.as_str(), mail.to.as_str()), ("no-reply@example.cn", "new@example.cn"));
    assert!(mail.data.contains("Subject: Your verification code"), "{}", mail.data);
    assert!(mail.data.contains("Auto-Submitted: auto-generated"), "{}", mail.data);
    assert!(mail.data.contains("is your verification code"), "{}", mail.data);
    assert_eq!(send(&service).await, 0, "a sent message is deleted");
    let metrics = service.app.metrics.encode_text().unwrap();
    assert!(metrics.contains("guanxi_messages_total{outcome=\"sent\"} 1"), "{metrics}");
}

#[tokio::test]
async fn mail_survives_a_server_that_is_down_for_a_day() {
    let server = SmtpServer::start().await;
    let service = Service::with_settings(|settings| {
        to_server(settings, server.port);
        settings.start_time = Some("2026-01-15T12:00:00+08:00".parse().unwrap());
    })
    .await;
    let browser = service.anonymous();
    let mid = browser.sign_up("新来的", &[("mail", "new@example.cn")]).await;
    send(&service).await;
    service.verify_contacts(mid).await;
    let change = [("old", PASSWORD), ("new", "wan-hu-dao-yi-sheng")];
    assert_eq!(browser.post("/passport/password", &change).await.code(), 0);
    server.refuse(true);
    assert_eq!(send(&service).await, 1);
    let first = waiting(&service).await;
    assert_eq!(first[0]["to"], "new****@example.cn");
    assert_eq!((&first[0]["kind"], &first[0]["failures"]), (&json!("password_changed"), &json!(1)));
    assert_eq!(first[0]["error"], "refused with SMTP status 451");
    assert_eq!(send(&service).await, 0, "the next attempt is later");
    let soon = service.at_time("2026-01-15T12:01:00+08:00");
    assert_eq!(send(&soon).await, 1);
    server.refuse(false);
    let next_day = service.at_time("2026-01-16T12:00:00+08:00");
    assert_eq!(send(&next_day).await, 1);
    assert_eq!(waiting(&next_day).await, json!([]));
    let mails = server.mails();
    let changed: Vec<_> = mails.iter().filter(|mail| mail.data.contains("=?utf-8?b?")).collect();
    assert!(!changed.is_empty() && mails.len() == 2, "{} mails", mails.len());
    // The id is that of the waiting message.
    let id = first[0]["id"].as_str().unwrap();
    assert!(mails[1].data.contains(&format!("Message-ID: <{id}@example.cn>")), "{}", mails[1].data);
}

#[tokio::test]
async fn message_is_given_up_after_three_days() {
    let server = SmtpServer::start().await;
    let service = Service::with_settings(|settings| to_server(settings, server.port)).await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[("mail", "new@example.cn")]).await;
    send(&service).await;
    service.verify_contacts(61).await;
    server.refuse(true);
    let change = [("old", PASSWORD), ("new", "wan-hu-dao-yi-sheng")];
    assert_eq!(browser.post("/passport/password", &change).await.code(), 0);
    let later = service.at_time("2026-01-18T12:05:00+08:00");
    assert_eq!(send(&later).await, 1);
    assert_eq!(waiting(&later).await, json!([]));
    let metrics = later.app.metrics.encode_text().unwrap();
    assert!(metrics.contains("guanxi_messages_total{outcome=\"given_up\"} 1"), "{metrics}");
}

const SECRET: &str = "a secret of the operator";

/// Answers one request with a status. Returns its headers and its body.
async fn answer_one(listener: TcpListener, status: &str) -> (HeaderMap, String) {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut bytes = Vec::new();
    let (headers, body) = loop {
        let mut part = [0; 4096];
        let read = stream.read(&mut part).await.unwrap();
        bytes.extend(&part[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let headers: HeaderMap = head
            .lines()
            .skip(1)
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.parse::<http::HeaderName>().unwrap(), value.parse().unwrap()))
            .collect();
        let length: usize = headers["content-length"].to_str().unwrap().parse().unwrap();
        if body.len() >= length {
            break (headers, body.to_owned());
        }
    };
    stream.write_all(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await.unwrap();
    (headers, body)
}

#[tokio::test]
async fn connector_gets_signed_posts() {
    for (status, error) in [("204 No Content", None), ("503 Busy", Some("refused with HTTP status 503"))] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/messages", listener.local_addr().unwrap());
        let service = Service::with_settings(|settings| {
            settings.sms_sender = MessageSender::Http;
            settings.message_url = Some(url);
            settings.message_secret = Some(SecretText(SECRET.to_owned()));
        })
        .await;
        service.anonymous().sign_up("新来的", &[("tel", "15312345056")]).await;
        let (sent, (headers, body)) = tokio::join!(send(&service), answer_one(listener, status));
        assert_eq!(sent, 1);
        let header = |name: &str| headers[name].to_str().unwrap().to_owned();
        let (id, time) = (header("guanxi-message-id"), header("guanxi-timestamp"));
        let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
        let signature = mac.chain_update(format!("{id}.{time}.{body}")).finalize().into_bytes();
        assert_eq!(header("guanxi-signature"), guanxi_server::session_token::to_hex(&signature));
        let message: Value = serde_json::from_str(&body).unwrap();
        assert_eq!((&message["id"], &message["to"]), (&json!(id), &json!("15312345056")));
        assert_eq!((&message["channel"], &message["kind"]), (&json!("sms"), &json!("verification_code")));
        assert!(message["text"].as_str().unwrap().starts_with("验证码 "), "{message}");
        let left = waiting(&service).await;
        assert_eq!(left.get(0).map(|message| message["error"].as_str().unwrap()), error);
    }
}

#[tokio::test]
async fn sender_settings_are_checked_at_start() {
    let service = Service::new().await;
    let mail = |sender| move |settings: &mut Settings| settings.mail_sender = sender;
    assert_eq!(
        service.start_error(mail(MessageSender::Smtp)),
        "settings: smtp_host: the sender smtp needs it"
    );
    assert_eq!(
        service.start_error(mail(MessageSender::Http)),
        "settings: message_url: the sender http needs it"
    );
    assert_eq!(
        service.start_error(mail(MessageSender::Folder)),
        "settings: message_folder: the sender folder needs it"
    );
    let error = service.start_error(|settings| {
        settings.sms_sender = MessageSender::Http;
        settings.message_url = Some("https://sms.example.cn/".to_owned());
        settings.message_secret = Some(SecretText("short".to_owned()));
    });
    assert_eq!(error, "settings: message_secret: is shorter than 16 characters");
    let error = service.start_error(|settings| settings.sms_sender = MessageSender::Smtp);
    assert!(error.starts_with("settings: sms_sender: "), "{error}");
}

#[tokio::test]
async fn folder_shows_sent_messages_to_admins() {
    let folder = tempfile::tempdir().unwrap();
    let service = Service::with_settings(|settings| to_folder(settings, folder.path())).await;
    service.anonymous().sign_up("新来的", &[("tel", "15312345056")]).await;
    let before = service.outbox().await;
    assert_eq!((before["waiting"][0]["to"].as_str(), &before["sent"]), (Some("153*****056"), &json!([])));
    assert_eq!(send(&service).await, 1);
    let after = service.outbox().await;
    assert_eq!((&after["waiting"], after["sent"][0]["to"].as_str()), (&json!([]), Some("15312345056")));
    assert_eq!(after["sent"][0]["id"], before["waiting"][0]["id"]);
}
