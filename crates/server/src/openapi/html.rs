//! HTML page of a document. All text of the document goes through [`escape`] or [`with_code`].

mod outline;
mod request_form;

use outline::outline;
use request_form::{RESPONSE_TEMPLATE, TOKEN_INPUT, request_form};
use serde_json::{Map, Value};

/// Renders the page.
pub(super) fn html_page(document: &Value) -> String {
    let info = &document["info"];
    let title = escape(str_of(&info["title"]));
    let version = escape(str_of(&info["version"]));
    let description: String =
        concat(str_of(&info["description"]).split("\n\n"), |part| format!("<p>{}</p>\n", with_code(part)));
    let takes_token = document["components"]["securitySchemes"].get("operator").is_some();
    let groups: Vec<Group<'_>> = groups(document);
    let (contents, sections): (String, String) =
        groups.iter().map(|group| (contents(group), group_section(group, document))).unzip();
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>{title} {version}</title>
<link rel=\"stylesheet\" href=\"openapi.css\">
<script src=\"openapi.js\" defer></script>
</head>
<body>
<nav aria-label=\"Operations\">
<p class=\"home\"><a href=\"#top\">{title}</a> <small>{version}</small></p>
{contents}<h2><a href=\"#codes\">codes</a></h2>
<h2><a href=\"#errors\">errors</a></h2>
</nav>
<main id=\"top\">
<header>
<h1>{title} <small>{version}</small></h1>
{description}<p>Machine-readable: <a href=\"openapi.json\">OpenAPI {openapi}</a>.</p>
{token_input}</header>
{sections}{codes}{http_errors}</main>
{RESPONSE_TEMPLATE}</body>
</html>
",
        openapi = escape(str_of(&document["openapi"])),
        token_input = if takes_token { TOKEN_INPUT } else { "" },
        codes = codes(document),
        http_errors = http_errors(document),
    )
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

fn group_section(group: &Group<'_>, document: &Value) -> String {
    let operations = concat(&group.operations, |(method, path, operation)| {
        operation_article(method, path, operation, document)
    });
    let (name, description) = (escape(group.name), with_code(group.description));
    format!("<section id=\"group-{name}\">\n<h2>{name}</h2>\n<p>{description}</p>\n{operations}</section>\n")
}

fn operation_article(method: &str, path: &str, operation: &Value, document: &Value) -> String {
    let id = escape(str_of(&operation["operationId"]));
    let body = &operation["requestBody"]["content"];
    let content_types: Vec<&str> = entries(body).map(|(kind, _)| kind.as_str()).collect();
    let location = if content_types.is_empty() {
        "in the query".to_owned()
    } else {
        format!("in the body: {}", escape(&content_types.join(" or ")))
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
        access = access(operation),
        description = with_code(str_of(&operation["description"])),
        parameters = parameters(&fields, &location),
        request_form = request_form(method, path, operation, &fields),
        data = response_data(operation, document),
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
fn access(operation: &Value) -> String {
    let form = &operation["requestBody"]["content"]["application/x-www-form-urlencoded"];
    let has_csrf = form["schema"]["properties"].get("csrf").is_some();
    match Credentials::of(operation) {
        Credentials::None => "<b>Anyone</b>; a login may add data".to_owned(),
        Credentials::Operator => format!("<b>Operators</b>, with {}", code("Authorization: Bearer")),
        Credentials::SessionAndName => {
            format!("<b>Members</b>, with the cookies {} and {}", code("SESSDATA"), code("DedeUserID"))
        }
        Credentials::Session if has_csrf => {
            format!("<b>Members</b>, with the cookie {} and {}", code("SESSDATA"), code("csrf"))
        }
        Credentials::Session => format!("<b>Members</b>, with the cookie {}", code("SESSDATA")),
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

fn parameters(fields: &[Field<'_>], location: &str) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let rows = concat(fields, |(name, required, description, schema)| {
        let presence = if *required { "required" } else { "optional" };
        let (name, kind, description) = (code(name), outline::describe(schema), with_code(description));
        format!(
            "<tr><th scope=\"row\">{name} <small>{presence}</small></th><td>{kind}</td><td>{description}</td></tr>\n"
        )
    });
    format!("<h4>Parameters <small>{location}</small></h4>\n<table class=\"parameters\">\n{rows}</table>\n")
}

fn response_data(operation: &Value, document: &Value) -> String {
    let schemas = &operation["responses"]["200"]["content"]["application/json"]["schema"];
    // Members' responses have one schema for success and rejection.
    let success = schemas["oneOf"].get(0).unwrap_or(schemas);
    match success["properties"].get("data") {
        None => "<h4>Data</h4>\n<p>None.</p>\n".to_owned(),
        Some(data) => {
            let name = outline::type_name(data);
            format!("<h4>Data <small>{name}</small></h4>\n{}", outline(data, document))
        }
    }
}

fn codes(document: &Value) -> String {
    let rejected = &document["components"]["schemas"]["Refused"]["properties"];
    let codes = rejected["code"]["oneOf"].as_array().into_iter().flatten();
    let messages = rejected["message"]["enum"].as_array().into_iter().flatten();
    let rows = concat(codes.zip(messages), |(code, message)| {
        let (number, description) = (&code["const"], str_of(&code["description"]));
        row(&number.to_string(), str_of(message), description)
    });
    let success = row("0", "0", "Success.");
    format!(
        "<section id=\"codes\">\n<h2>Codes</h2>\n<p>In the envelope.</p>\n\
         <table>\n{success}{rows}</table>\n</section>\n"
    )
}

fn http_errors(document: &Value) -> String {
    let rows = concat(entries(&document["components"]["responses"]), |(_, response)| {
        let fields = &response["content"]["application/json"]["schema"]["properties"];
        let status = fields["code"]["const"].to_string();
        row(
            status.trim_start_matches('-'),
            str_of(&fields["message"]["const"]),
            str_of(&response["description"]),
        )
    });
    format!(
        "<section id=\"errors\">\n<h2>HTTP errors</h2>\n<p>HTTP statuses other than 200.</p>\n\
         <table>\n{rows}</table>\n</section>\n"
    )
}

fn row(number: &str, message: &str, description: &str) -> String {
    let (number, message, description) = (escape(number), escape(message), with_code(description));
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
