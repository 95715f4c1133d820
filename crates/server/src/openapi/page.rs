//! The page for people, made from the document. Every text of the document passes [`text`] or [`marked`] on its way.

mod outline;

use outline::outline;
use serde_json::{Map, Value};

/// The page of a document.
pub(super) fn page(document: &Value) -> String {
    let info = &document["info"];
    let title = text(said(&info["title"]));
    let version = text(said(&info["version"]));
    let about: String =
        each(said(&info["description"]).split("\n\n"), |part| format!("<p>{}</p>\n", marked(part)));
    let groups: Vec<Group<'_>> = groups(document);
    let (contents, told): (String, String) =
        groups.iter().map(|group| (contents(group), told(group, document))).unzip();
    format!(
        "<!doctype html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta name=\"color-scheme\" content=\"light dark\">
<title>{title} {version}</title>
<link rel=\"stylesheet\" href=\"openapi.css\">
</head>
<body>
<nav aria-label=\"Operations\">
<p class=\"home\"><a href=\"#top\">{title}</a> <small>{version}</small></p>
{contents}<h2><a href=\"#codes\">codes</a></h2>
<h2><a href=\"#faults\">faults</a></h2>
</nav>
<main id=\"top\">
<header>
<h1>{title} <small>{version}</small></h1>
{about}<p>For programs there is the same as <a href=\"openapi.json\">OpenAPI {openapi}</a>.</p>
</header>
{told}{codes}{faults}</main>
</body>
</html>
",
        openapi = text(said(&document["openapi"])),
        codes = codes(document),
        faults = faults(document),
    )
}

/// Operations that are told together.
struct Group<'d> {
    name: &'d str,
    about: &'d str,
    operations: Vec<(&'d str, &'d str, &'d Value)>,
}

fn groups(document: &Value) -> Vec<Group<'_>> {
    let all: Vec<_> = entries(&document["paths"])
        .flat_map(|(path, item)| {
            entries(item).map(move |(method, told)| (method.as_str(), path.as_str(), told))
        })
        .collect();
    let tags = document["tags"].as_array().into_iter().flatten();
    tags.map(|tag| {
        let name = said(&tag["name"]);
        let operations = all.iter().copied().filter(|(.., told)| told["tags"][0] == name).collect();
        Group { name, about: said(&tag["description"]), operations }
    })
    .collect()
}

fn contents(group: &Group<'_>) -> String {
    let lines = each(&group.operations, |(method, path, told)| {
        let (id, method, path) = (text(said(&told["operationId"])), text(method), text(path));
        format!("<li><a href=\"#{id}\"><b class=\"{method}\">{method}</b> {path}</a></li>\n")
    });
    let name = text(group.name);
    format!("<h2><a href=\"#group-{name}\">{name}</a></h2>\n<ul>\n{lines}</ul>\n")
}

fn told(group: &Group<'_>, document: &Value) -> String {
    let operations = each(&group.operations, |(method, path, told)| operation(method, path, told, document));
    let (name, about) = (text(group.name), marked(group.about));
    format!("<section id=\"group-{name}\">\n<h2>{name}</h2>\n<p>{about}</p>\n{operations}</section>\n")
}

fn operation(method: &str, path: &str, told: &Value, document: &Value) -> String {
    let id = text(said(&told["operationId"]));
    let body = &told["requestBody"]["content"];
    let kinds: Vec<&str> = entries(body).map(|(kind, _)| kind.as_str()).collect();
    let place = if kinds.is_empty() {
        "in the query".to_owned()
    } else {
        format!("in the body: {}", text(&kinds.join(" or ")))
    };
    format!(
        "<article id=\"{id}\">
<h3><a href=\"#{id}\"><b class=\"{method}\">{method}</b> {path}</a></h3>
<p class=\"who\">{who}</p>
<p>{about}</p>
{parameters}{answer}</article>
",
        method = text(method),
        path = breakable(path),
        who = who(told),
        about = marked(said(&told["description"])),
        parameters = parameters(&fields_of(told), &place),
        answer = answer(told, document),
    )
}

/// Who may call it, in words.
fn who(told: &Value) -> String {
    let sets: Vec<&Map<String, Value>> =
        told["security"].as_array().into_iter().flatten().filter_map(Value::as_object).collect();
    let takes = |scheme: &str| sets.iter().any(|set| set.contains_key(scheme));
    let form = &told["requestBody"]["content"]["application/x-www-form-urlencoded"];
    if sets.is_empty() || sets.iter().any(|set| set.is_empty()) {
        "<b>Anybody</b>; a login may widen the answer".to_owned()
    } else if takes("operator") {
        format!("<b>Operators</b>, with {}", code("Authorization: Bearer"))
    } else if takes("name") {
        format!("<b>Members</b>, with the cookies {} and {}", code("SESSDATA"), code("DedeUserID"))
    } else if form["schema"]["properties"].get("csrf").is_some() {
        format!("<b>Members</b>, with the cookie {} and {}", code("SESSDATA"), code("csrf"))
    } else {
        format!("<b>Members</b>, with the cookie {}", code("SESSDATA"))
    }
}

