"""Hooks of schemathesis: real values for parameters, and a check of accepted and rejected parameters."""

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
# Errors by rules that only a description names, and of integers with a decimal point.
UNDOCUMENTED = re.compile(
    r"floating point `-?[0-9]+\.0`|(tel|mail) is not a |send exactly one of mid, |remark is (allowed for a rejection|missing)"
    "|remark: |NUL character|vmid is nobody's|(card|profile|account|growth|upstat)[.:]"
)


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """Sets the CSRF token, and replaces most generated values by values that exist in the demo."""
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
    """Parameters are rejected if and only if the document does not allow them."""
    operation = case.operation.definition.raw
    if response.status_code not in (200, 400):
        return
    answer = response.json()
    invalid_names = for_operators if "/operator/" in case.path else for_members
    try:
        wrong = invalid_names(operation, response.request)
    except UnicodeDecodeError:
        return
    if wrong is None:
        return
    hint = answer["message"] if response.status_code == 400 else ", ".join(response.headers.get("guanxi-hint", []))
    if hint and not wrong and not UNDOCUMENTED.search(hint):
        raise AssertionError(f"a documented request was rejected: {hint}")
    # Each event has its own result.
    if answer["code"] == 0 and wrong and case.path != "/operator/events":
        raise AssertionError(f"an undocumented request was accepted: {', '.join(wrong)}")


def for_members(operation, request):
    """Returns the names of parameters that the document does not allow. None if the body is not checked."""
    if request.headers.get("content-type") == FORM:
        sent = request.body or ""
        form = operation["requestBody"]["content"][FORM]["schema"]
        required = form.get("required", [])
        fields = {name: (schema, name in required) for name, schema in form.get("properties", {}).items()}
    elif "requestBody" not in operation:
        sent, fields = urlsplit(request.url).query, query(operation)
    else:
        return None
    given = dict(reversed(pairs(sent)))  # the first value of a name counts
    return [name for name, (schema, required) in fields.items() if not allowed(given.get(name), schema, required)]


def for_operators(operation, request):
    """Likewise for operators. Unknown and repeated fields are not allowed either."""
    if "requestBody" in operation:
        sent = request.body or b"{}"
        try:
            body = json.loads(sent)
        except ValueError:
            return ["the body"]
        return [] if jsonschema_rs.is_valid(operation["requestBody"]["content"][JSON]["schema"], body) else ["the body"]
    sent, fields = pairs(urlsplit(request.url).query), query(operation)
    given = dict(sent)
    wrong = [name for name, (schema, required) in fields.items() if not allowed(given.get(name), schema, required)]
    names = [name for name, _ in sent]
    return wrong + [name for name in names if name not in fields or names.count(name) > 1]


def query(operation):
    return {field["name"]: (field["schema"], field["required"]) for field in operation.get("parameters", [])}


def pairs(sent):
    return parse_qsl(sent.decode() if isinstance(sent, bytes) else sent, keep_blank_values=True, errors="strict")


def allowed(text, schema, required):
    # An optional parameter without a value counts as absent.
    if text is None or (text == "" and not required):
        return not required
    return any(jsonschema_rs.is_valid(schema, value) for value in meanings(text))


def meanings(text):
    """Yields the values that a text may stand for."""
    yield text
    if re.fullmatch("[0-9]+|-[1-9][0-9]*", text):
        yield int(text)
    if text.lower() in ("true", "false"):
        yield text.lower() == "true"
