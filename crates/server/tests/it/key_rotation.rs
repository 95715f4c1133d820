//! Rotation of encryption keys while the service runs.

use crate::client::PASSWORD;
use crate::service::{Service, TestResponse, mid_of};
use guanxi_server::encryption_keys;
use guanxi_server::identifiers;
use guanxi_server::jobs::scheduler::resume_key_rotation;
use guanxi_storage::commands::{ChangeContact, ContactKind, Outbox};
use guanxi_storage::encryption::{IdentifierKind, KeyFile};
use guanxi_storage::model::Account;
use guanxi_storage::{PostgresStore, Store, postgres};
use guanxi_test_postgres::Schema;
use guanxi_types::Role;
use http::StatusCode;
use serde_json::json;
use std::fs;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::task::JoinSet;

#[tokio::test]
async fn rotation_is_invisible_to_members() {
    let service = Service::on_embedded().await;
    let admin = service.operator(Role::Admin).await;
    let browser = service.anonymous();
    browser.sign_up("新来的", &[("tel", "15312345056"), ("mail", "new@qq.com")]).await;
    service.verify_contacts(61).await;
    let works = async |when: &str| {
        for account in ["新来的", "gx_61", "15312345056", "new@qq.com"] {
            assert_eq!(service.anonymous().log_in(account, PASSWORD).await.code(), 0, "{when}: {account}");
        }
        for query in ["tel=15312345056", "mail=new@qq.com", "userid=gx_61"] {
            assert_eq!(
                admin.get(&format!("/operator/member?{query}")).await.data()["mid"],
                61,
                "{when}: {query}"
            );
        }
        let shown = browser.get("/web/site/user/info").await.data();
        assert_eq!(shown["account_info"]["hide_tel"], "153*****056", "{when}");
        let taken = [("uname", "另一个"), ("password", PASSWORD), ("tel", "15312345056")];
        assert_eq!(service.anonymous().post("/passport/signup", &taken).await.code(), 30003, "{when}");
    };
    let status = async || admin.get("/operator/keys").await.data();
    works("before").await;
    assert_eq!(status().await, json!({"key": 1, "rotating": false}));
    assert_eq!(
        admin.post("/operator/keys/rotate", json!({})).await.data(),
        json!({"key": 2, "rotating": true})
    );
    works("during").await;
    let again = admin.post("/operator/keys/rotate", json!({})).await;
    assert_eq!((again.status.as_u16(), again.code()), (409, 30061));
    // A signup during the rotation encrypts with the new key.
    let during = service.anonymous();
    assert_eq!(during.sign_up("中途来的", &[("tel", "15312345058")]).await, 62);

    resume_key_rotation(&service.app).await.unwrap();
    assert_eq!(status().await, json!({"key": 2, "rotating": false}));
    works("after").await;
    service.verify_contacts(62).await;
    assert_eq!(service.anonymous().log_in("15312345058", PASSWORD).await.data()["mid"], 62);
    // Without remaining work, resuming does nothing and the next rotation may start.
    resume_key_rotation(&service.app).await.unwrap();
    assert_eq!(admin.post("/operator/keys/rotate", json!({})).await.data()["key"], 3);
    resume_key_rotation(&service.app).await.unwrap();
    works("after another").await;
    service.assert_consistent().await;
}

#[tokio::test]
async fn logins_and_changes_work_during_rotation() {
    let service = Service::on_embedded().await;
    let admin = service.operator(Role::Admin).await;
    let browsers: Vec<_> = (0..10).map(|_| service.anonymous()).collect();
    for (at, browser) in browsers.iter().enumerate() {
        let mid = browser.sign_up(&format!("成员甲{at}"), &[("tel", &format!("1531234500{at}"))]).await;
        service.verify_contacts(mid).await;
    }
    assert_eq!(admin.post("/operator/keys/rotate", json!({})).await.code(), 0);
    let changes = browsers.iter().enumerate().map(async |(at, browser)| {
        let login = browser.log_in(&format!("1531234500{at}"), PASSWORD).await.code();
        let tel = format!("1531234600{at}");
        (login, browser.post("/passport/tel", &[("tel", &tel), ("password", PASSWORD)]).await.code())
    });
    let (results, rotated) =
        tokio::join!(futures_util::future::join_all(changes), resume_key_rotation(&service.app));
    rotated.unwrap();
    assert_eq!(results, [(0, 0); 10]);
    for at in 0..10 {
        service.verify_contacts(61 + at).await;
        let login = async |tel: String| service.anonymous().log_in(&tel, PASSWORD).await.code();
        let (old, new) = (login(format!("1531234500{at}")).await, login(format!("1531234600{at}")).await);
        assert_eq!((old, new), (30011, 0), "{at}");
    }
    service.assert_consistent().await;
}

