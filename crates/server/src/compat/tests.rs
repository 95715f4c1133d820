//! Tests of compatibility files: errors, limits and skeletons.

use super::*;
use crate::routes;
use proptest::prelude::*;

fn parse(text: &str) -> Result<Compat, String> {
    let served = Served { endpoints: &routes::endpoints(), table: &routes::table(None) };
    Compat::parse(Path::new("my.toml"), text, &served).map_err(|error| error.to_string())
}

/// Files with one error each, and their errors.
const INVALID: [(&str, &str); 55] = [
    ("a =", "my.toml:1: "),
    ("\n[[route]\n", "my.toml:2: "),
    ("\n\n[[routes]]", "my.toml:3: routes: unknown key, expected one of route, answer"),
    ("route = 1", "my.toml:1: route: is of type integer, expected [[route]] tables"),
    ("route = [1]", "my.toml:1: route: is of type integer, expected a table"),
    ("answer = 'x'", "my.toml:1: answer: is of type string, expected [[answer]] tables"),
    ("[[route]]", "my.toml:1: route.path: missing, expected a path such as"),
    ("[[route]]\npath = 1", "my.toml:2: route.path: is of type integer, expected a text"),
    ("[[route]]\npath = 'app'", "my.toml:2: route.path: \"app\" does not begin with /"),
    ("[[route]]\npath = '/{a'", "my.toml:2: route.path: \"{a\" is no segment of a path, expected"),
    (
        "[[route]]\npath = '/a'\npth = 1",
        "my.toml:3: route.pth: unknown key, expected one of path, method, endpoint",
    ),
    ("[[route]]\npath = '/a'", "my.toml:1: route.endpoint: missing, expected an endpoint or a constant"),
    (
        "[[route]]\npath = '/a'\nmethod = 'FETCH'",
        "my.toml:3: route.method: unknown method \"FETCH\", expected one of GET",
    ),
    ("[[route]]\npath = '/a'\nmethod = 'HEAD'", "my.toml:3: route.method: unknown method \"HEAD\""),
    ("[[route]]\npath = '/a'\nmethod = 'get'", "my.toml:3: route.method: unknown method \"get\""),
    (
        "[[route]]\npath = '/x/relation/stat'",
        "my.toml:2: route.path: guanxi serves /x/relation/stat, expected",
    ),
    ("[[route]]\npath = '/space/{id}'", "my.toml:2: route.path: guanxi serves /space/{mid}, expected"),
    ("[[route]]\npath = '/space/7'", "my.toml:2: route.path: guanxi serves /space/{mid}, expected"),
    ("[[route]]\npath = '/openapi.json'", "my.toml:2: route.path: guanxi serves /openapi.json, expected"),
    ("[[route]]\npath = '/login'\nmethod = 'PUT'", "my.toml:2: route.path: guanxi serves /login, expected"),
    (
        "[[route]]\npath = '/a'\nconstant = 1\n[[route]]\npath = '/a'\nconstant = 1",
        "my.toml:5: route.path: GET /a is at line 2 already, expected another path",
    ),
    (
        "[[route]]\npath = '/a/{b}'\nconstant = 1\n[[route]]\nmethod = 'POST'\npath = '/a/{c}'\nconstant = 1",
        "my.toml:6: route.path: matches the same paths as /a/{b}, expected equal names or another path",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/none'",
        "my.toml:3: route.endpoint: \"/x/none\" is no endpoint, expected",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/me'",
        "my.toml:3: route.endpoint: \"/me\" is no endpoint, expected",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = true",
        "my.toml:3: route.endpoint: is of type boolean, expected a text",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/passport/qrcode'",
        "my.toml:3: route.endpoint: has several methods, expected one of \"POST /passport/qrcode\", \"GET /passport/qrcode\"",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = 'PUT /passport/qrcode'",
        "my.toml:3: route.endpoint: \"PUT /passport",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\nconstant = 1",
        "my.toml:4: route.constant: expected either",
    ),
    (
        "[[route]]\npath = '/a'\nconstant = 1\ntemplate = '1'",
        "my.toml:4: route.template: needs an endpoint, which",
    ),
    (
        "[[route]]\npath = '/a'\nconstant = 1\nrename = {}",
        "my.toml:4: route.rename: needs an endpoint, which",
    ),
    (
        "[[route]]\npath = '/a'\nconstant = 1\nignore = []",
        "my.toml:4: route.ignore: needs an endpoint, which",
    ),
    (
        "[[route]]\npath = '/a'\nconstant = 1\ndefaults = {}",
        "my.toml:4: route.defaults: needs an endpoint, which",
    ),
    (
        "[[route]]\npath = '/a'\nconstant = 2026-01-15",
        "my.toml:3: route.constant: is of type datetime, expected a text",
    ),
    (
        "[[route]]\npath = '/a'\n[route.constant.b]\nc = inf",
        "my.toml:4: route.constant.b.c: is no number of JSON",
    ),
    (
        "[[route]]\npath = '/a'\nconstant = [99999999999999999999]",
        "my.toml:3: route.constant: is out of range, expected a number of 64 bits",
    ),
    (
        "[[route]]\npath = '/a/{id}'\nendpoint = '/x/relation/stat'",
        "my.toml:3: route.endpoint: /x/relation/stat has no parameter \"id\" of the path, expected its new name in rename",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\nrename = { id = 'mid' }",
        "my.toml:4: route.rename.id: /x/relation/stat has no parameter \"mid\", expected one of vmid",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\n[route.rename]\n\nid = 7",
        "my.toml:6: route.rename.id: is of type integer, expected a text",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/member/web/account'\ndefaults = { vmid = '1' }",
        "my.toml:4: route.defaults.vmid: /x/member/web/account has no parameter \"vmid\", expected one of none",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\ndefaults = { vmid = 1 }",
        "my.toml:4: route.defaults.vmid: is of type integer, expected a text",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\nignore = 'ts'",
        "my.toml:4: route.ignore: is of type string, expected an array of texts",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\nignore = ['a',\n1]",
        "my.toml:5: route.ignore: is of type integer, expected a text",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\nignore = ['id']\nrename = { id = 'vmid' }",
        "my.toml:4: route.ignore: \"id\" is renamed too, expected one of both",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\ntemplate = 1",
        "my.toml:4: route.template: is of type integer, expected a text",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\ntemplate = '''\n{\n{{ dat }}\n}'''",
        "my.toml:6: route.template: unknown variable dat, expected one of code",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\ntemplate = '''{\n{{ data|map }}\n}'''",
        "my.toml:5: route.template: unknown filter map, expected one of default",
    ),
    (
        "[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\ntemplate = '{{ data'",
        "my.toml:4: route.template: unexpected end of input",
    ),
    ("[[answer]]", "my.toml:1: answer.endpoint: missing, expected the path of an endpoint"),
    ("[[answer]]\nendpoint = '/a'", "my.toml:2: answer.endpoint: \"/a\" is no endpoint, expected"),
    (
        "[[answer]]\nendpoint = '/x/relation/stat'",
        "my.toml:1: answer.merge: missing, expected a table such as",
    ),
    (
        "[[answer]]\nendpoint = '/x/relation/stat'\nmerge = 1",
        "my.toml:3: answer.merge: is of type integer, expected a table",
    ),
    (
        "[[answer]]\nendpoint = '/x/relation/stat'\nmerge = {}\noverride = 'x'",
        "my.toml:4: answer.override: is of type string, expected true or false",
    ),
    (
        "[[answer]]\npath = '/a'",
        "my.toml:2: answer.path: unknown key, expected one of endpoint, merge, override",
    ),
    (
        "[[answer]]\nendpoint = '/x/relation/stat'\nmerge = {}\n[[answer]]\nendpoint = '/x/relation/stat'\nmerge = {}",
        "my.toml:5: answer.endpoint: has an addition at line 2 already, expected one for an endpoint",
    ),
    (
        "[[answer]]\nendpoint = '/operator/member'",
        "my.toml:2: answer.endpoint: \"/operator/member\" is no endpoint",
    ),
];

