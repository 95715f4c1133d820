//! `/reviews`: pending bios, names and real names, with buttons to approve or reject.

use super::context::{Layout, OperatorContext};
use crate::http::response::ApiError;
use crate::operator::reviews;
use crate::web::language::Language;
use crate::web::member::realname::card_type_name;
use crate::web::text::Key;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::reviews::list_bio_reviews::{self, ListBioReviews};
use guanxi_api::operator::reviews::list_name_reviews::{self, ListNameReviews};
use guanxi_api::operator::reviews::list_realname_reviews::{self, ListRealnameReviews};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "operator/reviews.html")]
struct Reviews {
    layout: Layout,
    bios: Vec<BioRow>,
    names: Vec<NameRow>,
    realnames: Vec<RealnameRow>,
}

struct BioRow {
    mid: u64,
    uname: String,
    pending: String,
    current: String,
    submitted: i64,
    time: String,
    effective_at: String,
}

struct NameRow {
    mid: u64,
    pending: String,
    current: String,
    submitted: i64,
    time: String,
}

struct RealnameRow {
    mid: u64,
    uname: String,
    realname: String,
    card: String,
    card_type: Key,
    submitted: i64,
    time: String,
}

/// Entries of each kind on the page.
const PAGE_SIZE: u32 = 50;

/// Shows the page.
pub async fn reviews(context: Arc<OperatorContext>) -> Result<Response, ApiError> {
    let limit = Some(PAGE_SIZE);
    let bios = context
        .call_api(reviews::list_bio_reviews::list_bio_reviews, ListBioReviews { since: None, limit })
        .await?
        .list;
    let names = context
        .call_api(reviews::list_name_reviews::list_name_reviews, ListNameReviews { since: None, limit })
        .await?
        .list;
    let realnames = context
        .call_api(
            reviews::list_realname_reviews::list_realname_reviews,
            ListRealnameReviews { since: None, limit },
        )
        .await?
        .list;
    let t = context.language();
    context.render(&Reviews {
        layout: context.layout(t.text("reviews")),
        bios: bios.into_iter().map(|entry| bio(entry, t)).collect(),
        names: names.into_iter().map(|entry| name(entry, t)).collect(),
        realnames: realnames.into_iter().map(|entry| realname(entry, t)).collect(),
    })
}

fn bio(entry: list_bio_reviews::Entry, language: Language) -> BioRow {
    let list_bio_reviews::Entry { mid, uname, sign, shown, due, submitted } = entry;
    let (time, effective_at) =
        (language.minute(submitted), due.map(|due| language.minute(due)).unwrap_or_default());
    BioRow { mid: mid.get(), uname, pending: sign, current: shown, submitted, time, effective_at }
}

fn name(entry: list_name_reviews::Entry, language: Language) -> NameRow {
    let list_name_reviews::Entry { mid, uname, shown, submitted } = entry;
    let time = language.minute(submitted);
    NameRow { mid: mid.get(), pending: uname, current: shown, submitted, time }
}

fn realname(entry: list_realname_reviews::Entry, language: Language) -> RealnameRow {
    let list_realname_reviews::Entry { mid, uname, name, card, card_type, submitted } = entry;
    RealnameRow {
        mid: mid.get(),
        uname,
        realname: name,
        card,
        card_type: card_type_name(card_type),
        submitted,
        time: language.minute(submitted),
    }
}
