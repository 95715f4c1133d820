//! Private texts are sealed and opened, and found again without being told.
//!
//! A text is sealed with XChaCha20-Poly1305 under a key of the ring, bound to the field it stands in and the member it is of,
//! so that a row moved elsewhere cannot be opened there. It is found by an HMAC of it under another key of the same ring.
//! The newest key seals; all of them open and find, so that rotating them stops nobody.

mod ring;

pub use ring::{KeyFile, KeyFileError, KeyFingerprint, Keyring};

use crate::StorageError;
use crate::row::Sensitive;
use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use guanxi_domain::name;
use guanxi_types::Mid;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::sync::{Arc, PoisonError, RwLock};

/// By what a member may be found. Public names need no key to be hidden by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierKind {
    /// Their name, folded.
    Uname,
    /// What their name looks like. Two names that look alike share a handle.
    Look,
    /// Their user name, folded.
    Userid,
    /// Their phone, as `guanxi_domain::contact` keeps it.
    Tel,
    /// Their mail address, likewise.
    Mail,
}

/// Where a private text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A phone.
    Tel,
    /// A mail address.
    Mail,
    /// A real name.
    Name,
    /// A card's number.
    Card,
    /// A safe question.
    Question,
}

impl Field {
    const fn tag(self) -> &'static [u8] {
        match self {
            Field::Tel => b"tel",
            Field::Mail => b"mail",
            Field::Name => b"name",
            Field::Card => b"card",
            Field::Question => b"question",
        }
    }
}

/// The hash by which something is found.
pub type Hash = [u8; 32];

const NONCE: usize = 24;

/// Seals and opens. Its ring can be replaced while it is in use.
#[derive(Debug)]
pub struct FieldCipher(RwLock<Arc<Keyring>>);

impl FieldCipher {
    /// A vault of a ring.
    pub fn new(ring: Keyring) -> FieldCipher {
        FieldCipher(RwLock::new(Arc::new(ring)))
    }

    /// Its ring as it is now.
    pub fn ring(&self) -> Arc<Keyring> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes another ring from now on.
    pub fn replace(&self, ring: Keyring) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
    }

    /// Seals a member's text.
    pub fn seal(&self, field: Field, mid: Mid, text: &str) -> Result<Sensitive, StorageError> {
        let ring = self.ring();
        let key = ring.newest();
        let mut nonce = [0; NONCE];
        ring::draw(&mut nonce);
        let payload = Payload { msg: text.as_bytes(), aad: &bound_to(field, mid, key.id) };
        let cipher = XChaCha20Poly1305::new(&key.sealing().into());
        let sealed = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StorageError::Engine("a text could not be sealed".to_owned()))?;
        Ok(Sensitive::Sealed([&key.id.to_be_bytes()[..], &nonce, &sealed].concat()))
    }

    /// What was sealed of a member's; a fault if the ring lacks its key, or it was of another field or member.
    pub fn open(&self, field: Field, mid: Mid, private: &Sensitive) -> Result<String, StorageError> {
        let sealed = match private {
            Sensitive::Clear(text) => return Ok(text.clone()),
            Sensitive::Sealed(sealed) => sealed,
        };
        let damaged = |why: &str| StorageError::Corrupted("a private text", why.to_owned());
        let (id, rest) = sealed.split_first_chunk().ok_or_else(|| damaged("it is cut short"))?;
        let (nonce, sealed) = rest.split_first_chunk::<NONCE>().ok_or_else(|| damaged("it is cut short"))?;
        let id = u32::from_be_bytes(*id);
        let ring = self.ring();
        let key = ring.key(id).ok_or_else(|| damaged(&format!("the ring has no key {id}")))?;
        let payload = Payload { msg: sealed, aad: &bound_to(field, mid, id) };
        let cipher = XChaCha20Poly1305::new(&key.sealing().into());
        let text = cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| damaged("it was sealed elsewhere, or was changed"))?;
        String::from_utf8(text).map_err(|_| damaged("it is no text"))
    }

    /// What was sealed of a member's, if anything was.
    pub fn open_any(
        &self,
        field: Field,
        mid: Mid,
        private: Option<&Sensitive>,
    ) -> Result<Option<String>, StorageError> {
        private.map(|private| self.open(field, mid, private)).transpose()
    }

    /// Whether a text is sealed with the newest key.
    pub fn is_current(&self, private: &Sensitive) -> bool {
        let newest = self.ring().newest().id.to_be_bytes();
        matches!(private, Sensitive::Sealed(bytes) if bytes.starts_with(&newest))
    }

    /// The handles under which a member may be found by something.
    pub fn handles(&self, known: IdentifierKind, text: &str) -> Vec<Hash> {
        match known {
            // A name that is its own look has no other handle than its own.
            IdentifierKind::Look => {
                name::looks(text).iter().flat_map(|look| [of_look(look), of_uname(look)]).collect()
            }
            _ => self.own_handles(known, text),
        }
    }

    /// The handles that a member may have for something, the newest key's first.
    pub fn own_handles(&self, known: IdentifierKind, text: &str) -> Vec<Hash> {
        let ring = self.ring();
        let keyed = |tag: &[u8]| ring.newest_first().map(|key| hash(&key.finding(), tag, text)).collect();
        match known {
            IdentifierKind::Uname => vec![of_uname(&name::folded(text))],
            IdentifierKind::Look => {
                let folded = name::folded(text);
                name::looks(text).iter().filter(|look| **look != folded).map(|look| of_look(look)).collect()
            }
            IdentifierKind::Userid => vec![hash(&[], b"userid", &name::folded(text))],
            IdentifierKind::Tel => keyed(b"tel"),
            IdentifierKind::Mail => keyed(b"mail"),
        }
    }

    /// The handles that are written for something: the newest key's, and each look of a name.
    pub fn new_handles(&self, known: IdentifierKind, text: &str) -> Vec<Hash> {
        let mut handles = self.own_handles(known, text);
        if matches!(known, IdentifierKind::Tel | IdentifierKind::Mail) {
            handles.truncate(1);
        }
        handles
    }
}

