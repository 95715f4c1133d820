//! `/reviews`: signs and real names that wait, each with a yes and a no.

use super::seat::{Frame, OperatorContext};
use crate::operator::denied::OperatorError;
use crate::operator::reviews;
use crate::pages::figures;
use crate::pages::realname::CARDS;
use askama::Template;
use axum::response::Response;
use guanxi_api::operator::reviews::realnames::{self, Realnames};
use guanxi_api::operator::reviews::signs::{self, Signs};
use std::sync::Arc;

#[derive(Template)]
#[template(path = "desk/reviews.html")]
struct Reviews {
    frame: Frame,
    signs: Vec<Sign>,
    names: Vec<Name>,
}

struct Sign {
    mid: u64,
    uname: String,
    written: String,
    shown: String,
    submitted: i64,
    time: String,
    due: String,
}

struct Name {
    mid: u64,
    uname: String,
    given: String,
    card: String,
    kind: &'static str,
    submitted: i64,
    time: String,
}

/// How many of each stand on the page.
const PAGE: u32 = 50;

/// Shows it.
pub async fn reviews(desk: Arc<OperatorContext>) -> Result<Response, OperatorError> {
    let limit = Some(PAGE);
    let signs = desk.ask(reviews::signs::signs, Signs { since: None, limit }).await?.list;
    let names = desk.ask(reviews::realnames::realnames, Realnames { since: None, limit }).await?.list;
    let (signs, names) = (signs.into_iter().map(sign).collect(), names.into_iter().map(name).collect());
    desk.show(&Reviews { frame: desk.frame("审核"), signs, names })
}

fn sign(entry: signs::Entry) -> Sign {
    let signs::Entry { mid, uname, sign, shown, due, submitted } = entry;
    let (time, due) = (figures::minute(submitted), due.map(figures::minute).unwrap_or_default());
    Sign { mid: mid.get(), uname, written: sign, shown, submitted, time, due }
}

fn name(entry: realnames::Entry) -> Name {
    let realnames::Entry { mid, uname, name, card, card_type, submitted } = entry;
    let kind = CARDS.iter().find(|(number, _)| *number == card_type).map_or("其他证件", |(_, kind)| kind);
    Name { mid: mid.get(), uname, given: name, card, kind, submitted, time: figures::minute(submitted) }
}
