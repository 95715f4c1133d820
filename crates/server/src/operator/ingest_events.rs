//! `POST /operator/events`: applies events that other services of the community report.

use crate::app::App;
use crate::extract::ApiRequest;
use crate::http::response::ApiError;
use crate::metrics::IngestOutcome;
use guanxi_api::operator::ingest_events::{Data, EventResult, IngestEvents, RawEvent};
use guanxi_storage::Store;
use guanxi_storage::commands;
use guanxi_storage::commands::operator::Audited;
use guanxi_types::{ErrorCode, Event, EventOutcome};
use serde::Deserialize;

/// Applies the valid events in one transaction, and returns the result of each event.
pub async fn ingest_events(
    app: App,
    ApiRequest { caller: by, params, now, .. }: ApiRequest<IngestEvents>,
) -> Result<Data, ApiError> {
    let max = app.limits.event_batch;
    if params.events.len() > max {
        return Err(ApiError::InvalidRequest(format!(
            "events: {} in one request, at most {max} are allowed",
            params.events.len()
        )));
    }
    let parsed: Vec<Result<Event, String>> = params.events.iter().map(parse_event).collect();
    let events = parsed.iter().filter_map(|event| event.as_ref().ok()).cloned().collect();
    let command = commands::IngestEvents { events, id_retention: app.limits.event_retention_secs, now };
    let mut outcomes = app.store.run(Audited { by, now, command }).await?.into_iter();
    let results = params.events.iter().zip(parsed).map(|(raw, event)| {
        let id = raw.0.get("id").and_then(|id| id.as_str()).map(str::to_owned);
        match event {
            Ok(_) => event_result(id, outcomes.next().unwrap_or(Err(ErrorCode::BadRequest))),
            Err(error) => {
                let code = ErrorCode::BadRequest;
                let message = format!("{}: {error}", code.message());
                EventResult { id, code: code.number(), message, counted: None }
            }
        }
    });
    let results: Vec<EventResult> = results.collect();
    count_results(&app, &results, now);
    Ok(Data { results })
}

fn count_results(app: &App, results: &[EventResult], now: i64) {
    let outcome = |result: &EventResult| match result.counted {
        Some(EventOutcome::Applied) => IngestOutcome::Applied,
        Some(EventOutcome::Duplicate) => IngestOutcome::Duplicate,
        None => IngestOutcome::Rejected,
    };
    for counted in [IngestOutcome::Applied, IngestOutcome::Duplicate, IngestOutcome::Rejected] {
        let number = results.iter().filter(|result| outcome(result) == counted).count();
        if number > 0 {
            app.metrics.count_events(counted, number as u64, now);
        }
    }
}

fn parse_event(raw: &RawEvent) -> Result<Event, String> {
    let event = Event::deserialize(&raw.0).map_err(|error| error.to_string())?;
    // Serde ignores unknown fields here. The serialized event has all known fields, so any other field is an error.
    let known = serde_json::to_value(&event).map_err(|error| error.to_string())?;
    let fields = raw.0.as_object().into_iter().flat_map(|fields| fields.keys());
    match fields.into_iter().find(|field| known.get(field.as_str()).is_none()) {
        Some(unknown) if unknown != "time" => Err(format!("unknown field `{unknown}`")),
        _ => Ok(event),
    }
}

fn event_result(id: Option<String>, outcome: Result<EventOutcome, ErrorCode>) -> EventResult {
    match outcome {
        Ok(outcome) => EventResult { id, code: 0, message: "0".to_owned(), counted: Some(outcome) },
        Err(code) => {
            EventResult { id, code: code.number(), message: code.message().to_owned(), counted: None }
        }
    }
}
