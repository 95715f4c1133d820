"""What the tester knows of guanxi beside its document."""

import json
import os
import re
from urllib.parse import parse_qsl, urlsplit
from zlib import crc32

import jsonschema_rs
import schemathesis

KNOWN = json.loads(os.environ.get("SPEC_KNOWN", "{}"))
CSRF = os.environ.get("SPEC_CSRF")
FORM = "application/x-www-form-urlencoded"


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Has the csrf right; and of values that are only well formed, puts most in place by such as are there."""
    positive = case.meta.generation.mode.value == "positive"
    for fields in (case.query, case.body):
        if not isinstance(fields, dict):
            continue
        if CSRF and "csrf" in fields:
            fields["csrf"] = CSRF
        for name, values in KNOWN.items():
            draw = crc32(repr(fields.get(name)).encode())
            if positive and name in fields and draw % 4:
                fields[name] = values[draw // 4 % len(values)]


@schemathesis.check
def parameters(ctx, response, case):
    """Parameters are refused when, and only when, the document does not allow them."""
    told = case.operation.definition.raw
    if response.status_code != 200:
        return
    if response.request.headers.get("content-type") == FORM:
        sent = response.request.body or ""
        form = told["requestBody"]["content"][FORM]["schema"]
        fields = {name: (schema, name in form["required"]) for name, schema in form["properties"].items()}
    elif "requestBody" not in told:
        sent = urlsplit(response.request.url).query
        fields = {field["name"]: (field["schema"], field["required"]) for field in told.get("parameters", [])}
    else:
        return
    try:
        sent = parse_qsl(sent.decode() if isinstance(sent, bytes) else sent, keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        return
    given = dict(reversed(sent))  # the first of a name counts
    wrong = [name for name, (schema, required) in fields.items() if not allowed(given.get(name), schema, required)]
    hint, code = response.headers.get("guanxi-hint"), response.json()["code"]
    if hint and not wrong:
        raise AssertionError(f"the document allows what was refused: {hint}")
    if code == 0 and wrong:
        raise AssertionError(f"the document does not allow what was taken: {', '.join(wrong)}")


def allowed(text, schema, required):
    if text is None:
        return not required
    return any(jsonschema_rs.is_valid(schema, value) for value in meanings(text))


def meanings(text):
    """The values that are written so."""
    yield text
    if re.fullmatch("[0-9]+|-[1-9][0-9]*", text):
        yield int(text)
    if text.lower() in ("true", "false"):
        yield text.lower() == "true"
