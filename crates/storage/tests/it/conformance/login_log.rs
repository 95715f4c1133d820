//! The login log, and the latest login of a device (D34, D35).

use crate::community::{Community, expect_read, mid};
use guanxi_storage::commands::device_hash;
use guanxi_storage::model::{LatestLogin, LoginMethod, LoginRow};
use guanxi_storage::{Row, Store};

fn login(member: u64, time: i64, buvid: &str, ok: bool) -> LoginRow {
    LoginRow {
        mid: mid(member),
        time,
        ip: "240e::1".parse().expect("an address"),
        method: LoginMethod::Password,
        success: ok,
        device: "Chrome浏览器".to_owned(),
        buvid: buvid.to_owned(),
        location: "中国广西梧州".to_owned(),
        isp: "电信".to_owned(),
    }
}

pub(crate) async fn login_log_is_newest_first(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let (first, second) = (login(1, 200, "A", true), login(1, 200, "A", false));
    let (old, new) = (login(1, 100, "", true), login(1, 300, "B", false));
    let rows = [&new, &old, &first, &login(2, 250, "A", true), &second];
    community.import(rows.map(|row| Row::Login(row.clone())).to_vec()).await;
    let newest_first = [new, second, first, old];
    for (since, count) in [(0, 4), (100, 4), (101, 3), (200, 3), (201, 1), (300, 1), (301, 0)] {
        let logins = expect_read(community.store.login_log(mid(1), since, usize::MAX).await);
        assert_eq!(logins, newest_first[..count], "since {since}");
    }
    for limit in 0..=5 {
        let logins = expect_read(community.store.login_log(mid(1), 0, limit).await);
        assert_eq!(logins, newest_first[..limit.min(4)], "limit {limit}");
    }
}

pub(crate) async fn first_login_is_the_oldest_entry(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    let (first, second) = (login(1, 100, "", false), login(1, 100, "A", true));
    let rows = [&login(1, 300, "A", true), &first, &second, &login(2, 50, "A", true)];
    community.import(rows.map(|row| Row::Login(row.clone())).to_vec()).await;
    let first_login = async |member| expect_read(community.store.first_login(mid(member)).await);
    assert_eq!((first_login(1).await, first_login(2).await.map(|row| row.time)), (Some(first), Some(50)));
    assert_eq!((first_login(3).await, first_login(9).await), (None, None));
}

pub(crate) async fn latest_login_is_a_success_of_the_same_device(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let rows = [
        login(1, 100, "A", true),
        login(1, 200, "A", true),
        login(1, 300, "A", false),
        login(1, 150, "", true),
        login(1, 400, "", false),
        login(1, 500, "C", false),
        login(2, 600, "A", true),
    ];
    community.import(rows.map(Row::Login).to_vec()).await;
    for (buvid, time) in [("A", Some(200)), ("", Some(150)), ("B", None), ("C", None), ("a", None)] {
        let last = expect_read(community.store.get::<LatestLogin>((mid(1), device_hash(buvid))).await);
        assert_eq!(last.map(|row| row.login.time), time, "{buvid:?}");
    }
}
