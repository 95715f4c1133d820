//! Doc comments as descriptions of the document.

use serde_json::Value;

/// Joins a doc comment into one paragraph and removes its citations, such as `(D12)` and `(seed 002, D15)`.
pub(super) fn paragraph(doc: &str) -> String {
    let text = doc.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut output = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(at) = rest.find(" (") {
        let Some(length) = rest[at..].find(')') else { break };
        let end = at + length + 1;
        output.push_str(if is_citation(&rest[at + 2..end - 1]) { &rest[..at] } else { &rest[..end] });
        rest = &rest[end..];
    }
    output.push_str(rest);
    output
}

fn is_citation(text: &str) -> bool {
    text.split(", ").flat_map(|part| part.split(" to ")).all(|part| {
        let number = part.strip_prefix("seed ").or_else(|| part.strip_prefix('D')).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

/// Returns the doc comment of an endpoint without its heading, the method and the path, which the document has elsewhere.
pub(super) fn without_heading(text: &str) -> String {
    let body = text.strip_prefix('`').and_then(|text| text.split_once("`: ")).map_or(text, |(_, body)| body);
    let mut letters = body.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// Returns the first sentence, in English or Chinese, without its full stop.
pub(super) fn first_sentence(text: &str) -> &str {
    let end = text.find(". ").or_else(|| text.find('。')).unwrap_or(text.len());
    text[..end].trim_end_matches('.')
}

/// Cleans every description in a part of a document.
pub(super) fn clean_descriptions(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(clean_descriptions),
        Value::Object(fields) => {
            for (name, field) in fields {
                match field {
                    Value::String(text) if name == "description" => *text = paragraph(text),
                    _ => clean_descriptions(field),
                }
            }
        }
        _ => (),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn citations_are_removed() {
        let cases = [
            (
                "When it came to be, in seconds; 0 for none (D12).",
                "When it came to be, in seconds; 0 for none.",
            ),
            ("A page\nof fans (seed 002, D15 to D17). -404.", "A page of fans. -404."),
            ("Masked (D31); empty (or not) (D3, seed 1)", "Masked; empty (or not)"),
            ("Half (of it", "Half (of it"),
            ("", ""),
        ];
        for (doc, text) in cases {
            assert_eq!(paragraph(doc), text);
        }
    }

    #[test]
    fn heading_of_an_endpoint_is_removed() {
        for (doc, text) in [
            ("`GET /x/relation`: returns `a`: b.", "Returns `a`: b."),
            ("`code` is a number.", "`code` is a number."),
            ("", ""),
        ] {
            assert_eq!(without_heading(doc), text);
        }
    }

    #[test]
    fn first_sentence_has_no_full_stop() {
        for (text, first) in
            [("One. Two.", "One"), ("一。二。", "一"), ("One 1.5 two.", "One 1.5 two"), ("", "")]
        {
            assert_eq!(first_sentence(text), first);
        }
    }
}
