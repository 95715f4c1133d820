//! Submissions of bios and real names, and their review by moderators.

use crate::service::{Service, TestResponse};
use guanxi_server::config::BioApproval;
use guanxi_types::Role;
use serde_json::{Value, json};

const SIGN: &str = "/operator/reviews/sign";
const REALNAME: &str = "/operator/reviews/realname";
const CARD: &str = "110101199003072316";

/// Returns status and code.
fn outcome(answer: &TestResponse) -> (u16, i64) {
    (answer.status.as_u16(), answer.code())
}

async fn service_with_moderation() -> Service {
    Service::with_settings(|settings| settings.sign_review = BioApproval::Moderator).await
}

#[tokio::test]
async fn approved_bio_is_shown() {
    let service = service_with_moderation().await;
    let (me, moderator) = (service.log_in_as(7).await, service.operator(Role::Moderator).await);
    let waiting = async || moderator.get("/operator/reviews/signs").await.data()["list"].take();
    assert_eq!(waiting().await, json!([]));
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", "慢慢来")]).await.code(), 0);
    let list = waiting().await;
    let entry = &list[0];
    let submitted = entry["submitted"].as_i64().unwrap();
    let expected = json!({"mid": 7, "uname": "成员7", "sign": "慢慢来", "shown": "", "due": null, "submitted": submitted});
    assert_eq!(list, json!([expected]));
    let stale = json!({"mid": 7, "submitted": submitted - 1, "approve": true});
    assert_eq!(outcome(&moderator.post(SIGN, stale).await), (409, 30041));
    assert_eq!(outcome(&moderator.post(SIGN, json!({"mid": 8, "approve": true})).await), (409, 30040));
    let yes = json!({"mid": 7, "submitted": submitted, "approve": true});
    assert_eq!(outcome(&moderator.post(SIGN, yes.clone()).await), (200, 0));
    assert_eq!(outcome(&moderator.post(SIGN, yes).await), (409, 30040));
    assert_eq!(waiting().await, json!([]));
    let anonymous = service.anonymous();
    assert_eq!(anonymous.get("/x/space/acc/info?mid=7").await.data()["sign"], "慢慢来");
    assert_eq!(anonymous.get("/x/web-interface/card?mid=7").await.data()["card"]["sign"], "慢慢来");
    assert_eq!(me.get("/x/member/web/account").await.data()["sign"], "慢慢来");
}

#[tokio::test]
async fn rejected_bio_is_never_shown() {
    let service = service_with_moderation().await;
    let (me, moderator) = (service.log_in_as(7).await, service.operator(Role::Moderator).await);
    let submit = async |sign: &str| me.post("/x/member/web/sign/update", &[("user_sign", sign)]).await.code();
    let (long, fits) = ("长".repeat(201), "长".repeat(200));
    assert_eq!(submit("广告").await, 0);
    let no = |remark: &str| json!({"mid": 7, "approve": false, "remark": remark});
    for remark in ["", " ", &long] {
        assert_eq!(outcome(&moderator.post(SIGN, no(remark)).await), (400, -400), "{remark}");
    }
    assert_eq!(outcome(&moderator.post(SIGN, no(&fits)).await), (200, 0));
    assert_eq!(moderator.get("/operator/reviews/signs").await.data()["list"], json!([]));
    assert_eq!(outcome(&moderator.post(SIGN, json!({"mid": 7, "approve": true})).await), (409, 30040));
    service.at_time("2026-02-01T12:00:00+08:00").run_due_tasks().await;
    assert_eq!(service.anonymous().get("/x/space/acc/info?mid=7").await.data()["sign"], "");
    // A new bio may be submitted.
    assert_eq!(submit("慢慢来").await, 0);
    assert_eq!(outcome(&moderator.post(SIGN, json!({"mid": 7, "approve": true})).await), (200, 0));
    assert_eq!(service.anonymous().get("/x/space/acc/info?mid=7").await.data()["sign"], "慢慢来");
}

#[tokio::test]
async fn moderator_may_reject_before_automatic_approval() {
    let service = Service::new().await;
    let (me, moderator) = (service.log_in_as(7).await, service.operator(Role::Moderator).await);
    assert_eq!(me.post("/x/member/web/sign/update", &[("user_sign", "慢慢来")]).await.code(), 0);
    let entry = moderator.get("/operator/reviews/signs").await.data()["list"][0].take();
    assert_eq!(entry["due"].as_i64().unwrap() - entry["submitted"].as_i64().unwrap(), 60);
    let no = json!({"mid": 7, "approve": false, "remark": "不妥"});
    assert_eq!(outcome(&moderator.post(SIGN, no).await), (200, 0));
    service.at_time("2026-01-15T13:00:00+08:00").run_due_tasks().await;
    assert_eq!(service.anonymous().get("/x/space/acc/info?mid=7").await.data()["sign"], "");
}

#[tokio::test]
async fn pending_reviews_are_paged() {
    let service = service_with_moderation().await;
    let moderator = service.operator(Role::Admin).await;
    let mut since = String::new();
    for (at, mids) in [[7, 8], [9, 10]].iter().enumerate() {
        let then = service.at_time(&format!("2026-01-15T12:{}0:00+08:00", at + 1));
        for mid in mids {
            let sign = format!("签名{mid}");
            let submit =
                then.log_in_as(*mid).await.post("/x/member/web/sign/update", &[("user_sign", &sign)]).await;
            assert_eq!(submit.code(), 0);
        }
        since = then.app.now().to_string();
    }
    let list =
        async |query: &str| moderator.get(&format!("/operator/reviews/signs{query}")).await.ints("mid");
    assert_eq!(list("").await, [7, 8, 9, 10]);
    assert_eq!(list("?limit=3").await, [7, 8, 9]);
    let late = since.parse::<i64>().unwrap() - 60;
    assert_eq!(list(&format!("?since={late}&limit=1")).await, [9]);
    assert_eq!(list(&format!("?since={late}")).await, [9, 10]);
}

