//! Operators create, find, change and delete members.

use crate::client::PASSWORD;
use crate::operator_client::OperatorClient;
use crate::service::{Service, TestResponse};
use guanxi_types::Role;
use serde_json::{Value, json};

fn outcome(answer: &TestResponse) -> (u16, i64) {
    (answer.status.as_u16(), answer.code())
}

async fn update(admin: &OperatorClient<'_>, body: Value) -> (u16, i64) {
    outcome(&admin.post("/operator/member/update", body).await)
}

#[tokio::test]
async fn member_is_created_and_found() {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    let create = async |body: Value| admin.post("/operator/member/create", body).await;
    let made = create(json!({
        "uname": " 店长 ", "mid": 1000, "userid": "Boss_1", "password": PASSWORD, "tel": "153 1234 5056", "mail": "Boss@QQ.com"
    }));
    assert_eq!(made.await.data(), json!({"mid": 1000}));
    assert_eq!(create(json!({"uname": "下一位"})).await.data(), json!({"mid": 1001}));
    #[rustfmt::skip]
    let refused = [
        (json!({"uname": "店长"}), (409, 30002)),
        (json!({"uname": "甲", "tel": "+8615312345056"}), (409, 30003)),
        (json!({"uname": "甲", "mail": "boss@qq.com"}), (409, 30004)),
        (json!({"uname": "甲", "userid": "BOSS_1"}), (409, 30005)),
        (json!({"uname": "甲", "mid": 1000}), (409, 30006)),
        (json!({"uname": "1380013"}), (409, 30001)),
        (json!({"uname": "甲", "password": "short"}), (409, 30010)),
        (json!({"uname": "甲", "tel": "x"}), (400, -400)),
        (json!({"uname": "甲", "userid": "a b"}), (400, -400)),
    ];
    for (body, expected) in refused {
        assert_eq!(outcome(&create(body.clone()).await), expected, "{body}");
    }
    for query in [
        "mid=1000",
        "uname=店长",
        "userid=boss_1",
        "tel=15312345056",
        "tel=%2B8615312345056",
        "mail=BOSS@qq.com",
    ] {
        let found =
            admin.get(&format!("/operator/member?{}", query.replace("店长", "%E5%BA%97%E9%95%BF"))).await;
        assert_eq!(found.data()["mid"], 1000, "{query}");
        let account = found.data()["account"].take();
        assert_eq!(
            (&account["tel"], &account["mail"], &account["userid"]),
            (&json!("153*****056"), &json!("bos****@qq.com"), &json!("Boss_1"))
        );
        for private in ["15312345056", "boss@qq.com", "argon2"] {
            assert!(!found.text().contains(private), "{query} returns {private}");
        }
    }
    for query in ["mid=999", "uname=nobody", "tel=15300000000", "tel=x", "mail=x"] {
        assert_eq!(outcome(&admin.get(&format!("/operator/member?{query}")).await), (404, -404), "{query}");
    }
    assert_eq!(service.anonymous().log_in("boss_1", PASSWORD).await.data()["mid"], 1000);
    service.assert_consistent().await;
}

