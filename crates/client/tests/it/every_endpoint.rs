//! Calls every endpoint through the client, and checks its response data or the expected code.

use crate::mid;
use bytes::Bytes;
use guanxi_api::Endpoint;
use guanxi_api::account::change_birthday::ChangeBirthday;
use guanxi_api::account::change_mail::ChangeMail;
use guanxi_api::account::change_name::ChangeName;
use guanxi_api::account::change_password::ChangePassword;
use guanxi_api::account::change_sex::ChangeSex;
use guanxi_api::account::change_tel::ChangeTel;
use guanxi_api::account::count_news::CountNews;
use guanxi_api::account::delete_picture::DeletePicture;
use guanxi_api::account::dismiss_first_steps::DismissFirstSteps;
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::account::get_account_security::GetAccountSecurity;
use guanxi_api::account::get_bio::GetBio;
use guanxi_api::account::get_coin_log::GetCoinLog;
use guanxi_api::account::get_daily_rewards::GetDailyRewards;
use guanxi_api::account::get_first_steps::GetFirstSteps;
use guanxi_api::account::get_levels::GetLevels;
use guanxi_api::account::get_name::GetName;
use guanxi_api::account::get_vip::GetVip;
use guanxi_api::account::list_coins::ListCoins;
use guanxi_api::account::list_exp_days::ListExpDays;
use guanxi_api::account::list_news::ListNews;
use guanxi_api::account::mark_news_read::MarkNewsRead;
use guanxi_api::account::mark_news_seen::MarkNewsSeen;
use guanxi_api::account::set_security_question::SetSecurityQuestion;
use guanxi_api::account::submit_bio::SubmitBio;
use guanxi_api::account::upload_picture::UploadPicture;
use guanxi_api::auth::MemberAuth;
use guanxi_api::contact::send_contact_code::SendContactCode;
use guanxi_api::contact::verify_contact::VerifyContact;
use guanxi_api::factors::add_passkey::AddPasskey;
use guanxi_api::factors::confirm_totp::ConfirmTotp;
use guanxi_api::factors::create_passkey_challenge::CreatePasskeyChallenge;
use guanxi_api::factors::list_factors::ListFactors;
use guanxi_api::factors::log_in_with_passkey::LogInWithPasskey;
use guanxi_api::factors::prove::Prove;
use guanxi_api::factors::remove_passkey::RemovePasskey;
use guanxi_api::factors::remove_totp::RemoveTotp;
use guanxi_api::factors::rename_passkey::RenamePasskey;
use guanxi_api::factors::renew_recovery_codes::RenewRecoveryCodes;
use guanxi_api::factors::start_passkey::StartPasskey;
use guanxi_api::factors::start_totp::StartTotp;
use guanxi_api::groups::assign_groups::AssignGroups;
use guanxi_api::groups::create_group::CreateGroup;
use guanxi_api::groups::delete_group::DeleteGroup;
use guanxi_api::groups::list_group_members::ListGroupMembers;
use guanxi_api::groups::list_groups::ListGroups;
use guanxi_api::groups::list_member_groups::ListMemberGroups;
use guanxi_api::groups::rename_group::RenameGroup;
use guanxi_api::login::cancel_qr_code::CancelQrCode;
use guanxi_api::login::confirm_qr_code::ConfirmQrCode;
use guanxi_api::login::create_qr_code::CreateQrCode;
use guanxi_api::login::finish_login::FinishLogin;
use guanxi_api::login::get_login_log::GetLoginLog;
use guanxi_api::login::get_login_notice::GetLoginNotice;
use guanxi_api::login::list_logins::ListLogins;
use guanxi_api::login::log_in::LogIn;
use guanxi_api::login::log_out::LogOut;
use guanxi_api::login::poll_qr_code::PollQrCode;
use guanxi_api::login::scan_qr_code::ScanQrCode;
use guanxi_api::login::sign_up::SignUp;
use guanxi_api::own_data::change_privacy::{Audience, ChangePrivacy};
use guanxi_api::own_data::get_departure::GetDeparture;
use guanxi_api::own_data::get_export::GetExport;
use guanxi_api::own_data::get_privacy::GetPrivacy;
use guanxi_api::own_data::import_relations::ImportRelations;
use guanxi_api::own_data::leave::Leave;
use guanxi_api::own_data::request_export::RequestExport;
use guanxi_api::own_data::stay::Stay;
use guanxi_api::param::{CommaSeparated, Contact, Day, File, Flag, Sex};
use guanxi_api::profile::find_members::FindMembers;
use guanxi_api::profile::get_card::GetCard;
use guanxi_api::profile::get_space::GetSpace;
use guanxi_api::profile::get_upstat::GetUpstat;
use guanxi_api::realname::apply_realname::ApplyRealname;
use guanxi_api::realname::get_realname_application::GetRealnameApplication;
use guanxi_api::realname::get_realname_status::GetRealnameStatus;
use guanxi_api::recovery::get_recovery_question::GetRecoveryQuestion;
use guanxi_api::recovery::recover_account::RecoverAccount;
use guanxi_api::recovery::send_recovery_code::SendRecoveryCode;
use guanxi_api::relations::change_relations::{ChangeRelations, RelationOp};
use guanxi_api::relations::get_relation::GetRelation;
use guanxi_api::relations::get_relation_counters::GetRelationCounters;
use guanxi_api::relations::get_relation_pair::GetRelationPair;
use guanxi_api::relations::get_remark::GetRemark;
use guanxi_api::relations::list_blocks::ListBlocks;
use guanxi_api::relations::list_followers::ListFollowers;
use guanxi_api::relations::list_followings::ListFollowings;
use guanxi_api::relations::list_relations::ListRelations;
use guanxi_api::relations::list_whispers::ListWhispers;
use guanxi_api::relations::modify_relation::ModifyRelation;
use guanxi_api::relations::own_list::{ListSort, OwnList};
use guanxi_api::relations::set_remark::SetRemark;
use guanxi_api::sessions::list_sessions::ListSessions;
use guanxi_api::sessions::revoke_session::RevokeSession;
use guanxi_client::Client;
use guanxi_server::routes::endpoints;
use guanxi_test_server::TestServer;
use guanxi_types::{
    ErrorCode, Month, Order, PageNumber, PageSize, RelationAction, RelationSource, Secret, Tagid, TimeCursor,
};

