//! The form that changes many members of an own list at once, and the message of its result.

use super::flash;
use super::language::Language;
use super::text::Key;
use super::undo::LIFETIME_SECS;
use crate::app::App;
use crate::extract::ApiRequest;
use crate::handlers::relations::change_relations::{Batch, many_change};
use crate::handlers::relations::list_relations::own_list;
use crate::http::response::{ApiError, ApiResponse};
use crate::own_lists::ListView;
use crate::session_token::random_bytes;
use guanxi_api::Endpoint;
use guanxi_api::auth::SessionWithCsrf;
use guanxi_api::endpoint::{EncodedParams, InvalidRequest, ParamInfo};
use guanxi_api::param::{BadParam, CommaSeparated, InvalidValue, Param};
use guanxi_api::params::{Params, encode_form};
use guanxi_api::relations::change_relations::{Data, ManyMids, RelationOp};
use guanxi_api::relations::own_list::{ListFilter, ListSort, OwnList};
use guanxi_domain::name::fold_name;
use guanxi_types::{ErrorCode, HttpError, RelationSource, Tagid};
use http::Method;
use schemars::JsonSchema;
use std::collections::BTreeMap;

/// The form. Its members are those that are ticked, those of the page, or all of the view.
#[derive(Clone, Debug, JsonSchema)]
pub struct ManyForm {
    /// `page` or `all`, and otherwise the ticked members.
    scope: Option<String>,
    mids: Option<ManyMids>,
    /// The members of the page.
    shown: Option<ManyMids>,
    op: RelationOp,
    tagids: Option<CommaSeparated<Tagid>>,
    /// The group that is shown.
    group: Option<Tagid>,
    list: OwnList,
    q: Option<String>,
    show: Option<ListFilter>,
    sort: ListSort,
}

impl Endpoint for ManyForm {
    const METHOD: Method = Method::POST;
    const PATH: &'static str = "/relations";
    const PARAMS: &'static [ParamInfo] = &[ParamInfo { name: "op", required: true, is_file: false }];
    type Auth = SessionWithCsrf;
    type Data = ();

    fn decode(encoded: EncodedParams<'_>) -> Result<ManyForm, InvalidRequest> {
        let params = encoded.pairs()?;
        Ok(ManyForm {
            scope: params.get("scope")?,
            mids: params.get("mids")?,
            shown: params.get("shown")?,
            op: params.get("op")?,
            tagids: params.get("tagids")?,
            group: params.get("group")?,
            list: params.get::<Option<OwnList>>("list")?.unwrap_or(OwnList::Followings),
            q: params.get("q")?,
            // A page ignores such parameters that it does not know.
            show: params.get("show").unwrap_or(None),
            sort: params.get("sort").unwrap_or(ListSort::Newest),
        })
    }

    fn encode(&self) -> serde_json::Result<String> {
        Ok(encode_form([("op", self.op.name())]))
    }
}

/// Changes the members of the form.
pub async fn change_many(
    app: App,
    ApiRequest { caller: me, params, now, .. }: ApiRequest<ManyForm>,
) -> Result<ApiResponse<()>, ApiError> {
    let ManyForm { scope, mids, shown, op, tagids, group, list, q, show: filter, sort } = params;
    let tagids = tagids.map(|tagids| tagids.0).unwrap_or_default();
    let change = many_change("tagids", op, tagids, group)?;
    let ticked = || mids.map(|mids| mids.0).unwrap_or_default();
    let (mids, matching) = match scope.as_deref() {
        Some("all") => {
            let text = fold_name(q.as_deref().unwrap_or_default().trim());
            let view = ListView { list: own_list(list, group)?, text, filter, sort };
            view.first_members(&app, me, app.limits.batch).await?
        }
        Some("page") => (shown.map(|mids| mids.0).unwrap_or_default(), 0),
        _ => (ticked(), 0),
    };
    if mids.is_empty() || mids.len() > app.limits.batch {
        return Err(BadParam { name: "mids", reason: InvalidValue("are none or too many") }.into());
    }
    let undo = Some((u64::from_ne_bytes(random_bytes()), now.saturating_add(LIFETIME_SECS)));
    let batch = Batch { me, change, source: RelationSource::DEFAULT, now, undo };
    let result = batch.run(&app, &mids).await?;
    let result = FormResult::new(Some(op), &result, matching.saturating_sub(mids.len() as u64));
    match result.only_refusal() {
        Some(code) => Err(code.into()),
        None => Ok(ApiResponse::new((), vec![flash::cookie(&result.encode())])),
    }
}

/// The operation of an import in the flash cookie.
const IMPORT: &str = "import";

/// The result of the form, or of an import, as the flash cookie has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FormResult {
    /// `None` for an import.
    op: Option<RelationOp>,
    done: u64,
    /// The number of refused members by code.
    refused: BTreeMap<i32, u64>,
    /// The number of further members of the view.
    left: u64,
}

