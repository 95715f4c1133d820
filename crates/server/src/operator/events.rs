//! `POST /operator/events`: what the community's other services saw.

use super::denied::OperatorError;
use super::duty::OperatorRequest;
use crate::app::App;
use crate::meter::Told;
use guanxi_api::operator::events::{Counted, Data, Event, Events, Given, Outcome};
use guanxi_storage::Store;
use guanxi_storage::command::Ingest;
use guanxi_storage::command::operate::Audited;
use guanxi_types::ErrorCode;
use serde::Deserialize;

/// Counts the events. Those that are none are told so, and the others are counted in one go.
pub async fn events(
    app: App,
    OperatorRequest { by, req, now }: OperatorRequest<Events>,
) -> Result<Data, OperatorError> {
    let most = app.limits.events;
    if req.events.len() > most {
        return Err(OperatorError::Wrong(format!(
            "events: {} at once, and at most {most} may be told",
            req.events.len()
        )));
    }
    let read: Vec<Result<Event, String>> = req.events.iter().map(event).collect();
    let events = read.iter().filter_map(|event| event.as_ref().ok()).cloned().collect();
    let deed = Ingest { events, remember: app.limits.event_age, now };
    let mut counted = app.store.run(Audited { by, now, deed }).await?.into_iter();
    let results = req.events.iter().zip(read).map(|(given, event)| {
        let id = given.0.get("id").and_then(|id| id.as_str()).map(str::to_owned);
        match event {
            Ok(_) => told(id, counted.next().unwrap_or(Err(ErrorCode::BadRequest))),
            Err(why) => {
                let code = ErrorCode::BadRequest;
                let message = format!("{}: {why}", code.message());
                Outcome { id, code: code.number(), message, counted: None }
            }
        }
    });
    let results: Vec<Outcome> = results.collect();
    meter(&app, &results, now);
    Ok(Data { results })
}

fn meter(app: &App, results: &[Outcome], now: i64) {
    let became = |outcome: &Outcome| match outcome.counted {
        Some(Counted::Now) => Told::Counted,
        Some(Counted::Before) => Told::Before,
        None => Told::Refused,
    };
    for told in [Told::Counted, Told::Before, Told::Refused] {
        let number = results.iter().filter(|outcome| became(outcome) == told).count();
        if number > 0 {
            app.meter.events(told, number as u64, now);
        }
    }
}

fn event(given: &Given) -> Result<Event, String> {
    let event = Event::deserialize(&given.0).map_err(|error| error.to_string())?;
    // A field that is unknown would be passed over in silence: an event written anew has all that are known.
    let known = serde_json::to_value(&event).map_err(|error| error.to_string())?;
    let fields = given.0.as_object().into_iter().flat_map(|fields| fields.keys());
    match fields.into_iter().find(|field| known.get(field.as_str()).is_none()) {
        Some(unknown) if unknown != "time" => Err(format!("unknown field `{unknown}`")),
        _ => Ok(event),
    }
}

fn told(id: Option<String>, counted: Result<Counted, ErrorCode>) -> Outcome {
    match counted {
        Ok(counted) => Outcome { id, code: 0, message: "0".to_owned(), counted: Some(counted) },
        Err(code) => Outcome { id, code: code.number(), message: code.message().to_owned(), counted: None },
    }
}
