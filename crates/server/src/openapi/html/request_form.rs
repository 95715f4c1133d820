//! Form of an operation, which sends a request. Without its script the page sends everything but JSON and operators'
//! tokens.

use super::{Credentials, Field, concat, escape, str_of, with_code};
use crate::openapi::doc_text::first_sentence;
use crate::openapi::translation::translate;
use crate::web::language::Language;
use serde_json::Value;

/// Returns the input of the operators' token, which only the script sends. The script shows it and never stores the
/// token.
pub(super) fn token_input(t: Language) -> String {
    format!(
        "<p class=\"token\" hidden><label for=\"token\">{label}</label>
<input id=\"token\" type=\"password\" autocomplete=\"off\" spellcheck=\"false\" aria-describedby=\"token.hint\">
<small id=\"token.hint\">{hint}</small></p>
<noscript><p>{noscript}</p></noscript>
",
        label = t.text("openapi-token"),
        hint = t.text("openapi-token-hint"),
        noscript = t.text("openapi-token-needs-script"),
    )
}

/// Names of the parameters that are typed without being shown.
const PASSWORDS: [&str; 4] = ["password", "old", "new", "answer"];

/// Returns the response that the script copies into a form, with the texts of the script.
pub(super) fn response_template(t: Language) -> String {
    format!(
        "<template id=\"response\" data-copied=\"{copied}\" data-no-response=\"{no_response}\" data-no-token=\"{no_token}\">
<div class=\"curl\"><pre tabindex=\"0\" aria-label=\"{command}\"></pre><button type=\"button\" aria-live=\"polite\">{copy}</button></div>
<p role=\"status\"></p>
<pre class=\"body\" tabindex=\"0\" aria-label=\"{response}\" hidden></pre>
</template>
",
        copied = t.text("openapi-copied"),
        no_response = t.text("openapi-no-response"),
        no_token = t.text("openapi-no-token"),
        command = t.text("openapi-command"),
        copy = t.text("openapi-copy"),
        response = t.text("openapi-response"),
    )
}

/// Returns the collapsed form of an operation.
pub(super) fn request_form(
    method: &str,
    path: &str,
    operation: &Value,
    fields: &[Field<'_>],
    t: Language,
) -> String {
    let id = escape(str_of(&operation["operationId"]));
    let is_json = operation["requestBody"]["content"].get("application/json").is_some();
    format!(
        "<details class=\"try\">
<summary aria-label=\"{try_it}: {name} {path}\">{try_it}</summary>
<form action=\"{path}\" method=\"{method}\"{encoding} autocomplete=\"off\" novalidate{credentials}{json}>
{inputs}<button>{send}</button>
</form>
</details>
",
        try_it = t.text("openapi-try"),
        send = t.text("openapi-send"),
        name = escape(&method.to_ascii_uppercase()),
        method = escape(method),
        path = escape(path),
        credentials = attribute("data-credentials", curl_arguments(Credentials::of(operation))),
        encoding = if is_file_form(operation) { " enctype=\"multipart/form-data\"" } else { "" },
        json = if is_json { " data-json" } else { "" },
        inputs = concat(fields, |field| input(&id, field, is_json, t)),
    )
}

/// Returns true if only a multipart body has the parameters.
fn is_file_form(operation: &Value) -> bool {
    let content = &operation["requestBody"]["content"];
    content.get("multipart/form-data").is_some() && content.get("application/x-www-form-urlencoded").is_none()
}

/// Returns the arguments of curl that send the credentials. Their values are variables of the shell, so that a
/// copied command contains no secret.
fn curl_arguments(credentials: Credentials) -> &'static str {
    match credentials {
        Credentials::None => "",
        Credentials::Session => "-b \"SESSDATA=$SESSDATA\"",
        Credentials::SessionAndName => "-b \"SESSDATA=$SESSDATA; DedeUserID=$DedeUserID\"",
        Credentials::Operator => "-H \"Authorization: Bearer $TOKEN\"",
    }
}

fn input(
    operation: &str,
    (name, required, description, schema): &Field<'_>,
    is_json: bool,
    t: Language,
) -> String {
    let presence =
        if *required { format!(" <small>{}</small>", t.text("openapi-required")) } else { String::new() };
    let flag = if *required { " required" } else { "" };
    // The script writes a value that is not a text into JSON as it is.
    let raw = if is_json && !accepts_text(schema) { " data-raw" } else { "" };
    let is_password = PASSWORDS.contains(name);
    let kind = if is_password { " type=\"password\"" } else { "" };
    let is_secret = is_password || *name == "csrf" || schema["writeOnly"] == true;
    let secret = if is_secret { " data-secret" } else { "" };
    let (id, name) = (format!("{operation}.{}", escape(name)), escape(name));
    let attributes =
        format!("id=\"{id}\" name=\"{name}\" aria-describedby=\"{id}.hint\"{flag}{raw}{kind}{secret}");
    format!(
        "<p><label for=\"{id}\"><code>{name}</code>{presence}</label>\n{control}\n\
         <small id=\"{id}.hint\">{hint}</small></p>\n",
        control = control(&attributes, schema, *required, t),
        hint = with_code(first_sentence(&translate(description, t))),
    )
}

