//! Confirmation of operations that cannot be taken back, or that other members notice. It names the operation, the
//! member and the effect.
//!
//! The form of such an operation is posted twice. Without the field `confirmed` the response is the confirmation page,
//! whose form has the same fields and `confirmed`.

use super::context::{Layout, OperatorContext};
use crate::app::App;
use crate::extract::IdentifiedRequest;
use crate::http::response::ApiError;
use crate::operator::members::get_member;
use crate::operator::reviews::list_realname_reviews;
use crate::web::avatar::{NAME_MAX_GRAPHEMES, truncate_graphemes};
use crate::web::format;
use crate::web::language::Language;
use crate::web::member::realname::card_type_name;
use crate::web::redirect::back_path;
use crate::web::text::{Key, Text};
use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use guanxi_api::Endpoint;
use guanxi_api::operator::members::adjust_coins::AdjustCoins;
use guanxi_api::operator::members::delete_member::DeleteMember;
use guanxi_api::operator::members::delete_note::DeleteNote;
use guanxi_api::operator::members::get_member::Data;
use guanxi_api::operator::members::remove_factors::RemoveFactors;
use guanxi_api::operator::members::remove_picture::RemovePicture;
use guanxi_api::operator::members::revoke_member_sessions::RevokeMemberSessions;
use guanxi_api::operator::members::silence_member::SilenceMember;
use guanxi_api::operator::members::verify_contact::{ContactKind, VerifyContact};
use guanxi_api::operator::reviews::review_realname::ReviewRealname;
use guanxi_api::params::Params;
use guanxi_domain::reward::{VERIFIED_REALNAME_EXP, VERIFIED_TEL_EXP};
use guanxi_domain::verification::VerificationStatus;
use guanxi_storage::Store;
use guanxi_storage::model::Realname;
use guanxi_types::Mid;
use serde_json::Value;

/// Field of a confirmed form.
pub(super) const CONFIRMED: &str = "confirmed";

/// An operation that is to be confirmed.
pub(crate) struct Question {
    title: Key,
    /// The member, and the values of the operation.
    facts: Vec<(Key, String)>,
    effect: String,
    button: Key,
}

impl Question {
    fn new(member: &Data, title: Key, effect: &Text<'_>, button: Key) -> Question {
        let uname = member.card.get("uname").and_then(Value::as_str).unwrap_or_default();
        let facts = vec![
            (Key("member"), truncate_graphemes(uname, NAME_MAX_GRAPHEMES)),
            (Key("uid"), member.mid.to_string()),
        ];
        Question { title, facts, effect: effect.to_string(), button }
    }

    fn with(mut self, label: Key, value: String) -> Question {
        self.facts.push((label, value));
        self
    }
}

