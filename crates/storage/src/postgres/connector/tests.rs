//! Connections to a server with TLS. What `psql` gives is the expectation, beside a fixed table.

mod certificates;

use super::*;
use certificates::Files;
use futures_util::future::join_all;
use guanxi_test_postgres::{Schema, TcpServer};
use std::path::{Path, PathBuf};
use std::process::Command;

const MODES: [&str; 6] = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];

/// A time limit that no test reaches, even on a slow machine.
const LONG: Duration = Duration::from_mins(1);

const IS_ENCRYPTED: &str = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";

/// The users decide how a connection is accepted.
const ACCESS: &str = "local   all postgres                   trust
hostssl   all tls_only         127.0.0.1/32 trust
hostnossl all plain_only       127.0.0.1/32 trust
hostssl   all with_certificate 127.0.0.1/32 trust clientcert=verify-ca
host      all with_password    127.0.0.1/32 scram-sha-256
host      all anyone,reader    127.0.0.1/32 trust";

/// Parameters of a connection, and the result for each of [`MODES`]: `p` plain, `t` TLS, `-` failure.
type Row = (&'static str, &'static str);

/// Rows of a server whose certificate is right. It asks for client certificates.
const GOOD_SERVER: &[Row] = &[
    ("sslrootcert=root.crt", "pptttt"),
    ("sslrootcert=root.crt host=wrong.example.cn", "ppttt-"),
    ("sslrootcert=root.crt host=127.0.0.1", "ppttt-"),
    ("sslrootcert=other.crt", "ppp---"),
    ("sslrootcert=broken.crt", "ppp---"),
    ("sslrootcert=absent.crt", "pptt--"),
    ("", "pptt--"),
    ("home=trusting", "pptttt"),
    ("home=suspicious", "ppp---"),
    // The server accepts TLS only, or plain connections only.
    ("user=tls_only sslrootcert=root.crt", "-ttttt"),
    ("user=tls_only sslrootcert=other.crt", "------"),
    ("user=plain_only sslrootcert=root.crt", "ppp---"),
    ("user=nobody sslrootcert=root.crt", "------"),
    // Client certificates.
    ("user=with_certificate sslrootcert=root.crt", "------"),
    ("user=with_certificate sslrootcert=root.crt sslcert=client.crt sslkey=client.key", "-ttttt"),
    ("user=with_certificate sslrootcert=root.crt sslcert=absent.crt", "------"),
    ("user=with_certificate home=certified", "-ttttt"),
    ("sslrootcert=root.crt sslcert=client.crt sslkey=client.key", "pptttt"),
    ("sslrootcert=root.crt sslcert=unknown.crt sslkey=unknown.key", "pp----"),
    ("sslrootcert=root.crt sslcert=client.crt", "ppp---"),
    ("sslrootcert=root.crt sslcert=client.crt sslkey=absent.key", "ppp---"),
    ("sslrootcert=root.crt sslcert=client.crt sslkey=shared.key", "ppp---"),
    ("sslrootcert=root.crt sslcert=client.crt sslkey=unknown.key", "ppp---"),
    ("sslrootcert=root.crt sslcert=broken.crt sslkey=client.key", "ppp---"),
    // Revoked certificates.
    ("sslrootcert=root.crt sslcrl=valid.crl", "pptttt"),
    ("sslrootcert=root.crt sslcrl=revoked.crl", "ppp---"),
    ("sslcrl=revoked.crl", "pptt--"),
    // Channel binding.
    ("user=with_password password=secret sslrootcert=root.crt", "pptttt"),
    ("user=with_password password=secret sslrootcert=root.crt channel_binding=disable", "pptttt"),
    ("user=with_password password=secret sslrootcert=root.crt channel_binding=require", "--tttt"),
    ("user=with_password password=wrong sslrootcert=root.crt", "------"),
    ("user=anyone sslrootcert=root.crt channel_binding=require", "------"),
    // The session.
    ("sslrootcert=root.crt target_session_attrs=read-write", "pptttt"),
    ("sslrootcert=root.crt target_session_attrs=read-only", "------"),
    ("sslrootcert=root.crt target_session_attrs=primary", "pptttt"),
    ("sslrootcert=root.crt target_session_attrs=standby", "------"),
    ("sslrootcert=root.crt target_session_attrs=prefer-standby", "pptttt"),
    ("user=reader sslrootcert=root.crt target_session_attrs=read-write", "------"),
    ("user=reader sslrootcert=root.crt target_session_attrs=read-only", "pptttt"),
];

const EXPIRED_SERVER: &[Row] = &[("sslrootcert=root.crt", "ppp---"), ("", "pptt--")];

