//! `POST /operator/member/create`: creates a member.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::handlers::login::sign_up::{normalize_mail, normalize_tel};
use crate::http::response::ApiError;
use crate::operator::members::update_member::hash_new_password;
use guanxi_api::operator::members::create_member::{CreateMember, Data};
use guanxi_domain::name;
use guanxi_domain::value::MAX_ASSIGNED_ID;
use guanxi_storage::Store;
use guanxi_storage::commands::NewMember;
use guanxi_storage::commands::operator::{self, Audited};
use guanxi_types::Secret;
use std::sync::Arc;

/// Creates a member.
pub async fn create_member(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<CreateMember>,
) -> Result<Data, ApiError> {
    if params.mid.is_some_and(|mid| mid.get() > MAX_ASSIGNED_ID) {
        return Err(ApiError::InvalidRequest(format!(
            "mid is above {MAX_ASSIGNED_ID}, which would exhaust the mids"
        )));
    }
    let uname = name::normalize_name(&params.uname)?;
    let (tel, mail) = (normalize_tel(params.tel.map(Secret))?, normalize_mail(params.mail.map(Secret))?);
    let userid = match params.userid {
        Some(userid) => Some(
            name::parse_userid(&userid)
                .ok_or_else(|| ApiError::InvalidRequest(format!("userid has not {}", name::USERID_FORMAT)))?,
        ),
        None => None,
    };
    let password = match params.password {
        Some(password) => Some(hash_new_password(&app, password, &[&uname]).await?),
        None => None,
    };
    let new_member = NewMember { mid: params.mid, uname, userid, password, tel, mail };
    let cipher = Arc::clone(&app.cipher);
    let command = operator::CreateMember { new_member, cipher };
    let mid = app.store.run(Audited { by, now, command }).await?;
    Ok(Data { mid })
}