/// The method, the path, and the code of the rejection.
type Outcome = (String, &'static str, Option<ErrorCode>);

async fn call<E: Endpoint<Auth: MemberAuth>>(client: &Client, request: E) -> Outcome {
    let code = match client.send(&request).await {
        Ok(_) => None,
        Err(error) => Some(error.code().unwrap_or_else(|| panic!("{}: {error}", E::PATH))),
    };
    (E::METHOD.to_string(), E::PATH, code)
}

/// Sends each request. Returns its outcome, and the expected code.
macro_rules! call_each {
    ($client:ident, $($request:expr => $code:expr,)+) => {
        [$((call($client, $request).await, $code),)+]
    };
}

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

async fn call_contract_endpoints(me: &Client) -> [(Outcome, Option<ErrorCode>); 26] {
    let (vmid, fid, ps, pn) = (mid(1), mid(2), PageSize::MAX, PageNumber::FIRST);
    let (order, name) = (Order::Desc, "同学".to_owned());
    call_each! { me,
        GetAccount {} => None,
        GetDailyRewards {} => None,
        GetVip {} => None,
        GetAccountSecurity {} => None,
        GetRealnameStatus {} => None,
        GetRealnameApplication {} => None,
        GetCoinLog {} => None,
        SubmitBio { user_sign: Some("慢慢来".to_owned()) } => None,
        GetSpace { mid: fid } => None,
        GetCard { mid: fid, photo: Flag(true) } => None,
        GetUpstat { mid: fid } => None,
        GetRelationCounters { vmid } => None,
        ListFollowers { vmid, ps, pn, order } => None,
        ListFollowings { vmid, ps, pn, order } => None,
        ModifyRelation { fid: mid(9), act: RelationAction::Follow, re_src: RelationSource::DEFAULT } => None,
        GetRelation { fid } => None,
        GetRelationPair { mid: fid } => None,
        ListGroups {} => None,
        ListGroupMembers { tagid: Tagid::DEFAULT, ps, pn } => None,
        ListMemberGroups { fid } => None,
        CreateGroup { tag: name.clone() } => None,
        RenameGroup { tagid: Tagid(99), name } => Some(ErrorCode::GroupNotFound),
        DeleteGroup { tagid: Tagid::DEFAULT } => Some(ErrorCode::BadRequest),
        AssignGroups { fids: CommaSeparated(vec![fid]), tagids: CommaSeparated(vec![Tagid::SPECIAL]) } => None,
        GetLoginNotice { mid: vmid, buvid: None } => None,
        GetLoginLog {} => None,
    }
}

async fn call_own_data_endpoints(me: &Client) -> [(Outcome, Option<ErrorCode>); 8] {
    call_each! { me,
        ChangePrivacy { followings: Some(Audience::Mutuals), followers: None } => None,
        GetPrivacy {} => None,
        Leave { mid: mid(2), password: None } => Some(ErrorCode::BadRequest),
        GetDeparture {} => None,
        Stay {} => None,
        RequestExport {} => None,
        GetExport {} => None,
        ImportRelations { csv: File(Bytes::from_static(b"name")), dry_run: Flag(true) } => Some(ErrorCode::InvalidCsv),
    }
}

async fn call_passport_endpoints(me: &Client) -> [(Outcome, Option<ErrorCode>); 57] {
    let cursor = TimeCursor { time: 1, number: 1 };
    let (key, first) = ("none".to_owned(), "chang-an-yi-pian-yue");
    let second = "wan-hu-dao-yi-sheng";
    let (password, name) = (Some(secret(second)), "小甲".to_owned());
    let (list, sort, pn) = (OwnList::Followings, ListSort::Name, PageNumber::FIRST);
    let (op, re_src) = (RelationOp::Follow, RelationSource::DEFAULT);
    call_each! { me,
        SignUp { uname: name.clone(), password: secret(first), tel: None, mail: None } => None,
        LogIn { account: Secret(name.clone()), password: secret(first) } => None,
        FinishLogin { code: secret("000000") } => Some(ErrorCode::LoginStepExpired),
        ChangePassword { old: Some(secret(first)), new: secret(second) } => None,
        ListFactors {} => None,
        StartTotp {} => None,
        ConfirmTotp { code: secret("x") } => Some(ErrorCode::WrongFactor),
        RemoveTotp {} => None,
        RenewRecoveryCodes {} => Some(ErrorCode::FactorNotFound),
        Prove { password: Some(secret(second)), code: None, credential: None } => None,
        CreatePasskeyChallenge {} => None,
        LogInWithPasskey { credential: secret("{}") } => Some(ErrorCode::InvalidPasskey),
        StartPasskey {} => None,
        AddPasskey { label: name.clone(), credential: secret("{}") } => Some(ErrorCode::InvalidPasskey),
        RenamePasskey { passkey: 1, label: name.clone() } => Some(ErrorCode::FactorNotFound),
        RemovePasskey { passkey: 1 } => Some(ErrorCode::FactorNotFound),
        ChangeTel { tel: Some(secret("15312345056")), password: password.clone() } => None,
        ChangeMail { mail: Some(secret("jia@example.cn")), password: password.clone() } => None,
        SendContactCode { contact: Contact::Tel } => Some(ErrorCode::NoMessageSender),
        VerifyContact { contact: Contact::Tel, code: secret("123456") } => Some(ErrorCode::WrongContactCode),
        SendRecoveryCode { account: secret("jia@example.cn") } => Some(ErrorCode::NoMessageSender),
        GetRecoveryQuestion { account: secret("jia@example.cn"), code: secret("123456") }
            => Some(ErrorCode::WrongContactCode),
        RecoverAccount { account: secret("jia@example.cn"), code: secret("123456"), new: secret(first), answer: None }
            => Some(ErrorCode::WrongContactCode),
        SetSecurityQuestion { question: secret("?"), answer: secret("!"), password } => None,
        ApplyRealname { realname: secret("小甲"), card: secret("1"), card_type: 0 } => Some(ErrorCode::InvalidCardNumber),
        ListSessions {} => None,
        RevokeSession { id: "0000000000000000".to_owned() } => Some(ErrorCode::SessionNotFound),
        CreateQrCode {} => None,
        PollQrCode { key: key.clone() } => None,
        ScanQrCode { key: key.clone() } => Some(ErrorCode::QrCodeExpired),
        ConfirmQrCode { key: key.clone() } => Some(ErrorCode::QrCodeExpired),
        CancelQrCode { key } => Some(ErrorCode::QrCodeExpired),
        ListWhispers { ps: PageSize::MAX, pn: PageNumber::FIRST } => None,
        ListBlocks { ps: PageSize::MAX, pn: PageNumber::FIRST } => None,
        GetBio {} => None,
        ListLogins {} => None,
        ListNews { all: Flag(true), before: Some(cursor) } => None,
        MarkNewsSeen { until: 0 } => None,
        FindMembers { q: "a".to_owned(), ps: PageSize::MAX, pn: PageNumber::FIRST } => None,
        GetName {} => None,
        ChangeName { uname: "小乙".to_owned() } => None,
        ChangeSex { sex: Sex::Woman } => None,
        ChangeBirthday { birthday: Some(Day("2000-01-31".to_owned())) } => None,
        UploadPicture { picture: File(Bytes::from_static(b"\r\n--guanxi-form--")) } => Some(ErrorCode::InvalidPicture),
        DeletePicture {} => None,
        MarkNewsRead { item: cursor } => None,
        CountNews {} => None,
        GetLevels {} => None,
        ListExpDays { month: Some(Month::FIRST) } => None,
        ListCoins { month: None, before: None, ps: PageSize::MAX } => None,
        GetFirstSteps {} => None,
        DismissFirstSteps {} => None,
        ListRelations { list, group: None, q: None, show: None, sort, ps: PageSize::MAX, pn } => None,
        ChangeRelations { mids: CommaSeparated(vec![mid(2)]), op, groups: None, from: None, re_src } => None,
        GetRemark { mid: mid(2) } => None,
        SetRemark { mid: mid(2), remark: Some(secret("同学")) } => None,
        LogOut {} => None,
    }
}

#[tokio::test]
async fn every_endpoint_responds() {
    let server = TestServer::start().await;
    let me = server.member(1).await;
    let mut seen = Vec::new();
    let contract = call_contract_endpoints(&me).await;
    let own_data = call_own_data_endpoints(&me).await;
    let outcomes = contract.into_iter().chain(own_data).chain(call_passport_endpoints(&me).await);
    for ((method, path, code), expected) in outcomes {
        assert_eq!(code, expected, "{method} {path}");
        seen.push((method, path));
    }
    let mut all: Vec<_> = endpoints().iter().map(|info| (info.method.to_string(), info.path)).collect();
    seen.sort_unstable();
    all.sort_unstable();
    assert_eq!(seen, all, "every endpoint has a case here");
}
