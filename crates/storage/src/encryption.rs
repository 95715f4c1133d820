//! Field encryption and blind indexes for private texts.
//!
//! A text is encrypted with XChaCha20-Poly1305 under a key of the keyring. The associated data bind it to its field
//! and its member, so that a ciphertext moved to another row cannot be decrypted. Lookups use an HMAC under another
//! derived key. Encryption uses the newest key. Decryption and lookups use all keys, so that a key rotation does
//! not interrupt the service.

mod keyring;

pub(crate) use keyring::fill_random;
pub use keyring::{KeyFile, KeyFileError, KeyFingerprint, Keyring};

use crate::StorageError;
use crate::model::Sensitive;
use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use guanxi_domain::name;
use guanxi_types::Mid;
use hmac::{Hmac, Mac};
use sha2::Sha256;
use std::sync::{Arc, PoisonError, RwLock};

/// The kind of an identifier of a member. The hashes of public names use no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentifierKind {
    /// The folded name.
    Uname,
    /// The skeleton of the name. Confusable names share a hash.
    Skeleton,
    /// The folded user name.
    Userid,
    /// The phone, in the normal form of `guanxi_domain::contact`.
    Tel,
    /// The mail address, in the normal form of `guanxi_domain::contact`.
    Mail,
}

/// The field of a private text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SensitiveField {
    /// A phone.
    Tel,
    /// A mail address.
    Mail,
    /// A real name.
    Name,
    /// The number of a document.
    Card,
    /// A security question.
    Question,
    /// The secret of one-time codes.
    Totp,
    /// A remark on another member.
    Remark,
    /// A part of an archive of own data.
    Export,
    /// A note of operators.
    Note,
    /// The address of a message.
    MessageAddress,
    /// The code in a message, or the login that it is about.
    MessageDetail,
}

impl SensitiveField {
    const fn tag(self) -> &'static [u8] {
        match self {
            SensitiveField::Tel => b"tel",
            SensitiveField::Mail => b"mail",
            SensitiveField::Name => b"name",
            SensitiveField::Card => b"card",
            SensitiveField::Question => b"question",
            SensitiveField::Totp => b"totp",
            SensitiveField::Remark => b"remark",
            SensitiveField::Export => b"export",
            SensitiveField::Note => b"note",
            SensitiveField::MessageAddress => b"message address",
            SensitiveField::MessageDetail => b"message detail",
        }
    }
}

/// A hash for lookups.
pub type Hash = [u8; 32];

const NONCE_BYTES: usize = 24;

/// The cipher of private texts. The keyring can be replaced at any time.
#[derive(Debug)]
pub struct FieldCipher {
    keyrings: RwLock<Keyrings>,
    /// The file with the keys of other programs on the same database.
    file: Option<KeyFile>,
}

#[derive(Debug)]
struct Keyrings {
    current: Arc<Keyring>,
    /// The keyring before the last change. A request may have read a text of its keys before.
    previous: Option<Arc<Keyring>>,
}

impl FieldCipher {
    /// Returns a cipher with a keyring.
    pub fn new(keyring: Keyring) -> FieldCipher {
        let keyrings = Keyrings { current: Arc::new(keyring), previous: None };
        FieldCipher { keyrings: RwLock::new(keyrings), file: None }
    }

    /// Returns a cipher with a keyring that learns further keys from a file.
    pub fn with_file(keyring: Keyring, file: KeyFile) -> FieldCipher {
        FieldCipher { file: Some(file), ..FieldCipher::new(keyring) }
    }

    /// Returns the current keyring.
    pub fn keyring(&self) -> Arc<Keyring> {
        Arc::clone(&self.keyrings.read().unwrap_or_else(PoisonError::into_inner).current)
    }

    /// Replaces the keyring. The replaced one still decrypts until [`forget_previous`](FieldCipher::forget_previous).
    pub fn set_keyring(&self, keyring: Keyring) {
        let mut keyrings = self.keyrings.write().unwrap_or_else(PoisonError::into_inner);
        keyrings.previous = Some(std::mem::replace(&mut keyrings.current, Arc::new(keyring)));
    }

    /// Forgets the keyring before the last change. Returns true if there was one.
    pub fn forget_previous(&self) -> bool {
        self.keyrings.write().unwrap_or_else(PoisonError::into_inner).previous.take().is_some()
    }

