//! HTML page of a document. All text of the document goes through [`escape`] or [`with_code`].

mod outline;
mod request_form;

use super::translation::translate;
use crate::web::language::Language;
use crate::web::text::Html;
use outline::outline;
use request_form::{request_form, response_template, token_input};
use serde_json::{Map, Value};

/// The place of the theme in the page, which depends on the request.
pub(super) const THEME: &str = "system";

/// Renders the page in a language.
pub(super) fn html_page(document: &Value, t: Language) -> String {
    let info = &document["info"];
    let title = escape(&translate(str_of(&info["title"]), t));
    let version = escape(str_of(&info["version"]));
    let description: String =
        concat(str_of(&info["description"]).split("\n\n"), |part| format!("<p>{}</p>\n", described(part, t)));
    let takes_token = document["components"]["securitySchemes"].get("operator").is_some();
    let groups: Vec<Group<'_>> = groups(document);
    let (contents, sections): (String, String) =
        groups.iter().map(|group| (contents(group), group_section(group, document, t))).unzip();
    format!(
        "<!doctype html>
<html lang=\"{tag}\" data-theme=\"{THEME}\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>{title} {version}</title>
<link rel=\"stylesheet\" href=\"openapi.css\">
<script src=\"openapi.js\" defer></script>
</head>
<body>
<nav aria-label=\"{operations}\">
<p class=\"home\"><a href=\"#top\">{title}</a> <small>{version}</small></p>
<p>{switch}</p>
{contents}<h2><a href=\"#codes\">{codes_title}</a></h2>
<h2><a href=\"#errors\">{errors_title}</a></h2>
</nav>
<main id=\"top\">
<header>
<h1>{title} <small>{version}</small></h1>
{description}<p>{machine_readable}</p>
{token_input}</header>
{sections}{codes}{http_errors}</main>
{response_template}</body>
</html>
",
        tag = t.tag(),
        operations = t.text("openapi-operations"),
        switch = concat(Language::ALL, |language| language_link(language, t)),
        codes_title = t.text("openapi-codes"),
        errors_title = t.text("openapi-errors"),
        machine_readable = t.html("openapi-machine-readable").with("version", str_of(&document["openapi"])),
        token_input = if takes_token { token_input(t) } else { String::new() },
        codes = codes(document, t),
        http_errors = http_errors(document, t),
        response_template = response_template(t),
    )
}

/// Returns the link to the page in a language, or its name if it is the language of the page.
fn language_link(language: Language, current: Language) -> String {
    let (tag, name) = (language.tag(), language.name());
    if language == current {
        format!("<b lang=\"{tag}\">{name}</b> ")
    } else {
        format!("<a href=\"openapi?language={tag}\" lang=\"{tag}\" hreflang=\"{tag}\">{name}</a> ")
    }
}

/// Returns a description in a language, escaped and with `<code>`.
fn described(description: &str, language: Language) -> String {
    with_code(&translate(description, language))
}

/// A section of operations.
struct Group<'d> {
    name: &'d str,
    description: &'d str,
    operations: Vec<(&'d str, &'d str, &'d Value)>,
}

fn groups(document: &Value) -> Vec<Group<'_>> {
    let all: Vec<_> = entries(&document["paths"])
        .flat_map(|(path, item)| {
            entries(item).map(move |(method, operation)| (method.as_str(), path.as_str(), operation))
        })
        .collect();
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| {
        let name = str_of(&tag["name"]);
        let operations = all.iter().copied().filter(|(.., operation)| operation["tags"][0] == name).collect();
        Group { name, description: str_of(&tag["description"]), operations }
    })
    .collect()
}

fn contents(group: &Group<'_>) -> String {
    let lines = concat(&group.operations, |(method, path, operation)| {
        let (id, method, path) = (escape(str_of(&operation["operationId"])), escape(method), escape(path));
        format!("<li><a href=\"#{id}\"><b class=\"{method}\">{method}</b> {path}</a></li>\n")
    });
    let name = escape(group.name);
    format!("<h2><a href=\"#group-{name}\">{name}</a></h2>\n<ul>\n{lines}</ul>\n")
}