fn of_uname(folded: &str) -> Hash {
    hash(&[], b"uname", folded)
}

fn of_look(look: &str) -> Hash {
    hash(&[], b"look", look)
}

/// What a sealed text is bound to: where it stands, whose it is, and its key.
fn bound_to(field: Field, mid: Mid, key: u32) -> Vec<u8> {
    [field.tag(), b"\0", &mid.get().to_be_bytes(), &key.to_be_bytes()].concat()
}

fn hash(key: &[u8], tag: &[u8], text: &str) -> Hash {
    let keyed = Hmac::<Sha256>::new_from_slice(key).expect("an HMAC takes a key of any length");
    keyed.chain_update(tag).chain_update(b"\0").chain_update(text).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mid(number: u64) -> Mid {
        Mid::new(number).unwrap()
    }

    #[test]
    fn what_is_sealed_opens_for_its_member_and_field_alone() {
        let vault = FieldCipher::new(Keyring::draw());
        let sealed = vault.seal(Field::Tel, mid(7), "15312345056").unwrap();
        assert_eq!(vault.open(Field::Tel, mid(7), &sealed).unwrap(), "15312345056");
        assert!(vault.open(Field::Tel, mid(8), &sealed).is_err());
        assert!(vault.open(Field::Mail, mid(7), &sealed).is_err());
        assert!(FieldCipher::new(Keyring::draw()).open(Field::Tel, mid(7), &sealed).is_err());
        assert_ne!(vault.seal(Field::Tel, mid(7), "15312345056").unwrap(), sealed);
        let Sensitive::Sealed(bytes) = &sealed else { panic!("it is sealed") };
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            assert!(vault.open(Field::Tel, mid(7), &Sensitive::Sealed(changed)).is_err(), "byte {at}");
            assert!(
                vault.open(Field::Tel, mid(7), &Sensitive::Sealed(bytes[..at].to_vec())).is_err(),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn an_older_key_opens_and_finds_until_it_is_retired() {
        let vault = FieldCipher::new(Keyring::draw());
        let sealed = vault.seal(Field::Mail, mid(7), "a@b.cn").unwrap();
        let found = vault.handles(IdentifierKind::Mail, "a@b.cn");
        vault.replace(vault.ring().with_new_key());
        assert_eq!(vault.open(Field::Mail, mid(7), &sealed).unwrap(), "a@b.cn");
        assert!(!vault.is_current(&sealed));
        let both = vault.handles(IdentifierKind::Mail, "a@b.cn");
        assert_eq!((both.len(), &both[1..]), (2, &found[..]));
        vault.replace(vault.ring().newest_alone());
        assert!(vault.open(Field::Mail, mid(7), &sealed).is_err());
        assert_eq!(vault.handles(IdentifierKind::Mail, "a@b.cn"), both[..1]);
    }

    #[test]
    fn names_are_found_folded_and_apart_from_user_names() {
        let vault = FieldCipher::new(Keyring::draw());
        assert_eq!(
            vault.handles(IdentifierKind::Uname, "ＡＢＣ"),
            vault.handles(IdentifierKind::Uname, "abc")
        );
        assert_ne!(vault.handles(IdentifierKind::Uname, "abc"), vault.handles(IdentifierKind::Userid, "abc"));
        assert_ne!(vault.handles(IdentifierKind::Tel, "12345"), vault.handles(IdentifierKind::Mail, "12345"));
    }

    #[test]
    fn alike_names_share_a_handle() {
        let vault = FieldCipher::new(Keyring::draw());
        let written = |name: &str| {
            [IdentifierKind::Uname, IdentifierKind::Look].map(|known| vault.new_handles(known, name)).concat()
        };
        let meet = |one: &str, other: &str| {
            let looked_at = [IdentifierKind::Uname, IdentifierKind::Look]
                .map(|known| vault.handles(known, other))
                .concat();
            written(one).iter().any(|handle| looked_at.contains(handle))
        };
        for (one, other) in [("toml", "Tom1"), ("admin", "\u{430}DMIN"), ("PaypaI", "paypal"), ("a1", "al")] {
            assert!(meet(one, other) && meet(other, one), "{one} {other}");
        }
        assert!(!meet("甲", "乙"));
        assert_eq!(written("甲").len(), 1, "a name that is its own look takes no further row");
    }
}
