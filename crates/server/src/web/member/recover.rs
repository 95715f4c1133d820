//! `/recover`: a new password by a code, in three steps: the contact, the code, the password.

use crate::app::App;
use crate::extract::{self, ApiRequest};
use crate::handlers::recovery::{get_recovery_question, send_recovery_code};
use crate::http::params;
use crate::http::response::ApiError;
use crate::http::security_headers::with_security_headers;
use crate::web::flash::Flash;
use crate::web::forms::RedisplayRequest;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use crate::web::preferences::Preferences;
use crate::web::redirect::redirect;
use askama::Template;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use guanxi_api::Endpoint;
use guanxi_api::params::Params;
use guanxi_api::recovery::get_recovery_question::GetRecoveryQuestion;
use guanxi_api::recovery::recover_account::RecoverAccount;
use guanxi_api::recovery::send_recovery_code::SendRecoveryCode;
use guanxi_types::Secret;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/recover.html")]
struct Recover {
    layout: Layout,
    step: Step,
    account: String,
    code: String,
    /// Path of the form whose error the field of the code shows.
    code_form: &'static str,
    is_available: bool,
    min_password_length: usize,
}

/// A step of the recovery.
enum Step {
    Account,
    Code,
    /// The last step, with the security question; empty if there is none.
    Password(String),
}

/// Shows the first step, or the step of a rejected form.
pub async fn recover(context: Arc<PageContext>) -> Result<Response, ApiError> {
    if context.viewer.is_some() {
        return Ok(redirect("/security", Vec::new()));
    }
    let (account, code) = (context.submitted("account"), context.submitted("code"));
    if code.is_empty() {
        return page(&context, Step::Account).await;
    }
    // The question is shown to whoever has the right code.
    let request = GetRecoveryQuestion { account: Secret(account), code: Secret(code) };
    let step = match context.call_api(get_recovery_question::get_recovery_question, request).await {
        Ok(data) => Step::Password(data.question),
        Err(_) => Step::Code,
    };
    page(&context, step).await
}

async fn page(context: &PageContext, step: Step) -> Result<Response, ApiError> {
    let outbox = &context.app.limits.outbox;
    let mut layout = context.layout(context.language().text("recover-account"), NavSection::Auth).await?;
    let is_last = layout.is_rejected(RecoverAccount::PATH);
    // The fields of a step come without a message.
    layout.flash = layout.flash.filter(|flash| !flash.message.is_empty());
    context.render(&Recover {
        layout,
        step,
        account: context.submitted("account"),
        code: context.submitted("code"),
        code_form: if is_last { RecoverAccount::PATH } else { GetRecoveryQuestion::PATH },
        is_available: outbox.sends_tel || outbox.sends_mail,
        min_password_length: context.app.limits.min_password_length,
    })
}

/// Handles the form of the first or the second step, and shows the next step.
pub async fn advance(app: App, request: Request) -> Response {
    let images = app.image_origins.clone();
    let (parts, body) = request.into_parts();
    let redisplay = RedisplayRequest::from_parts(&parts);
    let language = Preferences::of(&parts.headers, &app).language;
    let mut submitted = Params::default();
    let next = async {
        let form = params::read_params(&parts, body, &app.limits).await?;
        submitted = form.params.clone();
        let has_code = form.params.get_raw("code").is_some();
        let request = extract::identify_member(&app, parts, form).await?;
        if !has_code {
            let request: ApiRequest<SendRecoveryCode> = ApiRequest::decode(request)?;
            send_recovery_code::send_recovery_code(app.clone(), request).await?;
            return Ok(Step::Code);
        }
        let request: ApiRequest<GetRecoveryQuestion> = ApiRequest::decode(request)?;
        let data = get_recovery_question::get_recovery_question(app.clone(), request).await?;
        Ok::<_, ApiError>(Step::Password(data.question))
    };
    let (step, flash) = match next.await {
        Ok(step) => (step, Flash::of_step(submitted)),
        Err(error) => {
            let has_code = submitted.get_raw("code").is_some();
            let (step, form) = if has_code {
                (Step::Code, GetRecoveryQuestion::PATH)
            } else {
                (Step::Account, SendRecoveryCode::PATH)
            };
            (step, Flash::from_error(&error, form, submitted, language))
        }
    };
    let shown = async {
        let context = PageContext::new(app, redisplay.into_request("/recover", Some(flash))).await?;
        page(&context, step).await
    };
    with_security_headers(shown.await.unwrap_or_else(|error: ApiError| error.into_response()), &images)
}