#[tokio::test]
async fn update_is_visible_in_all_endpoints() {
    let service = Service::new().await;
    let (admin, me) = (service.operator(Role::Admin).await, service.log_in_as(7).await);
    let parts = json!({
        "mid": 7,
        "card": {
            "uname": "七号", "face": "http://a.cn/7.jpg", "sign": "慢慢来",
            "official": {"role": 2, "title": "站长", "verified": "person"},
            "vip": {"kind": 2, "status": 1, "due_date": 1_800_000_000_000_i64, "label": {"text": "年度大会员"}}
        },
        "profile": {"sex": "女", "birthday": "2000-05-19", "rank": 25000, "school": "渭南师范学院", "tags": ["猫"], "moral": 70},
        "account": {"userid": "seven", "nick_free": true, "weibo": true},
        "growth": {"exp": 1500},
        "upstat": {"archive_view": 99, "likes": 3, "archive_count": 4},
        "tel": "15312345056", "mail": "seven@qq.com", "password": PASSWORD
    });
    assert_eq!(update(&admin, parts).await, (200, 0));
    // A password change ends the sessions.
    assert!(!me.is_logged_in().await);
    assert_eq!(me.log_in("seven", PASSWORD).await.code(), 0);
    let get = async |path: &str| me.get(path).await.data();
    let account = get("/x/member/web/account").await;
    let expected = json!({
        "mid": 7, "uname": "七号", "userid": "seven", "sign": "慢慢来", "birthday": "2000-05-19", "sex": "女",
        "nick_free": true, "rank": "VIP"
    });
    assert_eq!(account, expected);
    let vip = get("/x/vip/web/user/info").await;
    assert_eq!(
        (&vip["vip_type"], &vip["vip_status"], &vip["vip_due_date"]),
        (&json!(2), &json!(1), &json!(1_800_000_000_000_i64))
    );
    let site = get("/web/site/user/info").await;
    assert_eq!(
        (&site["account_info"]["hide_tel"], &site["account_info"]["hide_mail"]),
        (&json!("153*****056"), &json!("sev****@qq.com"))
    );
    assert_eq!(
        (&site["account_sns"]["weibo_bind"], &site["account_info"]["unneeded_check"]),
        (&json!(1), &json!(false))
    );
    let space = get("/x/space/acc/info?mid=7").await;
    assert_eq!(
        (&space["name"], &space["face"], &space["rank"], &space["moral"]),
        (&json!("七号"), &json!("http://a.cn/7.jpg"), &json!(25000), &json!(70))
    );
    assert_eq!(
        (&space["level"], &space["school"]["name"], &space["tags"]),
        (&json!(3), &json!("渭南师范学院"), &json!(["猫"]))
    );
    assert_eq!(
        (&space["official"]["title"], &space["vip"]["label"]["text"]),
        (&json!("站长"), &json!("年度大会员"))
    );
    assert_eq!(
        get("/x/space/upstat?mid=7").await,
        json!({"archive": {"view": 99}, "article": {"view": 0}, "likes": 3})
    );
    assert_eq!(get("/x/web-interface/card?mid=7").await["archive_count"], 4);

    // Null resets to the default. Absent fields stay.
    let less = json!({"mid": 7, "card": {"vip": {"label": {"text": null}}}, "profile": {"school": null, "sex": null}, "tel": ""});
    assert_eq!(update(&admin, less).await, (200, 0));
    let space = get("/x/space/acc/info?mid=7").await;
    assert_eq!(
        (&space["school"], &space["sex"], &space["vip"]["label"]["text"]),
        (&json!(null), &json!("保密"), &json!(""))
    );
    assert_eq!((&space["vip"]["type"], &space["sign"]), (&json!(2), &json!("慢慢来")));
    assert_eq!(get("/web/site/user/info").await["account_info"]["bind_tel"], false);
    service.assert_consistent().await;
}

#[tokio::test]
async fn rejected_update_changes_nothing() {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    let other = json!({"uname": "别人", "userid": "other", "tel": "15312345057", "mail": "other@qq.com"});
    assert_eq!(admin.post("/operator/member/create", other).await.code(), 0);
    let before = admin.get("/operator/member?mid=7").await.data();
    #[rustfmt::skip]
    let cases = [
        (json!({"mid": 999, "growth": {"exp": 9}}), (404, -404)),
        (json!({"mid": 7, "growth": {"exp": 9}, "card": {"uname": "别人"}}), (409, 30002)),
        (json!({"mid": 7, "growth": {"exp": 9}, "card": {"uname": ""}}), (409, 30001)),
        (json!({"mid": 7, "growth": {"exp": 9}, "account": {"userid": "OTHER"}}), (409, 30005)),
        (json!({"mid": 7, "growth": {"exp": 9}, "tel": "153 1234 5057"}), (409, 30003)),
        (json!({"mid": 7, "growth": {"exp": 9}, "mail": "Other@QQ.com"}), (409, 30004)),
        (json!({"mid": 7, "growth": {"exp": 9}, "password": "short"}), (409, 30010)),
        (json!({"mid": 7, "growth": {"exp": 9}, "tel": "x"}), (400, -400)),
        (json!({"mid": 7, "growth": {"exp": "9"}}), (400, -400)),
        (json!({"mid": 7, "growth": {"exp": 9}, "card": {"colour": "red"}}), (400, -400)),
        (json!({"mid": 7, "growth": {"exp": 9}, "card": {"mid": 8}}), (400, -400)),
        (json!({"mid": 7, "growth": {"exp": 9}, "account": {"tel": "15312345056"}}), (400, -400)),
    ];
    for (body, expected) in cases {
        assert_eq!(update(&admin, body.clone()).await, expected, "{body}");
    }
    assert_eq!(admin.get("/operator/member?mid=7").await.data(), before);
    assert_eq!(
        admin.get("/operator/audit").await.ints("seq").len(),
        2,
        "only the token and the created member are logged"
    );
}