impl FormResult {
    pub(super) fn new(op: Option<RelationOp>, result: &Data, left: u64) -> FormResult {
        let mut refused = BTreeMap::new();
        for refusal in &result.refused {
            *refused.entry(refusal.code).or_insert(0) += 1;
        }
        FormResult { op, done: result.done, refused, left }
    }

    /// Returns the code that refused all members.
    pub(super) fn only_refusal(&self) -> Option<ErrorCode> {
        let code = self.refused.keys().next().filter(|_| self.done == 0 && self.refused.len() == 1)?;
        ErrorCode::from_number(*code)
    }

    pub(super) fn encode(&self) -> String {
        let FormResult { op, done, refused, left } = self;
        let refused: Vec<String> = refused.iter().map(|(code, count)| format!("{code}:{count}")).collect();
        let (op, refused) = (op.map_or(IMPORT, RelationOp::name), refused.join("."));
        format!("{}?op={op}&done={done}&left={left}&refused={refused}", ManyForm::PATH)
    }

    fn decode(cookie: &str) -> Option<FormResult> {
        let query = cookie.strip_prefix(ManyForm::PATH)?.strip_prefix('?')?;
        let params = Params::parse(query.as_bytes());
        let text = |name: &'static str| params.get::<String>(name).ok();
        let refused = text("refused")?;
        let count = |part: &str| {
            let (code, count) = part.split_once(':')?;
            Some((code.parse().ok()?, count.parse().ok()?))
        };
        Some(FormResult {
            op: match text("op")?.as_str() {
                IMPORT => None,
                op => Some(RelationOp::parse(op).ok()?),
            },
            done: text("done")?.parse().ok()?,
            left: text("left")?.parse().ok()?,
            refused: refused.split('.').filter(|part| !part.is_empty()).map(count).collect::<Option<_>>()?,
        })
    }

    fn message(&self, language: Language) -> String {
        let mut message = language
            .text(self.op.map_or(Key("many-imported"), done_key))
            .with("count", self.done)
            .to_string();
        let mut add = |text: String| {
            message =
                language.text("many-and").with("first", message.as_str()).with("then", text).to_string();
        };
        for (code, count) in &self.refused {
            let reason = reason(*code, language);
            add(language.text("many-refused").with("count", *count).with("reason", reason).to_string());
        }
        if self.left > 0 {
            add(language.text("many-left").with("count", self.left).to_string());
        }
        message
    }
}

/// Returns the text of a code of a refused member.
pub(super) fn reason(code: i32, language: Language) -> String {
    let http = || HttpError::ALL.iter().find(|error| error.number() == code);
    match (ErrorCode::from_number(code), http()) {
        (Some(code), _) => language.code(code),
        (None, Some(error)) => language.http_error(*error),
        (None, None) => code.to_string(),
    }
}

fn done_key(op: RelationOp) -> Key {
    match op {
        RelationOp::Follow => Key("many-followed"),
        RelationOp::Unfollow => Key("many-unfollowed"),
        RelationOp::Whisper => Key("many-whispered"),
        RelationOp::Unwhisper => Key("many-unwhispered"),
        RelationOp::Block => Key("many-blocked"),
        RelationOp::Unblock => Key("many-unblocked"),
        RelationOp::RemoveFollower => Key("many-followers-removed"),
        RelationOp::AddGroups => Key("many-added"),
        RelationOp::RemoveGroups => Key("many-removed"),
        RelationOp::MoveGroups => Key("many-moved"),
    }
}

/// Returns the message of a flash cookie, if it is that of this form. The flag is true if the form can be undone.
pub(super) fn message(cookie: &str, language: Language) -> Option<(String, bool)> {
    let result = FormResult::decode(cookie)?;
    Some((result.message(language), result.done > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn result_is_told_in_both_languages() {
        let cases = [
            ("op=unfollow&done=3&left=0&refused=", "已取消关注 3 人", "Unfollowed 3 people"),
            ("op=unfollow&done=1&left=0&refused=", "已取消关注 1 人", "Unfollowed 1 person"),
            (
                "op=follow&done=2&left=1200&refused=22009:1",
                "已关注 2 人；1 人没有变化：关注数已达上限；还有 1,200 人符合，可以再做一次",
                "Followed 2 people; 1 person unchanged: You can’t follow any more members; \
                 1,200 more match, so repeat it for them",
            ),
        ];
        for (query, chinese, english) in cases {
            let cookie = format!("/relations?{query}");
            let result = FormResult::decode(&cookie).unwrap();
            assert_eq!(result.encode(), cookie);
            assert_eq!(result.message(Language::Chinese), chinese);
            assert_eq!(result.message(Language::English), english);
        }
        for cookie in ["/relations", "/relations?op=x&done=1&left=0&refused=", "/undo", "<b>"] {
            assert_eq!(message(cookie, Language::English), None, "{cookie}");
        }
    }
}
