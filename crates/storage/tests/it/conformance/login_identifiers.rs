//! Login identifiers: names, user names, phones, mail addresses.

use super::accounts::{account, card, full_member};
use crate::community::{Community, mid};
use crate::dump_state::{member_states, service_state};
use crate::members::member_named;
use guanxi_storage::Store;
use guanxi_storage::commands::operator::{MemberPatch, UpdateMember};
use guanxi_storage::commands::{ContactKind, ImportResult, NewMember};
use guanxi_storage::encryption::IdentifierKind;
use guanxi_types::ErrorCode;
use std::sync::Arc;

pub(crate) async fn duplicate_identifiers_are_rejected_in_order(store: impl Store) {
    let community = Community::new(store);
    assert_eq!(community.sign_up(full_member(), 1).await, Ok(1));
    assert_eq!(community.sign_up(member_named("乙"), 2).await, Ok(2));
    let mut new = NewMember {
        mid: Some(mid(2)),
        uname: "陈ＡB".to_owned(),
        userid: Some("bILI_1".to_owned()),
        ..full_member()
    };
    let before = (member_states(&community.store, 3).await, service_state(&community.store).await);
    for rejection in [
        ErrorCode::NameTaken,
        ErrorCode::TelTaken,
        ErrorCode::MailTaken,
        ErrorCode::UseridTaken,
        ErrorCode::MidTaken,
    ] {
        assert_eq!(community.create_member(new.clone()).await, Err(rejection));
        if rejection != ErrorCode::MidTaken {
            assert_eq!(community.sign_up(NewMember { mid: None, ..new.clone() }, 3).await, Err(rejection));
        }
        match rejection {
            ErrorCode::NameTaken => "陈".clone_into(&mut new.uname),
            ErrorCode::TelTaken => new.tel = Some("15312345057".to_owned()),
            ErrorCode::MailTaken => new.mail = Some("b@b.cn".to_owned()),
            ErrorCode::UseridTaken => new.userid = Some("bili_3".to_owned()),
            _ => new.mid = None,
        }
        let after = (member_states(&community.store, 3).await, service_state(&community.store).await);
        assert_eq!(after, before, "{rejection:?} wrote something");
    }
    assert_eq!(community.sign_up(new, 3).await, Ok(3), "no mid was used up");
}

pub(crate) async fn duplicate_name_finds_the_first_card(store: impl Store) {
    let community = Community::new(store);
    let find = |text: &'static str| community.find(IdentifierKind::Uname, text);
    assert_eq!(community.import(vec![card(1, "甲a"), card(2, "甲A"), card(3, "")]).await.error, None);
    assert_eq!(find("甲a").await, Some(1));
    // The same cards imported again conflict with nothing.
    assert_eq!(community.import(vec![card(2, "甲A"), card(1, "甲a")]).await.error, None);
    assert_eq!(find("甲a").await, Some(1));
    // Renaming the second card keeps the name of the first.
    assert_eq!(community.import(vec![card(2, "乙")]).await.error, None);
    assert_eq!((find("甲a").await, find("乙").await, find("").await), (Some(1), Some(2), None));
    assert_eq!(community.import(vec![card(1, "丙")]).await.error, None);
    assert_eq!((find("甲A").await, find("丙").await), (None, Some(1)));
    assert_eq!(community.sign_up(member_named("甲a"), 1).await, Ok(4), "the name is free");
}

pub(crate) async fn import_rejects_shared_identifiers(store: impl Store) {
    let community = Community::with_members(store, 9).await;
    assert_eq!(community.import(vec![account(1, "bili", "15312345056", "a@b.cn")]).await.error, None);
    #[rustfmt::skip]
    let cases = [
        // userid, phone, mail -> error
        ("BILI", "",                  "",         "the user name of 2 already belongs"),
        ("",     "15312345056",       "",         "the phone of 2 already belongs"),
        ("",     "+86 153-1234-5056", "",         "the phone of 2 already belongs"),
        ("",     "",                  "A@B.cn ",  "the mail address of 2 already belongs"),
    ];
    for (userid, tel, mail, message) in cases {
        let ImportResult { rows, error } = community.import(vec![account(2, userid, tel, mail)]).await;
        assert_eq!(rows, 0, "{message}");
        assert!(error.as_ref().is_some_and(|error| error.contains(message)), "{error:?}");
    }
    let rows =
        vec![account(2, "", "", ""), account(3, "", "", ""), account(1, "bili", "15312345056", "a@b.cn")];
    assert_eq!(community.import(rows).await.error, None, "empty identifiers do not conflict");
}

