use super::*;
use std::collections::HashMap;
use tokio_postgres::config::Host;

fn parse(text: &str, environment: &[(&str, &str)]) -> Result<DatabaseConfig, ConfigError> {
    let environment: HashMap<&str, &str> = environment.iter().copied().collect();
    DatabaseConfig::parse(text, |name| environment.get(name).map(|value| (*value).to_owned()))
}

/// Describes the first server as `USER:PASSWORD@HOST[ADDRESS]:PORT/DATABASE`, without what is absent.
fn describe(config: &DatabaseConfig) -> String {
    let describe = |server: &Config| {
        let host = match server.get_hosts() {
            [Host::Tcp(host)] => host.clone(),
            [Host::Unix(folder)] => folder.display().to_string(),
            hosts => panic!("{hosts:?}"),
        };
        let password = server.get_password().map(|bytes| format!(":{}", String::from_utf8_lossy(bytes)));
        let address = server.get_hostaddrs().first().map(|address| format!("[{address}]"));
        format!(
            "{}{}@{host}{}:{}/{}",
            server.get_user().unwrap_or_default(),
            password.unwrap_or_default(),
            address.unwrap_or_default(),
            server.get_ports()[0],
            server.get_dbname().unwrap_or_default()
        )
    };
    config.servers.iter().map(describe).collect::<Vec<_>>().join(" ")
}

#[test]
fn address_forms_give_their_servers() {
    for (text, servers) in [
        ("postgres://guanxi:PASS@db.example.cn:5433/community", "guanxi:PASS@db.example.cn:5433/community"),
        ("postgresql://guanxi@db/", "guanxi@db:5432/"),
        ("postgres://g%40:p%2F%3A%3F@%2Ftmp%2Fsocket/a%20b", "g@:p/:?@/tmp/socket:5432/a b"),
        ("postgres://g:p:q?r@db?dbname=x", "g:p:q?r@db:5432/x"),
        ("postgres://db/?user=a@b&password=c=d", "a@b:c=d@db:5432/"),
        ("postgres://[::1]:5433,[::2]/x", "@::1:5433/x @::2:5432/x"),
        ("postgres://a:1,b,c:3/x", "@a:1/x @b:5432/x @c:3/x"),
        ("postgres:///x?host=/tmp/socket", "@/tmp/socket:5432/x"),
        ("postgres:///x?host=a,b&port=5433", "@a:5433/x @b:5433/x"),
        ("postgres://a,b/x?hostaddr=10.0.0.1,::1", "@a[10.0.0.1]:5432/x @b[::1]:5432/x"),
        ("postgres:///x?hostaddr=10.0.0.1", "@10.0.0.1[10.0.0.1]:5432/x"),
        ("host=db user = guanxi  port=5433 ", "guanxi@db:5433/"),
        (r"host=db password='it\'s \\ two' user=a\ b dbname=", r"a b:it's \ two@db:5432/"),
        ("host=a host=b", "@b:5432/"),
    ] {
        assert_eq!(describe(&parse(text, &[]).unwrap()), servers, "{text}");
    }
    let default = describe(&parse("postgres://", &[]).unwrap());
    assert!(["@/var/run/postgresql:5432/", "@/tmp:5432/"].contains(&default.as_str()), "{default}");
}

