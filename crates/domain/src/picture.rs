//! The pictures of members: their sizes, and the paths under which the service has them.

use guanxi_types::Mid;
use std::fmt;

/// The widths of a picture in pixels. A picture is square.
pub const SIZES: [u32; 3] = [96, 256, 512];

/// The width of the picture in `face`.
pub const FACE_SIZE: u32 = SIZES[1];

/// The maximum size of a stored picture, in bytes.
pub const MAX_STORED_BYTES: usize = 700_000;

/// The path of a picture. The hash changes with the picture, so a path always names the same bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PicturePath {
    /// The member.
    pub mid: Mid,
    /// The hash of the picture.
    pub hash: u64,
    /// The width in pixels, one of [`SIZES`].
    pub size: u32,
}

impl PicturePath {
    /// Parses a path. `None` for any other text, so each picture has one path.
    pub fn parse(text: &str) -> Option<PicturePath> {
        let mut parts = text.strip_prefix("/face/")?.strip_suffix(".jpg")?.split('/');
        let (mid, hash, size) = (parts.next()?, parts.next()?, parts.next()?);
        let path = PicturePath {
            mid: Mid::new(mid.parse().ok()?)?,
            hash: u64::from_str_radix(hash, 16).ok()?,
            size: size.parse().ok().filter(|size| SIZES.contains(size))?,
        };
        (parts.next().is_none() && path.to_string() == text).then_some(path)
    }

    /// Returns the path of another size of the picture.
    #[must_use]
    pub fn with_size(self, size: u32) -> PicturePath {
        PicturePath { size, ..self }
    }
}

impl fmt::Display for PicturePath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "/face/{}/{:016x}/{}.jpg", self.mid, self.hash, self.size)
    }
}

/// Returns true for a JPEG file of a size that is stored.
pub fn is_stored_jpeg(bytes: &[u8]) -> bool {
    bytes.len() <= MAX_STORED_BYTES
        && bytes.starts_with(&[0xff, 0xd8, 0xff])
        && bytes.ends_with(&[0xff, 0xd9])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_of_a_picture_parses_back() {
        let path = PicturePath { mid: Mid::new(42).unwrap(), hash: 0xab, size: 256 };
        assert_eq!(path.to_string(), "/face/42/00000000000000ab/256.jpg");
        assert_eq!(PicturePath::parse(&path.to_string()), Some(path));
        assert_eq!(path.with_size(96).to_string(), "/face/42/00000000000000ab/96.jpg");
    }

    #[test]
    fn other_spellings_are_no_path() {
        for text in [
            "",
            "/face/42/00000000000000ab/255.jpg",
            "/face/42/00000000000000AB/256.jpg",
            "/face/42/ab/256.jpg",
            "/face/042/00000000000000ab/256.jpg",
            "/face/+42/00000000000000ab/256.jpg",
            "/face/0/00000000000000ab/256.jpg",
            "/face/42/00000000000000ab/256.jpg/256.jpg",
            "/face/42/00000000000000ab/256.png",
            "/face/42/256.jpg",
            "//face/42/00000000000000ab/256.jpg",
            "https://a.cn/face/42/00000000000000ab/256.jpg",
        ] {
            assert_eq!(PicturePath::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn stored_jpeg_has_its_markers() {
        assert!(is_stored_jpeg(&[0xff, 0xd8, 0xff, 0xe0, 0xff, 0xd9]));
        assert!(!is_stored_jpeg(&[0xff, 0xd8, 0xff, 0xe0]));
        assert!(!is_stored_jpeg(b"<svg/>\xff\xd9"));
        let large = [&[0xff, 0xd8, 0xff][..], &vec![0; MAX_STORED_BYTES], &[0xff, 0xd9]].concat();
        assert!(!is_stored_jpeg(&large));
    }
}
