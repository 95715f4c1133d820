//! Events from the community's other services.

use crate::operator_client::OperatorClient;
use crate::service::{Service, TestResponse};
use futures_util::future::join_all;
use guanxi_types::Role;
use serde_json::{Value, json};

async fn send_events(ingest: &OperatorClient<'_>, events: Value) -> TestResponse {
    ingest.post("/operator/events", json!({ "events": events })).await
}

/// Returns the code and the outcome of each event.
fn results(answer: &TestResponse) -> Vec<(i64, String)> {
    let data = answer.data();
    let results = data["results"].as_array().unwrap().iter();
    results
        .map(|result| {
            (result["code"].as_i64().unwrap(), result["counted"].as_str().unwrap_or_default().to_owned())
        })
        .collect()
}

fn tip(id: &str, giver: u64, maker: u64, coins: u64) -> Value {
    json!({"id": id, "type": "tip", "giver": giver, "maker": maker, "bvid": "BV1xx411c7mD", "coins": coins})
}

/// Gives coins to a member.
async fn pay(service: &Service, mid: u64, coins: u64) -> OperatorClient<'_> {
    let admin = service.operator(Role::Admin).await;
    let body = json!({"mid": mid, "delta": coins, "reason": "开业大吉"});
    assert_eq!(admin.post("/operator/member/coins", body).await.code(), 0);
    admin
}

#[tokio::test]
async fn tip_transfers_coins_and_grants_exp() {
    let service = Service::new().await;
    let admin = pay(&service, 7, 10).await;
    let ingest = service.operator(Role::Ingest).await;
    let (giver, maker) = (service.log_in_as(7).await, service.log_in_as(8).await);
    assert_eq!(
        results(&send_events(&ingest, json!([tip("a", 7, 8, 2), tip("b", 7, 8, 1)])).await),
        [(0, "now".to_owned()), (0, "now".to_owned())]
    );
    let log = giver.get("/x/member/web/coin/log").await.data();
    let deltas: Vec<String> =
        log["list"].as_array().unwrap().iter().map(|entry| entry["delta"].to_string()).collect();
    // The first request of the day came last, and granted a coin.
    assert_eq!(deltas, ["1", "-1", "-2", "10"]);
    assert_eq!(
        (&log["list"][1]["reason"], &log["list"][3]["reason"]),
        (&json!("给视频 BV1xx411c7mD 打赏"), &json!("开业大吉"))
    );
    let log = maker.get("/x/member/web/coin/log").await.data();
    let deltas: Vec<String> =
        log["list"].as_array().unwrap().iter().map(|entry| entry["delta"].to_string()).collect();
    assert_eq!(deltas, ["1", "0.1", "0.2"]);
    assert_eq!(giver.get("/x/space/acc/info?mid=7").await.data()["coins"].to_string(), "8");
    assert_eq!(maker.get("/x/space/acc/info?mid=8").await.data()["coins"].to_string(), "1.3");
    assert_eq!(giver.get("/x/member/web/exp/reward").await.data()["coins"], 30);
    assert_eq!(maker.get("/x/member/web/exp/reward").await.data()["coins"], 0);
    let level = giver.get("/x/web-interface/card?mid=7").await.data()["card"]["level_info"].take();
    assert_eq!(level["current_exp"], 35);
    service.assert_consistent().await;
    // The audit log has one entry for a batch, and none for duplicates.
    let entry = async || admin.get("/operator/audit?limit=1").await.data()["list"][0].take();
    let watched = json!([{"id": "w", "type": "watch", "mid": 9}, {"id": "w", "type": "watch", "mid": 9}, 5]);
    send_events(&ingest, watched.clone()).await;
    let logged = entry().await;
    assert_eq!((&logged["action"], &logged["after"]), (&json!("/operator/events"), &json!({"counted": 1})));
    send_events(&ingest, watched).await;
    assert_eq!(entry().await, logged);
}