#[test]
fn url_wins_over_environment_and_environment_over_default() {
    let environment = [
        ("PGHOST", "env"),
        ("PGPORT", "6000"),
        ("PGUSER", "env_user"),
        ("PGPASSWORD", "env_password"),
        ("PGDATABASE", "env_database"),
        ("PGAPPNAME", "env_name"),
        ("PGSSLMODE", "require"),
        ("PGSSLROOTCERT", "/env/root.crt"),
        ("PGSSLCERT", "/env/client.crt"),
        ("PGSSLKEY", "/env/client.key"),
        ("PGCHANNELBINDING", "require"),
        ("PGTARGETSESSIONATTRS", "read-write"),
        ("PGCONNECT_TIMEOUT", "7"),
        ("HOME", "/home/guanxi"),
    ];
    let config = parse("postgres://", &environment).unwrap();
    assert_eq!(describe(&config), "env_user:env_password@env:6000/env_database");
    assert_eq!((config.ssl_mode, config.session_target), (SslMode::Require, SessionTarget::ReadWrite));
    let server = &config.servers[0];
    assert_eq!(server.get_application_name(), Some("env_name"));
    assert_eq!(server.get_channel_binding(), tokio_postgres::config::ChannelBinding::Require);
    assert_eq!(server.get_connect_timeout(), Some(&Duration::from_secs(7)));
    let files = |roots: &str, certificate: &str, key: &str| TlsFiles {
        roots: Roots::File(Some(roots.into())),
        revocations: Some("/home/guanxi/.postgresql/root.crl".into()),
        certificate: Some(certificate.into()),
        key: Some(key.into()),
    };
    assert_eq!(config.tls_files, files("/env/root.crt", "/env/client.crt", "/env/client.key"));

    let url = "postgres://user:password@url:5433/database?sslmode=verify-ca&sslrootcert=/url/root.crt\
               &application_name=name&target_session_attrs=any&sslcert=/url.crt&sslkey=/url.key";
    let config = parse(url, &environment).unwrap();
    assert_eq!(describe(&config), "user:password@url:5433/database");
    assert_eq!((config.ssl_mode, config.session_target), (SslMode::VerifyCa, SessionTarget::Any));
    assert_eq!(config.servers[0].get_application_name(), Some("name"));
    assert_eq!(config.tls_files, files("/url/root.crt", "/url.crt", "/url.key"));

    let config = parse("postgres://", &[("HOME", "/home/guanxi"), ("PGSSLMODE", "")]).unwrap();
    assert_eq!((config.ssl_mode, config.session_target), (SslMode::Prefer, SessionTarget::Any));
    assert_eq!(config.servers[0].get_application_name(), Some("guanxi"));
    let folder = "/home/guanxi/.postgresql/";
    let [roots, certificate, key] =
        ["root.crt", "postgresql.crt", "postgresql.key"].map(|name| format!("{folder}{name}"));
    assert_eq!(config.tls_files, files(&roots, &certificate, &key));
    assert_eq!(parse("postgres://", &[]).unwrap().tls_files.roots, Roots::File(None));
}

#[test]
fn system_roots_imply_full_verification() {
    for (text, mode) in [
        ("postgres://db?sslrootcert=system", Some(SslMode::VerifyFull)),
        ("postgres://db?sslrootcert=system&sslmode=verify-full", Some(SslMode::VerifyFull)),
        ("postgres://db?sslrootcert=system&sslmode=verify-ca", None),
        ("postgres://db?sslrootcert=system&sslmode=require", None),
    ] {
        match parse(text, &[]) {
            Ok(config) => assert_eq!((Some(config.ssl_mode), config.tls_files.roots), (mode, Roots::System)),
            Err(error) => {
                assert!(mode.is_none() && matches!(error, ConfigError::WeakMode), "{text}: {error}");
            }
        }
    }
}

#[test]
fn invalid_address_names_its_parameter_but_no_password() {
    for (text, message) in [
        (
            "postgres://db?sslmode=verify_full",
            "sslmode has the unknown value \"verify_full\", known are disable, allow, prefer, require, \
             verify-ca, verify-full",
        ),
        (
            "postgres://db?target_session_attrs=writable",
            "target_session_attrs has the unknown value \"writable\", known are any, read-write, read-only, \
             primary, standby, prefer-standby",
        ),
        ("postgres://db?sslpassword=SECRET", "unknown option `sslpassword`"),
        ("postgres://db?channel_binding=always", "invalid value for option `channel_binding`"),
        ("postgres://db?gssencmode=require", "gssencmode=require is not supported"),
        ("postgres://u:SECRET%FF@db", "password is no UTF-8 after percent-decoding"),
        ("postgres://u:SEC/RET@db", "port is invalid"),
        ("postgres://[::1/db", "host is invalid"),
        ("postgres://db?hostaddr=db", "hostaddr is invalid"),
        ("postgres://a,b?hostaddr=::1", "hostaddr must have one entry, or as many entries as host"),
        ("host=a,b,c port=1,2", "port must have one entry, or as many entries as host"),
        ("host=a password='SECRET", "a parameter has no value, or its quote is not closed"),
        ("mysql://db?sslmode=require", "it must begin with postgres://"),
        ("db.example.cn", "a parameter has no value, or its quote is not closed"),
    ] {
        assert_eq!(parse(text, &[]).expect_err(text).to_string(), message, "{text}");
    }
}

#[test]
fn password_file_serves_each_host() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(".pgpass");
    std::fs::write(&path, "a:5432:*:*:first\nb:5432:x:guanxi:second\nlocalhost:*:*:*:socket\n").unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let home = home.path().to_str().unwrap();
    for (text, servers) in [
        ("postgres://guanxi@a,b,c/x", "guanxi:first@a:5432/x guanxi:second@b:5432/x guanxi@c:5432/x"),
        ("postgres://guanxi:given@a/x", "guanxi:given@a:5432/x"),
        ("postgres://guanxi@%2Ftmp/x", "guanxi:socket@/tmp:5432/x"),
        ("postgres://guanxi@b/x?passfile=/absent", "guanxi@b:5432/x"),
    ] {
        assert_eq!(describe(&parse(text, &[("HOME", home)]).unwrap()), servers, "{text}");
    }
}
