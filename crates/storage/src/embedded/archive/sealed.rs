//! Sealed objects: chunks that are compressed, bound to their object's name and place, and encrypted with a key.
//!
//! | bytes | content |
//! |---|---|
//! | 8 | `guanxi-a` |
//! | 4 | the number of the key, or 0 without encryption |
//! | 16 | a random nonce |
//!
//! Then each chunk follows:
//!
//! | bytes | content |
//! |---|---|
//! | 4 | the length of the sealed chunk. The highest bit marks the last chunk |
//! | the rest | the sealed chunk: up to 1 MiB, compressed with zstd |
//!
//! With a key, a chunk is encrypted with XChaCha20-Poly1305. Its nonce is that of the object, the number of the
//! chunk, and the mark of the last one. Its associated data are the head and the name of the object. Without a key,
//! a chunk ends with a CRC-32 of the same data. So no chunk or object can take the place of another.

use super::ArchiveError;
use crate::encryption::{Keyring, fill_random};
use bytes::{Buf, BytesMut};
use chacha20poly1305::aead::{Aead, KeyInit as _, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use std::io;

const MAGIC: &[u8; 8] = b"guanxi-a";
const NONCE_LEN: usize = 16;
const HEAD_LEN: usize = MAGIC.len() + 4 + NONCE_LEN;
const LAST: u32 = 1 << 31;

/// The length of a chunk before compression.
pub(super) const CHUNK_LEN: usize = 1 << 20;

/// The largest possible length of a sealed chunk.
const MAX_SEALED_LEN: usize = CHUNK_LEN + (CHUNK_LEN >> 6);

/// The fastest of the usual compression levels.
const COMPRESSION_LEVEL: i32 = 1;

/// The head of an object.
type Head = [u8; HEAD_LEN];

/// Returns the nonce of a chunk.
fn chunk_nonce(head: &Head, index: u64, is_last: bool) -> XNonce {
    let mut nonce = [0; 24];
    nonce[..NONCE_LEN].copy_from_slice(&head[HEAD_LEN - NONCE_LEN..]);
    nonce[NONCE_LEN..].copy_from_slice(&(index << 1 | u64::from(is_last)).to_be_bytes());
    nonce.into()
}

fn checksum(head: &Head, nonce: &XNonce, name: &str, chunk: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    for part in [head, nonce.as_slice(), name.as_bytes(), chunk] {
        hasher.update(part);
    }
    hasher.finalize().to_be_bytes()
}

/// Writes a sealed object, chunk by chunk.
pub(super) struct Sealer {
    cipher: Option<XChaCha20Poly1305>,
    name: String,
    head: Head,
    index: u64,
}

impl Sealer {
    pub(super) fn new(keys: Option<&Keyring>, name: &str) -> Sealer {
        let mut head = [0; HEAD_LEN];
        let (magic, rest) = head.split_at_mut(MAGIC.len());
        magic.copy_from_slice(MAGIC);
        let (key_id, nonce) = rest.split_at_mut(4);
        key_id.copy_from_slice(&keys.map_or(0, |keys| keys.newest().id).to_be_bytes());
        fill_random(nonce);
        let cipher = keys.map(|keys| XChaCha20Poly1305::new(&keys.newest().archive_key().into()));
        Sealer { cipher, name: name.to_owned(), head, index: 0 }
    }

    /// Returns the bytes of the next chunk, and before the first one the head.
    pub(super) fn chunk(&mut self, chunk: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
        let compressed = zstd::bulk::compress(chunk, COMPRESSION_LEVEL)?;
        let nonce = chunk_nonce(&self.head, self.index, is_last);
        let sealed = if let Some(cipher) = &self.cipher {
            let aad = [&self.head[..], self.name.as_bytes()].concat();
            let payload = Payload { msg: &compressed, aad: &aad };
            cipher.encrypt(&nonce, payload).map_err(|_| io::Error::other("encryption failed"))?
        } else {
            let sum = checksum(&self.head, &nonce, &self.name, &compressed);
            [&compressed[..], &sum].concat()
        };
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        let length = if is_last { length | LAST } else { length };
        let head: &[u8] = if self.index == 0 { &self.head } else { &[] };
        self.index += 1;
        Ok([head, &length.to_be_bytes(), &sealed].concat())
    }
}

/// Returns the sealed object of a content.
pub(super) fn seal(keys: Option<&Keyring>, name: &str, content: &[u8]) -> io::Result<Vec<u8>> {
    let mut sealer = Sealer::new(keys, name);
    let mut rest = content;
    let mut object = Vec::new();
    loop {
        let (chunk, after) = rest.split_at(rest.len().min(CHUNK_LEN));
        object.extend(sealer.chunk(chunk, after.is_empty())?);
        if after.is_empty() {
            return Ok(object);
        }
        rest = after;
    }
}

/// Reads a sealed object, piece by piece.
pub(super) struct Opener<'k> {
    keys: Option<&'k Keyring>,
    name: String,
    buffer: BytesMut,
    /// The head, and the cipher of an encrypted object.
    opened: Option<(Head, Option<XChaCha20Poly1305>)>,
    index: u64,
    is_complete: bool,
}