#[tokio::test]
async fn realname_is_submitted_and_verified() {
    let service = Service::new().await;
    let (me, moderator) = (service.log_in_as(7).await, service.operator(Role::Moderator).await);
    let apply = async |name: &str, card: &str, kind: &str| {
        me.post("/passport/realname", &[("realname", name), ("card", card), ("card_type", kind)]).await.code()
    };
    for (name, card, kind, code) in [
        ("陈", "1", "7", -400),
        ("陈", "1", "256", -400),
        ("陈", "1", "0", 30030),
        ("陈1", CARD, "0", 30030),
        ("陈唯恺", "110101199003072317", "0", 30031),
        ("陈唯恺", CARD, "1", 30031),
        ("陈唯恺", CARD, "0", 0),
    ] {
        assert_eq!(apply(name, card, kind).await, code, "{name} {card} {kind}");
    }
    let status = async || me.get("/x/member/realname/apply/status").await.data();
    let expected = |status: u8, remark: &str| {
        json!({
            "status": status, "remark": remark, "realname": "*唯恺", "card": "1***************16", "card_type": 0
        })
    };
    assert_eq!(status().await, expected(3, ""));
    let list = moderator.get("/operator/reviews/realnames").await.data()["list"].take();
    let submitted = list[0]["submitted"].as_i64().unwrap();
    let pending = json!([{"mid": 7, "uname": "成员7", "name": "陈唯恺", "card": CARD, "card_type": 0, "submitted": submitted}]);
    assert_eq!(list, pending);

    let no = json!({"mid": 7, "submitted": submitted, "approve": false, "remark": "证件模糊"});
    assert_eq!(outcome(&moderator.post(REALNAME, no.clone()).await), (200, 0));
    assert_eq!(outcome(&moderator.post(REALNAME, no).await), (409, 30040));
    assert_eq!(status().await, expected(3, "证件模糊"));
    assert_eq!(exp(&me.get("/x/web-interface/card?mid=7").await), 5);

    assert_eq!(apply("陈唯恺", CARD, "0").await, 0);
    assert_eq!(status().await, expected(3, ""));
    assert_eq!(outcome(&moderator.post(REALNAME, json!({"mid": 7, "approve": true})).await), (200, 0));
    assert_eq!(status().await, expected(1, ""));
    assert_eq!(me.get("/x/member/realname/status").await.data()["status"], 1);
    assert_eq!(me.get("/x/member/web/exp/reward").await.data()["identify_card"], true);
    assert_eq!(exp(&me.get("/x/web-interface/card?mid=7").await), 55);
    assert_eq!(apply("陈唯恺", CARD, "0").await, 30032);
    // Validation comes before the check for an existing verification.
    assert_eq!(apply("陈", CARD, "0").await, 30030);
}

fn exp(card: &TestResponse) -> u64 {
    card.data()["card"]["level_info"]["current_exp"].as_u64().unwrap()
}

#[tokio::test]
async fn review_of_a_replaced_application_is_rejected() {
    let service = Service::new().await;
    let me = service.log_in_as(7).await;
    let form = [("realname", "陈唯恺"), ("card", CARD), ("card_type", "0")];
    assert_eq!(me.post("/passport/realname", &form).await.code(), 0);
    let moderator = service.operator(Role::Moderator).await;
    let seen: Value =
        moderator.get("/operator/reviews/realnames").await.data()["list"][0]["submitted"].take();
    let later = service.at_time("2026-01-15T12:10:00+08:00");
    let form = [("realname", "别的名字"), ("card", CARD), ("card_type", "0")];
    assert_eq!(me.with_service(&later).post("/passport/realname", &form).await.code(), 0);
    let yes = json!({"mid": 7, "submitted": seen, "approve": true});
    assert_eq!(outcome(&moderator.post(REALNAME, yes).await), (409, 30041));
    assert_eq!(me.get("/x/member/realname/status").await.data()["status"], 0);
}

#[tokio::test]
async fn review_within_the_same_second_checks_the_version() {
    let service = service_with_moderation().await;
    let (me, moderator) = (service.log_in_as(7).await, service.operator(Role::Moderator).await);
    for (list, review, path, one, other) in [
        (
            "/operator/reviews/signs",
            SIGN,
            "/x/member/web/sign/update",
            [("user_sign", "早")],
            [("user_sign", "晚")],
        ),
        (
            "/operator/reviews/realnames",
            REALNAME,
            "/passport/realname",
            [("realname", "张三")],
            [("realname", "李四")],
        ),
    ] {
        let submit = async |form: [(&str, &str); 1]| {
            let form = [form[0], ("card", CARD), ("card_type", "0")];
            assert_eq!(me.post(path, &form).await.code(), 0);
        };
        submit(one).await;
        let seen = moderator.get(list).await.data()["list"][0]["submitted"].take();
        submit(other).await;
        let yes = json!({"mid": 7, "submitted": seen, "approve": true});
        assert_eq!(outcome(&moderator.post(review, yes).await), (409, 30041), "{path}");
    }
}
