//! A trust store for Java: PKCS#12 (RFC 7292) with one certificate, without encryption and without a password.

use tokio_rustls::rustls::pki_types::CertificateDer;
use yasna::models::ObjectIdentifier;
use yasna::{DERWriter, Tag, construct_der};

/// `data` of PKCS#7.
const DATA: &[u64] = &[1, 2, 840, 113_549, 1, 7, 1];
/// `certBag` of PKCS#12.
const CERT_BAG: &[u64] = &[1, 2, 840, 113_549, 1, 12, 10, 1, 3];
/// `x509Certificate` of PKCS#9.
const X509_CERTIFICATE: &[u64] = &[1, 2, 840, 113_549, 1, 9, 22, 1];
/// `friendlyName` of PKCS#9.
const FRIENDLY_NAME: &[u64] = &[1, 2, 840, 113_549, 1, 9, 20];
/// `trustedKeyUsage` of Oracle. Java ignores a certificate without it.
const TRUSTED_KEY_USAGE: &[u64] = &[2, 16, 840, 1, 113_894, 746_875, 1, 1];
/// `anyExtendedKeyUsage` of X.509.
const ANY_KEY_USAGE: &[u64] = &[2, 5, 29, 37, 0];

/// Encodes the trust store of a certificate.
pub(super) fn encode(certificate: &CertificateDer<'_>) -> Vec<u8> {
    let bags = construct_der(|writer| {
        writer.write_sequence(|bags| {
            bags.next().write_sequence(|bag| {
                bag.next().write_oid(&oid(CERT_BAG));
                write_explicit(bag.next(), |writer| write_certificate(writer, certificate));
                bag.next().write_set_of(|attributes| {
                    write_attribute(attributes.next(), FRIENDLY_NAME, |value| {
                        value.write_bmp_string("guanxi");
                    });
                    let write_usage = |value: DERWriter<'_>| value.write_oid(&oid(ANY_KEY_USAGE));
                    write_attribute(attributes.next(), TRUSTED_KEY_USAGE, write_usage);
                });
            });
        });
    });
    let safe = construct_der(|writer| writer.write_sequence(|parts| write_data(parts.next(), &bags)));
    construct_der(|writer| {
        writer.write_sequence(|store| {
            store.next().write_u8(3);
            write_data(store.next(), &safe);
        });
    })
}

fn oid(components: &[u64]) -> ObjectIdentifier {
    ObjectIdentifier::from_slice(components)
}

/// Writes a value with the explicit tag 0.
fn write_explicit(writer: DERWriter<'_>, write: impl FnOnce(DERWriter<'_>)) {
    writer.write_tagged(Tag::context(0), write);
}

/// Writes a `ContentInfo` of unencrypted data.
fn write_data(writer: DERWriter<'_>, bytes: &[u8]) {
    writer.write_sequence(|info| {
        info.next().write_oid(&oid(DATA));
        write_explicit(info.next(), |content| content.write_bytes(bytes));
    });
}

fn write_certificate(writer: DERWriter<'_>, certificate: &[u8]) {
    writer.write_sequence(|bag| {
        bag.next().write_oid(&oid(X509_CERTIFICATE));
        write_explicit(bag.next(), |content| content.write_bytes(certificate));
    });
}

fn write_attribute(writer: DERWriter<'_>, id: &[u64], write_value: impl FnOnce(DERWriter<'_>)) {
    writer.write_sequence(|attribute| {
        attribute.next().write_oid(&oid(id));
        attribute.next().write_set(|values| write_value(values.next()));
    });
}
