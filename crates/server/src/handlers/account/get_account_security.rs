//! `GET /web/site/user/info`: the security settings of the caller's account.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use guanxi_api::account::get_account_security::{
    AccountInfo, AccountOther, AccountSafe, AccountSns, Data, GetAccountSecurity,
};
use guanxi_domain::mask;
use guanxi_storage::Store;
use guanxi_storage::encryption::SensitiveField;
use guanxi_storage::model::Account;

/// Returns the security settings of the caller's account, with masked contacts (D31).
pub async fn get_account_security(
    app: App,
    ApiRequest { caller: me, .. }: ApiRequest<GetAccountSecurity>,
) -> Result<Data, ApiError> {
    let account = app.store.get(me).await?.unwrap_or(Account::new(me));
    let tel = app.cipher.decrypt_optional(SensitiveField::Tel, me, account.tel.as_ref())?;
    let mail = app.cipher.decrypt_optional(SensitiveField::Mail, me, account.mail.as_ref())?;
    Ok(Data {
        account_info: AccountInfo {
            hide_tel: tel.as_deref().map(mask::mask_phone).unwrap_or_default(),
            hide_mail: mail.as_deref().map(mask::mask_mail).unwrap_or_default(),
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
