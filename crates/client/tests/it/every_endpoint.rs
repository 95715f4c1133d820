//! Every endpoint's type goes through the client, and its data come back, or the refusal that was to be expected.

use crate::mid;
use guanxi_api::Endpoint;
use guanxi_api::api::member::realname::apply::status::ApplyStatus;
use guanxi_api::api::member::realname::status::RealnameStatus;
use guanxi_api::api::member::web::account::Account;
use guanxi_api::api::member::web::coin::log::CoinLog;
use guanxi_api::api::member::web::exp::reward::Reward;
use guanxi_api::api::member::web::login::log::LoginLog;
use guanxi_api::api::member::web::sign::update::SignUpdate;
use guanxi_api::api::passport::login::LogIn;
use guanxi_api::api::passport::logins::Logins;
use guanxi_api::api::passport::logout::LogOut;
use guanxi_api::api::passport::mail::ChangeMail;
use guanxi_api::api::passport::news::News;
use guanxi_api::api::passport::news::seen::SeeNews;
use guanxi_api::api::passport::password::ChangePassword;
use guanxi_api::api::passport::qrcode::confirm::{ConfirmQr, ScanQr};
use guanxi_api::api::passport::qrcode::{DrawQr, PollQr};
use guanxi_api::api::passport::question::SetQuestion;
use guanxi_api::api::passport::realname::ApplyRealname;
use guanxi_api::api::passport::sessions::Sessions;
use guanxi_api::api::passport::sessions::revoke::RevokeSession;
use guanxi_api::api::passport::sign::Sign;
use guanxi_api::api::passport::signup::SignUp;
use guanxi_api::api::passport::tel::ChangeTel;
use guanxi_api::api::relation::GetRelation;
use guanxi_api::api::relation::blacks::Blacks;
use guanxi_api::api::relation::followers::Followers;
use guanxi_api::api::relation::followings::Followings;
use guanxi_api::api::relation::modify::{Modify, RelationAction, Source};
use guanxi_api::api::relation::stat::RelationStat;
use guanxi_api::api::relation::tag::Tag;
use guanxi_api::api::relation::tag::create::TagCreate;
use guanxi_api::api::relation::tag::del::TagDel;
use guanxi_api::api::relation::tag::update::TagUpdate;
use guanxi_api::api::relation::tag::user::TagUser;
use guanxi_api::api::relation::tags::Tags;
use guanxi_api::api::relation::tags::add_users::AddUsers;
use guanxi_api::api::relation::whispers::Whispers;
use guanxi_api::api::safecenter::login_notice::LoginNotice;
use guanxi_api::api::space::acc::info::SpaceInfo;
use guanxi_api::api::space::acc::relation::AccRelation;
use guanxi_api::api::space::upstat::Upstat;
use guanxi_api::api::vip::web::user::info::VipInfo;
use guanxi_api::api::web::site::user::info::SiteInfo;
use guanxi_api::api::web_interface::card::Card;
use guanxi_api::paging::{Pn, Ps};
use guanxi_api::param::{Flag, Joined, Secret};
use guanxi_client::Client;
use guanxi_server::routes::endpoints;
use guanxi_test_server::Sample;
use guanxi_types::Order;
use guanxi_types::{ErrorCode, Tagid};