/// Rows of a server whose certificate is self-signed, that of an authority, and has no alternative name.
const SELF_SIGNED_SERVER: &[Row] = &[
    ("sslrootcert=self_signed.crt", "pptttt"),
    ("sslrootcert=self_signed.crt host=wrong.example.cn", "ppttt-"),
    ("sslrootcert=root.crt", "ppp---"),
    ("", "pptt--"),
];

const EXPIRED_SELF_SIGNED_SERVER: &[Row] = &[("sslrootcert=expired_self_signed.crt", "ppp---")];

const PLAIN_SERVER: &[Row] = &[("sslrootcert=root.crt", "ppp---"), ("", "ppp---")];

/// A server with certificates, and the files of its clients.
struct TlsServer {
    server: TcpServer,
    files: Files,
}

impl TlsServer {
    async fn start() -> Option<TlsServer> {
        let tls_server = TlsServer { server: TcpServer::start()?, files: Files::create() };
        let server = &tls_server.server;
        for (name, text) in &tls_server.files.of_server {
            server.write_file(name, text).await;
        }
        server.write_file("pg_hba.conf", ACCESS).await;
        server
            .execute(
                "create role anyone login; create role tls_only login; create role plain_only login;
                 create role with_certificate login; create role reader login;
                 alter role reader set default_transaction_read_only = on;
                 create role with_password login password 'secret'",
            )
            .await;
        Some(tls_server)
    }

    async fn configure(&self, certificate: &str) {
        let [certificate, key] = ["crt", "key"].map(|ending| format!("{certificate}.{ending}"));
        let settings = [
            ("ssl_ca_file", "root.crt"),
            ("ssl_cert_file", &certificate),
            ("ssl_key_file", &key),
            ("ssl", "on"),
        ];
        self.server.configure(&settings).await;
    }

    /// Returns the text of the parameters, and the home folder. A file name becomes a path.
    fn parameters(&self, mode: &str, row: &str) -> (String, PathBuf) {
        let port = self.server.port();
        let mut pairs = vec![format!(
            "host=localhost hostaddr=127.0.0.1 port={port} user=anyone dbname=postgres sslmode={mode}"
        )];
        let (folder, mut home) = (self.files.folder.path(), "empty");
        for pair in row.split_whitespace() {
            match pair.split_once('=').unwrap() {
                ("home", name) => home = name,
                (name @ ("sslrootcert" | "sslcert" | "sslkey" | "sslcrl"), file) => {
                    pairs.push(format!("{name}='{}'", folder.join(file).display()));
                }
                _ => pairs.push(pair.to_owned()),
            }
        }
        (pairs.join(" "), folder.join(home))
    }