#[test]
fn error_names_file_line_and_key() {
    for (text, expected) in INVALID {
        let error = parse(text).unwrap_err();
        assert!(error.starts_with(expected), "{text}: {error}");
    }
}

/// Returns the text of a route with a fixed answer.
fn constant_route(path: &str) -> String {
    format!("[[route]]\npath = '{path}'\nconstant = 1\n")
}

#[test]
fn file_beyond_a_limit_is_an_error() {
    let routes = |count: usize| {
        let routes: Vec<String> = (0..count).map(|number| constant_route(&format!("/a/{number}"))).collect();
        routes.concat()
    };
    let template = |length: usize| {
        let text = format!("{{# {} #}}1", "x".repeat(length - 7));
        format!("[[route]]\npath = '/a'\nendpoint = '/x/relation/stat'\ntemplate = '{text}'")
    };
    let padded = |length: usize| "#".repeat(length);
    // file, the file beyond the limit, its error
    let cases = [
        (
            routes(ROUTE_LIMIT),
            routes(ROUTE_LIMIT + 1),
            "my.toml:3001: route: is one too many, expected at most 1000",
        ),
        (
            template(TEMPLATE_MAX_BYTES),
            template(TEMPLATE_MAX_BYTES + 1),
            "my.toml:4: route.template: has 65537 bytes, expected at most 65536",
        ),
        (
            padded(FILE_MAX_BYTES),
            padded(FILE_MAX_BYTES + 1),
            "my.toml:1: the file has more than 1048576 bytes",
        ),
    ];
    for (fits, exceeds, expected) in cases {
        assert!(parse(&fits).is_ok(), "{expected}: {:?}", parse(&fits));
        let error = parse(&exceeds).unwrap_err();
        assert!(error.starts_with(expected), "{error}");
    }
}