#[tokio::test]
async fn member_is_silenced_and_paid() {
    let service = Service::new().await;
    let (admin, moderator) = (service.operator(Role::Admin).await, service.operator(Role::Moderator).await);
    let silence = async |mid: u64, silence: bool| {
        outcome(&moderator.post("/operator/member/silence", json!({"mid": mid, "silence": silence})).await)
    };
    let shown = async || service.anonymous().get("/x/space/acc/info?mid=7").await.data()["silence"].take();
    for (silent, expected) in [(true, 1), (true, 1), (false, 0)] {
        assert_eq!((silence(7, silent).await, shown().await), ((200, 0), json!(expected)));
    }
    assert_eq!(silence(999, true).await, (404, -404));

    let pay = async |mid: u64, delta: Value| {
        let answer =
            admin.post("/operator/member/coins", json!({"mid": mid, "delta": delta, "reason": "赔偿"})).await;
        (answer.code(), answer.json()["data"]["coins"].to_string())
    };
    assert_eq!(pay(7, json!(2.5)).await, (0, "2.5".to_owned()));
    assert_eq!(pay(7, json!(-0.1)).await, (0, "2.4".to_owned()));
    assert_eq!(pay(7, json!(-2.5)).await, (30050, "null".to_owned()));
    assert_eq!(pay(999, json!(1)).await.0, -404);
    let log = service.log_in_as(7).await.get("/x/member/web/coin/log").await.data();
    let entries: Vec<String> = log["list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| format!("{} {}", entry["delta"], entry["reason"]))
        .collect();
    assert_eq!(entries, [r#"1 "登录奖励""#, r#"-0.1 "赔偿""#, r#"2.5 "赔偿""#]);
}

#[tokio::test]
async fn moderator_revokes_sessions() {
    let service = Service::new().await;
    let moderator = service.operator(Role::Moderator).await;
    let (one, two, other) =
        (service.log_in_as(7).await, service.log_in_as(7).await, service.log_in_as(8).await);
    let end = async |mid: u64| moderator.post("/operator/member/sessions/revoke", json!({"mid": mid})).await;
    assert_eq!(moderator.get("/operator/member?mid=7").await.data()["sessions"], 2);
    assert_eq!(end(7).await.data(), json!({"ended": 2}));
    assert_eq!(end(7).await.data(), json!({"ended": 0}));
    assert_eq!(outcome(&end(999).await), (404, -404));
    assert!(!one.is_logged_in().await && !two.is_logged_in().await && other.is_logged_in().await);
}

#[tokio::test]
async fn deleted_member_vanishes_at_once_and_in_steps() {
    let service = Service::new().await;
    let admin = service.operator(Role::Admin).await;
    let leaving = service.anonymous();
    let mid = leaving.sign_up("离开的", &[("tel", "15312345056"), ("mail", "gone@qq.com")]).await;
    let friend = service.log_in_as(7).await;
    assert_eq!((leaving.change_relation(1, 7).await, friend.change_relation(1, mid).await), (0, 0));
    let go = async |mid: u64| outcome(&admin.post("/operator/member/delete", json!({"mid": mid})).await);
    assert_eq!((go(999).await, go(mid).await), ((404, -404), (200, 0)));
    assert!(!leaving.is_logged_in().await);
    for account in ["离开的", "gx_61", "15312345056", "gone@qq.com"] {
        assert_eq!(service.anonymous().log_in(account, PASSWORD).await.code(), 30011, "{account}");
    }
    // `/x/relation/modify` reports the deletion at once, and also after all rows are deleted.
    let codes = async || {
        [
            friend.change_relation(1, mid).await,
            friend.change_relation(2, mid).await,
            friend.change_relation(1, 999).await,
        ]
    };
    assert_eq!(codes().await, [22013, 22013, 40061]);
    service.run_due_tasks().await;
    assert_eq!(codes().await, [22013, 22013, 40061]);
    let stat = friend.get("/x/relation/stat?vmid=7").await.data();
    assert_eq!((&stat["following"], &stat["follower"]), (&json!(0), &json!(0)));
    for path in ["/x/space/acc/info?mid=61", "/x/web-interface/card?mid=61", "/x/relation/stat?vmid=61"] {
        assert_eq!(friend.get(path).await.code(), -404, "{path}");
    }
    assert_eq!(outcome(&admin.get("/operator/member?mid=61").await), (404, -404));
    assert_eq!(go(mid).await, (404, -404));
    service.assert_consistent().await;
    // The identifiers are free again, but the mid is not reused.
    let next =
        service.anonymous().sign_up("离开的", &[("tel", "15312345056"), ("mail", "gone@qq.com")]).await;
    assert_eq!(next, 62);
}
