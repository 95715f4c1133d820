//! Operators list members, do an action on many, write notes, and read the ledger of a member.

use crate::operator_client::OperatorClient;
use crate::service::Service;
use guanxi_types::Role;
use serde_json::{Value, json};
use std::num::NonZeroU32;

fn mids(data: &Value) -> Vec<u64> {
    data["list"].as_array().unwrap().iter().map(|member| member["mid"].as_u64().unwrap()).collect()
}

/// Returns the members of all pages.
async fn all_mids(client: &OperatorClient<'_>, query: &str) -> Vec<u64> {
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let data = client.get(&format!("/operator/members?{query}{after}")).await.data();
        found.extend(mids(&data));
        match data["next"].as_u64() {
            Some(next) => after = format!("&after={next}"),
            None => return found,
        }
    }
}

#[tokio::test]
async fn members_are_listed_and_filtered() {
    let service = Service::with_settings(|settings| {
        settings.member_scan_limit = NonZeroU32::new(7).unwrap();
    })
    .await;
    let admin = service.operator(Role::Admin).await;
    for (mid, joined, exp) in [(3, "2026-01-10T12:00:00+08:00", 10), (9, "2026-01-11T00:00:00+08:00", 900)] {
        let joined = joined.parse::<jiff::Timestamp>().unwrap().as_second();
        let parts =
            json!({"mid": mid, "profile": {"jointime": joined, "silence": true}, "growth": {"exp": exp}});
        assert_eq!(admin.post("/operator/member/update", parts).await.code(), 0);
    }
    assert_eq!(
        admin.post("/operator/member/update", json!({"mid": 4, "tel": "15312345056"})).await.code(),
        0
    );
    service.log_in_as(5).await.get("/x/member/web/account").await;
    let first = admin.get("/operator/members?silenced=true&order=asc").await.data();
    assert_eq!((mids(&first), &first["next"], &first["compared"]), (vec![3, 9], &Value::Null, &Value::Null));
    let fields = ["joined", "exp", "silenced", "unverified_tel"].map(|field| first["list"][0][field].clone());
    assert_eq!(fields, [json!(1_768_017_600), json!(10), json!(true), json!(false)]);
    assert_eq!(mids(&admin.get("/operator/members?unverified_tel=true").await.data()), [4]);
    // Others are found by comparing seven members at a time.
    let page = admin.get("/operator/members?exp_from=500&order=asc").await.data();
    assert_eq!((mids(&page), &page["next"], &page["compared"]), (vec![], &json!(7), &json!(7)));
    for (query, expected) in [
        ("exp_from=500", vec![9]),
        ("exp_from=1&exp_until=10&silenced=true", vec![3]),
        ("joined_from=2026-01-10&joined_until=2026-01-10", vec![3]),
        ("joined_from=2026-01-11", vec![9]),
        ("active_from=2026-01-15", vec![5]),
        ("active_from=2026-01-16", vec![]),
        ("silenced=true&order=desc", vec![9, 3]),
        ("text=%E6%88%90%E5%91%983&silenced=true", vec![3]),
        ("text=%E6%88%90%E5%91%9844&order=asc&limit=1", vec![44]),
    ] {
        assert_eq!(all_mids(&admin, query).await, expected, "{query}");
    }
    assert_eq!(all_mids(&admin, "order=asc&limit=4").await, (1..=60).collect::<Vec<_>>());
    for (query, field) in [
        ("joined_from=2026-1-1", "joined_from"),
        ("active_until=2026-01-10T12:00", "active_until"),
        ("exp_from=x", "exp_from"),
        ("limit=0", "limit"),
        ("order=up", "order"),
        ("sort=1", "sort"),
    ] {
        let refused = admin.get(&format!("/operator/members?{query}")).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (400, -400), "{query}");
        assert!(refused.text().contains(field), "{query}: {}", refused.text());
    }
    service.assert_consistent().await;
}

async fn batch(client: &OperatorClient<'_>, body: Value) -> Vec<(u64, i64)> {
    let data = client.post("/operator/members/batch", body).await.data();
    let result = |result: &Value| (result["mid"].as_u64().unwrap(), result["code"].as_i64().unwrap());
    data["results"].as_array().unwrap().iter().map(result).collect()
}

