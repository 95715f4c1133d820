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
use crate::web::member::realname::card_type_name;
use crate::web::redirect::back_path;
use askama::Template;
use axum::extract::Request;
use axum::response::Response;
use guanxi_api::Endpoint;
use guanxi_api::operator::members::adjust_coins::AdjustCoins;
use guanxi_api::operator::members::delete_member::DeleteMember;
use guanxi_api::operator::members::get_member::Data;
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
    title: &'static str,
    /// The member, and the values of the operation.
    facts: Vec<(&'static str, String)>,
    effect: String,
    button: &'static str,
}

impl Question {
    fn new(member: &Data, title: &'static str, effect: impl Into<String>, button: &'static str) -> Question {
        let uname = member.card.get("uname").and_then(Value::as_str).unwrap_or_default();
        let facts =
            vec![("用户", truncate_graphemes(uname, NAME_MAX_GRAPHEMES)), ("UID", member.mid.to_string())];
        Question { title, facts, effect: effect.into(), button }
    }

    fn with(mut self, label: &'static str, value: String) -> Question {
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
            let effect = "空间会标明“已封禁”，所有人都看得见。标记可以取消。";
            Question::new(&member(mid).await?, "封禁这位用户？", effect, "确认封禁")
        }
        RevokeMemberSessions::PATH => {
            let RevokeMemberSessions { mid } = request.decode()?.1;
            let member = member(mid).await?;
            let effect = "用户要在每台设备上重新登录。不能撤回。";
            Question::new(&member, "退出这位用户的全部登录？", effect, "确认退出")
                .with("登录中", member.sessions.to_string())
        }
        DeleteMember::PATH => {
            let DeleteMember { mid } = request.decode()?.1;
            let effect = "登录立即结束，手机、邮箱和实名立即删除，关系、分组和记录随后删除。不能恢复。";
            Question::new(&member(mid).await?, "注销这个账号？", effect, "确认注销")
        }
        AdjustCoins::PATH => {
            let AdjustCoins { mid, delta, reason, .. } = request.decode()?.1;
            let member = member(mid).await?;
            let (before, after) = (member.coins, member.coins + delta);
            let effect = "用户会在硬币记录里看到变更和原因。不能撤回，只能再做一次相反的变更。";
            Question::new(&member, "变更这位用户的硬币？", effect, "确认变更")
                .with("变更", format::format_delta(delta))
                .with("余额", format!("{} → {}", format::format_coins(before), format::format_coins(after)))
                .with("原因", reason)
        }
        VerifyContact::PATH => {
            let VerifyContact { mid, what } = request.decode()?.1;
            verify_question(&member(mid).await?, what)
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
            let effect =
                format!("第一次通过得 {VERIFIED_REALNAME_EXP} 经验。通过之后不能撤回，用户也不能再改。");
            Question::new(&member(mid).await?, "通过这个实名认证？", effect, "确认通过")
                .with("姓名", entry.name)
                .with(card_type_name(entry.card_type), entry.card)
        }
        _ => return Ok(None),
    }))
}

fn verify_question(member: &Data, what: ContactKind) -> Question {
    let contact = |field| member.account.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    match what {
        ContactKind::Tel => {
            let effect = format!("第一次验证手机得 {VERIFIED_TEL_EXP} 经验。不能撤回。");
            Question::new(member, "确认手机已验证？", effect, "确认验证").with("手机号", contact("tel"))
        }
        ContactKind::Mail => {
            Question::new(member, "确认邮箱已验证？", "不能撤回。", "确认验证").with("邮箱", contact("mail"))
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
        layout: context.layout("确认"),
        question,
        form,
        fields: fields.map(|(name, value)| (text(name), text(value))).collect(),
        back: back_path(submitted),
    })
}
