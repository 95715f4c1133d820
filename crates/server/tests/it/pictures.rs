//! Members' own pictures: upload, delivery, removal.

use crate::client::TestClient;
use crate::service::{Service, TestResponse};
use guanxi_domain::picture::{PicturePath, SIZES};
use guanxi_storage::Store;
use guanxi_storage::model::{Picture, RateLimitBucket};
use guanxi_types::{Mid, Role};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use image::{DynamicImage, ImageFormat, RgbImage};
use serde_json::json;
use std::io::Cursor;

/// Returns a PNG file of one colour.
pub(crate) fn png(width: u32, height: u32, colour: [u8; 3]) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let picture = RgbImage::from_pixel(width, height, image::Rgb(colour));
    DynamicImage::from(picture).write_to(&mut out, ImageFormat::Png).unwrap();
    out.into_inner()
}

async fn upload(member: &TestClient<'_>, file: &[u8]) -> TestResponse {
    member.post_file("/passport/face", "picture", file, &[]).await
}

/// Returns the path of a member's picture, as a host sees it.
async fn face(service: &Service, mid: u64) -> String {
    let browser = service.anonymous().with_header("host", "a.cn");
    let data = browser.get(&format!("/x/space/acc/info?mid={mid}")).await.data();
    data["face"].as_str().unwrap().strip_prefix("http://a.cn").unwrap().to_owned()
}

#[tokio::test]
async fn uploaded_picture_is_shown_everywhere_at_once() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    assert_eq!(me.change_relation(1, 2).await, 0);
    let faces = async || {
        let browser = service.anonymous().with_header("host", "a.cn");
        let card = browser.get("/x/web-interface/card?mid=1").await.data()["card"]["face"].clone();
        let listed = browser.get("/x/relation/followers?vmid=2").await.data()["list"][0]["face"].clone();
        assert_eq!(card, listed);
        card.as_str().unwrap().to_owned()
    };
    let mut seen = vec![faces().await];
    for colour in [[200, 20, 20], [20, 20, 200]] {
        assert_eq!(upload(&me, &png(30, 20, colour)).await.code(), 0);
        seen.push(faces().await);
        assert!(seen.last().unwrap().starts_with("http://a.cn/face/1/"), "{seen:?}");
    }
    assert_eq!(me.post("/passport/face/delete", &[]).await.code(), 0);
    assert_eq!(faces().await, seen[0]);
    seen.sort_unstable();
    seen.dedup();
    assert_eq!(seen.len(), 3, "each picture has a URL of its own");
}

#[tokio::test]
async fn picture_is_served_in_three_sizes_forever() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    assert_eq!(upload(&me, &png(30, 20, [200, 20, 20])).await.code(), 0);
    let path = PicturePath::parse(&face(&service, 1).await).unwrap();
    for size in SIZES {
        let path = path.with_size(size).to_string();
        let answer = service.anonymous().with_header("accept-encoding", "gzip, br").get(&path).await;
        let picture = image::load_from_memory_with_format(&answer.bytes, ImageFormat::Jpeg).unwrap();
        assert_eq!((picture.width(), picture.height()), (size, size));
        let expected = [
            ("content-type", "image/jpeg"),
            ("cache-control", "public, max-age=31536000, immutable"),
            ("x-content-type-options", "nosniff"),
            ("content-security-policy", "default-src 'none'; sandbox"),
            ("content-disposition", "inline; filename=\"face.jpg\""),
            ("cross-origin-resource-policy", "cross-origin"),
        ];
        for (name, value) in expected {
            assert_eq!(answer.headers[name], value, "{name}");
        }
        assert!(!answer.headers.contains_key("content-encoding"), "a JPEG file is compressed already");
        let etag = answer.header(ETAG).to_owned();
        for (tags, status) in
            [(etag.clone(), 304), (format!("\"x\", W/{etag}"), 304), ("\"x\"".to_owned(), 200)]
        {
            let again = service.anonymous().with_header("if-none-match", &tags).get(&path).await;
            assert_eq!((again.status.as_u16(), again.bytes.is_empty()), (status, status == 304), "{tags}");
            assert_eq!(again.header(ETAG), etag);
        }
    }
}