#[tokio::test]
async fn concurrent_rotations_start_once() {
    let service = Service::on_embedded().await;
    let admin = service.operator(Role::Admin).await;
    let requests = (0..5).map(|_| admin.post("/operator/keys/rotate", json!({})));
    let mut codes: Vec<i64> =
        futures_util::future::join_all(requests).await.iter().map(TestResponse::code).collect();
    codes.sort_unstable();
    assert_eq!(codes, [0, 30061, 30061, 30061, 30061]);
    assert_eq!(admin.get("/operator/keys").await.data()["key"], 2);
}

/// Returns the keys in the key file of a service.
fn key_ids(service: &Service) -> Vec<u32> {
    let ring = service.app.key_file.read().unwrap().unwrap();
    ring.fingerprints().iter().map(|key| key.id).collect()
}

/// Asserts that every private text is encrypted with the newest key alone.
async fn assert_only_newest_key(service: &Service, newest: u32) {
    let cipher = &service.app.cipher;
    assert_eq!((cipher.keyring().newest().id, cipher.keyring().is_rotating()), (newest, false));
    let accounts = service.app.store.all::<Account>().await.unwrap();
    let texts = accounts.iter().flat_map(|account| [&account.tel, &account.mail]).flatten();
    assert!(texts.clone().count() > 0);
    assert!(texts.clone().all(|text| cipher.uses_newest_key(text)));
    assert_eq!(key_ids(service), [newest]);
}