/// A parameter: name, whether it must be there, what it is, its schema.
type Field<'d> = (&'d str, bool, &'d str, &'d Value);

/// The parameters of an operation, be they in the query or in the body.
fn fields_of(told: &Value) -> Vec<Field<'_>> {
    let query = told["parameters"].as_array().into_iter().flatten().map(|parameter| {
        let required = parameter["required"] == true;
        (said(&parameter["name"]), required, said(&parameter["description"]), &parameter["schema"])
    });
    let body = entries(&told["requestBody"]["content"]).next().map(|(_, body)| &body["schema"]);
    let body = body.into_iter().flat_map(|schema| {
        entries(&schema["properties"]).map(move |(name, field)| {
            let required = schema["required"].as_array().is_some_and(|names| names.iter().any(|n| n == name));
            (name.as_str(), required, said(&field["description"]), field)
        })
    });
    query.chain(body).collect()
}

fn parameters(fields: &[Field<'_>], place: &str) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let rows = each(fields, |(name, required, about, schema)| {
        let must = if *required { "required" } else { "optional" };
        let (name, kind, about) = (code(name), outline::kind(schema), marked(about));
        format!(
            "<tr><th scope=\"row\">{name} <small>{must}</small></th><td>{kind}</td><td>{about}</td></tr>\n"
        )
    });
    format!("<h4>Parameters <small>{place}</small></h4>\n<table class=\"parameters\">\n{rows}</table>\n")
}

fn answer(told: &Value, document: &Value) -> String {
    let answers = &told["responses"]["200"]["content"]["application/json"]["schema"];
    // Members are told refusals with the same status.
    let done = answers["oneOf"].get(0).unwrap_or(answers);
    match done["properties"].get("data") {
        None => "<h4>Data</h4>\n<p>None.</p>\n".to_owned(),
        Some(data) => {
            let name = outline::sort(data);
            format!("<h4>Data <small>{name}</small></h4>\n{}", outline(data, document))
        }
    }
}

fn codes(document: &Value) -> String {
    let refused = &document["components"]["schemas"]["Refused"]["properties"];
    let told = refused["code"]["oneOf"].as_array().into_iter().flatten();
    let messages = refused["message"]["enum"].as_array().into_iter().flatten();
    let rows = each(told.zip(messages), |(told, message)| {
        let (number, about) = (&told["const"], said(&told["description"]));
        row(&number.to_string(), said(message), about)
    });
    let done = row("0", "0", "It was done.");
    format!(
        "<section id=\"codes\">\n<h2>Codes</h2>\n<p>In the envelope.</p>\n\
         <table>\n{done}{rows}</table>\n</section>\n"
    )
}

fn faults(document: &Value) -> String {
    let rows = each(entries(&document["components"]["responses"]), |(_, told)| {
        let fields = &told["content"]["application/json"]["schema"]["properties"];
        let status = fields["code"]["const"].to_string();
        row(status.trim_start_matches('-'), said(&fields["message"]["const"]), said(&told["description"]))
    });
    format!(
        "<section id=\"faults\">\n<h2>Faults</h2>\n<p>Other HTTP statuses, of HTTP or of the service.</p>\n\
         <table>\n{rows}</table>\n</section>\n"
    )
}

fn row(number: &str, message: &str, about: &str) -> String {
    let (number, message, about) = (text(number), text(message), marked(about));
    format!("<tr><th scope=\"row\">{number}</th><td>{message}</td><td>{about}</td></tr>\n")
}

/// What is said of each, one behind the other.
fn each<T>(all: impl IntoIterator<Item = T>, say: impl Fn(T) -> String) -> String {
    all.into_iter().map(say).collect()
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn said(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Text, so that no character of it is markup.
fn text(raw: &str) -> String {
    let mut safe = String::with_capacity(raw.len());
    for letter in raw.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            _ => safe.push(letter),
        }
    }
    safe
}

fn code(raw: &str) -> String {
    format!("<code>{}</code>", text(raw))
}

/// A path, which may go on in the next line behind each `/` and `_`.
fn breakable(path: &str) -> String {
    text(path).replace('/', "<wbr>/").replace('_', "_<wbr>")
}

/// Text of a doc comment: what stands between backticks is code.
fn marked(doc: &str) -> String {
    let parts = doc.split('`').enumerate();
    parts.map(|(at, part)| if at % 2 == 1 { code(part) } else { text(part) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_markup() {
        assert_eq!(text("<a href=\"x\">&'"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;");
        assert_eq!(marked("`<b>` & `ps`."), "<code>&lt;b&gt;</code> &amp; <code>ps</code>.");
        assert_eq!(breakable("/a_b"), "<wbr>/a_<wbr>b");
    }
}
