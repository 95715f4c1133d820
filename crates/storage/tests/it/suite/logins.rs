//! The login log, and the latest login of a device (D34, D35).

use crate::community::{Community, mid, read};
use guanxi_storage::command::device;
use guanxi_storage::row::{LatestLogin, LoginMethod, LoginRow};
use guanxi_storage::{Row, Store};

fn login(member: u64, time: i64, buvid: &str, ok: bool) -> LoginRow {
    LoginRow {
        mid: mid(member),
        time,
        ip: "240e::1".parse().expect("an address"),
        how: LoginMethod::Password,
        ok,
        device: "Chrome浏览器".to_owned(),
        buvid: buvid.to_owned(),
        place: "中国广西梧州".to_owned(),
        carrier: "电信".to_owned(),
    }
}

pub(crate) async fn the_log_is_told_newest_first(store: impl Store) {
    let community = Community::of(store, 2).await;
    let (first, second) = (login(1, 200, "A", true), login(1, 200, "A", false));
    let (old, new) = (login(1, 100, "", true), login(1, 300, "B", false));
    let rows = [&new, &old, &first, &login(2, 250, "A", true), &second];
    community.load(rows.map(|row| Row::Login(row.clone())).to_vec()).await;
    let newest_first = [new, second, first, old];
    for (since, count) in [(0, 4), (100, 4), (101, 3), (200, 3), (201, 1), (300, 1), (301, 0)] {
        let logins = read(community.store.logins(mid(1), since, usize::MAX).await);
        assert_eq!(logins, newest_first[..count], "since {since}");
    }
    for most in 0..=5 {
        let logins = read(community.store.logins(mid(1), 0, most).await);
        assert_eq!(logins, newest_first[..most.min(4)], "at most {most}");
    }
}

pub(crate) async fn the_log_begins_with_its_first_entry(store: impl Store) {
    let community = Community::of(store, 3).await;
    let (first, second) = (login(1, 100, "", false), login(1, 100, "A", true));
    let rows = [&login(1, 300, "A", true), &first, &second, &login(2, 50, "A", true)];
    community.load(rows.map(|row| Row::Login(row.clone())).to_vec()).await;
    let told = async |member| read(community.store.first_login(mid(member)).await);
    assert_eq!((told(1).await, told(2).await.map(|row| row.time)), (Some(first), Some(50)));
    assert_eq!((told(3).await, told(9).await), (None, None));
}

pub(crate) async fn the_last_login_is_one_of_that_device_that_succeeded(store: impl Store) {
    let community = Community::of(store, 2).await;
    let rows = [
        login(1, 100, "A", true),
        login(1, 200, "A", true),
        login(1, 300, "A", false),
        login(1, 150, "", true),
        login(1, 400, "", false),
        login(1, 500, "C", false),
        login(2, 600, "A", true),
    ];
    community.load(rows.map(Row::Login).to_vec()).await;
    for (buvid, time) in [("A", Some(200)), ("", Some(150)), ("B", None), ("C", None), ("a", None)] {
        let last = read(community.store.get::<LatestLogin>((mid(1), device(buvid))).await);
        assert_eq!(last.map(|row| row.login.time), time, "{buvid:?}");
    }
}
