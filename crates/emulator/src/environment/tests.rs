use super::format::{quote_fish, quote_powershell, quote_sh};
use super::*;
use proptest::prelude::*;
use std::collections::HashMap;
use std::process::Command;

fn files(folder: &str) -> AuthorityFiles {
    let folder = Path::new(folder);
    AuthorityFiles { pem: folder.join("ca.pem"), java_trust_store: folder.join("ca.p12") }
}

fn environment(
    proxy: &str,
    community: &str,
    folder: &str,
    java_options: Option<&str>,
) -> Result<Environment, InvalidVariable> {
    Environment::new(&Facts {
        proxy: proxy.parse().unwrap(),
        community: &community.parse().unwrap(),
        certificates: &files(folder),
        operators: "http://127.0.0.1:9001",
        token: "secret",
        java_options,
    })
}

#[test]
fn variables_name_proxy_and_certificate() {
    let environment = environment("127.0.0.1:9000", "default", "/home/a/ca", None).unwrap();
    let variables: HashMap<_, _> = environment.iter().collect();
    assert_eq!(variables.len(), environment.iter().count(), "each name occurs once");
    for (name, value) in [
        ("HTTPS_PROXY", "http://127.0.0.1:9000"),
        ("HTTP_PROXY", "http://127.0.0.1:9000"),
        ("ALL_PROXY", "http://127.0.0.1:9000"),
        ("https_proxy", "http://127.0.0.1:9000"),
        ("http_proxy", "http://127.0.0.1:9000"),
        ("all_proxy", "http://127.0.0.1:9000"),
        ("NO_PROXY", "localhost,127.0.0.1,::1"),
        ("no_proxy", "localhost,127.0.0.1,::1"),
        ("NODE_USE_ENV_PROXY", "1"),
        ("SSL_CERT_FILE", "/home/a/ca/ca.pem"),
        ("REQUESTS_CA_BUNDLE", "/home/a/ca/ca.pem"),
        ("CURL_CA_BUNDLE", "/home/a/ca/ca.pem"),
        ("NODE_EXTRA_CA_CERTS", "/home/a/ca/ca.pem"),
        ("DENO_CERT", "/home/a/ca/ca.pem"),
        ("GUANXI_EMULATOR", "http://127.0.0.1:9001"),
        ("GUANXI_EMULATOR_TOKEN", "secret"),
        ("GUANXI_EMULATOR_PROXY", "http://127.0.0.1:9000"),
        ("GUANXI_EMULATOR_COMMUNITY", "default"),
    ] {
        assert_eq!(variables.get(name), Some(&value), "{name}");
    }
    let java = variables["JAVA_TOOL_OPTIONS"];
    for option in ["-Dhttps.proxyHost=127.0.0.1 ", "-Dhttps.proxyPort=9000 ", "trustStore=/home/a/ca/ca.p12"]
    {
        assert!(java.contains(option), "{option}: {java}");
    }
}

#[test]
fn community_is_the_user_of_the_proxy() {
    for (proxy, community, expected) in [
        ("127.0.0.1:9000", "worker-3", "http://worker-3:x@127.0.0.1:9000"),
        ("0.0.0.0:9000", "default", "http://127.0.0.1:9000"),
        ("[::]:9000", "default", "http://[::1]:9000"),
        ("[::1]:9000", "a", "http://a:x@[::1]:9000"),
        ("172.17.0.2:9000", "default", "http://172.17.0.2:9000"),
    ] {
        let environment = environment(proxy, community, "/ca", None).unwrap();
        let variables: HashMap<_, _> = environment.iter().collect();
        assert_eq!(variables["HTTPS_PROXY"], expected);
        assert!(!variables[PROXY].contains('@'), "{}", variables[PROXY]);
    }
}

#[test]
fn options_for_java_are_appended_and_quoted() {
    for (existing, folder, start, end) in [
        (Some(" -Xmx1g "), "/ca", "-Xmx1g -Dhttp.proxyHost=", "trustStore=/ca/ca.p12"),
        (Some("  "), "/ca", "-Dhttp.proxyHost=", "trustStore=/ca/ca.p12"),
        (None, "/my ca", "-Dhttp.proxyHost=", "trustStore='/my ca/ca.p12'"),
        (None, "/it's", "-Dhttp.proxyHost=", r#"trustStore='/it'"'"'s/ca.p12'"#),
    ] {
        let environment = environment("127.0.0.1:9000", "default", folder, existing).unwrap();
        let (_, java) = environment.iter().find(|(name, _)| *name == JAVA_OPTIONS).unwrap();
        assert!(java.starts_with(start) && java.ends_with(end), "{java}");
    }
}

#[test]
fn values_with_control_characters_are_rejected() {
    let rejected = |folder, options| environment("127.0.0.1:1", "default", folder, options).unwrap_err().0;
    assert_eq!(rejected("/a\nb", None), "SSL_CERT_FILE");
    assert_eq!(rejected("/a", Some("-Da\n-Db")), JAVA_OPTIONS);
}

#[test]
fn formats_set_each_variable_on_a_line() {
    let environment = environment("127.0.0.1:9000", "default", "/it's\\", None).unwrap();
    for (name, line) in [
        ("sh", r"export SSL_CERT_FILE='/it'\''s\/ca.pem'"),
        ("fish", r"set -gx SSL_CERT_FILE '/it\'s\\/ca.pem'"),
        ("powershell", r"$env:SSL_CERT_FILE = '/it''s\/ca.pem'"),
        ("github", r"SSL_CERT_FILE=/it's\/ca.pem"),
        ("docker", r"SSL_CERT_FILE=/it's\/ca.pem"),
    ] {
        let text = environment.render(name.parse().unwrap());
        assert!(text.lines().any(|found| found == line), "{name}: {text}");
        assert_eq!(text.lines().count(), environment.iter().count(), "{name}");
    }
    assert!("bash".parse::<Format>().is_err());
}

#[test]
fn quotes_are_escaped() {
    assert_eq!(quote_fish(r"a'b\"), r"'a\'b\\'");
    assert_eq!(quote_powershell("a'b\u{2019}c"), "'a''b\u{2019}\u{2019}c'");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Starts one shell for many texts, since a shell takes longer than the rest.
    #[test]
    fn sh_reads_quoted_texts_as_they_are(texts in prop::collection::vec("[^\u{0}-\u{1f}\u{7f}-\u{9f}]*", 1..32)) {
        let quoted: Vec<String> = texts.iter().map(|text| quote_sh(text)).collect();
        let script = format!(r"printf '%s\n' {}", quoted.join(" "));
        let output = Command::new("sh").arg("-c").arg(script).output().unwrap();
        prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), texts.join("\n") + "\n");
    }
}
