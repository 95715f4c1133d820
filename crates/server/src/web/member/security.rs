//! `/security`: account security, with the forms for password, phone, mail and security question.

use crate::handlers;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::Endpoint;
use guanxi_api::account::get_account::GetAccount;
use guanxi_api::account::get_account_security::{AccountInfo, Data, GetAccountSecurity};
use guanxi_api::account::get_daily_rewards::GetDailyRewards;
use guanxi_api::contact::verify_contact::VerifyContact;
use guanxi_api::factors::list_factors::{self, ListFactors};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/security.html")]
struct Security {
    layout: Layout,
    /// Account name for the browser's password manager.
    uname: String,
    info: Data,
    strength: Key,
    has_question: bool,
    min_password_length: usize,
    /// True if the forms ask for the password: its last proof is too old.
    needs_password: bool,
    /// True if a second factor has to be proved first.
    needs_factor: bool,
    factors: FactorCounts,
    submitted_tel: String,
    submitted_mail: String,
    submitted_question: String,
    /// Contacts that a code verifies.
    unverified: Vec<UnverifiedContact>,
    tel_hint: Key,
    mail_hint: Key,
}

/// A contact that is not verified and has a sender.
struct UnverifiedContact {
    name: &'static str,
    title: Key,
    send: Key,
    masked: String,
    /// Id of the field of the code.
    field: &'static str,
    /// Path of the form if it was rejected for this contact.
    form: &'static str,
}

impl UnverifiedContact {
    fn all(context: &PageContext, info: &AccountInfo) -> Vec<UnverifiedContact> {
        let (outbox, rejected) = (&context.app.limits.outbox, context.submitted("contact"));
        let form = |name: &str| if rejected == name { VerifyContact::PATH } else { "" };
        let tel = UnverifiedContact {
            name: "tel",
            title: Key("verify-tel"),
            send: Key("send-code-to-tel"),
            masked: info.hide_tel.clone(),
            field: "tel-code",
            form: form("tel"),
        };
        let mail = UnverifiedContact {
            name: "mail",
            title: Key("verify-own-mail"),
            send: Key("send-code-to-mail"),
            masked: info.hide_mail.clone(),
            field: "mail-code",
            form: form("mail"),
        };
        let is_tel_open = info.bind_tel && !info.tel_verify && outbox.sends_tel;
        let is_mail_open = info.bind_mail && !info.mail_verify && outbox.sends_mail;
        let all = [is_tel_open.then_some(tel), is_mail_open.then_some(mail)];
        all.into_iter().flatten().collect()
    }
}

/// Returns the hint at a contact: a code verifies it, or an operator.
fn contact_hint(has_sender: bool) -> Key {
    if has_sender { Key("contact-code-hint") } else { Key("contact-hint") }
}

/// The numbers of second factors.
struct FactorCounts {
    has_any: bool,
    passkeys: usize,
    totp: bool,
}

/// Shows the page.
pub async fn security(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let info = context
        .call_api(handlers::account::get_account_security::get_account_security, GetAccountSecurity {})
        .await?;
    let rewards =
        context.call_api(handlers::account::get_daily_rewards::get_daily_rewards, GetDailyRewards {}).await?;
    let account = context.call_api(handlers::account::get_account::get_account, GetAccount {}).await?;
    let list_factors::Data { totp, passkeys, needs_password, needs_factor, .. } =
        context.call_api(handlers::factors::list_factors::list_factors, ListFactors {}).await?;
    let passkeys = passkeys.len();
    let strength = match info.account_safe.pwd_level {
        _ if info.account_info.unneeded_check => Key("not-set"),
        0 | 1 => Key("strength-weak"),
        2 => Key("strength-medium"),
        _ => Key("strength-strong"),
    };
    context.render(&Security {
        layout: context.layout(context.language().text("account-security"), NavSection::Account).await?,
        uname: account.uname,
        unverified: UnverifiedContact::all(&context, &info.account_info),
        info,
        strength,
        has_question: rewards.safe_question,
        tel_hint: contact_hint(context.app.limits.outbox.sends_tel),
        mail_hint: contact_hint(context.app.limits.outbox.sends_mail),
        needs_password,
        needs_factor,
        factors: FactorCounts { has_any: totp || passkeys > 0, passkeys, totp },
        min_password_length: context.app.limits.min_password_length,
        submitted_tel: context.submitted("tel"),
        submitted_mail: context.submitted("mail"),
        submitted_question: context.submitted("question"),
    })
}