    /// Asserts the results of rows, of this program and of `psql`.
    async fn assert_rows(&self, server: &str, rows: &[Row]) {
        let psql = self.server.program("psql");
        let cells = rows.iter().flat_map(|(row, results)| {
            MODES.iter().zip(results.chars()).map(move |(mode, result)| (*row, *mode, result))
        });
        let results = join_all(cells.map(async |(row, mode, expected)| {
            let (parameters, home) = self.parameters(mode, row);
            let own = own_result(&parameters, &home).await;
            let by_psql = match psql.clone() {
                Some(psql) => {
                    let run = move || psql_result(&psql, &parameters, &home);
                    Some(tokio::task::spawn_blocking(run).await.unwrap())
                }
                None => None,
            };
            let is_expected =
                own.0 == expected && by_psql.as_ref().is_none_or(|(result, _)| *result == expected);
            (!is_expected).then(|| {
                format!("{server} server, {row} sslmode={mode}: expected {expected}, got {own:?}, psql {by_psql:?}")
            })
        }))
        .await;
        let wrong: Vec<String> = results.into_iter().flatten().collect();
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

async fn connect(parameters: &str, home: &Path) -> Result<Session, Box<dyn Error>> {
    let home = home.to_str().map(str::to_owned);
    let config = DatabaseConfig::parse(parameters, |name| home.clone().filter(|_| name == "HOME"))?;
    Ok(Connector::new(config, LONG, String::new())?.connect().await?)
}

async fn own_result(parameters: &str, home: &Path) -> (char, String) {
    match connect(parameters, home).await {
        Ok((client, _task)) => {
            let is_encrypted: bool = client.query_one(IS_ENCRYPTED, &[]).await.unwrap().get(0);
            (if is_encrypted { 't' } else { 'p' }, String::new())
        }
        Err(error) => ('-', error.to_string()),
    }
}

fn psql_result(psql: &Path, parameters: &str, home: &Path) -> (char, String) {
    let mut command = Command::new(psql);
    let output =
        command.env_clear().env("HOME", home).args(["-XAtqc", IS_ENCRYPTED, parameters]).output().unwrap();
    match output.stdout.first() {
        Some(b't') => ('t', String::new()),
        Some(b'f') => ('p', String::new()),
        _ => ('-', String::from_utf8_lossy(&output.stderr).into_owned()),
    }
}

/// Parses parameters whose `FOLDER` is the folder of the files.
fn connector(files: &Files, parameters: &str) -> Result<Connector, OpenError> {
    let text = parameters.replace("FOLDER", files.folder.path().to_str().unwrap());
    Connector::new(DatabaseConfig::parse(&text, |_| None).unwrap(), LONG, String::new())
}

#[test]
fn unusable_file_is_reported_with_its_parameter() {
    let files = Files::create();
    for (parameters, message) in [
        (
            "sslmode=verify-full",
            "sslmode=verify-full needs root certificates: set sslrootcert to a file or to system",
        ),
        (
            "sslmode=verify-ca sslrootcert=FOLDER/absent.crt",
            "sslmode=verify-ca needs root certificates, but sslrootcert FOLDER/absent.crt does not exist",
        ),
        ("sslmode=require sslrootcert=FOLDER/broken.crt", "sslrootcert FOLDER/broken.crt cannot be read: "),
        ("sslmode=require sslrootcert=FOLDER/client.key", "sslrootcert FOLDER/client.key has no certificate"),
        (
            "sslmode=require sslcert=FOLDER/client.crt",
            "sslcert FOLDER/client.crt needs a private key: set sslkey",
        ),
        (
            "sslmode=require sslcert=FOLDER/client.crt sslkey=FOLDER/absent.key",
            "sslkey FOLDER/absent.key is no file",
        ),
        (
            "sslmode=require sslcert=FOLDER/client.crt sslkey=FOLDER/shared.key",
            "sslkey FOLDER/shared.key can be read by other users",
        ),
        (
            "sslmode=require sslcert=FOLDER/client.crt sslkey=FOLDER/unknown.key",
            "sslcert FOLDER/client.crt and sslkey FOLDER/unknown.key do not belong together: ",
        ),
    ] {
        let Err(OpenError::Database(error)) = connector(&files, &format!("host=db {parameters}")) else {
            panic!("{parameters}: it is usable");
        };
        let message = message.replace("FOLDER", files.folder.path().to_str().unwrap());
        assert!(error.to_string().starts_with(&message), "{parameters}: {error}");
        // A socket of this machine uses no TLS, and so no file.
        assert!(connector(&files, &format!("host=/tmp {parameters}")).is_ok(), "{parameters}");
    }
}

#[test]
fn changed_file_is_read_again() {
    let files = Files::create();
    let connector = connector(&files, "host=db sslmode=verify-ca sslrootcert=FOLDER/root.crt").unwrap();
    let first = connector.tls.client_config().unwrap();
    assert!(Arc::ptr_eq(&first, &connector.tls.client_config().unwrap()));
    let path = files.folder.path().join("root.crt");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, format!("{text}\n{text}")).unwrap();
    let second = connector.tls.client_config().unwrap();
    assert!(!Arc::ptr_eq(&first, &second));
    std::fs::write(&path, "").unwrap();
    assert!(connector.tls.client_config().is_err());
    std::fs::remove_file(&path).unwrap();
    assert!(connector.tls.client_config().is_err());
}

#[tokio::test]
async fn failure_of_several_servers_names_each() {
    let free_port = || std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let [first, second] = [(), ()].map(|()| free_port());
    let parameters = format!("host=127.0.0.1,127.0.0.1 port={first},{second}");
    let error = connect(&parameters, Path::new("/")).await.unwrap_err().to_string();
    let start = format!("the database is unavailable: 127.0.0.1:{first}: error connecting to server: ");
    assert!(error.starts_with(&start), "{error}");
    assert!(error.contains(&format!("; 127.0.0.1:{second}: error connecting to server: ")), "{error}");
}

#[tokio::test]
async fn server_that_rejects_the_setup_is_unavailable() {
    let Some(schema) = Schema::create().await else { return };
    let config = DatabaseConfig::parse(&schema.url(), |_| None).unwrap();
    let connector = Connector::new(config, LONG, "set nothing = 1".to_owned()).unwrap();
    let error = connector.connect().await.unwrap_err();
    assert!(matches!(error, StorageError::Unavailable(_)), "{error:?}");
}

#[tokio::test]
async fn connections_are_as_secure_as_those_of_psql() {
    let Some(server) = TlsServer::start().await else { return };
    server.assert_rows("plain", PLAIN_SERVER).await;
    for (certificate, rows) in [
        ("good", GOOD_SERVER),
        ("expired", EXPIRED_SERVER),
        ("self_signed", SELF_SIGNED_SERVER),
        ("expired_self_signed", EXPIRED_SELF_SIGNED_SERVER),
    ] {
        server.configure(certificate).await;
        server.assert_rows(certificate, rows).await;
    }
}