impl<'k> Opener<'k> {
    pub(super) fn new(keys: Option<&'k Keyring>, name: &str) -> Opener<'k> {
        let buffer = BytesMut::new();
        Opener { keys, name: name.to_owned(), buffer, opened: None, index: 0, is_complete: false }
    }

    /// Adds bytes of the object.
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Returns the next chunk, or `None` if more bytes are needed.
    pub(super) fn next_chunk(&mut self) -> Result<Option<Vec<u8>>, ArchiveError> {
        if self.opened.is_none() {
            let Some(head) = self.buffer.first_chunk::<HEAD_LEN>().copied() else { return Ok(None) };
            let cipher = self.cipher(&head)?;
            self.opened = Some((head, cipher));
            self.buffer.advance(HEAD_LEN);
        }
        let Some(length) = self.buffer.first_chunk::<4>() else { return Ok(None) };
        let length = u32::from_be_bytes(*length);
        let (is_last, length) = (length & LAST != 0, (length & !LAST) as usize);
        if length > MAX_SEALED_LEN || self.is_complete {
            return Err(self.damaged("a chunk has an invalid length"));
        }
        let Some(sealed) = self.buffer.get(4..4 + length) else { return Ok(None) };
        let chunk = self.open(sealed, is_last)?;
        self.buffer.advance(4 + length);
        (self.index, self.is_complete) = (self.index + 1, is_last);
        Ok(Some(chunk))
    }

    /// Fails unless the object ended with its last chunk.
    pub(super) fn finish(self) -> Result<(), ArchiveError> {
        if self.is_complete && self.buffer.is_empty() { Ok(()) } else { Err(self.damaged("it is cut off")) }
    }

    fn cipher(&self, head: &Head) -> Result<Option<XChaCha20Poly1305>, ArchiveError> {
        let fields = head.strip_prefix(MAGIC).and_then(|rest| rest.split_first_chunk::<4>());
        let Some((key_id, _)) = fields else {
            return Err(self.damaged("it is no object of an archive"));
        };
        match (u32::from_be_bytes(*key_id), self.keys) {
            (0, None) => Ok(None),
            (0, Some(_)) => Err(ArchiveError::Refused(
                "the archive is not encrypted: remove archive_key_file, or name another archive".to_owned(),
            )),
            (id, keys) => {
                let key = keys.and_then(|keys| keys.key(id)).ok_or(ArchiveError::WrongKey)?;
                Ok(Some(XChaCha20Poly1305::new(&key.archive_key().into())))
            }
        }
    }

    fn open(&self, sealed: &[u8], is_last: bool) -> Result<Vec<u8>, ArchiveError> {
        let Some((head, cipher)) = &self.opened else { return Err(self.damaged("it has no head")) };
        let nonce = chunk_nonce(head, self.index, is_last);
        let compressed = if let Some(cipher) = cipher {
            let aad = [&head[..], self.name.as_bytes()].concat();
            let opened = cipher.decrypt(&nonce, Payload { msg: sealed, aad: &aad });
            let reason = "it has another key, was changed, or is the object of another name";
            opened.map_err(|_| self.damaged(reason))?
        } else {
            let (compressed, sum) =
                sealed.split_last_chunk::<4>().ok_or_else(|| self.damaged("a chunk is cut off"))?;
            if *sum != checksum(head, &nonce, &self.name, compressed) {
                return Err(self.damaged("it was changed, or is the object of another name"));
            }
            compressed.to_vec()
        };
        zstd::bulk::decompress(&compressed, CHUNK_LEN)
            .map_err(|_| self.damaged("a chunk cannot be decompressed"))
    }

    fn damaged(&self, reason: &'static str) -> ArchiveError {
        ArchiveError::Damaged(self.name.clone(), reason)
    }
}

/// Returns the content of a sealed object.
pub(super) fn open(keys: Option<&Keyring>, name: &str, object: &[u8]) -> Result<Vec<u8>, ArchiveError> {
    let mut opener = Opener::new(keys, name);
    opener.push(object);
    let mut content = Vec::new();
    while !opener.is_complete
        && let Some(chunk) = opener.next_chunk()?
    {
        content.extend(chunk);
    }
    opener.finish()?;
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sealed_content_opens_with_its_key_and_name() {
        let keys = Keyring::generate();
        let rotated = keys.with_new_key();
        for length in [0, 1, CHUNK_LEN, CHUNK_LEN + 1, 3 * CHUNK_LEN] {
            let content: Vec<u8> = (0..=250).cycle().take(length).collect();
            let plain = seal(None, "wal/1", &content).unwrap();
            assert_eq!(open(None, "wal/1", &plain).unwrap(), content);
            let encrypted = seal(Some(&keys), "wal/1", &content).unwrap();
            assert_eq!(open(Some(&keys), "wal/1", &encrypted).unwrap(), content);
            assert_eq!(open(Some(&rotated), "wal/1", &encrypted).unwrap(), content);
        }
    }

    #[test]
    fn object_of_another_name_or_key_is_rejected() {
        let (keys, others) = (Keyring::generate(), Keyring::generate());
        for keys in [None, Some(&keys)] {
            let object = seal(keys, "wal/1", b"records").unwrap();
            assert!(matches!(open(keys, "wal/2", &object), Err(ArchiveError::Damaged(..))));
        }
        let object = seal(Some(&keys), "wal/1", b"records").unwrap();
        assert!(matches!(open(Some(&others), "wal/1", &object), Err(ArchiveError::Damaged(..))));
        assert!(matches!(open(None, "wal/1", &object), Err(ArchiveError::WrongKey)));
        let plain = seal(None, "wal/1", b"records").unwrap();
        assert!(matches!(open(Some(&keys), "wal/1", &plain), Err(ArchiveError::Refused(_))));
    }

    #[test]
    fn changed_cut_or_reordered_object_is_rejected() {
        let keys = Keyring::generate();
        for keys in [None, Some(&keys)] {
            let object = seal(keys, "wal/1", b"a record of a follow").unwrap();
            for at in 0..object.len() {
                assert!(open(keys, "wal/1", &object[..at]).is_err(), "cut at {at}");
                let mut changed = object.clone();
                changed[at] ^= 4;
                assert!(open(keys, "wal/1", &changed).is_err(), "changed at {at}");
            }
            assert!(open(keys, "wal/1", &[&object[..], b"more"].concat()).is_err());
        }
        let mut sealer = Sealer::new(None, "wal/1");
        let chunks = [sealer.chunk(b"one", false), sealer.chunk(b"two", false), sealer.chunk(b"three", true)];
        let [one, two, three] = chunks.map(Result::unwrap);
        assert_eq!(open(None, "wal/1", &[&one[..], &two, &three].concat()).unwrap(), b"onetwothree");
        for reordered in [[&one[..], &three].concat(), [&one[..], &two].concat()] {
            assert!(open(None, "wal/1", &reordered).is_err());
        }
    }
}
