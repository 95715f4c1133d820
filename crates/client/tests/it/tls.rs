//! Whom a client trusts with https.

use crate::mid;
use guanxi_api::api::relation::modify::{Modify, RelationAction, Source};
use guanxi_client::{Client, Error, Options, Retries};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

fn certificate() -> CertifiedKey<KeyPair> {
    generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap()
}

/// A service with https, and how many bytes of requests it has read when its first connection is over.
async fn secure(own: &CertifiedKey<KeyPair>) -> (String, tokio::task::JoinHandle<usize>) {
    let key = PrivateKeyDer::try_from(own.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![own.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else { return 0 };
        let Ok(count @ 1..) = stream.read(&mut [0; 4096]).await else { return 0 };
        let body = r#"{"code":0,"message":"0","ttl":1}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        count
    });
    (address, serving)
}

fn client(address: &str, authorities: String) -> Result<Client, Error> {
    let options = Options { authorities: Some(authorities), retries: Retries::NONE, ..Options::default() };
    Client::with(address, &options)
}

fn follow() -> Modify {
    Modify { fid: mid(2), act: RelationAction::Follow, re_src: Source::USUAL }
}

#[tokio::test]
async fn who_is_trusted_is_spoken_to() {
    let own = certificate();
    let (address, serving) = secure(&own).await;
    client(&address, own.cert.pem()).unwrap().send(&follow()).await.unwrap();
    assert!(serving.await.unwrap() > 0);
}

#[tokio::test]
async fn who_is_not_trusted_is_told_nothing() {
    let (address, serving) = secure(&certificate()).await;
    let error = client(&address, certificate().cert.pem()).unwrap().send(&follow()).await.unwrap_err();
    assert!(matches!(&error, Error::Unreachable(why) if why.contains("certificate")), "{error:?}");
    assert!(!error.may_have_happened());
    assert_eq!(serving.await.unwrap(), 0);
}

#[test]
fn authorities_that_are_none() {
    for pem in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let error = client("https://example.cn", pem.to_owned()).unwrap_err();
        assert!(error.to_string().contains("no certificates"), "{pem}: {error}");
    }
}