    /// Adapts the keyring to the recorded keys of the store: learns new ones from the key file, and drops retired ones.
    /// Returns true if the keyring changed.
    pub fn follow(&self, recorded: &[KeyFingerprint]) -> Result<bool, StorageError> {
        let ids = || recorded.iter().map(|key| key.id);
        let (Some(oldest), Some(newest)) = (ids().min(), ids().max()) else { return Ok(false) };
        let ring = self.keyring();
        let missing = |ring: &Keyring| recorded.iter().find(|key| !ring.has(key)).map(|key| key.id);
        let mut new = Keyring::clone(&ring);
        if missing(&new).is_some() {
            // A newer key in the file is not in use yet.
            let in_file = self.read_file()?.and_then(|ring| ring.until(newest));
            new = in_file.map_or_else(|| new.clone(), |in_file| new.merged_with(&in_file));
        }
        if let Some(id) = missing(&new) {
            let path = self.file.as_ref().map_or_else(Default::default, |file| file.path().to_owned());
            return Err(StorageError::engine(KeyFileError::Outdated(path, id)));
        }
        let new = new.since(oldest);
        let has_changed = new.fingerprints() != ring.fingerprints();
        if has_changed {
            self.set_keyring(new);
        }
        Ok(has_changed)
    }

    fn read_file(&self) -> Result<Option<Keyring>, StorageError> {
        let ring = self.file.as_ref().map(KeyFile::read).transpose().map_err(StorageError::engine)?;
        Ok(ring.flatten())
    }

    /// Returns a keyring with a key: the current one, the one before, or that of the file.
    fn keyring_with(&self, id: u32) -> Result<Arc<Keyring>, StorageError> {
        let known = {
            let keyrings = self.keyrings.read().unwrap_or_else(PoisonError::into_inner);
            let mut known = [Some(&keyrings.current), keyrings.previous.as_ref()].into_iter().flatten();
            known.find(|ring| ring.key(id).is_some()).cloned()
        };
        let ring = match known {
            Some(ring) => Some(ring),
            None => self.read_file()?.map(Arc::new).filter(|ring| ring.key(id).is_some()),
        };
        ring.ok_or_else(|| {
            StorageError::corrupted("a sensitive field", format!("the keyring has no key {id}"))
        })
    }

    /// Encrypts a text of a member with the newest key.
    pub fn encrypt(&self, field: SensitiveField, mid: Mid, text: &str) -> Result<Sensitive, StorageError> {
        self.encrypt_bytes(field, mid, text.as_bytes())
    }

