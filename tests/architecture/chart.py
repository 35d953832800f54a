"""The parts of the chart that are made from code: its settings and secrets, the table of values.

`python -m tests.architecture.readme` writes them together with the README's own parts.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from app.settings import SECRETS, Settings

CHART = Path(__file__).parents[2] / "helm" / "relief"
SCHEMA = CHART / "values.schema.json"
README = CHART / "README.md"
BEGIN, END = "<!-- made: values -->\n", "<!-- end -->"
# The chart sets these itself: folders, addresses and ports inside of a pod.
OWN = frozenset(
    {
        *("data_dir", "document_dir", "drop_dir", "roots_dir", "pg_bindir", "heartbeat_file"),
        *("host", "port", "public_url"),
    }
)
_KEPT = ("type", "pattern", "enum", "minimum", "maximum", "exclusiveMinimum", "minLength")


def schema(text: str) -> str:
    """The values schema with every setting and secret of the code in it."""
    found = json.loads(text)
    settings = Settings.model_json_schema()["properties"]
    found["$defs"]["config"] = {
        "description": "RELIEF_ 开头的其余设置，小写、不带前缀。"
        " Every other RELIEF_ setting, in lower case and without its prefix.",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            name: _plain(told) for name, told in settings.items() if name not in {*OWN, *SECRETS}
        },
    }
    found["$defs"]["secrets"] = {
        "description": "秘密只引用 Secret，不写在值里。 Secrets by reference only.",
        "type": "object",
        "additionalProperties": False,
        "required": ["database_url", "master_key"],
        "properties": {name: _reference(settings[name]["description"]) for name in SECRETS},
    }
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _plain(told: dict[str, Any]) -> dict[str, Any]:
    """One setting, without its default and without null: it is left out instead."""
    kinds = [kind for kind in told.get("anyOf", [told]) if kind.get("type") != "null"]
    return {
        "description": told["description"],
        **{key: kinds[0][key] for key in _KEPT if key in kinds[0]},
    }


def _reference(description: str) -> dict[str, Any]:
    return {
        "description": description,
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "key"],
        "properties": {
            "name": {
                "type": "string",
                "minLength": 1,
                "pattern": "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
            },
            "key": {"type": "string", "minLength": 1},
        },
    }


def readme(text: str, schema_text: str) -> str:
    """The chart's README with its table of values made again."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    rows = ["| 值 value | 默认 default | 说明 meaning |", "| --- | --- | --- |"]
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    found = json.loads(schema_text)
    for path, told in _leaves(found, found, ()):
        default = _at(values, path)
        shown = "" if default in (None, "", [], {}) else f"`{json.dumps(default)}`"
        said = told.get("description", "").replace("|", "\\|")
        rows.append(f"| `{'.'.join(path)}` | {shown} | {said} |")
    table = "\n".join(rows)
    return f"{before}{BEGIN}{table}\n{END}{after}"


def _leaves(
    whole: dict[str, Any], node: dict[str, Any], path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if "$ref" in node:
        node = whole["$defs"][node["$ref"].rpartition("/")[2]]
    inner = node.get("properties")
    if inner is None or set(inner) == {"name", "key"}:
        yield path, node
        return
    for name, told in inner.items():
        yield from _leaves(whole, told, (*path, name))


def _at(values: object, path: tuple[str, ...]) -> object:
    for name in path:
        if not isinstance(values, dict) or name not in values:
            return None
        values = values[name]
    return values


def renew() -> None:
    """Write the chart's made parts anew."""
    made = schema(SCHEMA.read_text())
    SCHEMA.write_text(made)
    README.write_text(readme(README.read_text(), made))
