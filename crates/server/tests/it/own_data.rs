//! `/passport/export`, `/data.zip` and `/passport/relations/import`: the data of a member out of the service, and into
//! it again.

use crate::client::{PASSWORD, TestClient};
use crate::pages::{get_page, post_form};
use crate::service::{Service, TestResponse};
use guanxi_server::data_export;
use guanxi_types::Role;
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use std::num::NonZeroU32;
use zip::ZipArchive;

/// Requests the archive, has it made, and returns its files.
async fn download(service: &Service, me: &TestClient<'_>) -> Vec<(String, String)> {
    assert_eq!(me.post("/passport/export", &[]).await.code(), 0);
    data_export::run_once(&service.app).await.unwrap();
    let answer = me.get("/data.zip").await;
    assert_eq!(answer.header("content-type"), "application/zip");
    let mut zip = ZipArchive::new(Cursor::new(answer.bytes)).unwrap();
    let count = zip.len();
    let mut read = |at| {
        let mut file = zip.by_index(at).unwrap();
        let (name, mut text) = (file.name().unwrap().into_owned(), String::new());
        file.read_to_string(&mut text).unwrap();
        (name, text)
    };
    (0..count).map(&mut read).collect()
}

fn file<'f>(files: &'f [(String, String)], name: &str) -> &'f str {
    files.iter().find(|(found, _)| found == name).map_or("", |(_, text)| text)
}

async fn import(me: &TestClient<'_>, csv: &str, dry_run: bool) -> TestResponse {
    let fields = [("dry_run", if dry_run { "1" } else { "0" })];
    me.post_file("/passport/relations/import", "csv", csv.as_bytes(), &fields).await
}

/// Returns line, outcome and code of each row.
fn outcomes(data: &Value) -> Vec<(u64, &str, i64)> {
    let rows = data["rows"].as_array().unwrap().iter();
    let number = |row: &Value, name: &str| row[name].as_i64().unwrap();
    rows.map(|row| {
        (number(row, "line").unsigned_abs(), row["outcome"].as_str().unwrap(), number(row, "code"))
    })
    .collect()
}

#[tokio::test]
async fn archive_has_all_data_of_the_member() {
    let service = Service::new().await;
    let me = service.anonymous();
    let mid = me.sign_up("=甲", &[("tel", "15312345056")]).await;
    let group = me.post("/x/relation/tag/create", &[("tag", "同学")]).await.data()["tagid"].to_string();
    for (act, fid) in [(1, 2), (1, 3), (3, 4), (5, 5)] {
        assert_eq!(me.change_relation(act, fid).await, 0);
    }
    let tags = [("fids", "2"), ("tagids", &format!("{group},-10"))];
    assert_eq!(me.post("/x/relation/tags/addUsers", &tags).await.code(), 0);
    assert_eq!(me.post("/passport/remark", &[("mid", "2"), ("remark", "邻居")]).await.code(), 0);
    assert_eq!(service.log_in_as(7).await.change_relation(1, mid).await, 0);
    assert_eq!(me.get("/passport/export").await.data()["status"], json!("none"));
    let none = me.get("/data.zip").await;
    assert_eq!(none.status, 422, "there is no archive yet");
    let files = download(&service, &me).await;
    let state = me.get("/passport/export").await.data();
    assert_eq!(state["status"], json!("ready"));
    assert_eq!(state["expires"].as_i64().unwrap() - state["time"].as_i64().unwrap(), 3 * 86_400);
    let account: Value = serde_json::from_str(file(&files, "account.json")).unwrap();
    assert_eq!(account["account"]["tel"], json!("15312345056"));
    let profile: Value = serde_json::from_str(file(&files, "profile.json")).unwrap();
    assert_eq!(profile["card"]["uname"], json!("=甲"));
    let relations = file(&files, "relations.csv");
    for line in
        ["2,成员2,follow,\"同学\n特别关注\",2026", "3,成员3,follow,,", "4,成员4,whisper,,", "5,成员5,block,,"]
    {
        assert!(relations.contains(line), "{line}: {relations}");
    }
    assert!(file(&files, "followers.csv").contains("7,成员7,2026-01-15"));
    assert!(file(&files, "remarks.csv").contains("2,成员2,邻居"));
    assert!(file(&files, "README.txt").contains("relations.csv"));
    let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
    assert!(!all.contains("$argon2") && !all.contains(me.token().as_str()), "secrets are in no archive");
    assert_eq!(service.log_in_as(2).await.get("/data.zip").await.status, 422);
    assert_eq!(service.anonymous().get("/data.zip").await.redirect_target(), "/login?back=%2Fdata.zip");
    let later = service.at_time("2026-01-19T12:00:00+08:00");
    assert_eq!(me.with_service(&later).get("/passport/export").await.data()["status"], json!("none"));
    later.run_due_tasks().await;
    later.assert_consistent().await;
}