/// What an endpoint answered: which it is, and the code it refused with, if it did.
type Outcome = (String, &'static str, Option<ErrorCode>);

async fn told<E: Endpoint>(client: &Client, request: E) -> Outcome {
    let code = match client.send(&request).await {
        Ok(_) => None,
        Err(error) => Some(error.code().unwrap_or_else(|| panic!("{}: {error}", E::PATH))),
    };
    (E::METHOD.to_string(), E::PATH, code)
}

/// Sends each, and says what each answered, and what it should.
macro_rules! each {
    ($client:ident, $($request:expr => $code:expr,)+) => {
        [$((told($client, $request).await, $code),)+]
    };
}

fn secret(text: &str) -> Secret {
    Secret(text.to_owned())
}

async fn of_the_contract(me: &Client) -> [(Outcome, Option<ErrorCode>); 26] {
    let (vmid, fid, ps, pn) = (mid(1), mid(2), Ps::MOST, Pn::FIRST);
    let (order, name) = (Order::Desc, "同学".to_owned());
    each! { me,
        Account {} => None,
        Reward {} => None,
        VipInfo {} => None,
        SiteInfo {} => None,
        RealnameStatus {} => None,
        ApplyStatus {} => None,
        CoinLog {} => None,
        SignUpdate { user_sign: Some("慢慢来".to_owned()) } => None,
        SpaceInfo { mid: fid } => None,
        Card { mid: fid, photo: Flag(true) } => None,
        Upstat { mid: fid } => None,
        RelationStat { vmid } => None,
        Followers { vmid, ps, pn, order } => None,
        Followings { vmid, ps, pn, order } => None,
        Modify { fid: mid(9), act: RelationAction::Follow, re_src: Source::USUAL } => None,
        GetRelation { fid } => None,
        AccRelation { mid: fid } => None,
        Tags {} => None,
        Tag { tagid: Tagid::DEFAULT, ps, pn } => None,
        TagUser { fid } => None,
        TagCreate { tag: name.clone() } => None,
        TagUpdate { tagid: Tagid(99), name } => Some(ErrorCode::NoGroup),
        TagDel { tagid: Tagid::DEFAULT } => Some(ErrorCode::BadRequest),
        AddUsers { fids: Joined(vec![fid]), tagids: Joined(vec![Tagid::SPECIAL]) } => None,
        LoginNotice { mid: vmid, buvid: None } => None,
        LoginLog {} => None,
    }
}

async fn of_the_passport(me: &Client) -> [(Outcome, Option<ErrorCode>); 20] {
    let (key, one) = ("none".to_owned(), "chang-an-yi-pian-yue");
    let another = "wan-hu-dao-yi-sheng";
    let (password, name) = (Some(secret(another)), "小甲".to_owned());
    each! { me,
        SignUp { uname: name.clone(), password: secret(one), tel: None, mail: None } => None,
        LogIn { account: Secret(name), password: secret(one) } => None,
        ChangePassword { old: Some(secret(one)), new: secret(another) } => None,
        ChangeTel { tel: Some(secret("15312345056")), password: password.clone() } => None,
        ChangeMail { mail: Some(secret("jia@example.cn")), password: password.clone() } => None,
        SetQuestion { question: secret("?"), answer: secret("!"), password } => None,
        ApplyRealname { realname: secret("小甲"), card: secret("1"), card_type: 0 } => Some(ErrorCode::BadCard),
        Sessions {} => None,
        RevokeSession { id: "0000000000000000".to_owned() } => Some(ErrorCode::NoSession),
        DrawQr {} => None,
        PollQr { key: key.clone() } => None,
        ScanQr { key: key.clone() } => Some(ErrorCode::QrGone),
        ConfirmQr { key } => Some(ErrorCode::QrGone),
        Whispers { ps: Ps::MOST, pn: Pn::FIRST } => None,
        Blacks { ps: Ps::MOST, pn: Pn::FIRST } => None,
        Sign {} => None,
        Logins {} => None,
        News {} => None,
        SeeNews { until: 0 } => None,
        LogOut {} => None,
    }
}

#[tokio::test]
async fn each_goes_through() {
    let sample = Sample::serve().await;
    let me = sample.member(1).await;
    let mut seen = Vec::new();
    let contract = of_the_contract(&me).await;
    for ((method, path, code), expected) in contract.into_iter().chain(of_the_passport(&me).await) {
        assert_eq!(code, expected, "{method} {path}");
        seen.push((method, path));
    }
    let mut all: Vec<_> = endpoints().iter().map(|info| (info.method.to_string(), info.path)).collect();
    seen.sort_unstable();
    all.sort_unstable();
    assert_eq!(seen, all, "an endpoint has no case here");
}
