//! Tests of templates: the allowed language, and its bounds.

use super::*;
use serde_json::json;

fn render(source: &str) -> Result<String, RenderError> {
    let context = json!({
        "code": 0,
        "message": "0",
        "data": { "mid": 7, "uname": "陈\"唯\n恺", "coins": 1.5, "list": [{ "mid": 1 }, { "mid": 2 }], "none": null },
        "status": 200,
        "params": { "id": "7" },
        "now": 1_700_000_000,
    });
    let template = Template::compile(source).unwrap_or_else(|error| panic!("{source}: {}", error.reason));
    template.render(&context).map(|json| String::from_utf8(json).unwrap())
}

#[test]
fn expressions_are_written_as_json() {
    // template, output
    let cases = [
        ("{{ data.uname }}", r#""陈\"唯\n恺""#),
        ("{{ data.uname|tojson }}", r#""陈\"唯\n恺""#),
        ("{{ data.list }}", r#"[{"mid":1},{"mid":2}]"#),
        ("{{ data.none }}", "null"),
        ("{{ data.coins }}", "1.5"),
        ("\n  {\"id\": {{ data.mid }}}\n", r#"{"id": 7}"#),
        ("{{ data.list[-1].mid }}", "2"),
        ("{{ 'm' ~ data.mid }}", r#""m7""#),
        ("{{ data.mid|string }}", r#""7""#),
        ("{{ params.id|int + 1 }}", "8"),
        ("{{ now * 1000 }}", "1700000000000"),
        ("{{ -(data.list|length - 1) }}", "-1"),
        ("{{ params.ts|default(0) }}", "0"),
        ("{{ params.ts is defined }}", "false"),
        ("{{ code == 0 and status == 200 }}", "true"),
        ("{{ 'a' if data.none is none else 'b' }}", r#""a""#),
        ("[{% for m in data.list %}{{ m.mid }}{% if not loop.last %},{% endif %}{% endfor %}]", "[1,2]"),
        ("[{% for m in data.list if m.mid > 1 %}{{ m.mid }}{% endfor %}]", "[2]"),
        ("{% for k, v in data.list[0]|items %}{{ k ~ v }}{% endfor %}", r#""mid1""#),
        ("{% set u = data.uname|upper|lower %}{{ u is string }}", "true"),
        ("{# a comment #}{{ code }}", "0"),
    ];
    for (template, expected) in cases {
        assert_eq!(render(template).unwrap(), expected, "{template}");
    }
}

#[test]
fn failure_names_the_line() {
    // template, line, the beginning of the error
    let cases = [
        ("{\n\"a\": {{ data.nothing }}}", 2, "undefined value"),
        ("\n\n{{ params.nothing.more }}", 3, "undefined value"),
        ("{{ data.uname|int + 1 }}", 1, "invalid operation"),
        ("{{ data.mid }", 1, ""),
        ("{ {{ data.uname }} }", 1, "the output is no JSON"),
        ("", 1, "the output is no JSON"),
    ];
    for (template, line, expected) in cases {
        if expected.is_empty() {
            assert_eq!(Template::compile(template).unwrap_err().line, line, "{template}");
            continue;
        }
        let error = render(template).unwrap_err();
        assert_eq!(error.line(), line, "{template}: {error}");
        assert!(error.to_string().starts_with(expected), "{template}: {error}");
    }
}

#[test]
fn disallowed_construct_is_an_error_with_its_line() {
    // template, line, a part of the error
    let cases = [
        ("{% include 'x' %}", 1, "unknown statement include"),
        ("{% extends 'x' %}", 1, "unknown statement extends"),
        ("{% import 'x' as x %}", 1, "unknown statement import"),
        ("{% macro m() %}{{ m() }}{% endmacro %}", 1, "unknown statement macro"),
        ("{% block b %}{% endblock %}", 1, "unknown statement block"),
        ("\n{% with a = 1 %}{% endwith %}", 2, "unknown tag"),
        ("{% set a %}x{% endset %}", 1, "unknown tag"),
        ("{% filter upper %}x{% endfilter %}", 1, "unknown tag"),
        ("{% autoescape true %}x{% endautoescape %}", 1, "unknown tag"),
        ("{% do loop() %}", 1, "unknown tag"),
        ("{% for a in data recursive %}{{ loop(a) }}{% endfor %}", 1, "not recursive"),
        ("\n\n{{ range(10) }}", 3, "no calls"),
        ("{{ data.list.append(1) }}", 1, "no calls"),
        ("{{ [data] }}", 1, "no calls"),
        ("{{ {'a': data} }}", 1, "no calls"),
        ("{% set a = data, data %}", 1, "no calls"),
        ("{{ data.list[1:] }}", 1, "no calls"),
        ("{{ data.list * 2 }}", 1, "are numbers"),
        ("{{ data.list + data.list }}", 1, "are numbers"),
        ("{{ ('x' * 2)|int }}", 1, "are numbers"),
        ("{{ 'x'|int(data) * 2 }}", 1, "are numbers"),
        ("{{ data|map }}", 1, "unknown filter map, expected one of default, float"),
        ("{{ data is mapping }}", 1, "unknown test mapping, expected one of defined"),
        ("{{ data|default(*data) }}", 1, "expected no *"),
        ("{{ dat.mid }}", 1, "unknown variable dat, expected one of code, message"),
        ("{% set now = data %}", 1, "no variable of the context"),
        ("{% for now in data %}{% endfor %}", 1, "no variable of the context"),
        ("{% for loop in data %}{% endfor %}", 1, "reserved variable name loop"),
        ("{{ a.b", 1, "unexpected end"),
        ("{% if code %}", 1, "unexpected end"),
    ];
    for (template, line, reason) in cases {
        let error = Template::compile(template).unwrap_err();
        assert!(error.reason.contains(reason), "{template}: {}", error.reason);
        assert_eq!(error.line, line, "{template}: {}", error.reason);
    }
}

#[test]
fn nesting_is_limited() {
    let nested =
        |open: &str, depth, inner: &str, close: &str| open.repeat(depth) + inner + &close.repeat(depth);
    let chain = |link: &str, length| format!("{{{{ data{} }}}}", link.repeat(length));
    // template, true if it is allowed
    let cases = [
        (nested("{% if code %}", 62, "1", "{% endif %}"), true),
        (nested("{% if code %}", 63, "1", "{% endif %}"), false),
        (nested("{% for a in data %}", 62, "1", "{% endfor %}"), true),
        (nested("{% for a in data %}", 63, "1", "{% endfor %}"), false),
        (format!("{{% if code %}}{}{{% endif %}}", "{% elif code %}".repeat(61)), true),
        (format!("{{% if code %}}{}{{% endif %}}", "{% elif code %}".repeat(62)), false),
        (chain(".a", 61), true),
        (chain(".a", 62), false),
        (chain("|int", 61), true),
        (chain("|int", 62), false),
        (chain("[0]", 62), false),
        (chain(" ~ code", 62), false),
        (chain(" if code else data", 62), false),
    ];
    for (template, fits) in cases {
        let reason = Template::compile(&template).err().map(|error| error.reason);
        assert_eq!(reason, (!fits).then(|| "nests more than 64 levels".to_owned()), "{template}");
    }
}

/// Templates that would run without end or fill the memory. Each is refused at the start, or when it runs.
#[test]
fn hostile_template_is_refused_within_bounds() {
    let repeat = |text: &str, count| text.repeat(count);
    let nested_loops =
        |body: &str| repeat("{% for m in data.list %}", 40) + body + &repeat("{% endfor %}", 40);
    let doubled =
        format!("{{% set x = 'xxxxxxxxxxxxxxxx' %}}{}{{{{ x }}}}", repeat("{% set x = x ~ x %}", 1_000));
    let cases = [
        "{% for i in range(10**9) %}{% endfor %}".to_owned(),
        "{{ 'x' * 10**9 }}".to_owned(),
        "{{ 'x' * 10**8 }}".to_owned(),
        "{{ ([1] * 10**8) ~ '' }}".to_owned(),
        "{% set x = [data, data] %}".to_owned(),
        "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}".to_owned(),
        "{% for a in data.list recursive %}{{ loop(data.list) }}{% endfor %}".to_owned(),
        nested_loops("{% if m.mid > 2 %}{% endif %}"),
        nested_loops("0"),
        nested_loops("{{ data|tojson }}"),
        doubled,
        format!("{{{{ data{} }}}}", repeat(".a", 30_000)),
        format!("{{{{ 1{} }}}}", repeat("+1", 30_000)),
        format!("{{{{ {}1 }}}}", repeat("-", 60_000)),
        format!("{{{{ {}1{} }}}}", repeat("(", 30_000), repeat(")", 30_000)),
        format!("{{% if a %}}{}{{% endif %}}", repeat("{% elif a %}", 5_000)),
        format!("{{{{ code{} }}}}", repeat("|int", 15_000)),
    ];
    for template in cases {
        assert!(template.len() <= TEMPLATE_MAX_BYTES);
        let name: String = template.chars().take(60).collect();
        if Template::compile(&template).is_ok() {
            let error = render(&template).unwrap_err();
            assert!(
                ["engine ran out of fuel", "failed to write output"].contains(&error.kind().as_str()),
                "{name}: {error}"
            );
        }
    }
}

#[test]
fn output_is_limited() {
    let value = |length: usize| json!({ "data": "x".repeat(length) });
    let template =
        |copies: usize| Template::compile(&format!("[0{}]", ",{{ data }}".repeat(copies))).unwrap();
    let half = OUTPUT_MAX_BYTES / 2;
    assert!(template(1).render(&value(half)).is_ok());
    for (copies, length) in [(2, half), (1, OUTPUT_MAX_BYTES)] {
        assert!(template(copies).render(&value(length)).is_err(), "{copies} {length}");
    }
}
