//! Certificates, keys and home folders of the tests.

use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType, IsCa,
    Issuer, KeyIdMethod, KeyPair, RevokedCertParams, SerialNumber, date_time_ymd,
};
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use tempfile::TempDir;

/// The serial number of the good server's certificate.
const SERIAL: u64 = 77;

/// The files of a server and of its clients.
pub(super) struct Files {
    /// The files of the clients, and home folders.
    pub(super) folder: TempDir,
    /// The names and texts of the server's files.
    pub(super) of_server: Vec<(String, String)>,
}

/// Parameters with a common name. An authority has no alternative names.
fn params(name: &str, is_authority: bool) -> CertificateParams {
    let names = if is_authority { Vec::new() } else { vec![name.to_owned()] };
    let mut params = CertificateParams::new(names).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    if is_authority {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}

fn expired(mut params: CertificateParams) -> CertificateParams {
    params.not_after = date_time_ymd(2024, 1, 1);
    params
}

fn key() -> KeyPair {
    KeyPair::generate().unwrap()
}

/// Returns the certificate and the key.
fn issue(params: &CertificateParams, issuer: &Issuer<'_, KeyPair>) -> [String; 2] {
    let key = key();
    [params.signed_by(&key, issuer).unwrap().pem(), key.serialize_pem()]
}

fn self_sign(params: &CertificateParams) -> [String; 2] {
    let key = key();
    [params.self_signed(&key).unwrap().pem(), key.serialize_pem()]
}

/// Returns a list of revoked certificates.
fn revocations(serial: Option<u64>, issuer: &Issuer<'_, KeyPair>) -> String {
    let revoked = |serial| RevokedCertParams {
        serial_number: SerialNumber::from(serial),
        revocation_time: date_time_ymd(2024, 1, 1),
        reason_code: None,
        invalidity_date: None,
    };
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2024, 1, 1),
        next_update: date_time_ymd(4000, 1, 1),
        crl_number: SerialNumber::from(1),
        issuing_distribution_point: None,
        revoked_certs: serial.map(revoked).into_iter().collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(issuer).unwrap().pem().unwrap()
}

impl Files {
    pub(super) fn create() -> Files {
        let root = CertifiedIssuer::self_signed(params("root", true), key()).unwrap();
        let middle = CertifiedIssuer::signed_by(params("middle", true), key(), &root).unwrap();
        let other = CertifiedIssuer::self_signed(params("other", true), key()).unwrap();
        let mut server = params("localhost", false);
        let [expired_server, expired_key] = issue(&expired(server.clone()), &root);
        server.serial_number = Some(SerialNumber::from(SERIAL));
        let [good, good_key] = issue(&server, &middle);
        let [self_signed, self_signed_key] = self_sign(&params("localhost", true));
        let [expired_self_signed, expired_self_signed_key] = self_sign(&expired(params("localhost", true)));
        let [client, client_key] = issue(&params("client", false), &root);
        let [unknown, unknown_key] = issue(&params("client", false), &other);
        let (root_pem, other_pem) = (root.pem(), other.pem());
        let crl = |serial| revocations(None, &root) + &revocations(serial, &middle);

        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str, mode: u32| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap_or(Path::new(""))).unwrap();
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        };
        for (path, text) in [
            ("root.crt", &root_pem),
            ("other.crt", &other_pem),
            ("self_signed.crt", &self_signed),
            ("expired_self_signed.crt", &expired_self_signed),
            ("broken.crt", &root_pem.replace("MII", "???")),
            ("client.crt", &client),
            ("client.key", &client_key),
            ("unknown.crt", &unknown),
            ("unknown.key", &unknown_key),
            ("valid.crl", &crl(None)),
            ("revoked.crl", &crl(Some(SERIAL))),
            ("trusting/.postgresql/root.crt", &root_pem),
            ("suspicious/.postgresql/root.crt", &other_pem),
            ("certified/.postgresql/root.crt", &root_pem),
            ("certified/.postgresql/postgresql.crt", &client),
            ("certified/.postgresql/postgresql.key", &client_key),
        ] {
            write(path, text, 0o600);
        }
        write("shared.key", &client_key, 0o644);
        fs::create_dir(folder.path().join("empty")).unwrap();
        let of_server = [
            ("root.crt", root_pem),
            ("good.crt", good + &middle.pem()),
            ("good.key", good_key),
            ("expired.crt", expired_server),
            ("expired.key", expired_key),
            ("self_signed.crt", self_signed),
            ("self_signed.key", self_signed_key),
            ("expired_self_signed.crt", expired_self_signed),
            ("expired_self_signed.key", expired_self_signed_key),
        ];
        Files { folder, of_server: of_server.map(|(name, text)| (name.to_owned(), text)).to_vec() }
    }
}