#[tokio::test]
async fn each_event_has_its_own_result() {
    let service = Service::new().await;
    pay(&service, 7, 3).await;
    let ingest = service.operator(Role::Ingest).await;
    let now = service.app.now();
    let (long, month) = ("长".repeat(129), 30 * 86_400);
    #[rustfmt::skip]
    let cases = [
        (json!({"id": "w", "type": "watch", "mid": 7}), 0, "now", ""),
        (json!({"id": "w", "type": "watch", "mid": 7}), 0, "before", ""),
        (json!({"id": "w", "type": "share", "mid": 7}), 30052, "", ""),
        (json!({"id": "s", "type": "share", "mid": 7}), 0, "now", ""),
        (json!({"id": "x", "type": "dance", "mid": 7}), -400, "", "dance"),
        (json!({"id": "x", "mid": 7}), -400, "", "type"),
        (json!({"type": "watch", "mid": 7}), -400, "", "id"),
        (json!({"id": "", "type": "watch", "mid": 7}), -400, "", "id"),
        (json!({"id": long, "type": "watch", "mid": 7}), -400, "", "id"),
        (json!({"id": 5, "type": "watch", "mid": 7}), -400, "", ""),
        (json!({"id": "x", "type": "watch"}), -400, "", "mid"),
        (json!({"id": "x", "type": "watch", "mid": 0}), -400, "", "mid"),
        (json!({"id": "x", "type": "watch", "mid": "7"}), -400, "", ""),
        (json!({"id": "x", "type": "watch", "mid": 7, "time": "now"}), -400, "", ""),
        (json!({"id": "x", "type": "watch", "mid": 7, "tme": 5}), -400, "", "tme"),
        (json!({"id": "x", "type": "counts", "mid": 7, "like": 5}), -400, "", "like"),
        (json!("watch"), -400, "", ""),
        (json!(null), -400, "", ""),
        (json!([]), -400, "", ""),
        (json!({"id": "x", "type": "watch", "mid": 999}), -404, "", ""),
        (json!({"id": "x", "type": "watch", "mid": 7, "time": now + 3_600}), 30051, "", ""),
        (json!({"id": "x", "type": "watch", "mid": 7, "time": now - month - 60}), 30051, "", ""),
        (json!({"id": "x", "type": "watch", "mid": 7, "time": now - month + 600}), 0, "now", ""),
        (tip("t1", 7, 8, 2), 0, "now", ""),
        (tip("t2", 7, 8, 2), 30050, "", ""),
        (tip("t2", 7, 8, 1), 0, "now", ""),
        (tip("t3", 7, 7, 1), 22001, "", ""),
        (tip("t3", 7, 999, 1), -404, "", ""),
        (tip("t3", 7, 8, 3), -400, "", "1 or 2"),
        (tip("t3", 7, 8, 0), -400, "", "1 or 2"),
        (json!({"id": "t3", "type": "tip", "giver": 7, "maker": 8, "bvid": "BV<b>", "coins": 1}), -400, "", "bvid"),
    ];
    let answer = send_events(&ingest, cases.iter().map(|(event, ..)| event.clone()).collect()).await;
    let all_results = answer.data()["results"].take();
    for (at, (event, code, counted, named)) in cases.iter().enumerate() {
        let result = &all_results[at];
        assert_eq!(result["code"], *code, "{event}: {result}");
        assert_eq!(result["counted"].as_str().unwrap_or_default(), *counted, "{event}: {result}");
        assert_eq!(result["id"], event.get("id").filter(|id| id.is_string()).cloned().unwrap_or_default());
        assert!(result["message"].as_str().unwrap().contains(named), "{event}: {result}");
    }
    let reward = service.log_in_as(7).await.get("/x/member/web/exp/reward").await.data();
    assert_eq!(
        (&reward["watch"], &reward["share"], &reward["coins"]),
        (&json!(true), &json!(true), &json!(30))
    );
    service.assert_consistent().await;
}

#[tokio::test]
async fn event_sent_repeatedly_counts_once() {
    let service = Service::new().await;
    pay(&service, 7, 10).await;
    let ingest = service.operator(Role::Ingest).await;
    let responses = join_all((0..100).map(|_| send_events(&ingest, json!([tip("one", 7, 8, 1)])))).await;
    let outcomes: Vec<_> = responses.iter().flat_map(results).collect();
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == (0, "now".to_owned())).count(), 1);
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == (0, "before".to_owned())).count(), 99);
    assert_eq!(
        service.operator(Role::Moderator).await.get("/operator/member?mid=7").await.data()["coins"],
        9
    );
}