/// Returns the question of a form post; `None` if the operation needs no confirmation, or has it.
pub(crate) async fn question(
    app: &App,
    form: &str,
    request: &IdentifiedRequest,
    submitted: &Params,
    language: Language,
) -> Result<Option<Question>, ApiError> {
    if submitted.get_raw(CONFIRMED).is_some() {
        return Ok(None);
    }
    let member = async |mid: Mid| get_member::read_member(app, mid, app.now()).await;
    Ok(Some(match form {
        SilenceMember::PATH => {
            let SilenceMember { mid, silence } = request.decode()?.1;
            if !silence {
                return Ok(None);
            }
            let effect = language.text("confirm-silence-effect");
            Question::new(&member(mid).await?, Key("confirm-silence"), &effect, Key("confirm-silence-button"))
        }
        RevokeMemberSessions::PATH => {
            let RevokeMemberSessions { mid } = request.decode()?.1;
            let member = member(mid).await?;
            let effect = language.text("confirm-revoke-effect");
            Question::new(&member, Key("confirm-revoke"), &effect, Key("confirm-revoke-button"))
                .with(Key("active-sessions"), member.sessions.to_string())
        }
        RemoveFactors::PATH => {
            let RemoveFactors { mid } = request.decode()?.1;
            let effect = language.text("confirm-factors-effect");
            Question::new(&member(mid).await?, Key("confirm-factors"), &effect, Key("confirm-removal"))
        }
        RemovePicture::PATH => {
            let RemovePicture { mid } = request.decode()?.1;
            let effect = language.text("confirm-picture-effect");
            Question::new(&member(mid).await?, Key("confirm-picture"), &effect, Key("confirm-removal"))
        }
        DeleteMember::PATH => {
            let DeleteMember { mid } = request.decode()?.1;
            let effect = language.text("confirm-delete-effect");
            Question::new(&member(mid).await?, Key("confirm-delete"), &effect, Key("confirm-delete-button"))
        }
        DeleteNote::PATH => {
            let DeleteNote { mid, .. } = request.decode()?.1;
            let effect = language.text("confirm-note-effect");
            Question::new(&member(mid).await?, Key("confirm-note"), &effect, Key("delete-note"))
        }
        AdjustCoins::PATH => {
            let AdjustCoins { mid, delta, reason, .. } = request.decode()?.1;
            let member = member(mid).await?;
            let (before, after) = (member.coins, member.coins + delta);
            let effect = language.text("confirm-coins-effect");
            Question::new(&member, Key("confirm-coins"), &effect, Key("confirm-coins-button"))
                .with(Key("adjustment"), format::format_delta(delta))
                .with(
                    Key("balance"),
                    format!("{} → {}", format::format_coins(before), format::format_coins(after)),
                )
                .with(Key("reason-of-change"), reason)
        }
        VerifyContact::PATH => {
            let VerifyContact { mid, what } = request.decode()?.1;
            verify_question(&member(mid).await?, what, language)
        }
        ReviewRealname::PATH => {
            let ReviewRealname { mid, submitted, approve, .. } = request.decode()?.1;
            let row: Option<Realname> = if approve { app.store.get(mid).await? } else { None };
            let is_current = |row: &Realname| {
                row.status == VerificationStatus::Waiting
                    && submitted.is_none_or(|time| time == row.submitted)
            };
            // The operation itself rejects an application that was replaced or decided.
            let Some(row) = row.filter(is_current) else { return Ok(None) };
            let entry = list_realname_reviews::to_entry(app, row).await?;
            let effect = language.text("confirm-realname-effect").with("exp", VERIFIED_REALNAME_EXP);
            Question::new(
                &member(mid).await?,
                Key("confirm-realname"),
                &effect,
                Key("confirm-realname-button"),
            )
            .with(Key("field-realname"), entry.name)
            .with(card_type_name(entry.card_type), entry.card)
        }
        _ => return Ok(None),
    }))
}

fn verify_question(member: &Data, what: ContactKind, language: Language) -> Question {
    let contact = |field| member.account.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let button = Key("confirm-verify-button");
    match what {
        ContactKind::Tel => {
            let effect = language.text("confirm-tel-effect").with("exp", VERIFIED_TEL_EXP);
            Question::new(member, Key("confirm-tel"), &effect, button).with(Key("phone"), contact("tel"))
        }
        ContactKind::Mail => {
            let effect = language.text("confirm-mail-effect");
            Question::new(member, Key("confirm-mail"), &effect, button)
                .with(Key("field-mail"), contact("mail"))
        }
    }
}

#[derive(Template)]
#[template(path = "operator/confirm.html")]
struct ConfirmPage {
    layout: Layout,
    question: Question,
    /// Path of the operation.
    form: &'static str,
    /// Submitted fields, repeated in the form.
    fields: Vec<(String, String)>,
    back: String,
}

/// Renders the confirmation page of a form post.
pub(crate) async fn page(
    app: App,
    request: Request,
    question: Question,
    form: &'static str,
    submitted: &Params,
) -> Result<Response, ApiError> {
    let context = OperatorContext::from_request(app, request).await?;
    let text = |text: &[u8]| String::from_utf8_lossy(text).into_owned();
    let fields = submitted.iter().filter(|(name, _)| *name != b"csrf");
    context.render(&ConfirmPage {
        layout: context.layout(context.language().text(question.title)),
        question,
        form,
        fields: fields.map(|(name, value)| (text(name), text(value))).collect(),
        back: back_path(submitted),
    })
}