#[tokio::test]
async fn batch_has_a_result_for_each_member() {
    let service = Service::with_settings(|settings| settings.batch_limit = NonZeroU32::new(5).unwrap()).await;
    let (admin, moderator) = (service.operator(Role::Admin).await, service.operator(Role::Moderator).await);
    let me = service.log_in_as(2).await;
    let silence = json!({"mids": [2, 999, 3], "action": "silence"});
    assert_eq!(batch(&moderator, silence).await, [(2, 0), (999, -404), (3, 0)]);
    assert_eq!(mids(&admin.get("/operator/members?silenced=true&order=asc").await.data()), [2, 3]);
    assert_eq!(batch(&moderator, json!({"mids": [3], "action": "unsilence"})).await, [(3, 0)]);
    assert!(me.is_logged_in().await);
    assert_eq!(batch(&moderator, json!({"mids": [2, 4], "action": "end_sessions"})).await, [(2, 0), (4, 0)]);
    assert!(!me.is_logged_in().await);
    assert_eq!(batch(&moderator, json!({"mids": [4], "action": "remove_picture"})).await, [(4, 0)]);
    let coins =
        |id: &str| json!({"mids": [2, 3], "action": "coins", "delta": 1.5, "reason": "补发", "id": id});
    for id in ["a", "a", "b"] {
        assert_eq!(batch(&admin, coins(id)).await, [(2, 0), (3, 0)]);
    }
    assert_eq!(admin.get("/operator/member?mid=3").await.data()["coins"], 3);
    let debit = json!({"mids": [3, 4], "action": "coins", "delta": -2, "reason": "x", "id": "c"});
    assert_eq!(batch(&admin, debit).await, [(3, 0), (4, 30050)]);
    assert_eq!(batch(&admin, json!({"mids": [4, 4000], "action": "delete"})).await, [(4, 0), (4000, -404)]);
    assert_eq!(admin.get("/operator/member?mid=4").await.data()["leaving"], true);
    for (client, body, expected) in [
        (&moderator, json!({"mids": [2], "action": "delete"}), (403, -403)),
        (&moderator, coins("d"), (403, -403)),
        (&admin, json!({"mids": [2, 2], "action": "silence"}), (400, -400)),
        (&admin, json!({"mids": [], "action": "silence"}), (400, -400)),
        (&admin, json!({"mids": [1, 2, 3, 4, 5, 6], "action": "silence"}), (400, -400)),
        (&admin, json!({"mids": [2], "action": "silence", "delta": 1}), (400, -400)),
        (&admin, json!({"mids": [2], "action": "coins", "delta": 1, "reason": "x"}), (400, -400)),
        (&admin, json!({"mids": [2], "action": "coins", "delta": 0, "reason": "x", "id": "e"}), (400, -400)),
        (&admin, json!({"mids": [2], "action": "promote"}), (400, -400)),
    ] {
        let refused = client.post("/operator/members/batch", body.clone()).await;
        assert_eq!((refused.status.as_u16(), refused.code()), expected, "{body}");
    }
    let log = admin.get("/operator/audit?limit=1000").await.data();
    let silenced = |entry: &&Value| entry["action"] == "/operator/member/silence";
    assert_eq!(log["list"].as_array().unwrap().iter().filter(silenced).count(), 3);
    service.assert_consistent().await;
}

#[tokio::test]
async fn notes_are_for_operators_only() {
    let service = Service::with_settings(|settings| settings.note_limit = NonZeroU32::new(2).unwrap()).await;
    let (admin, moderator) = (service.operator(Role::Admin).await, service.operator(Role::Moderator).await);
    let add = async |text: &str| {
        moderator.post("/operator/member/notes/add", json!({"mid": 7, "text": text})).await
    };
    let id = add("第一行\r\n第二行 ").await.data()["id"].clone();
    assert_eq!(add("二").await.code(), 0);
    assert_eq!(add("三").await.code(), 30064);
    let notes = admin.get("/operator/member/notes?mid=7").await.data();
    let texts: Vec<&Value> = notes["list"].as_array().unwrap().iter().map(|note| &note["text"]).collect();
    assert_eq!(texts, [&json!("二"), &json!("第一行\n第二行")]);
    assert_eq!((&notes["list"][1]["by"], &notes["list"][1]["id"]), (&json!("moderator"), &id));
    for text in ["", " ", "\u{200b}", &"长".repeat(1_001)] {
        let refused = add(text).await;
        assert_eq!((refused.status.as_u16(), refused.code()), (400, -400), "{text:?}");
    }
    let delete = json!({"mid": 7, "id": id});
    assert_eq!(moderator.post("/operator/member/notes/delete", delete.clone()).await.code(), -403);
    assert_eq!(admin.post("/operator/member/notes/delete", delete.clone()).await.code(), 0);
    assert_eq!(admin.post("/operator/member/notes/delete", delete).await.code(), 30065);
    assert_eq!(admin.get("/operator/member/notes?mid=999").await.code(), -404);
    let me = service.log_in_as(7).await;
    assert!(!me.get("/space/7").await.text().contains('二'));
    let log = admin.get("/operator/audit").await;
    assert!(!log.text().contains("第一行") && log.text().contains("/operator/member/notes/delete"));
    service.assert_consistent().await;
}

#[tokio::test]
async fn ledger_has_all_entries_by_pages() {
    let service = Service::new().await;
    let coin = |time: i64, tenths: i64, reason: &str| {
        json!({"coin": {"mid": 7, "time": time, "delta": tenths, "reason": reason}}).to_string()
    };
    let mut rows = vec![coin(100, 5, "很久以前")];
    rows.extend((0..6).map(|number| coin(1_600_000_000, 1, &format!("同一秒 {number}"))));
    service.import_rows(&rows.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let moderator = service.operator(Role::Moderator).await;
    let (mut reasons, mut before) = (Vec::new(), String::new());
    loop {
        let page = moderator.get(&format!("/operator/member/coins?mid=7&limit=2{before}")).await.data();
        assert_eq!(page["coins"], 11);
        reasons.extend(page["list"].as_array().unwrap().iter().map(|entry| entry["reason"].clone()));
        match page["next"].as_str() {
            Some(next) => before = format!("&before={next}"),
            None => break,
        }
    }
    let expected: Vec<String> = (0..6).rev().map(|number| format!("同一秒 {number}")).collect();
    assert_eq!(reasons[..6], expected);
    assert_eq!(reasons[6..], ["很久以前"]);
    assert_eq!(moderator.get("/operator/member/coins?mid=999").await.code(), -404);
    assert_eq!(moderator.get("/operator/member/coins?mid=7&before=x").await.status, 400);
}