#[tokio::test]
async fn batch_is_limited_to_1000_events() {
    let service = Service::new().await;
    let ingest = service.operator(Role::Ingest).await;
    let event = |at: usize| json!({"id": format!("e{at}"), "type": "watch", "mid": 7});
    let full_batch = send_events(&ingest, (0..1_000).map(event).collect()).await;
    assert!(results(&full_batch).iter().all(|(code, _)| *code == 0));
    let too_many = send_events(&ingest, (0..1_001).map(event).collect()).await;
    assert_eq!((too_many.status.as_u16(), too_many.code()), (400, -400));
    assert!(too_many.text().contains("1001") && too_many.text().contains("1000"), "{}", too_many.text());
    let card = service.log_in_as(7).await.get("/x/web-interface/card?mid=7").await.data();
    assert_eq!(card["card"]["level_info"]["current_exp"], 10, "the daily reward is granted once");
}

#[tokio::test]
async fn counters_are_replaced_by_the_latest_event() {
    let service = Service::new().await;
    let ingest = service.operator(Role::Ingest).await;
    let now = service.app.now();
    let shown = async || service.anonymous().get("/x/space/upstat?mid=7").await.data();
    let counts = |id: &str, time: i64, more: Value| {
        let mut event = json!({"id": id, "type": "counts", "mid": 7, "time": time});
        event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        event
    };
    let first = counts(
        "1",
        now - 60,
        json!({"archive_view": 100, "article_view": 10, "likes": 5, "archive_count": 3}),
    );
    assert_eq!(results(&send_events(&ingest, json!([first])).await)[0].0, 0);
    assert_eq!(shown().await, json!({"archive": {"view": 100}, "article": {"view": 10}, "likes": 5}));
    let fewer = counts("2", now - 30, json!({"archive_view": 90}));
    let late = counts("3", now - 90, json!({"likes": 1}));
    assert_eq!(
        results(&send_events(&ingest, json!([fewer, late])).await),
        [(0, "now".to_owned()), (0, "now".to_owned())]
    );
    assert_eq!(shown().await, json!({"archive": {"view": 90}, "article": {"view": 10}, "likes": 5}));
    assert_eq!(service.anonymous().get("/x/web-interface/card?mid=7").await.data()["archive_count"], 3);
}

#[tokio::test]
async fn phone_verification_grants_exp_once() {
    let service = Service::new().await;
    let (me, ingest) = (service.log_in_as(7).await, service.operator(Role::Ingest).await);
    let verify = async |mid: u64, what: &str| {
        let answer = ingest.post("/operator/member/verify", json!({"mid": mid, "what": what})).await;
        (answer.status.as_u16(), answer.code())
    };
    assert_eq!((verify(999, "tel").await, verify(7, "tel").await), ((404, -404), (409, 30053)));
    assert_eq!(me.post("/passport/tel", &[("tel", "15312345056")]).await.code(), 0);
    assert_eq!(me.post("/passport/mail", &[("mail", "me@qq.com")]).await.code(), 0);
    // Both are bound (D36). The experience is granted once the phone is verified.
    let reward = async || me.get("/x/member/web/exp/reward").await.data();
    assert_eq!((reward().await["tel"].take(), reward().await["email"].take()), (json!(true), json!(true)));
    assert!(me.get("/rewards").await.text().contains("未得，可得</span>+100"));
    assert_eq!((verify(7, "tel").await, verify(7, "mail").await), ((200, 0), (200, 0)));
    assert!(me.get("/rewards").await.text().contains("已得</span>+100"));
    let exp = async || {
        me.get("/x/web-interface/card?mid=7").await.data()["card"]["level_info"]["current_exp"].take()
    };
    assert_eq!(exp().await, 105);
    // A new phone must be verified again, and grants no more experience.
    assert_eq!(me.post("/passport/tel", &[("tel", "15312345057")]).await.code(), 0);
    assert_eq!((reward().await["tel"].take(), exp().await), (json!(true), json!(105)));
    assert_eq!(verify(7, "tel").await, (200, 0));
    assert_eq!((reward().await["tel"].take(), exp().await), (json!(true), json!(105)));
}