#[tokio::test]
async fn long_list_of_an_archive_is_cut_off_and_told() {
    let service =
        Service::with_settings(|settings| settings.export_limit = NonZeroU32::new(2).unwrap()).await;
    let me = service.log_in_as(1).await;
    for fid in 2..=4 {
        assert_eq!(me.change_relation(1, fid).await, 0);
    }
    let admin = service.operator(Role::Admin).await;
    for coins in 1..=3 {
        let body = json!({"mid": 1, "delta": coins, "reason": "活动"});
        assert_eq!(admin.post("/operator/member/coins", body).await.code(), 0);
    }
    let files = download(&service, &me).await;
    for list in ["relations.csv", "coins.csv"] {
        assert_eq!(file(&files, list).lines().count(), 3, "{list}");
    }
    let readme = file(&files, "README.txt");
    assert!(readme.contains("relations.csv: 只有最新的 2 项，共 3 项。 The newest 2 of 3 entries only."));
    assert!(readme.contains("coins.csv: 只有最新的 2 项。 The newest 2 entries only."), "{readme}");
}

#[tokio::test]
async fn import_has_the_rules_of_changes_by_hand() {
    let service = Service::with_settings(|settings| settings.following_limit = 3).await;
    let me = service.log_in_as(1).await;
    assert_eq!(me.change_relation(1, 2).await, 0);
    assert_eq!(service.log_in_as(9).await.change_relation(5, 1).await, 0);
    let csv = "mid,name,kind,groups\n2,,follow,同学\n4,,whisper,\n3,,,\n99,,follow,\n1,,follow,\n9,,follow,\n5,,,特别关注\n6,,,\n2000,,block,\n";
    let expected = [
        (2, "joined", 0),
        (3, "added", 0),
        (4, "added", 0),
        (5, "refused", 40061),
        (6, "refused", 22001),
        (7, "refused", 22003),
        // Lines with the same groups are one change.
        (8, "refused", 22009),
        (9, "added", 0),
        (10, "refused", 40061),
    ];
    let preview = import(&me, csv, true).await.data();
    assert_eq!(outcomes(&preview), expected);
    assert_eq!(preview["groups"], json!(["同学"]));
    assert_eq!(me.get("/x/relation/stat?vmid=1").await.data()["following"], json!(1), "nothing changed");
    let done = import(&me, csv, false).await.data();
    assert_eq!((outcomes(&done), &done["groups"]), (expected.to_vec(), &json!(["同学"])));
    let counters = me.get("/x/relation/stat?vmid=1").await.data();
    assert_eq!((&counters["following"], &counters["whisper"]), (&json!(3), &json!(1)));
    let again = import(&me, csv, false).await.data();
    assert_eq!(outcomes(&again)[0], (2, "unchanged", 0));
    assert_eq!(again["groups"], json!([]));
    service.assert_consistent().await;
}

#[tokio::test]
async fn invalid_file_is_refused_with_its_line() {
    let service =
        Service::with_settings(|settings| settings.import_limit = NonZeroU32::new(2).unwrap()).await;
    let me = service.log_in_as(1).await;
    for (csv, line) in [("name\n", 1), ("mid\n2\nx\n", 3), ("mid\n2\n3\n4\n", 4), ("mid,kind\n2,fan\n", 2)] {
        let answer = import(&me, csv, false).await;
        assert_eq!(answer.code(), 30122, "{csv:?}");
        let hint = answer.header("guanxi-hint");
        assert!(hint.starts_with(&format!("line {line} ")), "{hint}");
    }
    assert_eq!(me.get("/x/relation/stat?vmid=1").await.data()["following"], json!(0));
    let page = me.post_file("/data/import", "csv", b"mid\nx\n", &[]).await;
    assert!(page.status == 422 && page.text().contains("第 2 行：mid 无效"), "{}", page.text());
}

#[tokio::test]
async fn imported_file_is_previewed_and_undone_on_pages() {
    let service = Service::new().await;
    let (me, other) = (service.log_in_as(1).await, service.log_in_as(2).await);
    for fid in [5, 6] {
        assert_eq!(me.change_relation(1, fid).await, 0);
    }
    let files = download(&service, &me).await;
    let csv = file(&files, "relations.csv");
    let preview = other.post_file("/data/import", "csv", csv.as_bytes(), &[]).await;
    assert!(preview.status == 200 && preview.text().contains(r#"id="import-now""#), "{}", preview.text());
    let done = other.post_file("/form/data/import?back=/data", "csv", csv.as_bytes(), &[]).await;
    assert_eq!(done.redirect_target(), "/data");
    let page = get_page(&other, "/data").await;
    assert!(page.contains("已导入 2 项"));
    let id = page.split(r#"name="id" value=""#).nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    post_form(&other, "/undo", "/data", &[("csrf", &other.csrf()), ("id", id)]).await;
    assert_eq!(other.get("/x/relation/stat?vmid=2").await.data()["following"], json!(0));
}

#[tokio::test]
async fn archive_is_made_again_after_a_key_rotation() {
    let service = Service::new().await;
    let me = service.anonymous();
    me.sign_up("小甲", &[]).await;
    download(&service, &me).await;
    let admin = service.operator(guanxi_types::Role::Admin).await;
    assert_eq!(admin.post("/operator/keys/rotate", json!({})).await.code(), 0);
    guanxi_server::jobs::scheduler::resume_key_rotation(&service.app).await.unwrap();
    assert_eq!(me.get("/passport/export").await.data()["status"], json!("in_progress"));
    assert_eq!(me.post("/passport/export", &[]).await.code(), 30120);
    data_export::run_once(&service.app).await.unwrap();
    assert_eq!(me.get("/passport/export").await.data()["status"], json!("ready"));
    assert_eq!(me.get("/data.zip").await.status, 200);
    assert_eq!(service.anonymous().log_in("小甲", PASSWORD).await.code(), 0);
}