fn group_section(group: &Group<'_>, document: &Value, t: Language) -> String {
    let operations = concat(&group.operations, |(method, path, operation)| {
        operation_article(method, path, operation, document, t)
    });
    let (name, description) = (escape(group.name), described(group.description, t));
    format!("<section id=\"group-{name}\">\n<h2>{name}</h2>\n<p>{description}</p>\n{operations}</section>\n")
}

fn operation_article(method: &str, path: &str, operation: &Value, document: &Value, t: Language) -> String {
    let id = escape(str_of(&operation["operationId"]));
    let body = &operation["requestBody"]["content"];
    let content_types: Vec<&str> = entries(body).map(|(kind, _)| kind.as_str()).collect();
    let location = if content_types.is_empty() {
        t.html("openapi-in-query")
    } else {
        let types = content_types.join(&t.text("openapi-or").to_string());
        t.html("openapi-in-body").with("types", types)
    };
    let fields = fields_of(operation);
    format!(
        "<article id=\"{id}\">
<h3><a href=\"#{id}\"><b class=\"{method}\">{method}</b> {path}</a></h3>
<p class=\"access\">{access}</p>
<p>{description}</p>
{parameters}{request_form}{data}</article>
",
        method = escape(method),
        path = with_line_breaks(path),
        access = access(operation, t),
        description = described(str_of(&operation["description"]), t),
        parameters = parameters(&fields, &location, t),
        request_form = request_form(method, path, operation, &fields, t),
        data = response_data(operation, document, t),
    )
}

/// Credentials that an operation requires.
#[derive(Clone, Copy)]
enum Credentials {
    None,
    Session,
    SessionAndName,
    Operator,
}

impl Credentials {
    fn of(operation: &Value) -> Credentials {
        let sets: Vec<&Map<String, Value>> =
            operation["security"].as_array().into_iter().flatten().filter_map(Value::as_object).collect();
        let takes = |scheme: &str| sets.iter().any(|set| set.contains_key(scheme));
        if sets.is_empty() || sets.iter().any(|set| set.is_empty()) {
            Credentials::None
        } else if takes("operator") {
            Credentials::Operator
        } else if takes("name") {
            Credentials::SessionAndName
        } else {
            Credentials::Session
        }
    }
}

/// Returns the required credentials as text.
fn access(operation: &Value, t: Language) -> Html<'static> {
    let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"];
    let has_csrf = form["schema"]["properties"].get("csrf").is_some();
    match Credentials::of(operation) {
        Credentials::None => t.html("openapi-access-anyone"),
        Credentials::Operator => t.html("openapi-access-operators"),
        Credentials::SessionAndName => t.html("openapi-access-members-and-name"),
        Credentials::Session if has_csrf => t.html("openapi-access-members-and-csrf"),
        Credentials::Session => t.html("openapi-access-members"),
    }
}

/// A parameter: name, required, description, schema.
type Field<'d> = (&'d str, bool, &'d str, &'d Value);

/// Returns the parameters of an operation, from the query or the body.
fn fields_of(operation: &Value) -> Vec<Field<'_>> {
    let query = operation["parameters"].as_array().into_iter().flatten().map(|parameter| {
        let required = parameter["required"] == true;
        (str_of(&parameter["name"]), required, str_of(&parameter["description"]), &parameter["schema"])
    });
    let body = entries(&operation["requestBody"]["content"]).next().map(|(_, body)| &body["schema"]);
    let body = body.into_iter().flat_map(|schema| {
        entries(&schema["properties"]).map(move |(name, field)| {
            let required = schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name));
            (name.as_str(), required, str_of(&field["description"]), field)
        })
    });
    query.chain(body).collect()
}

