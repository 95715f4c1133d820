//! Deletion of members: access ends at once, and rows are deleted in batches.

pub(crate) mod full_member;

use super::operator_commands::payment;
use crate::community::{Community, FOLLOW_LIMIT, card, change_relation, expect_read, mid};
use crate::dump_state::{member_states, service_state};
use crate::members::{
    LOGIN_QUOTA, NOW, SECOND_STEP, login_origin, member_with_phone, new_password, new_session, no_outbox,
};
use full_member::{ME, OTHERS, create_full_member};
use guanxi_domain::bio::{ReviewPolicy, SensitiveWords};
use guanxi_storage::commands::operator::{
    AdjustCoins, CreateMember, DeleteMember, MemberPatch, OperatorCommand, RevokeMemberSessions,
    UpdateMember, VerifyContact,
};
use guanxi_storage::commands::{
    ChangeContact, ChangePassword, ClaimQrCode, Command, CompleteLogin, ConfirmQrCode, ConsumedAttempts,
    ContactKind, CreateGroup, CreateQrCode, CreateSession, GrantDailyLogin, IngestEvents, RevokeSessions,
    RunDueTask, ScanQrCode, SessionRenewal, SetQuestion, SubmitBio, SubmitRealname,
};
use guanxi_storage::encryption::IdentifierKind;
use guanxi_storage::model::{
    Account, BioReview, Card, CoinRow, DataExport, DataExportChunk, DataExportJob, Entity, Experience,
    Factors, Group, LatestLogin, Leaving, LoginIdentifier, MemberNote, Message, NameReview, NewsRow,
    Password, PendingDeletion, Picture, Privacy, Profile, QrLogin, Question, Realname, Remark, RemarkedBy,
    RewardRow, Session, Table, Tombstone, Upstat,
};
use guanxi_storage::{Counters, Row, Store};
use guanxi_types::{Coins, ErrorCode, Event, EventKind, Mid, RelationAction, Tagid, TipCoins};
use std::sync::Arc;

/// Counts the rows of a kind that belong to a member.
async fn count<S: Store, R: Entity>(store: &S, belongs: impl Fn(&R) -> bool) -> usize {
    expect_read(store.all::<R>().await).iter().filter(|row| belongs(row)).count()
}