#[tokio::test]
async fn replaced_and_removed_pictures_are_404() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let mut paths = Vec::new();
    for colour in [[200, 20, 20], [20, 20, 200]] {
        assert_eq!(upload(&me, &png(30, 20, colour)).await.code(), 0);
        paths.push(face(&service, 1).await);
    }
    let admin = service.operator(Role::Admin).await;
    assert_eq!(admin.post("/operator/member/face/delete", json!({"mid": 1})).await.code(), 0);
    let entry = admin.get("/operator/audit?limit=1").await.data()["list"][0].clone();
    assert_eq!((&entry["action"], &entry["mid"]), (&json!("/operator/member/face/delete"), &json!(1)));
    paths.extend(["/face/1/0/256.jpg", "/face/x/y/z", "/face/1/00000000000000ab/97.jpg"].map(str::to_owned));
    for path in paths {
        let answer = service.anonymous().get(&path).await;
        assert_eq!(answer.status, 404, "{path}");
        assert_eq!(answer.headers[CACHE_CONTROL], "no-store", "{path}");
        assert_eq!(answer.headers[CONTENT_TYPE], "application/json; charset=utf-8");
    }
    for size in SIZES {
        let row: Option<Picture> = service.app.store.get((Mid::new(1).unwrap(), size)).await.unwrap();
        assert_eq!(row, None);
    }
}

#[tokio::test]
async fn unusable_upload_is_rejected() {
    let service = Service::with_settings(|settings| {
        settings.picture_limit_pixels = 10_000.try_into().unwrap();
        settings.picture_limit_bytes = 200_000.try_into().unwrap();
    })
    .await;
    let me = service.log_in_as(1).await;
    let small = png(9, 9, [0; 3]);
    let cases: [(&[u8], i64); 6] = [
        (b"", -400),
        (b"GIF89a", 30081),
        (b"<svg/>", 30081),
        (&small[..40], 30081),
        (&png(101, 100, [0; 3]), 30082),
        (&vec![0; 300_000], -413),
    ];
    for (file, code) in cases {
        assert_eq!(upload(&me, file).await.code(), code, "{} bytes", file.len());
    }
    assert_eq!(upload(&me, b"").await.headers["guanxi-hint"], "picture is missing");
    assert_eq!(face(&service, 1).await, "/assets/noface.gif");
    assert_eq!(upload(&me, &small).await.code(), 0);
}

#[tokio::test]
async fn stranger_cannot_upload() {
    let service = Service::new().await;
    let (me, large) = (service.log_in_as(1).await, vec![0; 1 << 20]);
    for file in [&png(9, 9, [0; 3]), &large] {
        assert_eq!(upload(&service.anonymous(), file).await.code(), -101);
    }
    let forged = me.post_file("/passport/face", "picture", &png(9, 9, [0; 3]), &[("csrf", "0")]).await;
    assert_eq!(forged.code(), -111);
    // A file in a query is in access logs, and a form without one has no file.
    for form in ["picture=", ""] {
        assert_eq!(me.post("/passport/face?picture=x", &[("x", form)]).await.code(), -400);
    }
}

#[tokio::test]
async fn uploads_of_a_member_are_limited() {
    let service =
        Service::with_settings(|settings| settings.pictures_per_member = 2.try_into().unwrap()).await;
    let (me, them) = (service.log_in_as(1).await, service.log_in_as(2).await);
    let file = png(9, 9, [0; 3]);
    assert_eq!([upload(&me, &file).await.code(), upload(&me, b"x").await.code()], [0, 30081]);
    let limited = upload(&me, &file).await;
    assert_eq!((limited.code(), limited.retry_after().is_some()), (30012, true));
    assert_eq!(upload(&them, &file).await.code(), 0);
    assert_eq!(me.post("/passport/face/delete", &[]).await.code(), 0, "a removal is never limited");
    let buckets: Vec<RateLimitBucket> = service.app.store.all().await.unwrap();
    assert_eq!(buckets.len(), 2);
}

#[tokio::test]
async fn upload_form_returns_to_its_page() {
    let service = Service::new().await;
    let me = service.log_in_as(1).await;
    let post = async |member: &TestClient<'_>, file: &[u8]| {
        member.post_file("/form/passport/face?back=/me", "picture", file, &[("back", "/me")]).await
    };
    let done = post(&me, &png(9, 9, [0; 3])).await;
    assert_eq!((done.status.as_u16(), done.redirect_target()), (303, "/me"));
    let refused = post(&me, b"GIF89a").await;
    assert_eq!(refused.status, 422);
    assert!(refused.text().contains("这个文件不是能用的图片"));
    let large = post(&me, &vec![0; 9 << 20]).await;
    assert_eq!(large.status, 413);
    assert!(large.text().contains("头像"), "the page of the form shows the error");
    let stranger = post(&service.anonymous(), &vec![0; 1 << 20]).await;
    assert_eq!((stranger.status.as_u16(), stranger.redirect_target()), (303, "/login?back=%2Fme"));
}