fn parameters(fields: &[Field<'_>], location: &Html<'_>, t: Language) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let rows = concat(fields, |(name, required, description, schema)| {
        let presence = if *required { t.text("openapi-required") } else { t.text("openapi-optional") };
        let (name, kind, description) = (code(name), outline::describe(schema, t), described(description, t));
        format!(
            "<tr><th scope=\"row\">{name} <small>{presence}</small></th><td>{kind}</td><td>{description}</td></tr>\n"
        )
    });
    let title = t.text("openapi-parameters");
    format!("<h4>{title} <small>{location}</small></h4>\n<table class=\"parameters\">\n{rows}</table>\n")
}

fn response_data(operation: &Value, document: &Value, t: Language) -> String {
    let schemas = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    // Members' responses have one schema for success and rejection.
    let success = schemas["oneOf"].get(0).unwrap_or(schemas);
    let title = t.text("openapi-data");
    match success["properties"].get("data") {
        None => format!("<h4>{title}</h4>\n<p>{}</p>\n", t.text("openapi-no-data")),
        Some(data) => {
            let name = outline::type_name(data, t);
            format!("<h4>{title} <small>{name}</small></h4>\n{}", outline(data, document, t))
        }
    }
}

fn codes(document: &Value, t: Language) -> String {
    let rejected = &document["components"]["schemas"]["Refused"]["properties"];
    let codes = rejected["code"]["oneOf"].as_array().into_iter().flatten();
    let messages = rejected["message"]["enum"].as_array().into_iter().flatten();
    let rows = concat(codes.zip(messages), |(code, message)| {
        let (number, description) = (&code["const"], str_of(&code["description"]));
        row(&number.to_string(), str_of(message), description, t)
    });
    let success = row("0", "0", "Success.", t);
    let (title, note) = (t.text("openapi-codes"), t.text("openapi-codes-explained"));
    format!(
        "<section id=\"codes\">\n<h2>{title}</h2>\n<p>{note}</p>\n\
         <table>\n{success}{rows}</table>\n</section>\n"
    )
}

fn http_errors(document: &Value, t: Language) -> String {
    let rows = concat(entries(&document["components"]["responses"]), |(_, response)| {
        let fields = &response["content"]["application/json"]["schema"]["properties"];
        let status = fields["code"]["const"].to_string();
        row(
            status.trim_start_matches('-'),
            str_of(&fields["message"]["const"]),
            str_of(&response["description"]),
            t,
        )
    });
    let (title, note) = (t.text("openapi-errors"), t.text("openapi-errors-explained"));
    format!(
        "<section id=\"errors\">\n<h2>{title}</h2>\n<p>{note}</p>\n\
         <table>\n{rows}</table>\n</section>\n"
    )
}

fn row(number: &str, message: &str, description: &str, t: Language) -> String {
    let (number, message, description) = (escape(number), escape(message), described(description, t));
    format!("<tr><th scope=\"row\">{number}</th><td>{message}</td><td>{description}</td></tr>\n")
}

/// Formats all items and concatenates the results.
fn concat<T>(all: impl IntoIterator<Item = T>, format: impl Fn(T) -> String) -> String {
    all.into_iter().map(format).collect()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn str_of(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Escapes text for HTML.
fn escape(raw: &str) -> String {
    let mut escaped = String::with_capacity(raw.len());
    for character in raw.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(character),
        }
    }
    escaped
}

fn code(raw: &str) -> String {
    format!("<code>{}</code>", escape(raw))
}

/// Escapes a path and permits line breaks at each `/` and `_`.
fn with_line_breaks(path: &str) -> String {
    escape(path).replace('/', "<wbr>/").replace('_', "_<wbr>")
}

/// Escapes a description and turns its backticks into `<code>`.
fn with_code(doc: &str) -> String {
    let parts = doc.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { code(part) } else { escape(part) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped() {
        assert_eq!(escape("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(with_code("`<b>` & `ps`."), "<code>&lt;b&gt;</code> &amp; <code>ps</code>.");
        assert_eq!(with_line_breaks("/a_b"), "<wbr>/a_<wbr>b");
    }
}
