//! Trusted certificates of https.

use crate::mid;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_client::{Client, Error, Options, RetryPolicy};
use guanxi_types::{RelationAction, RelationSource};
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

/// Starts an https server. The task returns the number of request bytes of its first connection.
async fn start_https(certificate: &CertifiedKey<KeyPair>) -> (String, tokio::task::JoinHandle<usize>) {
    let key = PrivateKeyDer::try_from(certificate.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("https://{}", listener.local_addr().unwrap());
    let task = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let Ok(mut stream) = TlsAcceptor::from(Arc::new(config)).accept(stream).await else { return 0 };
        let Ok(count @ 1..) = stream.read(&mut [0; 4096]).await else { return 0 };
        let body = r#"{"code":0,"message":"0","ttl":1}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
        stream.shutdown().await.unwrap();
        count
    });
    (address, task)
}

fn client(address: &str, root_certificates: String) -> Result<Client, Error> {
    let options = Options {
        root_certificates: Some(root_certificates),
        retries: RetryPolicy::NONE,
        ..Options::default()
    };
    Client::with_options(address, &options)
}

fn follow() -> ModifyRelation {
    ModifyRelation { fid: mid(2), act: RelationAction::Follow, re_src: RelationSource::DEFAULT }
}

#[tokio::test]
async fn trusted_certificate_connects() {
    let certificate = certificate();
    let (address, task) = start_https(&certificate).await;
    client(&address, certificate.cert.pem()).unwrap().send(&follow()).await.unwrap();
    assert!(task.await.unwrap() > 0);
}

#[tokio::test]
async fn untrusted_certificate_receives_no_request() {
    let (address, task) = start_https(&certificate()).await;
    let error = client(&address, certificate().cert.pem()).unwrap().send(&follow()).await.unwrap_err();
    assert!(matches!(&error, Error::Unreachable(reason) if reason.contains("certificate")), "{error:?}");
    assert!(!error.may_have_happened());
    assert_eq!(task.await.unwrap(), 0);
}

#[test]
fn invalid_root_certificates_are_rejected() {
    for pem in ["", "no PEM", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let error = client("https://example.cn", pem.to_owned()).unwrap_err();
        assert!(error.to_string().contains("root certificates are invalid"), "{pem}: {error}");
    }
}
