//! `/security/factors`: one-time codes, passkeys and recovery codes of the viewer.

use crate::auth::factor_check::load_factors;
use crate::handlers::factors::list_factors::list_factors;
use crate::handlers::factors::start_totp::show_secret;
use crate::http::response::ApiError;
use crate::web::layout::{Layout, NavSection};
use crate::web::page_context::PageContext;
use askama::Template;
use axum::response::Response;
use guanxi_api::factors::list_factors::{Data, ListFactors};
use guanxi_api::factors::start_totp::TotpSecret;
use guanxi_storage::encryption::SensitiveField;
use std::sync::Arc;

#[derive(Template)]
#[template(path = "member/factors.html")]
struct FactorsPage {
    layout: Layout,
    info: Data,
    /// The secret that waits for its first code.
    pending: Option<TotpSecret>,
    passkeys: Vec<Passkey>,
    are_passkeys_available: bool,
    max_passkeys: usize,
    submitted_label: String,
}

impl FactorsPage {
    fn has_any(&self) -> bool {
        self.info.totp || !self.info.passkeys.is_empty()
    }
}

struct Passkey {
    id: u32,
    name: String,
    created: String,
    /// The date of the last use; `None` for never.
    used: Option<String>,
}

/// Shows the page.
pub async fn factors(context: Arc<PageContext>) -> Result<Response, ApiError> {
    let info = context.call_api(list_factors, ListFactors {}).await?;
    let me = context.require_login()?;
    let factors = load_factors(&context.app, me).await?;
    let secret =
        context.app.cipher.decrypt_optional(SensitiveField::Totp, me, factors.pending_totp.as_ref())?;
    let pending = match secret {
        Some(secret) => Some(show_secret(&context.app, me, secret).await?),
        None => None,
    };
    let t = context.language();
    let passkeys = info.passkeys.iter().map(|passkey| Passkey {
        id: passkey.id,
        name: passkey.name.clone(),
        created: t.date(passkey.created),
        used: (passkey.used > 0).then(|| t.date(passkey.used)),
    });
    context.render(&FactorsPage {
        layout: context.layout(t.text("second-factor"), NavSection::Account).await?,
        passkeys: passkeys.collect(),
        info,
        pending,
        are_passkeys_available: context.app.passkeys.are_available(&context.client.headers),
        max_passkeys: context.app.limits.max_passkeys,
        submitted_label: context.submitted("label"),
    })
}
