use super::*;
use image::codecs::png::PngEncoder;
use image::codecs::webp::WebPEncoder;
use image::{ImageEncoder, Rgb, Rgba, RgbaImage};

const MAX_PIXELS: u64 = 1_000_000;

/// Returns a picture whose left and right thirds are red and blue. Its centre is green above and grey below.
fn sample(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| match (x * 3 / width, y * 2 / height) {
        (0, _) => Rgb([220, 20, 20]),
        (2, _) => Rgb([20, 20, 220]),
        (_, 0) => Rgb([20, 200, 20]),
        (_, _) => Rgb([128, 128, 128]),
    })
}

fn png(picture: impl Into<DynamicImage>) -> Vec<u8> {
    written(picture, ImageFormat::Png)
}

fn written(picture: impl Into<DynamicImage>, format: ImageFormat) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    picture.into().write_to(&mut out, format).unwrap();
    out.into_inner()
}

/// Returns the largest size of an encoded file.
fn stored(file: &[u8]) -> RgbImage {
    let picture = encode(file, MAX_PIXELS).unwrap();
    for (size, jpeg) in SIZES.into_iter().zip(&picture.sizes) {
        let decoded = image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).unwrap();
        assert_eq!((decoded.width(), decoded.height()), (size, size));
    }
    image::load_from_memory(&picture.sizes[2]).unwrap().into_rgb8()
}

/// Asserts the colour at a place, in percent of the width and height.
fn assert_colour(picture: &RgbImage, (x, y): (u32, u32), expected: [u8; 3]) {
    let pixel = picture.get_pixel(picture.width() * x / 100, picture.height() * y / 100).0;
    let is_near = pixel.iter().zip(expected).all(|(channel, expected)| channel.abs_diff(expected) < 24);
    assert!(is_near, "{pixel:?} at {x}, {y}, expected {expected:?}");
}

const GREEN: [u8; 3] = [20, 200, 20];
const GREY: [u8; 3] = [128, 128, 128];
const WHITE: [u8; 3] = [255, 255, 255];

#[test]
fn picture_is_cropped_to_its_centre() {
    for format in FORMATS {
        let picture = stored(&written(sample(300, 100), format));
        assert_colour(&picture, (10, 20), GREEN);
        assert_colour(&picture, (90, 20), GREEN);
        assert_colour(&picture, (50, 80), GREY);
    }
}

#[test]
fn picture_of_any_shape_is_encoded() {
    for (width, height) in [(1, 1), (1, 900), (3, 2), (511, 513), (1_000, 999), (90_000, 1)] {
        stored(&png(RgbImage::new(width, height)));
    }
}

#[test]
fn large_picture_is_averaged_first() {
    let checkers =
        RgbImage::from_fn(2_200, 2_200, |x, y| if (x + y) % 2 == 0 { Rgb(WHITE) } else { Rgb([0; 3]) });
    let picture = encode(&png(checkers), 5_000_000).unwrap();
    let picture = image::load_from_memory(&picture.sizes[1]).unwrap().into_rgb8();
    assert_colour(&picture, (50, 50), [127, 127, 127]);
}

#[test]
fn transparent_pixels_become_white() {
    let hidden = RgbaImage::from_fn(100, 100, |x, _| Rgba([20, 20, 20, if x < 50 { 0 } else { 255 }]));
    for format in [ImageFormat::Png, ImageFormat::WebP] {
        let picture = stored(&written(hidden.clone(), format));
        assert_colour(&picture, (20, 50), WHITE);
        assert_colour(&picture, (80, 50), [20, 20, 20]);
    }
}

#[test]
fn every_colour_type_is_decoded() {
    let picture = DynamicImage::ImageRgb8(sample(90, 90));
    let colours: [DynamicImage; 6] = [
        picture.to_luma8().into(),
        picture.to_luma_alpha8().into(),
        picture.to_luma16().into(),
        picture.to_rgb16().into(),
        picture.to_rgba16().into(),
        picture.to_rgba8().into(),
    ];
    for colour in colours {
        let kind = colour.color();
        let picture = stored(&png(colour));
        assert_colour(&picture, (50, 80), if kind.has_color() { GREY } else { [128; 3] });
    }
}

/// Returns a chunk of a PNG file.
fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let text = [&kind[..], data].concat();
    let length = u32::try_from(data.len()).unwrap().to_be_bytes();
    [&length[..], &text, &crc32(&text).to_be_bytes()].concat()
}

