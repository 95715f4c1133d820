//! `POST /operator/member/create`: a new member.

use crate::api::passport::signup::{mail, tel};
use crate::app::App;
use crate::operator::denied::OperatorError;
use crate::operator::duty::OperatorRequest;
use crate::operator::member::update::new_password;
use guanxi_api::operator::member::create::{CreateMember, Data};
use guanxi_api::param::Secret;
use guanxi_domain::name;
use guanxi_domain::value::LARGEST_COUNTED;
use guanxi_storage::Store;
use guanxi_storage::command::NewMember;
use guanxi_storage::command::operate::{self, Audited};
use std::sync::Arc;

/// Makes a member.
pub async fn create(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<CreateMember>,
) -> Result<Data, OperatorError> {
    if req.mid.is_some_and(|mid| mid.get() > LARGEST_COUNTED) {
        return Err(OperatorError::Wrong(format!(
            "mid is above {LARGEST_COUNTED}: the next would soon be none"
        )));
    }
    let uname = name::check(&req.uname)?;
    let (tel, mail) = (tel(req.tel.map(Secret))?, mail(req.mail.map(Secret))?);
    let userid = match req.userid {
        Some(given) => Some(
            name::userid(&given)
                .ok_or_else(|| OperatorError::Wrong(format!("userid has not {}", name::USERID)))?,
        ),
        None => None,
    };
    let password = match req.password {
        Some(password) => Some(new_password(&app, password, &[&uname]).await?),
        None => None,
    };
    let new = NewMember { mid: req.mid, uname, userid, password, tel, mail };
    let vault = Arc::clone(&app.vault);
    let mid = app.store.run(Audited { by, now, deed: operate::CreateMember { new, vault } }).await?;
    Ok(Data { mid })
}
