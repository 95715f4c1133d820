//! `GET /web/site/user/info`: how safe one's account is.

use crate::answer::ApiError;
use crate::app::App;
use crate::call::ApiRequest;
use guanxi_api::api::web::site::user::info::{
    AccountInfo, AccountOther, AccountSafe, AccountSns, Data, SiteInfo,
};
use guanxi_domain::mask;
use guanxi_storage::Store;
use guanxi_storage::row::Account;
use guanxi_storage::vault::Field;

/// Tells how safe one's account is, its private parts masked (D31).
pub async fn info(app: App, ApiRequest { who: me, .. }: ApiRequest<SiteInfo>) -> Result<Data, ApiError> {
    let account = app.store.get(me).await?.unwrap_or(Account::of(me));
    let tel = app.vault.open_any(Field::Tel, me, account.tel.as_ref())?;
    let mail = app.vault.open_any(Field::Mail, me, account.mail.as_ref())?;
    Ok(Data {
        account_info: AccountInfo {
            hide_tel: tel.as_deref().map(mask::phone).unwrap_or_default(),
            hide_mail: mail.as_deref().map(mask::mail).unwrap_or_default(),
            bind_tel: tel.is_some(),
            bind_mail: mail.is_some(),
            tel_verify: account.tel_verified,
            mail_verify: account.mail_verified,
            unneeded_check: !account.has_password,
        },
        account_safe: AccountSafe {
            score: account.score,
            pwd_level: account.pwd_level,
            security: account.security,
        },
        account_sns: AccountSns { weibo_bind: u8::from(account.weibo), qq_bind: u8::from(account.qq) },
        account_other: AccountOther { skip_verify: account.skip_verify },
    })
}