fn crc32(text: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in text {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    !crc
}

/// Returns stored blocks of zlib.
fn zlib(data: &[u8]) -> Vec<u8> {
    let mut out = vec![0x78, 0x01];
    let (mut low, mut high) = (1u32, 0u32);
    for byte in data {
        low = (low + u32::from(*byte)) % 65_521;
        high = (high + low) % 65_521;
    }
    let length = u16::try_from(data.len()).unwrap();
    out.push(1);
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend_from_slice(data);
    out.extend((high << 16 | low).to_be_bytes());
    out
}

const PNG_SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

/// Returns a header of a PNG file with 8-bit indices into a palette.
fn palette_header(width: u32, height: u32) -> Vec<u8> {
    let [width, height] = [width, height].map(u32::to_be_bytes);
    chunk(*b"IHDR", &[&width[..], &height, &[8, 3, 0, 0, 0]].concat())
}

#[test]
fn palette_with_alpha_is_decoded() {
    let pixels: Vec<u8> = (0..4).flat_map(|_| [0, 0, 0, 1, 1]).collect();
    let file = [
        PNG_SIGNATURE.to_vec(),
        palette_header(4, 4),
        chunk(*b"PLTE", &[20, 20, 20, 20, 200, 20]),
        chunk(*b"tRNS", &[0]),
        chunk(*b"IDAT", &zlib(&pixels)),
        chunk(*b"IEND", &[]),
    ]
    .concat();
    let picture = stored(&file);
    assert_colour(&picture, (15, 50), WHITE);
    assert_colour(&picture, (85, 50), GREEN);
}

#[test]
fn huge_dimensions_are_rejected_before_decoding() {
    let bomb = |width, height| {
        [
            PNG_SIGNATURE.to_vec(),
            palette_header(width, height),
            chunk(*b"PLTE", &[0; 3]),
            chunk(*b"IDAT", &zlib(&[0])),
        ]
        .concat()
    };
    for (width, height) in
        [(65_000, 65_000), (i32::MAX as u32, 1), (i32::MAX as u32, i32::MAX as u32), (1_001, 1_000)]
    {
        assert_eq!(
            encode(&bomb(width, height), MAX_PIXELS),
            Err(ErrorCode::PictureTooLarge),
            "{width} {height}"
        );
    }
    assert_eq!(
        encode(&bomb(1_000, 1_000), MAX_PIXELS),
        Err(ErrorCode::InvalidPicture),
        "only the data is missing"
    );
    // A JPEG file of 65,500 pixels squared: its header only.
    let mut jpeg = written(sample(8, 8), ImageFormat::Jpeg);
    let frame = jpeg.windows(2).position(|marker| marker == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0xff, 0xdc, 0xff, 0xdc]);
    assert_eq!(encode(&jpeg, MAX_PIXELS), Err(ErrorCode::PictureTooLarge));
    // A WebP file (VP8X) of 2^24 pixels squared.
    let canvas = [&[0x10, 0, 0, 0][..], &[0xff; 6]].concat();
    let webp = [b"RIFF\x16\0\0\0WEBPVP8X\x0a\0\0\0".to_vec(), canvas].concat();
    assert!(encode(&webp, MAX_PIXELS).is_err());
}

#[test]
fn truncated_or_changed_file_never_panics() {
    for format in FORMATS {
        let file = written(sample(40, 30), format);
        for length in 0..file.len() {
            let _ = decode(&file[..length], MAX_PIXELS);
        }
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..400 {
            let mut changed = file.clone();
            for _ in 0..random.usize(1..6) {
                let at = random.usize(..changed.len());
                changed[at] = random.u8(..);
            }
            let _ = decode(&changed, MAX_PIXELS);
        }
    }
}

#[test]
fn other_files_are_rejected() {
    for file in [
        &b""[..],
        b"GIF89a\x01\0\x01\0\0\0\0;",
        b"<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
        b"BM\x3a\0\0\0\0\0\0\0\x36\0\0\0",
        b"\x89PNG\r\n\x1a\n",
        b"\xff\xd8\xff",
        b"RIFF\0\0\0\0WEBP",
        b"\0\0\0\x1cftypavif",
        include_bytes!("../../assets/noface.gif"),
    ] {
        assert_eq!(encode(file, MAX_PIXELS), Err(ErrorCode::InvalidPicture), "{file:?}");
    }
}

