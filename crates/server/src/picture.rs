//! Uploaded pictures: decoded within limits, cropped to a square, and encoded again in all sizes.
//!
//! A small file can be a huge picture, so the number of pixels is checked before the first one is decoded. Decoding
//! takes a slot and a blocking thread. So the memory of all decoders is limited by slots and pixels.

use crate::http::response::ApiError;
use bytes::Bytes;
use guanxi_domain::picture::{SIZES, is_stored_jpeg};
use guanxi_storage::commands::NewPicture;
use guanxi_types::{ErrorCode, HttpError};
use image::codecs::jpeg::JpegEncoder;
use image::error::ImageError;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ExtendedColorType, ImageDecoder, ImageFormat, ImageReader, Limits, RgbImage};
use sha2::{Digest, Sha256};
use std::io::Cursor;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// The formats that are accepted.
const FORMATS: [ImageFormat; 3] = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::WebP];

/// The quality of stored pictures, 1 to 100.
const JPEG_QUALITY: u8 = 85;

/// The largest number of bytes of a decoded pixel: four channels of 16 bits.
const MAX_PIXEL_BYTES: u64 = 8;

/// The memory of a decoder besides the picture, in bytes.
const DECODER_BYTES: u64 = 32 << 20;

/// A pool of slots for uploaded pictures. Clones share it.
#[derive(Clone, Debug)]
pub struct PictureEncoder {
    slots: Arc<Semaphore>,
    max_pixels: u64,
}

impl PictureEncoder {
    /// Creates a pool with so many slots, for pictures of at most `max_pixels` pixels.
    pub fn new(slots: usize, max_pixels: u32) -> PictureEncoder {
        PictureEncoder { slots: Arc::new(Semaphore::new(slots)), max_pixels: u64::from(max_pixels) }
    }

    /// Decodes a file and encodes the picture in all sizes. Waits for a slot. The file counts in the quota of bytes in
    /// flight meanwhile, so the number of waiting files is limited. Rejects with 30081 and 30082.
    pub async fn encode(&self, file: Bytes) -> Result<NewPicture, ApiError> {
        let slot = Arc::clone(&self.slots).acquire_owned().await.map_err(|_| HttpError::Unavailable)?;
        let max_pixels = self.max_pixels;
        let task = tokio::task::spawn_blocking(move || {
            let encoded = encode(&file, max_pixels);
            // The memory of the decoder is free before the next file takes the slot.
            drop((file, slot));
            encoded
        });
        let encoded = task.await.unwrap_or_else(|error| {
            tracing::error!(%error, "decoder of a picture panicked, upload rejected with 30081");
            Err(ErrorCode::InvalidPicture)
        });
        Ok(encoded?)
    }
}

/// Decodes a file and encodes the picture in all sizes.
fn encode(file: &[u8], max_pixels: u64) -> Result<NewPicture, ErrorCode> {
    let (picture, orientation) = decode(file, max_pixels)?;
    let mut largest = scale_to_square(picture);
    largest.apply_orientation(orientation);
    let mut hash = Sha256::new();
    let mut sizes = [const { Vec::new() }; 3];
    for (size, jpeg) in SIZES.into_iter().zip(&mut sizes) {
        *jpeg = encode_jpeg(&largest.resize_exact(size, size, FilterType::Lanczos3).into_rgb8())?;
        hash.update(&*jpeg);
    }
    let hash: [u8; 32] = hash.finalize().into();
    let hash = hash.first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
    Ok(NewPicture { hash, sizes })
}

/// Returns the picture of a file, and how to turn it upright. An animation is its first frame.
fn decode(file: &[u8], max_pixels: u64) -> Result<(DynamicImage, Orientation), ErrorCode> {
    let format = image::guess_format(file).ok().filter(|format| FORMATS.contains(format));
    let mut reader = ImageReader::with_format(Cursor::new(file), format.ok_or(ErrorCode::InvalidPicture)?);
    let max_bytes = max_pixels * MAX_PIXEL_BYTES + DECODER_BYTES;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(max_bytes);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| rejection(&error))?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > max_pixels || decoder.total_bytes() > max_bytes {
        return Err(ErrorCode::PictureTooLarge);
    }
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let picture = DynamicImage::from_decoder(decoder).map_err(|error| rejection(&error))?;
    Ok((picture, orientation))
}

fn rejection(error: &ImageError) -> ErrorCode {
    if matches!(error, ImageError::Limits(_)) {
        ErrorCode::PictureTooLarge
    } else {
        ErrorCode::InvalidPicture
    }
}

/// Returns the square in the centre of a picture, in the largest size. Transparent pixels become white.
fn scale_to_square(picture: DynamicImage) -> DynamicImage {
    let (width, height, target) = (picture.width(), picture.height(), SIZES[SIZES.len() - 1]);
    let side = width.min(height);
    let mut square = picture.crop_imm((width - side) / 2, (height - side) / 2, side, side);
    drop(picture);
    // Averaging whole pixels first makes the better filter cheap. The factor left over is at least two.
    if side >= 4 * target {
        square = square.thumbnail_exact(2 * target, 2 * target);
    }
    let opaque = if square.color().has_alpha() { over_white(square) } else { square.into_rgb8() };
    DynamicImage::from(opaque).resize_exact(target, target, FilterType::Lanczos3)
}

/// Blends a picture with white. Otherwise the hidden colour of transparent pixels would show at edges.
fn over_white(picture: DynamicImage) -> RgbImage {
    let picture = picture.into_rgba8();
    RgbImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [red, green, blue, alpha] = picture.get_pixel(x, y).0;
        let blend = |channel: u8| {
            let sum = u16::from(channel) * u16::from(alpha) + 255 * (255 - u16::from(alpha)) + 127;
            u8::try_from(sum / 255).unwrap_or(u8::MAX)
        };
        image::Rgb([red, green, blue].map(blend))
    })
}

/// Encodes a picture as JPEG, without metadata.
fn encode_jpeg(picture: &RgbImage) -> Result<Vec<u8>, ErrorCode> {
    let mut jpeg = Vec::new();
    let mut encoder = JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY);
    let (width, height) = picture.dimensions();
    let encoded = encoder.encode(picture.as_raw(), width, height, ExtendedColorType::Rgb8);
    match encoded {
        Ok(()) if is_stored_jpeg(&jpeg) => Ok(jpeg),
        _ => Err(ErrorCode::InvalidPicture),
    }
}

#[cfg(test)]
mod tests;
