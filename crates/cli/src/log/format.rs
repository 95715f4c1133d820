//! The formats of log lines: text and JSON.

use guanxi_server::request_log::{AccessLine, LoggedRequest};
use serde::Serialize;
use std::fmt::Debug;
use tracing::field::{Field, Visit};
use tracing::{Event, Level};
use tracing_log::NormalizeEvent;

/// The target of the access log.
pub(super) const ACCESS_LOG: &str = "guanxi_server::access";

/// A format of log lines.
#[derive(Clone, Copy, Debug)]
pub(super) enum LineFormat {
    /// Text as `name=value`. A terminal shows it in colors.
    Text {
        is_colored: bool,
    },
    Json,
}

/// The parts of a line before its fields.
struct Head<'l> {
    time: &'l str,
    level: Level,
    target: &'l str,
    request: Option<LoggedRequest>,
}

impl LineFormat {
    /// Appends the line of an event.
    pub(super) fn push_event(self, out: &mut Vec<u8>, time: &str, event: &Event<'_>) {
        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        let (level, target) = (*metadata.level(), metadata.target());
        let head = Head { time, level, target, request: LoggedRequest::current() };
        self.push_line(out, &head, |fields| event.record(fields));
    }

    /// Appends a line of the access log.
    pub(super) fn push_access_line(self, out: &mut Vec<u8>, time: &str, line: &AccessLine<'_>) {
        let head = Head { time, level: Level::INFO, target: ACCESS_LOG, request: None };
        let milliseconds = (line.duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0;
        self.push_line(out, &head, |fields| {
            fields.push_request(line.request);
            fields.push_number("status", line.status.map(|status| status.as_u16()));
            fields.push_number("code", line.code);
            fields.push_number("bytes", line.bytes);
            fields.push_number("duration_ms", Some(milliseconds));
        });
    }

    fn push_line(self, out: &mut Vec<u8>, head: &Head<'_>, push_fields: impl FnOnce(&mut Fields<'_>)) {
        match self {
            LineFormat::Text { is_colored } => {
                push_text_head(out, head, is_colored);
                push_fields(&mut Fields::new(out, false));
            }
            LineFormat::Json => {
                let level = head.level.as_str();
                let start = [r#"{"timestamp":""#, head.time, r#"","level":""#, level, r#"","fields":{"#];
                push_all(out, &start);
                push_fields(&mut Fields::new(out, true));
                push_json_end(out, head);
            }
        }
        out.push(b'\n');
    }
}

fn push_text_head(out: &mut Vec<u8>, head: &Head<'_>, is_colored: bool) {
    let (color, name) = match head.level {
        Level::ERROR => ("\u{1b}[31m", "ERROR"),
        Level::WARN => ("\u{1b}[33m", " WARN"),
        Level::INFO => ("\u{1b}[32m", " INFO"),
        Level::DEBUG => ("\u{1b}[34m", "DEBUG"),
        Level::TRACE => ("\u{1b}[35m", "TRACE"),
    };
    if is_colored {
        push_all(out, &["\u{1b}[2m", head.time, "\u{1b}[0m ", color, name, "\u{1b}[0m "]);
    } else {
        push_all(out, &[head.time, " ", name, " "]);
    }
    if let Some(request) = &head.request {
        push_all(out, &["request{"]);
        Fields::new(out, false).push_request(request);
        push_all(out, &["}: "]);
    }
    push_all(out, &[head.target, ": "]);
}

fn push_json_end(out: &mut Vec<u8>, head: &Head<'_>) {
    push_all(out, &[r#"},"target":"#]);
    push_json(out, head.target);
    if let Some(request) = &head.request {
        for (start, end) in [(r#","span":{"#, "}"), (r#","spans":[{"#, "}]")] {
            push_all(out, &[start]);
            let mut fields = Fields::new(out, true);
            fields.push_request(request);
            fields.push_text("name", "request");
            push_all(out, &[end]);
        }
    }
    out.push(b'}');
}

/// A writer of the fields of a line. In text, control characters are escaped, so that no value can forge a line.
struct Fields<'l> {
    out: &'l mut Vec<u8>,
    is_json: bool,
    is_first: bool,
}

impl Fields<'_> {
    fn new(out: &mut Vec<u8>, is_json: bool) -> Fields<'_> {
        Fields { out, is_json, is_first: true }
    }

    fn push_request(&mut self, request: &LoggedRequest) {
        for (name, value) in request.fields() {
            self.push_text(name, value);
        }
    }

    /// Appends a value without quotes in the text format.
    fn push_text(&mut self, name: &str, value: &str) {
        self.push_name(name);
        if self.is_json { push_json(self.out, value) } else { push_escaped(self.out, value) }
    }

    /// Appends a number or a boolean, if there is one.
    fn push_number(&mut self, name: &str, value: Option<impl Serialize>) {
        if let Some(value) = value {
            self.push_name(name);
            push_json(self.out, &value);
        }
    }

    /// Appends the name of a field. In text, the message has none.
    fn push_name(&mut self, name: &str) {
        if !std::mem::replace(&mut self.is_first, false) {
            self.out.push(if self.is_json { b',' } else { b' ' });
        }
        if self.is_json {
            push_all(self.out, &["\"", name, "\":"]);
        } else if name != "message" {
            push_all(self.out, &[name, "="]);
        }
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.push_text(field.name(), &format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if self.is_json { self.push_text(field.name(), value) } else { self.record_debug(field, &value) }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.push_number(field.name(), Some(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.push_number(field.name(), Some(value));
    }

    fn record_f64(&mut self, field: &Field, value: f64) {
        self.push_number(field.name(), Some(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.push_number(field.name(), Some(value));
    }
}

fn push_all(out: &mut Vec<u8>, texts: &[&str]) {
    for text in texts {
        out.extend_from_slice(text.as_bytes());
    }
}

fn push_json(out: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    // A vector accepts all bytes.
    let _ = serde_json::to_writer(out, value);
}

/// Appends a text whose control characters are escaped.
fn push_escaped(out: &mut Vec<u8>, text: &str) {
    // Almost every text is printable ASCII.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return push_all(out, &[text]);
    }
    for char in text.chars() {
        if char.is_control() {
            push_all(out, &[&char.escape_default().to_string()]);
        } else {
            push_all(out, &[char.encode_utf8(&mut [0; 4])]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use axum::extract::Request;
    use axum::http::Method;
    use axum::response::{IntoResponse, Response};
    use guanxi_server::HttpService;
    use guanxi_server::net::route_table::RouteTable;
    use guanxi_server::request_log::AccessLog;
    use std::sync::{Arc, Mutex};
    use std::time::Duration;
    use tracing::Subscriber;
    use tracing::instrument::WithSubscriber;
    use tracing_subscriber::Layer;
    use tracing_subscriber::layer::{Context, SubscriberExt};

    const TIME: &str = "03:04:05Z";

    /// A log in memory.
    #[derive(Clone, Debug)]
    struct Log(LineFormat, Arc<Mutex<Vec<u8>>>);

    impl<S: Subscriber> Layer<S> for Log {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            self.0.push_event(&mut self.1.lock().unwrap(), TIME, event);
        }
    }

    impl AccessLog for Log {
        fn write(&self, line: &AccessLine<'_>) {
            let line = AccessLine { duration: Duration::from_nanos(1_230_400), ..*line };
            self.0.push_access_line(&mut self.1.lock().unwrap(), TIME, &line);
        }
    }

    async fn fail((): (), _: Request) -> Response {
        let error = "full\n2026 INFO forged\u{1b}[2J";
        tracing::warn!(%error, count = 2, path = "a b", ok = true, "no {}", 1);
        "0123456789".into_response()
    }

    /// Returns the log of an event without a request and of a request that fails.
    async fn log_lines(format: LineFormat) -> Vec<String> {
        let log = Log(format, Arc::default());
        let routes = RouteTable::default().route(Method::GET, "/space/{mid}", fail).with_state(());
        let service = HttpService::new(routes).with_access_log(Some(Arc::new(log.clone())));
        let request = Request::get("/space/1?q=2").header("x-request-id", "7f").body(Body::empty()).unwrap();
        let run = async {
            tracing::info!(target: "guanxi", "serving");
            service.respond(request).await
        };
        run.with_subscriber(tracing_subscriber::registry().with(log.clone())).await;
        let lines = log.1.lock().unwrap();
        str::from_utf8(&lines).unwrap().lines().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn text_line_has_its_request_and_cannot_be_forged() {
        let lines = log_lines(LineFormat::Text { is_colored: false }).await;
        let expected = [
            "03:04:05Z  INFO guanxi: serving",
            "03:04:05Z  WARN request{id=7f method=GET endpoint=/space/{mid}}: \
             guanxi::log::format::tests: no 1 error=full\\n2026 INFO forged\\u{1b}[2J count=2 \
             path=\"a b\" ok=true",
            "03:04:05Z  INFO guanxi_server::access: id=7f method=GET endpoint=/space/{mid} \
             status=200 bytes=10 duration_ms=1.23",
        ];
        assert_eq!(lines, expected);
    }

    #[tokio::test]
    async fn colored_line_is_the_text_with_styles() {
        let (colored, text) = (LineFormat::Text { is_colored: true }, LineFormat::Text { is_colored: false });
        let lines = log_lines(colored).await;
        let style = "\u{1b}[2m03:04:05Z\u{1b}[0m \u{1b}[33m WARN\u{1b}[0m request{";
        assert!(lines[1].starts_with(style), "{lines:?}");
        let plain = lines.iter().map(|line| console::strip_ansi_codes(line));
        assert_eq!(plain.collect::<Vec<_>>(), log_lines(text).await);
    }

    #[tokio::test]
    async fn json_line_has_its_request() {
        let expected = [
            r#"{"timestamp":"03:04:05Z","level":"INFO","fields":{"message":"serving"},"target":"guanxi"}"#,
            concat!(
                r#"{"timestamp":"03:04:05Z","level":"WARN","fields":{"message":"no 1","#,
                r#""error":"full\n2026 INFO forged\u001b[2J","count":2,"path":"a b","ok":true},"#,
                r#""target":"guanxi::log::format::tests","#,
                r#""span":{"id":"7f","method":"GET","endpoint":"/space/{mid}","name":"request"},"#,
                r#""spans":[{"id":"7f","method":"GET","endpoint":"/space/{mid}","name":"request"}]}"#
            ),
            concat!(
                r#"{"timestamp":"03:04:05Z","level":"INFO","fields":{"id":"7f","method":"GET","#,
                r#""endpoint":"/space/{mid}","status":200,"bytes":10,"duration_ms":1.23},"#,
                r#""target":"guanxi_server::access"}"#
            ),
        ];
        assert_eq!(log_lines(LineFormat::Json).await, expected);
    }
}