/// Returns an Exif block with an orientation.
fn exif(orientation: u8) -> Vec<u8> {
    [&b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0"[..], &[orientation, 0, 0, 0], &[0; 4]].concat()
}

#[test]
fn orientation_is_applied_and_metadata_removed() {
    // Orientation, the place of the green half.
    let cases = [(1, (50, 20)), (2, (50, 20)), (3, (50, 80)), (6, (80, 50)), (8, (20, 50))];
    for (orientation, green) in cases {
        for format in FORMATS {
            let mut file = Vec::new();
            let (picture, exif) = (sample(300, 100), exif(orientation));
            let colour = ExtendedColorType::Rgb8;
            match format {
                ImageFormat::Png => {
                    let mut encoder = PngEncoder::new(&mut file);
                    encoder.set_exif_metadata(exif).unwrap();
                    encoder.write_image(&picture, 300, 100, colour).unwrap();
                }
                ImageFormat::Jpeg => {
                    let mut encoder = JpegEncoder::new(&mut file);
                    encoder.set_exif_metadata(exif).unwrap();
                    encoder.write_image(&picture, 300, 100, colour).unwrap();
                }
                _ => {
                    let mut encoder = WebPEncoder::new_lossless(&mut file);
                    encoder.set_exif_metadata(exif).unwrap();
                    encoder.write_image(&picture, 300, 100, colour).unwrap();
                }
            }
            assert!(file.windows(4).any(|bytes| bytes == b"II*\0"), "{format:?}");
            assert_colour(&stored(&file), green, GREEN);
            for jpeg in encode(&file, MAX_PIXELS).unwrap().sizes {
                let has = |text: &[u8]| jpeg.windows(text.len()).any(|bytes| bytes == text);
                assert!(!has(b"II*\0") && !has(b"Exif") && !has(b"ICC_PROFILE"), "{format:?}");
            }
        }
    }
}

#[test]
fn equal_pictures_have_one_hash() {
    let hash = |picture: RgbImage| encode(&png(picture), MAX_PIXELS).unwrap().hash;
    assert_eq!(hash(sample(90, 90)), hash(sample(90, 90)));
    assert_ne!(hash(sample(90, 90)), hash(RgbImage::new(90, 90)));
}

#[tokio::test]
async fn pictures_wait_for_a_slot() {
    let encoder = PictureEncoder::new(1, 1_000_000);
    let file = Bytes::from(png(sample(30, 30)));
    let held = Arc::clone(&encoder.slots).acquire_owned().await.unwrap();
    let mut waiting = std::pin::pin!(encoder.encode(file.clone()));
    assert!(futures_util::poll!(waiting.as_mut()).is_pending());
    drop(held);
    assert_eq!(waiting.await.unwrap(), encode(&file, 1_000_000).unwrap());
}

/// Returns a segment of a JPEG file.
fn segment(marker: u8, data: &[u8]) -> Vec<u8> {
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    [&[0xff, marker][..], &length, data].concat()
}

#[test]
fn cmyk_jpeg_is_decoded() {
    // A block is one code of each table: no difference to the block before, and no other frequencies.
    let table = |class: u8| segment(0xc4, &[&[class, 1][..], &[0; 15], &[0]].concat());
    let components: Vec<u8> = (1..=4).flat_map(|id| [id, 0x11, 0]).collect();
    let scan: Vec<u8> = (1..=4).flat_map(|id| [id, 0]).collect();
    let file = [
        vec![0xff, 0xd8],
        segment(0xee, b"Adobe\0\x64\0\0\0\0\0"),
        segment(0xdb, &[&[0][..], &[1; 64]].concat()),
        segment(0xc0, &[&[8, 0, 8, 0, 8, 4][..], &components].concat()),
        table(0x00),
        table(0x10),
        segment(0xda, &[&[4][..], &scan, &[0, 63, 0]].concat()),
        vec![0x00, 0xff, 0xd9],
    ]
    .concat();
    assert_colour(&stored(&file), (50, 50), [64; 3]);
}

/// Returns a chunk of a WebP file.
fn riff(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let length = u32::try_from(data.len()).unwrap().to_le_bytes();
    [&kind[..], &length, data, &[0][..data.len() % 2]].concat()
}

#[test]
fn animation_becomes_its_first_frame() {
    let frame = |colour| written(RgbImage::from_pixel(12, 12, Rgb(colour)), ImageFormat::WebP)[12..].to_vec();
    let frame = |colour| {
        riff(*b"ANMF", &[&[0, 0, 0, 0, 0, 0, 11, 0, 0, 11, 0, 0, 9, 0, 0, 2][..], &frame(colour)].concat())
    };
    let chunks = [
        b"WEBP".to_vec(),
        riff(*b"VP8X", &[2, 0, 0, 0, 11, 0, 0, 11, 0, 0]),
        riff(*b"ANIM", &[0; 6]),
        frame(GREEN),
        frame([220, 20, 20]),
    ]
    .concat();
    assert_colour(&stored(&riff(*b"RIFF", &chunks)), (50, 50), GREEN);

    let control = |number: u8| {
        let frame =
            [&[0, 0, 0, number][..], &[0, 0, 0, 4, 0, 0, 0, 4], &[0; 8], &[0, 1, 0, 1, 0, 0]].concat();
        chunk(*b"fcTL", &frame)
    };
    let pixels = |index: u8| zlib(&[0, index, index, index, index].repeat(4));
    let file = [
        PNG_SIGNATURE.to_vec(),
        palette_header(4, 4),
        chunk(*b"acTL", &[0, 0, 0, 2, 0, 0, 0, 0]),
        chunk(*b"PLTE", &[20, 200, 20, 220, 20, 20]),
        control(0),
        chunk(*b"IDAT", &pixels(0)),
        control(1),
        chunk(*b"fdAT", &[&[0, 0, 0, 2][..], &pixels(1)].concat()),
        chunk(*b"IEND", &[]),
    ]
    .concat();
    assert_colour(&stored(&file), (50, 50), GREEN);
}