#[tokio::test]
async fn rotation_is_followed_by_other_instances() {
    let Some(one) = Service::on_postgres().await else { return };
    let other = one.second_instance().await;
    let tel = |number: u64| format!("1531234{number:04}");
    let (me, admin) = (other.anonymous(), one.operator(Role::Admin).await);
    let mid = me.sign_up("甲", &[("tel", &tel(1))]).await;
    let can_log_in = async |number: u64, when: &str| {
        one.verify_contacts(mid).await;
        for service in [&one, &other] {
            assert_eq!(service.anonymous().log_in(&tel(number), PASSWORD).await.code(), 0, "{when} {number}");
        }
    };
    let change_tel = async |number: u64| {
        let form = [("tel", &*tel(number)), ("password", PASSWORD)];
        assert_eq!(me.post("/passport/tel", &form).await.code(), 0);
    };
    assert_eq!(admin.post("/operator/keys/rotate", json!({})).await.data()["key"], 2);
    // The other instance was not told. It still finds what the first instance wrote with the new key.
    let second = one.anonymous().sign_up("乙", &[("tel", &tel(2))]).await;
    one.verify_contacts(second).await;
    can_log_in(1, "rotating").await;
    can_log_in(2, "rotating").await;
    change_tel(3).await;
    can_log_in(3, "rotating").await;
    resume_key_rotation(&one.app).await.unwrap();
    // The other instance has not ended the rotation, and writes with the new key alone.
    change_tel(4).await;
    can_log_in(4, "retired").await;
    resume_key_rotation(&other.app).await.unwrap();
    for service in [&one, &other] {
        assert_only_newest_key(service, 2).await;
    }
    // The instance that was told nothing of a whole rotation follows too.
    assert_eq!(encryption_keys::start_rotation(&other.app, "test").await.unwrap(), 3);
    resume_key_rotation(&other.app).await.unwrap();
    let taken = [("uname", "丙"), ("password", PASSWORD), ("tel", &tel(4))];
    assert_eq!(one.anonymous().post("/passport/signup", &taken).await.code(), 30003);
    let third = one.anonymous().sign_up("丙", &[("tel", &tel(5))]).await;
    one.verify_contacts(third).await;
    can_log_in(5, "after").await;
    assert_only_newest_key(&one, 3).await;
    one.assert_consistent().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fields_stay_readable_while_instances_rotate_and_write() {
    const ROTATIONS: u32 = 3;
    let Some(one) = Service::on_postgres().await else { return };
    let other = one.second_instance().await;
    let ended = AtomicBool::new(false);
    let write = async |service: &Service, number: u64| {
        let (me, mut round) = (service.anonymous(), 0);
        let mut tel = format!("153{number}0000000");
        let mid = mid_of(me.sign_up(&format!("写者{number}"), &[("tel", &tel)]).await);
        while !ended.load(Ordering::Relaxed) || round == 0 {
            round += 1;
            let old = std::mem::replace(&mut tel, format!("153{number}{round:07}"));
            let (kind, value) = (ContactKind::Tel, Some(tel.clone()));
            let limits = service.app.limits.outbox;
            let cipher = Arc::clone(&service.app.cipher);
            let outbox = Outbox { cipher, limits, language: "en", now: service.app.now() };
            service.app.store.run(ChangeContact { me: mid, kind, value, outbox }).await.unwrap();
            let shown = me.get("/web/site/user/info").await.data();
            assert_eq!(shown["account_info"]["hide_tel"].as_str().unwrap()[..3], tel[..3]);
            for reader in [&one, &other] {
                let find = async |tel: &str| {
                    let found = identifiers::find_by_identifier(&reader.app, IdentifierKind::Tel, tel).await;
                    found.unwrap().is_some()
                };
                assert_eq!((find(&tel).await, find(&old).await), (true, false), "{number} {round}");
            }
        }
    };
    let rotate = async || {
        for rotation in 0..ROTATIONS {
            let [first, second] = if rotation % 2 == 0 { [&one, &other] } else { [&other, &one] };
            encryption_keys::start_rotation(&first.app, "test").await.unwrap();
            // Both instances end it at once.
            let (a, b) = tokio::join!(resume_key_rotation(&first.app), resume_key_rotation(&second.app));
            a.and(b).unwrap();
        }
        ended.store(true, Ordering::Relaxed);
    };
    tokio::join!(write(&one, 1), write(&other, 2), write(&one, 3), write(&other, 4), rotate());
    for service in [&one, &other] {
        resume_key_rotation(&service.app).await.unwrap();
        assert_only_newest_key(service, 1 + ROTATIONS).await;
    }
    one.assert_consistent().await;
}

#[tokio::test]
async fn instance_without_the_new_key_writes_nothing_private() {
    let Some(one) = Service::on_postgres().await else { return };
    // An instance on another machine has a copy of the key file.
    let folder = tempfile::tempdir().unwrap();
    let file = KeyFile::new(folder.path().join("guanxi.keys"));
    fs::copy(one.app.key_file.path(), file.path()).unwrap();
    let other = one.second_instance_with_keys(&file).await;
    let me = other.anonymous();
    let mid = me.sign_up("甲", &[("tel", "15312345001")]).await;
    encryption_keys::start_rotation(&one.app, "test").await.unwrap();
    let change = [("tel", "15312345002"), ("password", PASSWORD)];
    assert_eq!(me.post("/passport/tel", &change).await.status, StatusCode::INTERNAL_SERVER_ERROR);
    let error = resume_key_rotation(&other.app).await.unwrap_err().to_string();
    assert!(error.contains("lacks key 2") && error.contains("copy the file"), "{error}");
    let account = one.app.store.get::<Account>(mid_of(mid)).await.unwrap().unwrap();
    assert!(!one.app.cipher.uses_newest_key(account.tel.as_ref().unwrap()), "nothing was written");
    // Once the file is copied, the instance needs no restart.
    fs::copy(one.app.key_file.path(), file.path()).unwrap();
    assert_eq!(me.post("/passport/tel", &change).await.code(), 0);
    resume_key_rotation(&one.app).await.unwrap();
    assert_only_newest_key(&one, 2).await;
}

#[tokio::test]
async fn prepared_key_is_used_by_the_next_rotation_only() {
    let Some(one) = Service::on_postgres().await else { return };
    let prepare = async || encryption_keys::prepare_key(&one.app.store, &one.app.key_file).await.unwrap();
    assert_eq!((prepare().await, prepare().await, key_ids(&one)), (2, 2, vec![1, 2]));
    // Another machine gets a copy of the file before the rotation.
    let folder = tempfile::tempdir().unwrap();
    let file = KeyFile::new(folder.path().join("guanxi.keys"));
    fs::copy(one.app.key_file.path(), file.path()).unwrap();
    let other = one.second_instance_with_keys(&file).await;
    let me = other.anonymous();
    let mid = me.sign_up("甲", &[("tel", "15312345001")]).await;
    resume_key_rotation(&other.app).await.unwrap();
    assert_eq!(other.app.cipher.keyring().newest().id, 1, "a start does not begin a rotation");
    assert_eq!(encryption_keys::start_rotation(&one.app, "test").await.unwrap(), 2);
    let change = [("tel", "15312345002"), ("password", PASSWORD)];
    assert_eq!(me.post("/passport/tel", &change).await.code(), 0);
    for service in [&one, &other] {
        // The first run ends the rotation or follows its end, and the second retires the key.
        resume_key_rotation(&service.app).await.unwrap();
        resume_key_rotation(&service.app).await.unwrap();
        service.verify_contacts(mid).await;
        assert_eq!(service.anonymous().log_in("15312345002", PASSWORD).await.code(), 0);
        assert_only_newest_key(service, 2).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn first_instances_create_one_key() {
    let Some(schema) = Schema::create().await else { return };
    let address = postgres::parse_url(&schema.url()).unwrap();
    postgres::schema::migrate(&address, true).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut starts = JoinSet::new();
    for _ in 0..4 {
        let (address, file) = (address.clone(), KeyFile::new(folder.path().join("guanxi.keys")));
        starts.spawn(async move {
            let options = postgres::Options { max_connections: 2, ..postgres::Options::default() };
            let store = PostgresStore::open(address, options).await.unwrap().into();
            encryption_keys::open_cipher(&store, &file).await.unwrap().keyring().fingerprints()
        });
    }
    let rings = starts.join_all().await;
    assert!(rings.iter().all(|ring| *ring == rings[0] && ring.len() == 1), "{rings:?}");
}