    /// Encrypts bytes of a member with the newest key.
    pub fn encrypt_bytes(
        &self,
        field: SensitiveField,
        mid: Mid,
        bytes: &[u8],
    ) -> Result<Sensitive, StorageError> {
        let keyring = self.keyring();
        let key = keyring.newest();
        let mut nonce = [0; NONCE_BYTES];
        keyring::fill_random(&mut nonce);
        let payload = Payload { msg: bytes, aad: &associated_data(field, mid, key.id) };
        let cipher = XChaCha20Poly1305::new(&key.encryption_key().into());
        let ciphertext = cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| StorageError::engine("a sensitive field could not be encrypted"))?;
        Ok(Sensitive::Ciphertext([&key.id.to_be_bytes()[..], &nonce, &ciphertext].concat()))
    }

    /// Encrypts a text of a member, if there is one.
    pub fn encrypt_optional(
        &self,
        field: SensitiveField,
        mid: Mid,
        text: Option<&str>,
    ) -> Result<Option<Sensitive>, StorageError> {
        text.map(|text| self.encrypt(field, mid, text)).transpose()
    }

    /// Decrypts a text of a member. Error if the keyring lacks the key, or the text belongs to another field or
    /// member.
    pub fn decrypt(
        &self,
        field: SensitiveField,
        mid: Mid,
        sensitive: &Sensitive,
    ) -> Result<String, StorageError> {
        let bytes = self.decrypt_bytes(field, mid, sensitive)?;
        String::from_utf8(bytes).map_err(|_| StorageError::corrupted("a sensitive field", "not UTF-8"))
    }

    /// Decrypts bytes of a member. The errors are those of [`decrypt`](FieldCipher::decrypt).
    pub fn decrypt_bytes(
        &self,
        field: SensitiveField,
        mid: Mid,
        sensitive: &Sensitive,
    ) -> Result<Vec<u8>, StorageError> {
        let ciphertext = match sensitive {
            Sensitive::Plaintext(text) => return Ok(text.clone().into_bytes()),
            Sensitive::Ciphertext(ciphertext) => ciphertext,
        };
        let corrupted = |reason: &str| StorageError::corrupted("a sensitive field", reason);
        let truncated = || corrupted("truncated");
        let (id, rest) = ciphertext.split_first_chunk().ok_or_else(truncated)?;
        let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or_else(truncated)?;
        let id = u32::from_be_bytes(*id);
        let keyring = self.keyring_with(id)?;
        let key = keyring.key(id).ok_or_else(truncated)?;
        let payload = Payload { msg: ciphertext, aad: &associated_data(field, mid, id) };
        let cipher = XChaCha20Poly1305::new(&key.encryption_key().into());
        cipher
            .decrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| corrupted("modified, or encrypted for another field or member"))
    }

    /// Decrypts a text of a member, if there is one.
    pub fn decrypt_optional(
        &self,
        field: SensitiveField,
        mid: Mid,
        sensitive: Option<&Sensitive>,
    ) -> Result<Option<String>, StorageError> {
        sensitive.map(|sensitive| self.decrypt(field, mid, sensitive)).transpose()
    }

    /// Returns true if a text is encrypted with the newest key.
    pub fn uses_newest_key(&self, sensitive: &Sensitive) -> bool {
        let newest = self.keyring().newest().id.to_be_bytes();
        matches!(sensitive, Sensitive::Ciphertext(bytes) if bytes.starts_with(&newest))
    }

    /// Returns all hashes under which members with this identifier may be stored. For [`IdentifierKind::Skeleton`]
    /// they include members with a confusable name.
    pub fn lookup_hashes(&self, kind: IdentifierKind, text: &str) -> Vec<Hash> {
        match kind {
            // A name that equals its skeleton is stored only under the hash of the name.
            IdentifierKind::Skeleton => {
                let skeletons = name::compute_skeletons(text);
                let hashes = |skeleton: &String| [hash_skeleton(skeleton), hash_uname(skeleton)];
                skeletons.iter().flat_map(hashes).collect()
            }
            _ => self.possible_hashes(kind, text),
        }
    }

    /// Returns the hashes under which a member with this identifier may be stored. A hash of the newest key comes
    /// first.
    pub fn possible_hashes(&self, kind: IdentifierKind, text: &str) -> Vec<Hash> {
        let keyring = self.keyring();
        let keyed =
            |tag: &[u8]| keyring.newest_first().map(|key| keyed_hash(&key.index_key(), tag, text)).collect();
        match kind {
            IdentifierKind::Uname => vec![hash_uname(&name::fold_name(text))],
            IdentifierKind::Skeleton => skeleton_hashes(text, &name::fold_name(text)).collect(),
            IdentifierKind::Userid => vec![keyed_hash(&[], b"userid", &name::fold_name(text))],
            IdentifierKind::Tel => keyed(b"tel"),
            IdentifierKind::Mail => keyed(b"mail"),
        }
    }

    /// Returns the hashes of a code under each key, those of the newest key first: of its subject, which is what the
    /// code proves, and of the code. A hash without a key would not hide one of a million codes.
    pub fn code_hashes(&self, subject: &str, code: &str) -> Vec<(Hash, Hash)> {
        let hashes = |key: &keyring::Key| {
            let key = key.index_key();
            let of_code = format!("{subject}\0{code}");
            (keyed_hash(&key, b"code subject", subject), keyed_hash(&key, b"code", &of_code))
        };
        self.keyring().newest_first().map(hashes).collect()
    }

    /// Returns the hashes to store for an identifier: of the newest key, and of each skeleton of a name.
    pub fn hashes_to_store(&self, kind: IdentifierKind, text: &str) -> Vec<Hash> {
        let mut hashes = self.possible_hashes(kind, text);
        if matches!(kind, IdentifierKind::Tel | IdentifierKind::Mail) {
            hashes.truncate(1);
        }
        hashes
    }
}

/// Returns the hashes to store for a name: of the name itself, and of each skeleton. They need no key.
pub(crate) fn name_hashes(name: &str) -> impl Iterator<Item = Hash> + use<> {
    let folded = name::fold_name(name);
    std::iter::once(hash_uname(&folded)).chain(skeleton_hashes(name, &folded))
}

fn skeleton_hashes(name: &str, folded: &str) -> impl Iterator<Item = Hash> + use<> {
    let mut skeletons = name::compute_skeletons(name);
    skeletons.retain(|skeleton| skeleton != folded);
    skeletons.into_iter().map(|skeleton| hash_skeleton(&skeleton))
}

fn hash_uname(folded: &str) -> Hash {
    keyed_hash(&[], b"uname", folded)
}

fn hash_skeleton(skeleton: &str) -> Hash {
    keyed_hash(&[], b"skeleton", skeleton)
}