#[test]
fn file_that_cannot_be_read_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let load = |file: &Path| {
        let settings = crate::Settings { compat: Some(file.to_owned()), ..crate::Settings::default() };
        routes::load_compat(&settings).unwrap_err().to_string()
    };
    let missing = folder.path().join("none.toml");
    let expected = format!("settings: compat: {}: cannot be read: ", missing.display());
    assert!(load(&missing).starts_with(&expected));
    let binary = folder.path().join("binary.toml");
    std::fs::write(&binary, b"\xff").unwrap();
    assert!(load(&binary).contains("binary.toml: cannot be read: "));
}

fn gap(method: &str, path: &str, params: &[&str], count: u64) -> Gap {
    let params = params.iter().map(|name| (*name).to_owned()).collect();
    Gap { method: method.to_owned(), path: path.to_owned(), params, count }
}

#[test]
fn skeleton_has_a_route_for_each_path() {
    let gaps = [
        gap("GET", "/app/v1/card", &["uid"], 2),
        gap("HEAD", "/app/v1/card", &["ts"], 3),
        gap("POST", "/app/v1/log", &[], 9),
        gap("GET", "/app/{x}\n\"", &["a\"\n"], 1),
        gap("BREW", "/tea", &[], 1),
    ];
    let text = skeleton(&gaps);
    let expected = "
# Requests: 9
[[route]]
method = \"POST\"
path = \"/app/v1/log\"
constant = { code = 0, message = \"0\", ttl = 1, data = {} }
#endpoint = \"/x/relation/stat\"

# Requests: 5. Parameters: \"ts\", \"uid\"
[[route]]
method = \"GET\"
path = \"/app/v1/card\"
constant = { code = 0, message = \"0\", ttl = 1, data = {} }
#endpoint = \"/x/relation/stat\"
#rename = { \"ts\" = \"\", \"uid\" = \"\" }

# Requests: 1. No route can have the path: \"BREW\" \"/tea\"

# Requests: 1. No route can have the path: \"GET\" \"/app/{x}\\u000A\\\"\"
";
    assert!(text.ends_with(expected), "{text}");
    assert_eq!(parse(&text).unwrap().routes.len(), 2);
    assert_eq!(parse(&skeleton(&[])).unwrap().routes.len(), 0);
}

#[test]
fn skeleton_of_many_paths_is_a_valid_file() {
    let gaps: Vec<Gap> =
        (0..=ROUTE_LIMIT).map(|number| gap("GET", &format!("/app/{number}"), &[], 1)).collect();
    let text = skeleton(&gaps);
    assert!(text.ends_with("maximum size.\n"), "{text}");
    assert_eq!(parse(&text).unwrap().routes.len(), ROUTE_LIMIT);
}

proptest! {
    #[test]
    fn skeleton_of_any_requests_is_a_valid_file(
        paths in prop::collection::vec(("GET|POST|\\PC*", "/gap/.*", prop::collection::vec(".*", 0..3)), 0..20),
    ) {
        let gaps: Vec<Gap> =
            paths.into_iter().map(|(method, path, params)| Gap { method, path, params, count: 1 }).collect();
        prop_assert!(parse(&skeleton(&gaps)).is_ok());
    }

    #[test]
    fn accepted_paths_build_a_router(
        paths in prop::collection::vec("(/(a|b|space|x|login|relation|\\{[ab]\\})){1,4}", 1..6),
    ) {
        let file = |paths: &[&String]| {
            let routes: Vec<String> = paths.iter().map(|path| constant_route(path)).collect();
            routes.concat()
        };
        let mut accepted: Vec<&String> = Vec::new();
        for path in &paths {
            accepted.push(path);
            if parse(&file(&accepted)).is_err() {
                accepted.pop();
            }
        }
        // The order of a route table.
        let table = routes::table(None);
        let mut all: Vec<&str> = table.paths().chain(accepted.iter().map(|path| path.as_str())).collect();
        all.sort_unstable();
        let mut router = matchit::Router::new();
        for path in all {
            prop_assert!(router.insert(path, ()).is_ok(), "{}", path);
        }
    }
}
