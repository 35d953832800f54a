"""Hold what we send to an insurer against the document that its developers read."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import jsonschema_rs

from app.api.insurer_schemas import CALLBACKS, KINDS, SCHEMAS

_NAMES = {SCHEMAS[name]["properties"]["kind"]["const"]: name for name in KINDS}


@cache
def _validator(name: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(SCHEMAS[name], validate_formats=True)


def check_instruction(content: Mapping[str, Any], instruction_id: object) -> None:
    """Raise ValidationError for an instruction that is not as the document says."""
    name = _NAMES[content["kind"]]
    _validator(name).validate({**content, "instruction_id": str(instruction_id)})


def check_callback(body: Mapping[str, Any]) -> None:
    """Raise ValidationError for a callback that is not as the document says."""
    _, schema = CALLBACKS[body["type"]]
    jsonschema_rs.validate(schema, body["data"], validate_formats=True)
