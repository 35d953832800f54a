"""Ask an insurer of the `rest` dialect what it has of us, or read it from a file: the register.

`GET {base_url}/v1/instructions?since=&after=`, signed over the empty body under the id
`instructions-<since>`. Answer 200 {"insurer", "instructions": [{"instruction_id", "kind",
"claim_no", "insurer_case_no", "received_at"}], "next"}: in the order of arrival, `next` is the
`after` of the next page or null. A file holds the same JSON. Needed after a restoration only.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import urlencode
from uuid import UUID

import httpx

from app.outside.insurers.exchange import Answer, exchange
from app.outside.insurers.port import Endpoint, NotSent, Unknown
from app.outside.insurers.statements import signed_headers

PAGES_MAX = 1000
CHARACTERS_MAX = 64


@dataclass(frozen=True, slots=True)
class Listed:
    """One instruction that an insurer took."""

    instruction_id: UUID
    kind: str
    claim_no: str
    insurer_case_no: str | None
    received_at: datetime


class Unreadable(Exception):
    """A register that is not as agreed; says where."""


async def fetch_register(
    client: httpx.AsyncClient, endpoint: Endpoint, since: datetime
) -> list[Listed] | Unknown | NotSent:
    """Ask for everything that an insurer took since an instant, page by page."""
    stamp = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    key, after = f"instructions-{stamp}", ""
    listed: list[Listed] = []
    for _ in range(PAGES_MAX):
        asked = urlencode({"since": stamp} | ({"after": after} if after else {}))
        url = f"{endpoint.base_url.rstrip('/')}/v1/instructions?{asked}"
        answer = await exchange(
            client, endpoint.deadline_seconds, "GET", url, signed_headers(endpoint, key)
        )
        if not isinstance(answer, Answer):
            return answer
        body = answer.strict_json()
        if answer.status != HTTPStatus.OK or body is None:
            return Unknown(f"status_{answer.status}")
        try:
            listed += read_register(body, endpoint.insurer)
        except Unreadable as fault:
            return Unknown(str(fault)[:CHARACTERS_MAX])
        if not isinstance(body.get("next"), str):
            return listed
        after = str(body["next"])
    return Unknown("endless_register")


def read_register(body: object, insurer: str) -> list[Listed]:
    """Read a page, or a file. Raises Unreadable."""
    match body:
        case {"insurer": str(named), "instructions": [*lines]} if named == insurer:
            return [_line(place, line) for place, line in enumerate(lines)]
    raise Unreadable(f"not a register of {insurer}")


def _line(place: int, line: object) -> Listed:
    if not isinstance(line, Mapping):
        raise Unreadable(f"/instructions/{place}")
    try:
        case_no = line.get("insurer_case_no")
        texts = [line["kind"], line["claim_no"], *([] if case_no is None else [case_no])]
        if not all(isinstance(one, str) and 1 <= len(one) <= CHARACTERS_MAX for one in texts):
            raise Unreadable(f"/instructions/{place}")
        received_at = datetime.fromisoformat(line["received_at"])
        return Listed(
            UUID(line["instruction_id"]),
            line["kind"],
            line["claim_no"],
            case_no,
            received_at.astimezone(UTC),
        )
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Unreadable(f"/instructions/{place}") from None