pub(crate) async fn account_imported_again_moves_identifiers(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let find = async |kind, text: &str| community.find(kind, text).await;
    // Identifiers are stored in their normalized form.
    assert_eq!(community.import(vec![account(1, "bili", "+86 153-1234-5056", "A@B.cn")]).await.error, None);
    assert_eq!(community.contacts(1).await[0].0.as_deref(), Some("15312345056"));
    assert_eq!(community.contacts(1).await[1].0.as_deref(), Some("a@b.cn"));
    assert_eq!(community.import(vec![account(1, "dili", "15312345057", "")]).await.error, None);
    for (kind, old, new) in [
        (IdentifierKind::Userid, "bili", Some("dili")),
        (IdentifierKind::Tel, "15312345056", Some("15312345057")),
        (IdentifierKind::Mail, "a@b.cn", None),
    ] {
        assert_eq!(find(kind, old).await, None, "{old}");
        if let Some(new) = new {
            assert_eq!(find(kind, new).await, Some(1), "{new}");
        }
    }
    assert_eq!(community.import(vec![account(2, "bili", "153 1234 5056", "a@b.cn")]).await.error, None);
    assert_eq!(find(IdentifierKind::Tel, "15312345056").await, Some(2));

    // An imported identifier is changed and deleted like a registered one.
    assert_eq!(community.change_contact(2, ContactKind::Tel, None).await, Ok(()));
    assert_eq!(find(IdentifierKind::Tel, "15312345056").await, None);
    community.delete_member(2).await;
    assert_eq!(find(IdentifierKind::Mail, "a@b.cn").await, None);
    // The error does not contain the invalid phone.
    let ImportResult { rows, error } = community.import(vec![account(1, "dili", "153****5056", "")]).await;
    assert_eq!((rows, error.as_deref()), (0, Some("account.tel: not a phone")));
}

pub(crate) async fn login_names_are_unique_across_kinds(store: impl Store) {
    let community = Community::with_members(store, 0).await;
    let one = NewMember { userid: Some("yi".to_owned()), ..member_named("甲") };
    assert!(community.create_member(one).await.is_ok());
    assert_eq!(community.create_member(member_named("YI")).await, Err(ErrorCode::NameTaken));
    let other = NewMember { userid: Some("yi2".to_owned()), ..member_named("bing") };
    assert!(community.create_member(other).await.is_ok());
    let third = NewMember { userid: Some("Bing".to_owned()), ..member_named("丁") };
    assert_eq!(community.create_member(third).await, Err(ErrorCode::UseridTaken));
    let same = NewMember { userid: Some("wu".to_owned()), ..member_named("Wu") };
    assert!(community.create_member(same).await.is_ok(), "name and user name of one member may be equal");
}

pub(crate) async fn confusable_name_is_rejected(store: impl Store) {
    let community = Community::with_members(store, 0).await;
    for (number, (name, alike)) in
        (1..).zip([("paypal", "раураl"), ("Tom1", "Toml"), ("力王", "カ王"), ("BILL", "bi1l"), ("m", "rn")])
    {
        assert_eq!(community.create_member(member_named(name)).await, Ok(number));
        assert_eq!(community.sign_up(member_named(alike), 1).await, Err(ErrorCode::NameTaken), "{alike}");
        assert_eq!(community.create_member(member_named(alike)).await, Err(ErrorCode::NameTaken), "{alike}");
        assert_eq!(community.find(IdentifierKind::Uname, name).await, Some(number));
        assert_eq!(
            community.find(IdentifierKind::Uname, alike).await,
            None,
            "the skeleton of a name is not a login identifier"
        );
    }
    let rename = async |member, uname: &str| {
        let cipher = Arc::clone(&community.cipher);
        let card = serde_json::Map::from_iter([("uname".to_owned(), uname.into())]);
        let with = MemberPatch { card, ..MemberPatch::default() };
        community
            .run_as_operator(UpdateMember { mid: mid(member), patch: with, cipher })
            .await
            .map(Result::ok)
    };
    assert_eq!(rename(1, "TomI").await, Err(ErrorCode::NameTaken));
    assert_eq!(rename(2, "Toml").await, Ok(Some(())), "a name confusable with the member's own is free");
    assert_eq!(rename(2, "Tom").await, Ok(Some(())));
    assert_eq!(rename(1, "TomI").await, Ok(Some(())), "the skeleton is free with its name");
    community.delete_member(1).await;
    assert_eq!(
        community.sign_up(member_named("Toml"), 1).await,
        Ok(6),
        "the skeleton is free after a deletion"
    );
}

pub(crate) async fn confusable_names_of_a_dump_are_kept(store: impl Store) {
    let community = Community::new(store);
    assert_eq!(community.import(vec![card(1, "Tom1"), card(2, "Toml"), card(3, "admin")]).await.error, None);
    for (name, member) in [("Tom1", 1), ("Toml", 2), ("admin", 3)] {
        assert_eq!(
            community.find(IdentifierKind::Uname, name).await,
            Some(member),
            "each name finds its member"
        );
    }
    assert_eq!(community.sign_up(member_named("TomI"), 1).await, Err(ErrorCode::NameTaken));
    assert_eq!(community.import(vec![card(2, "乙")]).await.error, None);
    assert_eq!(
        community.sign_up(member_named("TomI"), 1).await,
        Err(ErrorCode::NameTaken),
        "the name is confusable with that of 1"
    );
}
