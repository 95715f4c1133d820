//! `POST /operator/member/update`: what is told of a member.

use crate::answer::Reject;
use crate::api::passport::signup::{mail, tel};
use crate::app::App;
use crate::operator::denied::Denied;
use crate::operator::duty::Duty;
use crate::prove::{Wanted, account_door};
use guanxi_api::operator::member::update::UpdateMember;
use guanxi_api::param::Secret;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Operate, Patch};
use guanxi_storage::command::{NewPassword, Reach};
use std::sync::Arc;

/// Merges what is given into what is told of a member.
pub async fn update(app: App, Duty { by, req, now }: Duty<UpdateMember>) -> Result<(), Denied> {
    let mut reach = Vec::new();
    if req.tel.is_some() {
        reach.push((Reach::Tel, tel(req.tel.map(Secret))?));
    }
    if req.mail.is_some() {
        reach.push((Reach::Mail, mail(req.mail.map(Secret))?));
    }
    let password = match req.password {
        Some(password) => Some((new_password(&app, password, &[]).await?, account_door(Some(req.mid), ""))),
        None => None,
    };
    let with = Patch {
        card: req.card,
        profile: req.profile,
        account: req.account,
        growth: req.growth,
        upstat: req.upstat,
        reach,
        password,
    };
    let deed = operate::UpdateMember { mid: req.mid, with, vault: Arc::clone(&app.vault) };
    app.store.run(Operate { by, now, deed }).await?.map_err(Denied::Wrong)
}

/// A new password, as it is kept.
pub(super) async fn new_password(app: &App, password: String, about: &[&str]) -> Result<NewPassword, Reject> {
    Wanted::read(app, Secret(password))?.keep(app, app.passwords.place(None)?, about).await
}