/// Returns the associated data of a ciphertext: field, member and key.
fn associated_data(field: SensitiveField, mid: Mid, key: u32) -> Vec<u8> {
    [field.tag(), b"\0", &mid.get().to_be_bytes(), &key.to_be_bytes()].concat()
}

fn keyed_hash(key: &[u8], tag: &[u8], text: &str) -> Hash {
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
    fn ciphertext_is_bound_to_member_field_and_key() {
        let cipher = FieldCipher::new(Keyring::generate());
        let ciphertext = cipher.encrypt(SensitiveField::Tel, mid(7), "15312345056").unwrap();
        assert_eq!(cipher.decrypt(SensitiveField::Tel, mid(7), &ciphertext).unwrap(), "15312345056");
        assert!(cipher.decrypt(SensitiveField::Tel, mid(8), &ciphertext).is_err());
        assert!(cipher.decrypt(SensitiveField::Mail, mid(7), &ciphertext).is_err());
        let other = FieldCipher::new(Keyring::generate());
        assert!(other.decrypt(SensitiveField::Tel, mid(7), &ciphertext).is_err());
        assert_ne!(cipher.encrypt(SensitiveField::Tel, mid(7), "15312345056").unwrap(), ciphertext);
        let Sensitive::Ciphertext(bytes) = &ciphertext else { panic!("encrypt returns ciphertext") };
        let is_error =
            |bytes| cipher.decrypt(SensitiveField::Tel, mid(7), &Sensitive::Ciphertext(bytes)).is_err();
        for index in 0..bytes.len() {
            let mut modified = bytes.clone();
            modified[index] ^= 1;
            assert!(is_error(modified), "byte {index} modified");
            assert!(is_error(bytes[..index].to_vec()), "truncated at {index}");
        }
    }

    #[test]
    fn older_key_decrypts_and_finds_until_removed() {
        let cipher = FieldCipher::new(Keyring::generate());
        let ciphertext = cipher.encrypt(SensitiveField::Mail, mid(7), "a@b.cn").unwrap();
        let found = cipher.lookup_hashes(IdentifierKind::Mail, "a@b.cn");
        cipher.set_keyring(cipher.keyring().with_new_key());
        assert_eq!(cipher.decrypt(SensitiveField::Mail, mid(7), &ciphertext).unwrap(), "a@b.cn");
        assert!(!cipher.uses_newest_key(&ciphertext));
        let both = cipher.lookup_hashes(IdentifierKind::Mail, "a@b.cn");
        assert_eq!((both.len(), &both[1..]), (2, &found[..]));
        cipher.set_keyring(cipher.keyring().newest_only());
        assert_eq!(cipher.decrypt(SensitiveField::Mail, mid(7), &ciphertext).unwrap(), "a@b.cn");
        cipher.forget_previous();
        assert!(cipher.decrypt(SensitiveField::Mail, mid(7), &ciphertext).is_err());
        assert_eq!(cipher.lookup_hashes(IdentifierKind::Mail, "a@b.cn"), both[..1]);
    }

    #[test]
    fn lookup_hashes_are_folded_and_distinct_by_kind() {
        let cipher = FieldCipher::new(Keyring::generate());
        let hashes = |kind, text| cipher.lookup_hashes(kind, text);
        assert_eq!(hashes(IdentifierKind::Uname, "ＡＢＣ"), hashes(IdentifierKind::Uname, "abc"));
        assert_ne!(hashes(IdentifierKind::Uname, "abc"), hashes(IdentifierKind::Userid, "abc"));
        assert_ne!(hashes(IdentifierKind::Tel, "12345"), hashes(IdentifierKind::Mail, "12345"));
    }

    #[test]
    fn confusable_names_share_a_hash() {
        const KINDS: [IdentifierKind; 2] = [IdentifierKind::Uname, IdentifierKind::Skeleton];
        let cipher = FieldCipher::new(Keyring::generate());
        let stored = |name: &str| KINDS.map(|kind| cipher.hashes_to_store(kind, name)).concat();
        let finds = |name: &str, other: &str| {
            let hashes = KINDS.map(|kind| cipher.lookup_hashes(kind, name)).concat();
            stored(other).iter().any(|hash| hashes.contains(hash))
        };
        for (one, other) in [("toml", "Tom1"), ("admin", "\u{430}DMIN"), ("PaypaI", "paypal"), ("a1", "al")] {
            assert!(finds(one, other) && finds(other, one), "{one} {other}");
        }
        assert!(!finds("甲", "乙"));
        assert_eq!(stored("甲").len(), 1, "a name that equals its skeleton has one hash");
    }
}