/// Counts the rows of a member by kind. Kinds without rows are left out.
async fn remaining_rows<S: Store>(store: &S, member: u64) -> Vec<(&'static str, usize)> {
    let me = mid(member);
    let mut relations = 0;
    for other in (1..=OTHERS).map(mid).filter(|other| *other != me) {
        let Some(pair) = expect_read(store.relation_pair(me, other).await) else { break };
        relations += usize::from(pair.outgoing.is_some()) + usize::from(pair.incoming.is_some());
    }
    let all = vec![
        ("counters", usize::from(expect_read(store.counters(me).await).is_some())),
        ("card", count(store, |row: &Card| row.mid == me).await),
        ("profile", count(store, |row: &Profile| row.mid == me).await),
        ("account", count(store, |row: &Account| row.mid == me).await),
        ("realname", count(store, |row: &Realname| row.mid == me).await),
        ("upstat", count(store, |row: &Upstat| row.mid == me).await),
        ("growth", count(store, |row: &Experience| row.mid == me).await),
        ("reward", count(store, |row: &RewardRow| row.mid == me).await),
        ("member_group", count(store, |row: &Group| row.mid == me).await),
        ("bio_review", count(store, |row: &BioReview| row.mid == me).await),
        ("name_review", count(store, |row: &NameReview| row.mid == me).await),
        ("picture", count(store, |row: &Picture| row.mid == me).await),
        ("data_export_job", count(store, |row: &DataExportJob| row.mid == me).await),
        ("data_export", count(store, |row: &DataExport| row.mid == me).await),
        ("data_export_chunk", count(store, |row: &DataExportChunk| row.mid == me).await),
        ("leaving", count(store, |row: &Leaving| row.mid == me).await),
        ("privacy", count(store, |row: &Privacy| row.mid == me).await),
        ("news", count(store, |row: &NewsRow| row.mid == me).await),
        ("message", count(store, |row: &Message| row.mid == me).await),
        ("session", count(store, |row: &Session| row.mid == me).await),
        ("member_session", expect_read(store.sessions(me).await).len()),
        ("password", count(store, |row: &Password| row.mid == me).await),
        ("question", count(store, |row: &Question| row.mid == me).await),
        ("factors", count(store, |row: &Factors| row.mid == me).await),
        ("login_identifier", count(store, |row: &LoginIdentifier| row.mid == me).await),
        ("member_note", count(store, |row: &MemberNote| row.mid == me).await),
        ("remark", count(store, |row: &Remark| row.mid == me || row.fid == me).await),
        ("remarked_by", count(store, |row: &RemarkedBy| row.mid == me || row.author == me).await),
        ("latest_login", count(store, |row: &LatestLogin| row.mid == me).await),
        ("pending_deletion", count(store, |row: &PendingDeletion| row.mid == me).await),
        ("coins", expect_read(store.coin_log(me, 0, usize::MAX).await).len()),
        ("logins", expect_read(store.login_log(me, 0, usize::MAX).await).len()),
        (
            "pending_reviews",
            expect_read(store.pending_reviews::<Realname>(0, 9).await).len()
                + expect_read(store.pending_reviews::<BioReview>(0, 9).await).len(),
        ),
        ("relations", relations),
    ];
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

pub(crate) async fn deletion_ends_all_access_at_once(store: impl Store) {
    let community = create_full_member(store).await;
    assert_eq!(community.find(IdentifierKind::Tel, "15312345056").await, Some(ME));
    community.delete_member(ME).await;
    for (kind, text) in [
        (IdentifierKind::Uname, "甲"),
        (IdentifierKind::Userid, "gua"),
        (IdentifierKind::Tel, "15312345056"),
        (IdentifierKind::Mail, "a@b.cn"),
    ] {
        assert_eq!(community.find(kind, text).await, None, "{kind:?}");
    }
    assert_eq!(community.sessions(ME).await, [0; 0]);
    for byte in 1..=3 {
        assert_eq!(community.session(byte).await, None);
    }
    let remaining = remaining_rows(&community.store, ME).await;
    for deleted in [
        "account",
        "password",
        "question",
        "factors",
        "realname",
        "bio_review",
        "name_review",
        "picture",
        "news",
        "message",
        "session",
        "login_identifier",
        "pending_reviews",
    ] {
        assert!(remaining.iter().all(|(kind, _)| *kind != deleted), "{deleted}: {remaining:?}");
    }
    // Lists show a placeholder card.
    let card = Card { uname: "账号已注销".to_owned(), ..Card::new(mid(ME)) };
    assert_eq!(expect_read(community.store.get::<Card>(mid(ME)).await), Some(card));
    assert_eq!(community.counts(ME).await, [150, 100, 100, 201]);
}

pub(crate) async fn deletion_removes_all_rows_in_batches(store: impl Store) {
    let community = create_full_member(store).await;
    let full = remaining_rows(&community.store, ME).await;
    assert!(full.contains(&("relations", 761)) && full.len() == 33, "{full:?}");
    community.delete_member(ME).await;
    let mut steps = 0;
    while community.is_pending_deletion(ME).await {
        assert!(
            expect_read(community.store.counters(mid(ME)).await).is_some(),
            "the member exists until the last step"
        );
        assert_eq!(community.run_due_tasks(NOW).await, 1);
        steps += 1;
    }
    assert!(steps > 3, "it took {steps} steps");
    assert_eq!(remaining_rows(&community.store, ME).await, []);
    assert_eq!(community.run_due_tasks(i64::MAX).await, 0, "no task of the member is left");
    for (other, counts) in
        [(1, [1, 0, 0, 0]), (2, [0, 1, 0, 1]), (3, [0, 0, 1, 0]), (700, [0; 4]), (255, [0; 4])]
    {
        assert_eq!(community.counts(other).await, counts, "{other}");
    }
    assert_eq!(community.group_members(1, Tagid(8)).await, [2]);

    // Their identifiers are free, and their mid is not assigned again.
    let new = community.sign_up(member_with_phone("甲", "15312345056"), 1).await.expect("the name is free");
    assert_eq!(new, ME + 1);
    assert_eq!(community.find(IdentifierKind::Tel, "15312345056").await, Some(new));
    community.delete_member(new).await;
    community.run_all_due_tasks(NOW).await;
    assert_eq!(community.sign_up(member_with_phone("甲", "15312345056"), 1).await, Ok(ME + 2));
}

pub(crate) async fn member_is_deleted_with_their_last_row(store: impl Store) {
    let community = Community::with_members(store, 7).await;
    // For every size of a step, one of these members has exactly the rows of some steps.
    for (member, coins) in (1..).zip([0, 253, 254, 255, 256, 510, 511]) {
        let coin = |time| {
            Row::Coin(CoinRow { mid: mid(member), time, delta: Coins::from_whole(1), reason: String::new() })
        };
        assert_eq!(community.import((0..coins).map(coin).collect()).await.error, None);
        community.delete_member(member).await;
        while community.is_pending_deletion(member).await {
            assert!(expect_read(community.store.counters(mid(member)).await).is_some(), "{coins} coins");
            community.run_due_tasks(NOW).await;
        }
        assert_eq!(expect_read(community.store.counters(mid(member)).await), None, "{coins} coins");
        assert_eq!(
            expect_read(community.store.coin_log(mid(member), 0, usize::MAX).await),
            [],
            "{coins} coins"
        );
    }
}

pub(crate) async fn repeated_deletion_is_idempotent(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let cipher = Arc::clone(&community.cipher);
    community.delete_member(1).await;
    let tasks = expect_read(community.store.due_tasks(NOW, Table::scheduled()).await);
    community.delete_member(1).await;
    assert_eq!(community.audit_log().await.len(), 1, "the deletion is logged once");
    community.run_all_due_tasks(NOW).await;
    for task in tasks {
        assert_eq!(
            community.run(RunDueTask { task, cipher: Arc::clone(&community.cipher), now: NOW }).await,
            Ok(()),
            "a stale task of a deleted member has no effect"
        );
    }
    assert_eq!(
        community.run_as_operator(DeleteMember { mid: mid(1), cipher }).await,
        Err(ErrorCode::MemberNotFound)
    );
    assert_eq!(community.audit_log().await.len(), 1);
    assert_eq!(community.counters(2).await, Counters::default());
}

async fn assert_not_found<S: Store, C: Command>(community: &Community<S>, command: C) {
    assert_rejected(community, command, ErrorCode::MemberNotFound).await;
}

async fn assert_rejected<S: Store, C: Command>(community: &Community<S>, command: C, code: ErrorCode) {
    let name = std::any::type_name::<C>();
    assert_eq!(community.run(command).await.err(), Some(code), "{name}");
}

async fn assert_operator_not_found<S: Store, C: OperatorCommand>(community: &Community<S>, command: C) {
    assert_eq!(
        community.run_as_operator(command).await.err(),
        Some(ErrorCode::MemberNotFound),
        "{}",
        C::ACTION
    );
}

#[expect(clippy::too_many_lines, reason = "one case for each command")]
pub(crate) async fn pending_deletion_rejects_all_commands(store: impl Store) {
    // A command that was queued before the deletion must not create rows that outlive the member.
    let community = Community::with_members(store, 3).await;
    let (me, cipher) = (mid(1), Arc::clone(&community.cipher));
    let code = |hash| CreateQrCode {
        hash,
        claim_secret: [9; 32],
        origin: login_origin("A"),
        now: NOW,
        expires: NOW + 180,
    };
    for hash in [[1; 32], [2; 32]] {
        assert_eq!(community.run(code(hash)).await, Ok(()));
        assert!(community.run(ScanQrCode { me, hash, now: NOW }).await.is_ok());
    }
    assert_eq!(community.run(ConfirmQrCode { me, hash: [1; 32], session: [8; 32], now: NOW }).await, Ok(()));
    community.delete_member(1).await;
    let before = (member_states(&community.store, 3).await, service_state(&community.store).await);

    let value = |text: &str| Some(text.to_owned());
    let change = |kind, value| ChangeContact { me, kind, value, outbox: no_outbox(&cipher) };
    assert_not_found(&community, change(ContactKind::Tel, value("15312345056"))).await;
    assert_not_found(&community, change(ContactKind::Mail, value("a@b.cn"))).await;
    let (name, card) = ("陈唯恺".to_owned(), "610502200203054114".to_owned());
    assert_not_found(
        &community,
        SubmitRealname { me, name, card, card_type: 0, cipher: Arc::clone(&cipher), now: NOW },
    )
    .await;
    let (bio, words) =
        ("早".to_owned(), Arc::new(SensitiveWords::parse("").expect("an empty list is valid")));
    assert_not_found(&community, SubmitBio { me, bio, words, review: ReviewPolicy::Moderator, now: NOW })
        .await;
    let (question, answer_hash) = ("谁？".to_owned(), "phc".to_owned());
    assert_not_found(&community, SetQuestion { me, question, answer_hash, cipher: Arc::clone(&cipher) })
        .await;
    let renewal = SessionRenewal { old: [0; 32], new: [1; 32], expires: NOW };
    assert_not_found(
        &community,
        ChangePassword {
            me,
            expected_phc: None,
            new_password: new_password("phc"),
            renewal,
            attempts: None,
            outbox: no_outbox(&cipher),
        },
    )
    .await;
    assert_not_found(&community, CreateGroup { me, name: "同学".to_owned(), limit: FOLLOW_LIMIT as usize })
        .await;
    assert_not_found(&community, change_relation(1, RelationAction::Follow, 2, NOW)).await;
    assert_rejected(&community, change_relation(2, RelationAction::Follow, 1, NOW), ErrorCode::MemberDeleted)
        .await;
    assert_not_found(&community, GrantDailyLogin { me, now: NOW }).await;
    assert_not_found(&community, ScanQrCode { me, hash: [2; 32], now: NOW }).await;
    assert_not_found(&community, ConfirmQrCode { me, hash: [2; 32], session: [8; 32], now: NOW }).await;
    assert_not_found(&community, CreateSession { me, hash: [1; 32], now: NOW, expires: NOW + 1 }).await;
    assert_not_found(&community, RevokeSessions { me }).await;
    assert_operator_not_found(
        &community,
        UpdateMember { mid: me, patch: MemberPatch::default(), cipher: Arc::clone(&cipher) },
    )
    .await;
    assert_operator_not_found(&community, AdjustCoins { mid: me, ..payment(1, Coins::from_whole(1), "") })
        .await;
    assert_operator_not_found(&community, VerifyContact { mid: me, kind: ContactKind::Tel }).await;
    assert_operator_not_found(&community, RevokeMemberSessions(me)).await;

    let (hash, claim_secret, at) = ([1; 32], [9; 32], NOW);
    let claim = ClaimQrCode { hash, claim_secret, session: new_session(1), now: NOW };
    assert_eq!(
        community.run(claim).await,
        Err(ErrorCode::QrCodeExpired),
        "the confirmation ended with the member"
    );
    let attempts = ConsumedAttempts { account: [1; 32], address: [2; 32], at };
    let log_in = CompleteLogin {
        me,
        expected_phc: "phc".to_owned(),
        rehashed_phc: None,
        attempts,
        session: new_session(1),
        login_rate: LOGIN_QUOTA,
        second_step: SECOND_STEP,
        now: NOW,
    };
    assert_eq!(community.run(log_in).await, Err(ErrorCode::WrongCredentials));
    let new_member = member_with_phone("乙", "15312345057");
    let create = CreateMember {
        new_member: guanxi_storage::commands::NewMember { mid: Some(me), ..new_member },
        cipher,
    };
    assert_eq!(community.run_as_operator(create).await, Err(ErrorCode::MidTaken));
    let event =
        |id: &str, kind| Event { id: id.to_owned().try_into().expect("an id"), time: Some(NOW), kind };
    let (other, coins) = (mid(2), TipCoins(1));
    let counts = EventKind::Counts {
        mid: me,
        archive_view: Some(1),
        article_view: None,
        likes: None,
        archive_count: None,
        article_count: None,
    };
    let tip = |giver: Mid, maker: Mid| EventKind::Tip {
        giver,
        maker,
        bvid: "BV1".to_owned().try_into().expect("a bvid"),
        coins,
    };
    let events =
        [EventKind::Watch { mid: me }, EventKind::Share { mid: me }, counts, tip(me, other), tip(other, me)];
    let events = events.into_iter().zip('a'..).map(|(kind, id)| event(&id.to_string(), kind)).collect();
    let outcomes = community.run(IngestEvents { events, id_retention: 100, now: NOW }).await;
    assert_eq!(outcomes, Ok(vec![Err(ErrorCode::MemberNotFound); 5]));

    assert_eq!(
        (member_states(&community.store, 3).await, service_state(&community.store).await),
        before,
        "a rejection writes nothing"
    );
    community.run_all_due_tasks(NOW + 180).await;
    assert_eq!(remaining_rows(&community.store, 1).await, []);
    assert_eq!(expect_read(community.store.all::<QrLogin>().await), []);
}

/// Follows a member. Returns the rejection, if there is one.
async fn follow<S: Store>(community: &Community<S>, them: u64) -> Option<ErrorCode> {
    community.run(change_relation(1, RelationAction::Follow, them, NOW)).await.err()
}

/// Returns the tombstones of an export.
async fn tombstones<S: Store>(community: &Community<S>) -> Vec<Row> {
    let rows = community.exported().await;
    rows.into_iter().filter(|row| matches!(row, Row::Tombstone(_))).collect()
}

pub(crate) async fn deleted_member_differs_from_unknown_member(store: impl Store) {
    let community = Community::with_members(store, 3).await;
    let tombstone = Row::Tombstone(Tombstone { mid: mid(2), since: NOW });
    assert_eq!(
        (follow(&community, 2).await, follow(&community, 9).await),
        (None, Some(ErrorCode::MemberNeverExisted))
    );
    assert_eq!(tombstones(&community).await, []);
    community.delete_member(2).await;
    // A pending deletion counts as a deletion, for other members and in a dump.
    for _ in 0..2 {
        assert_eq!(follow(&community, 2).await, Some(ErrorCode::MemberDeleted));
        assert_eq!(follow(&community, 9).await, Some(ErrorCode::MemberNeverExisted));
        assert_eq!(tombstones(&community).await, std::slice::from_ref(&tombstone));
        community.run_all_due_tasks(NOW).await;
    }
    // An operator, or a dump, may assign the mid again.
    let new_member =
        guanxi_storage::commands::NewMember { mid: Some(mid(2)), ..member_with_phone("乙", "15312345057") };
    let cipher = Arc::clone(&community.cipher);
    assert_eq!(community.run_as_operator(CreateMember { new_member, cipher }).await, Ok(mid(2)));
    assert_eq!((follow(&community, 2).await, tombstones(&community).await), (None, vec![]));
}

pub(crate) async fn tombstone_is_of_no_existing_member(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let tombstone = |member, since| Row::Tombstone(Tombstone { mid: mid(member), since });
    let error = community.import(vec![tombstone(2, NOW)]).await.error.expect("2 is a member");
    assert!(error.contains("2 is a member"), "{error}");
    assert!(community.import(vec![tombstone(7, -1)]).await.error.is_some(), "the time is invalid");
    assert_eq!(community.import(vec![tombstone(7, NOW), tombstone(7, NOW)]).await.error, None);
    assert_eq!(follow(&community, 7).await, Some(ErrorCode::MemberDeleted));
    assert_eq!(community.import(vec![Row::Card(Box::new(Card::new(mid(7))))]).await.error, None);
    assert_eq!((follow(&community, 7).await, tombstones(&community).await), (None, vec![]));
}

pub(crate) async fn new_member_with_an_old_mid_is_rewarded_again(store: impl Store) {
    let community = Community::with_members(store, 2).await;
    let day = jiff::civil::date(2026, 1, 15);
    let now = guanxi_domain::day::start_of(day);
    let has_reward = async |byte| {
        let session = expect_read(community.store.session([byte; 32], day).await);
        session.expect("the session exists").1
    };
    assert_eq!(community.open_session(2, 1, now, now + 9).await, Ok(()));
    assert_eq!(community.run(GrantDailyLogin { me: mid(2), now }).await, Ok(()));
    assert!(has_reward(1).await);
    community.delete_member(2).await;
    community.run_all_due_tasks(now).await;
    assert_eq!(community.import(vec![card(2)]).await.error, None);
    assert_eq!(community.open_session(2, 2, now, now + 9).await, Ok(()));
    assert!(!has_reward(2).await, "the reward was granted to the deleted member");
}
