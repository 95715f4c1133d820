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
JSON = "application/json"
# What only a description says, and that an integer is written without a point.
SAID = re.compile(
    r"floating point `-?[0-9]+\.0`|tel is no phone|mail is no mail address|name one of mid, |remark is (for a rejection|missing)"
    "|(card|profile|account|growth|upstat)[.:]"
)


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
    if response.status_code not in (200, 400):
        return
    answer = response.json()
    try:
        wrong = for_operators(told, response.request) if "/operator/" in case.path else for_members(told, response.request)
    except UnicodeDecodeError:
        return
    if wrong is None:
        return
    hint = answer["message"] if response.status_code == 400 else ", ".join(response.headers.get("guanxi-hint", []))
    if hint and not wrong and not SAID.search(hint):
        raise AssertionError(f"the document allows what was refused: {hint}")
    # Of events each has its own result.
    if answer["code"] == 0 and wrong and case.path != "/operator/events":
        raise AssertionError(f"the document does not allow what was taken: {', '.join(wrong)}")


def for_members(told, request):
    """The names of the parameters that the document does not allow; none if they are not looked at."""
    if request.headers.get("content-type") == FORM:
        sent = request.body or ""
        form = told["requestBody"]["content"][FORM]["schema"]
        required = form.get("required", [])
        fields = {name: (schema, name in required) for name, schema in form.get("properties", {}).items()}
    elif "requestBody" not in told:
        sent, fields = urlsplit(request.url).query, query(told)
    else:
        return None
    given = dict(reversed(pairs(sent)))  # the first of a name counts
    return [name for name, (schema, required) in fields.items() if not allowed(given.get(name), schema, required)]


def for_operators(told, request):
    """Likewise; a field that is unknown, or there twice, is not allowed either."""
    if "requestBody" in told:
        sent = request.body or b"{}"
        try:
            body = json.loads(sent)
        except ValueError:
            return ["the body"]
        return [] if jsonschema_rs.is_valid(told["requestBody"]["content"][JSON]["schema"], body) else ["the body"]
    sent, fields = pairs(urlsplit(request.url).query), query(told)
    given = dict(sent)
    wrong = [name for name, (schema, required) in fields.items() if not allowed(given.get(name), schema, required)]
    names = [name for name, _ in sent]
    return wrong + [name for name in names if name not in fields or names.count(name) > 1]


def query(told):
    return {field["name"]: (field["schema"], field["required"]) for field in told.get("parameters", [])}


def pairs(sent):
    return parse_qsl(sent.decode() if isinstance(sent, bytes) else sent, keep_blank_values=True, errors="strict")


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