/// Returns the element that takes the value of a parameter.
fn control(attributes: &str, schema: &Value, required: bool, t: Language) -> String {
    let default = schema.get("default").map(text).unwrap_or_default();
    let choices = choices(schema, t);
    if !choices.is_empty() {
        let absent = if default.is_empty() {
            t.text("openapi-not-sent")
        } else {
            t.text("openapi-default-is").with("value", &default)
        };
        let absent = absent.to_string();
        let absent = (!required).then(|| (String::new(), absent));
        let options = concat(absent.into_iter().chain(choices), |(value, label)| {
            format!("<option value=\"{}\">{}</option>\n", escape(&value), escape(&label))
        });
        return format!("<select {attributes}>\n{options}</select>");
    }
    let placeholder = attribute("placeholder", &default);
    if has_type(schema, "object") || has_type(schema, "array") {
        return format!("<textarea {attributes} rows=\"3\" spellcheck=\"false\"{placeholder}></textarea>");
    }
    if schema["format"] == "binary" {
        return format!("<input {attributes} type=\"file\">");
    }
    let mode = if has_type(schema, "integer") { " inputmode=\"numeric\"" } else { "" };
    format!("<input {attributes}{mode}{placeholder}>")
}

/// Returns the permitted values of a schema with their labels; empty if it does not list them.
fn choices(schema: &Value, t: Language) -> Vec<(String, String)> {
    let both = [Value::Bool(true), Value::Bool(false)];
    let listed = schema["enum"].as_array().map(Vec::as_slice);
    let values = listed.or((schema["type"] == "boolean").then_some(&both)).unwrap_or_default();
    let values = values.iter().map(|value| (text(value), text(value)));
    let described = schema["oneOf"].as_array().into_iter().flatten().map(|either| {
        let value = text(&either["const"]);
        let label = format!("{value}: {}", first_sentence(&translate(str_of(&either["description"]), t)));
        (value, label)
    });
    values.chain(described).collect()
}

fn accepts_text(schema: &Value) -> bool {
    let has_text = |either: &Value| has_type(either, "string");
    has_text(schema) || schema["oneOf"].as_array().is_some_and(|all| all.iter().all(has_text))
}

fn has_type(schema: &Value, name: &str) -> bool {
    let types = schema["type"].as_array().map_or(std::slice::from_ref(&schema["type"]), Vec::as_slice);
    types.iter().any(|kind| kind == name)
}

/// Returns a value as a request sends it.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Returns an attribute with a leading space, or nothing without a value.
fn attribute(name: &str, value: &str) -> String {
    if value.is_empty() { String::new() } else { format!(" {name}=\"{}\"", escape(value)) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn control_depends_on_the_schema() {
        let role = json!({ "oneOf": [{ "type": "string", "const": "a", "description": "All. More." }] });
        // schema, required, text, element
        let cases = [
            (json!({ "type": "string" }), true, true, "<input a>"),
            (
                json!({ "type": ["integer", "null"], "default": 50 }),
                false,
                false,
                "<input a inputmode=\"numeric\" placeholder=\"50\">",
            ),
            (
                json!({ "type": "boolean" }),
                true,
                false,
                "<select a>\n<option value=\"true\">true</option>\n\
                 <option value=\"false\">false</option>\n</select>",
            ),
            (
                json!({ "type": "string", "enum": ["asc"], "default": "asc" }),
                false,
                true,
                "<select a>\n<option value=\"\">default asc</option>\n\
                 <option value=\"asc\">asc</option>\n</select>",
            ),
            (json!({ "type": "string", "format": "binary" }), true, true, "<input a type=\"file\">"),
            (role, true, true, "<select a>\n<option value=\"a\">a: All</option>\n</select>"),
            (
                json!({ "type": "object", "default": {} }),
                false,
                false,
                "<textarea a rows=\"3\" spellcheck=\"false\" placeholder=\"{}\"></textarea>",
            ),
        ];
        for (schema, required, is_text, element) in cases {
            assert_eq!(control("a", &schema, required, Language::English), element, "{schema}");
            assert_eq!(accepts_text(&schema), is_text, "{schema}");
        }
    }

    #[test]
    fn secret_is_marked_and_password_is_not_shown() {
        let (text, secret) = (json!({ "type": "string" }), json!({ "type": "string", "writeOnly": true }));
        // name, schema, last attributes
        let cases = [
            ("uname", &text, ".hint\">"),
            ("csrf", &text, ".hint\" data-secret>"),
            ("tel", &secret, ".hint\" data-secret>"),
            ("password", &text, ".hint\" type=\"password\" data-secret>"),
        ];
        for (name, schema, attributes) in cases {
            let input = input("id", &(name, false, "", schema), true, Language::English);
            assert!(input.contains(attributes), "{attributes} is not in {input}");
        }
    }

    #[test]
    fn text_of_the_document_is_escaped() {
        let hostile = "\"'><script>&";
        let escaped = "&quot;&#39;&gt;&lt;script&gt;&amp;";
        let body = json!({ "content": { "application/json": {} } });
        let security = json!([{ "operator": [] }]);
        let operation = json!({ "operationId": hostile, "security": security, "requestBody": body });
        let schemas = [
            json!({ "type": "integer", "default": hostile }),
            json!({ "enum": [hostile], "default": hostile }),
            json!({ "oneOf": [{ "const": hostile, "description": hostile }] }),
        ];
        let fields: Vec<Field<'_>> = schemas.iter().map(|schema| (hostile, false, hostile, schema)).collect();
        let form = request_form(hostile, hostile, &operation, &fields, Language::English);
        assert!(!form.contains("<script") && !form.contains(hostile), "{form}");
        for part in [
            format!("action=\"{escaped}\" method=\"{escaped}\""),
            "data-credentials=\"-H &quot;Authorization: Bearer $TOKEN&quot;\" data-json>".to_owned(),
            format!("<label for=\"{escaped}.{escaped}\"><code>{escaped}</code></label>"),
            format!("name=\"{escaped}\""),
            format!(".hint\">{escaped}</small>"),
            format!("placeholder=\"{escaped}\""),
            format!("<option value=\"{escaped}\">{escaped}: {escaped}</option>"),
        ] {
            assert!(form.contains(&part), "{part} is not in {form}");
        }
    }
}
