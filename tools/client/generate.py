"""Makes the client's `schemas.py` and `relief.py` from openapi/openapi.json: `make client`.

The schemas are made by datamodel-code-generator, as typed dictionaries; the operations here, one
method each, because the generators that make operations write 70,000 lines for them.
"""

import json
import keyword
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
CONTRACT = ROOT / "openapi" / "openapi.json"
CLIENT = ROOT / "client"
WIDTH = 100
TYPES = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "object": "Json"}
GUARDS = {"Idempotency-Key": "idempotency_key", "If-Match": "if_match"}
HEAD = '''"""Every operation of the interface, one method each; made by `make client`."""

from typing import Any, Literal

from . import schemas
from .wire import Answer, Upload, Wire, as_bytes, as_json, as_text, multipart, segment

Json = dict[str, Any]


class Relief(Wire):
    """The service as one caller sees it; methods are named as the interface names its operations.

    Each raises Problem when the service refuses and Unanswered when it cannot be reached.
    """
'''
Spec = dict[str, Any]


def main() -> None:
    """Write both files."""
    document = json.loads(CONTRACT.read_text())
    _schemas()
    methods = [
        _method(path, verb, operation)
        for path, item in document["paths"].items()
        for verb, operation in item.items()
    ]
    relief = CLIENT / "relief.py"
    relief.write_text(HEAD + "\n" + "\n\n".join(methods) + "\n")
    run = [sys.executable, "-m", "ruff"]
    for step in (["check", "--fix-only", "-q"], ["format", "-q"]):
        subprocess.run([*run, *step, str(relief), str(CLIENT / "schemas.py")], check=True)


def _schemas() -> None:
    head = '"""What the interface takes and gives. Made by `make client`, never by hand."""\n'
    subprocess.run(
        [
            *(sys.executable, "-m", "datamodel_code_generator"),
            *("--input", str(CONTRACT), "--input-file-type", "openapi"),
            *("--output", str(CLIENT / "schemas.py"), "--output-model-type", "typing.TypedDict"),
            *("--target-python-version", "3.11", "--use-standard-collections"),
            *("--use-union-operator", "--disable-timestamp", "--no-use-closed-typed-dict"),
            *("--formatters", "builtin", "--custom-file-header", head),
        ],
        check=True,
    )


def _method(path: str, verb: str, operation: Spec) -> str:
    """Give one method: path values and the form by place, everything else by name."""
    parameters = operation.get("parameters", [])
    in_path = [p for p in parameters if p["in"] == "path"]
    queries = [p for p in parameters if p["in"] == "query"]
    headers = [p for p in parameters if p["in"] == "header"]
    places = ["self", *(f"{_name(p['name'])}: {_type(p['schema'])}" for p in in_path)]
    form, content = _form(operation)
    places += [form] if form else []
    named = [_named(p) for p in sorted(queries + headers, key=lambda p: not _needed(p))]
    signature = ", ".join([*places, *(["*", *named] if named else [])])
    answer, reader = _answer(operation)
    return "\n".join(
        [
            f"    def {operation['operationId']}({signature}) -> Answer[{answer}]:",
            f'        """{_told(path, verb, operation)}"""',
            "        return self._ask(",
            f"            {verb.upper()!r},",
            f"            {_path(path, in_path)},",
            f"            {reader},",
            *(f"            {line}" for line in _rest(queries, headers, content)),
            "        )",
        ]
    )


def _rest(queries: list[Spec], headers: list[Spec], content: str) -> Iterator[str]:
    if queries:
        yield f"query={_dictionary(queries)},"
    if headers:
        yield f"headers={_dictionary(headers)},"
    if any(p["name"] == "Idempotency-Key" for p in headers):
        yield "keyed=True,"
    if content:
        yield content


def _dictionary(parameters: list[Spec]) -> str:
    return "{" + ", ".join(f"{p['name']!r}: {_name(p['name'])}" for p in parameters) + "}"


def _needed(parameter: Spec) -> bool:
    return bool(parameter.get("required")) and parameter["name"] != "Idempotency-Key"


def _named(parameter: Spec) -> str:
    kind = _type(parameter["schema"])
    if _needed(parameter):
        return f"{_name(parameter['name'])}: {kind}"
    optional = kind if "None" in kind else f"{kind} | None"
    return f"{_name(parameter['name'])}: {optional} = None"


def _form(operation: Spec) -> tuple[str, str]:
    """Give the form's place in the signature, and how it is sent; empty where there is none."""
    for media_type, content in operation.get("requestBody", {}).get("content", {}).items():
        kind = _type(content["schema"])
        if media_type == "multipart/form-data":
            # A file is an Upload here, where the schema calls it a string.
            return "fields: dict[str, str | Upload | None]", "**multipart(fields),"
        if media_type == "application/x-www-form-urlencoded":
            return "form: dict[str, str]", "data=form,"
        if operation["operationId"] == "receive_callback":
            return "signed: bytes", "content=signed,"  # the signature is over these bytes
        return f"form: {kind}", "json=form,"
    return "", ""


def _answer(operation: Spec) -> tuple[str, str]:
    for status, response in operation["responses"].items():
        if status < "300":
            contents = response.get("content", {})
            if "application/json" in contents:
                return _type(contents["application/json"]["schema"]), "as_json"
            if "text/plain" in contents:
                return "str", "as_text"
    return "bytes", "as_bytes"


def _type(schema: Spec) -> str:  # noqa: PLR0911 - one per form of schema
    if "$ref" in schema:
        return f"schemas.{schema['$ref'].rsplit('/', 1)[1]}"
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if "const" in schema:
        return f"Literal[{schema['const']!r}]"
    if "enum" in schema:
        return f"Literal[{', '.join(repr(word) for word in schema['enum'])}]"
    if schema.get("type") == "array":
        return f"list[{_type(schema['items'])}]"
    if schema.get("type") == "null":
        return "None"
    return TYPES.get(str(schema.get("type")), "Any")


def _path(path: str, in_path: list[Spec]) -> str:
    if not in_path:
        return repr(path)
    for parameter in in_path:
        name = parameter["name"]
        path = path.replace(f"{{{name}}}", f"{{segment({_name(name)})}}")
    return f'f"{path}"'


def _name(name: str) -> str:
    plain = GUARDS.get(name) or re.sub(r"\W", "_", name).lower()
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def _told(path: str, verb: str, operation: Spec) -> str:
    """Give the docstring: the interface's own words, and where it is."""
    words = operation.get("description") or operation["summary"]
    first = " ".join(words.split("\n\n")[0].split())
    return f"{first}\n\n        {verb.upper()} {path}\n        "


if __name__ == "__main__":
    main()
