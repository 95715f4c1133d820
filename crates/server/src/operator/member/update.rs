//! `POST /operator/member/update`: what is told of a member.

use crate::answer::ApiError;
use crate::api::passport::signup::{mail, tel};
use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use crate::prove::{NewPasswordInput, account_door};
use guanxi_api::operator::member::update::UpdateMember;
use guanxi_api::param::Secret;
use guanxi_storage::Store;
use guanxi_storage::command::operate::{self, Audited, Patch};
use guanxi_storage::command::{ContactKind, NewPassword};
use std::sync::Arc;

/// Merges what is given into what is told of a member.
pub async fn update(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<UpdateMember>,
) -> Result<(), OperatorError> {
    let mut reach = Vec::new();
    if req.tel.is_some() {
        reach.push((ContactKind::Tel, tel(req.tel.map(Secret))?));
    }
    if req.mail.is_some() {
        reach.push((ContactKind::Mail, mail(req.mail.map(Secret))?));
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
    app.store.run(Audited { by, now, deed }).await?.map_err(OperatorError::Wrong)
}

/// A new password, as it is kept.
pub(super) async fn new_password(
    app: &App,
    password: String,
    about: &[&str],
) -> Result<NewPassword, ApiError> {
    NewPasswordInput::read(app, Secret(password))?.keep(app, app.passwords.place(None)?, about).await
}
