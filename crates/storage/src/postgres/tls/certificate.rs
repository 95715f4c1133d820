//! The fields of a certificate that the TLS library does not show: signature algorithm and common name.

use sha2::{Digest, Sha256, Sha384, Sha512};
use yasna::models::ObjectIdentifier;
use yasna::{ASN1Result, BERReader, BERReaderSeq, Tag};

/// `commonName` of X.520.
const COMMON_NAME: &[u64] = &[2, 5, 4, 3];

/// Returns the hash of a certificate for channel binding (`tls-server-end-point` of RFC 5929). The hash function is
/// the one of its signature. Returns `None` if the signature has no such function.
pub(super) fn end_point_hash(certificate: &[u8]) -> Option<Vec<u8>> {
    let (_, algorithm) = parse(certificate)?;
    match algorithm.components().as_slice() {
        // MD5, SHA-1 and SHA-256 with RSA, SHA-1 and SHA-256 with ECDSA. The RFC replaces the first two.
        [1, 2, 840, 113_549, 1, 1, 4 | 5 | 11] | [1, 2, 840, 10_045, 4, 1] | [1, 2, 840, 10_045, 4, 3, 2] => {
            Some(Sha256::digest(certificate).to_vec())
        }
        [1, 2, 840, 113_549, 1, 1, 12] | [1, 2, 840, 10_045, 4, 3, 3] => {
            Some(Sha384::digest(certificate).to_vec())
        }
        [1, 2, 840, 113_549, 1, 1, 13] | [1, 2, 840, 10_045, 4, 3, 4] => {
            Some(Sha512::digest(certificate).to_vec())
        }
        _ => None,
    }
}

/// Returns true if the common name of a certificate is the host, or has it as its wildcard.
pub(super) fn is_for_common_name(certificate: &[u8], host: &str) -> bool {
    parse(certificate).and_then(|(name, _)| name).is_some_and(|name| name_matches(&name, host))
}

/// Returns true if a name is the host. The first label of a name may be `*`.
fn name_matches(name: &str, host: &str) -> bool {
    let parent = |host: &str| host.split_once('.').map(|(_, parent)| parent.to_ascii_lowercase());
    match name.strip_prefix("*.") {
        Some(suffix) => parent(host).is_some_and(|parent| parent == suffix.to_ascii_lowercase()),
        None => name.eq_ignore_ascii_case(host),
    }
}

/// Returns the common name of a certificate's subject, and the algorithm of its signature.
fn parse(certificate: &[u8]) -> Option<(Option<String>, ObjectIdentifier)> {
    let fields = yasna::parse_der(certificate, |certificate| {
        certificate.read_sequence(|fields| {
            let name = fields.next().read_sequence(read_common_name)?;
            let algorithm = fields.next().read_sequence(|algorithm| {
                let identifier = algorithm.next().read_oid()?;
                algorithm.read_optional(skip)?;
                Ok(identifier)
            })?;
            skip(fields.next())?;
            Ok((name, algorithm))
        })
    });
    fields.ok()
}

fn skip(value: BERReader<'_, '_>) -> ASN1Result<()> {
    value.read_der().map(drop)
}

/// Reads the signed part of a certificate.
fn read_common_name(fields: &mut BERReaderSeq<'_, '_>) -> ASN1Result<Option<String>> {
    fields.read_optional(|version| version.read_tagged(Tag::context(0), skip))?;
    for _serial_algorithm_issuer_validity in 0..4 {
        skip(fields.next())?;
    }
    let mut name = None;
    fields.next().read_sequence_of(|part| {
        part.read_set_of(|attribute| {
            attribute.read_sequence(|attribute| {
                let identifier = attribute.next().read_oid()?;
                let value = attribute.next().read_tagged_der()?;
                if identifier.components() == COMMON_NAME {
                    name = String::from_utf8(value.value().to_vec()).ok();
                }
                Ok(())
            })
        })
    })?;
    // The public key, two unique identifiers and the extensions.
    skip(fields.next())?;
    while fields.read_optional(skip)?.is_some() {}
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{
        CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519,
    };

    #[test]
    fn common_name_matches_host_or_wildcard() {
        for (name, host, matches) in [
            ("db.example.cn", "db.example.cn", true),
            ("DB.example.cn", "db.EXAMPLE.cn", true),
            ("db.example.cn", "db2.example.cn", false),
            ("*.example.cn", "db.Example.cn", true),
            ("*.example.cn", "a.db.example.cn", false),
            ("*.example.cn", "example.cn", false),
            ("*", "db", false),
            ("", "", true),
        ] {
            assert_eq!(name_matches(name, host), matches, "{name} {host}");
        }
    }

    #[test]
    fn certificate_fields_are_read() {
        for (algorithm, hash_length) in [
            (&rcgen::PKCS_ECDSA_P256_SHA256, Some(32)),
            (&PKCS_ECDSA_P384_SHA384, Some(48)),
            (&PKCS_ED25519, None),
        ] {
            let key = KeyPair::generate_for(algorithm).unwrap();
            let mut params = CertificateParams::new(["other.example.cn".to_owned()]).unwrap();
            params.distinguished_name = DistinguishedName::new();
            params.distinguished_name.push(DnType::OrganizationName, "other.example.cn");
            params.distinguished_name.push(DnType::CommonName, "db.example.cn");
            let certificate = params.self_signed(&key).unwrap();
            assert_eq!(end_point_hash(certificate.der()).map(|hash| hash.len()), hash_length);
            assert!(is_for_common_name(certificate.der(), "db.example.cn"));
            assert!(!is_for_common_name(certificate.der(), "other.example.cn"));
        }
        assert_eq!(end_point_hash(b"no certificate"), None);
    }
}
