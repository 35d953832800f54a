"""What in today's interface would break a client of the landed one.

`openapi/landed.json.xz` is the interface as it landed last; `python -m tests.api.compatible`
renews it when a version lands. Clients must accept new members, new words and new codes, so those
are no break in an answer; a form may grow what is optional, never what is needed.
"""

import json
import lzma
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from app.cli.openapi import contract

LANDED = Path(__file__).parents[2] / "openapi" / "landed.json.xz"
Schema = dict[str, Any]


def landed() -> Schema:
    """The interface as it landed last."""
    document: Schema = json.loads(lzma.decompress(LANDED.read_bytes()))
    return document


def breaks(old: Schema, new: Schema) -> Iterator[str]:
    """Name every break, by operation and place."""
    for path, item in old["paths"].items():
        for verb, operation in item.items():
            where = f"{verb.upper()} {path}"
            today = new["paths"].get(path, {}).get(verb)
            if today is None:
                yield f"{where} is gone"
            else:
                both = _Both(old, new)
                yield from _parameters(both, where, operation, today)
                yield from _bodies(both, where, operation, today)


def _parameters(both: "_Both", where: str, old: Schema, new: Schema) -> Iterator[str]:
    before = {(one["in"], one["name"]): one for one in old.get("parameters", ())}
    after = {(one["in"], one["name"]): one for one in new.get("parameters", ())}
    for key in before.keys() - after.keys():
        yield f"{where}: parameter {key[1]} is gone"
    for key, one in after.items():
        if one.get("required") and not before.get(key, {}).get("required"):
            yield f"{where}: parameter {key[1]} is needed now"
        elif key in before:
            place = f"{where} {key[1]}"
            yield from both.taken(place, before[key]["schema"], one["schema"])


def _bodies(both: "_Both", where: str, old: Schema, new: Schema) -> Iterator[str]:
    if "requestBody" in new and "requestBody" not in old and new["requestBody"].get("required"):
        yield f"{where}: a body is needed now"
    for kind, content in old.get("requestBody", {}).get("content", {}).items():
        today = new.get("requestBody", {}).get("content", {}).get(kind)
        if today is None:
            yield f"{where}: {kind} is not taken any more"
        else:
            yield from both.taken(f"{where} form", content["schema"], today["schema"])
    for status, answer in old["responses"].items():
        for kind, content in answer.get("content", {}).items():
            if status < "300":
                today = new["responses"].get(status, {}).get("content", {}).get(kind)
                if today is None:
                    yield f"{where}: {status} {kind} is not answered any more"
                else:
                    yield from both.given(f"{where} answer", content["schema"], today["schema"])


class _Both:
    """Two documents, walked side by side; what was compared once is not compared again."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self._old, self._new = old, new
        self._seen: set[tuple[str, str, str]] = set()

    def taken(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        """Compare what is taken: whatever was good must be good."""
        old, new, known = self._resolved("taken", old, new)
        if known:
            return
        gone = _kinds(old) - _kinds(new)
        if gone and _kinds(new):
            yield f"{where}: {', '.join(sorted(gone))} is not taken any more"
        if set(old.get("enum", ())) - set(new.get("enum", old.get("enum", ()))):
            yield f"{where}: a word is not taken any more"
        for name in set(new.get("required", ())) - set(old.get("required", ())):
            yield f"{where}.{name} is needed now"
        yield from self._members_taken(where, old, new)
        if "items" in old and "items" in new:
            yield from self.taken(f"{where}[]", old["items"], new["items"])

    def _members_taken(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        closed = new.get("additionalProperties") is False
        for name, part in old.get("properties", {}).items():
            today = new.get("properties", {}).get(name)
            if today is not None:
                yield from self.taken(f"{where}.{name}", part, today)
            elif closed:
                yield f"{where}.{name} is not taken any more"

    def given(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        """Compare what is given: whatever was there must be there, as what it was."""
        old, new, known = self._resolved("given", old, new)
        if known:
            return
        more = _kinds(new) - _kinds(old)
        if more and _kinds(old):
            yield f"{where} may be {', '.join(sorted(more))} now"
        for name in set(old.get("required", ())) - set(new.get("required", ())):
            yield f"{where}.{name} may be missing now"
        for name, part in old.get("properties", {}).items():
            today = new.get("properties", {}).get(name)
            if today is None:
                yield f"{where}.{name} is gone"
            else:
                yield from self.given(f"{where}.{name}", part, today)
        if "items" in old and "items" in new:
            yield from self.given(f"{where}[]", old["items"], new["items"])

    def _resolved(self, way: str, old: Schema, new: Schema) -> tuple[Schema, Schema, bool]:
        names = (way, old.get("$ref", ""), new.get("$ref", ""))
        known = bool(names[1] and names[2]) and names in self._seen
        self._seen.add(names)
        return _followed(self._old, old), _followed(self._new, new), known


def _followed(document: Schema, schema: Schema) -> Schema:
    """Give the schema itself; of `something or null` the something."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return _followed(document, document["components"]["schemas"][name])
    some = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
    if len(some) == 1:
        found = _followed(document, some[0])
        return {**found, "type": [*_kinds(found), "null"]}
    return schema


def _kinds(schema: Schema) -> set[str]:
    kind = schema.get("type", ())
    return {kind} if isinstance(kind, str) else set(kind)


if __name__ == "__main__":
    LANDED.write_bytes(lzma.compress(contract().encode(), preset=9 | lzma.PRESET_EXTREME))
