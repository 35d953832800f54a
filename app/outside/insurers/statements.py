"""Ask an insurer of the `rest` dialect for a day's statement; believed only as the contract says.

`GET {base_url}/v1/statements?area_code=&day=`, signed over the empty body under the id
`statement-<area>-<day>`. Answer 200 {"insurer", "area_code", "day", "totals": {"paid_count",
"paid_amount", "returned_count", "returned_amount"}, "lines": [{"claim_no", "payout_reference",
"settlement_no", "insurer_case_no", "direction", "amount", "settled_on"}]}, at most 1 MiB.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from http import HTTPStatus

import httpx
from standardwebhooks import Webhook

from app.domain.errors import Fault, Invalid
from app.domain.statement import StatementLine, Totals, read_header, read_rows, read_totals
from app.outside.insurers.exchange import Answer, exchange
from app.outside.insurers.port import Endpoint, NotSent, Unknown

_COLUMNS = (
    "claim_no",
    "payout_reference",
    "settlement_no",
    "insurer_case_no",
    "direction",
    "amount",
    "settled_on",
)
_TOTALS = ("paid_count", "paid_amount", "returned_count", "returned_amount")


@dataclass(frozen=True, slots=True)
class Given:
    """What an insurer gave, read line by line; the totals are not held against them yet."""

    totals: Totals
    lines: tuple[StatementLine, ...]


async def fetch_statement(
    client: httpx.AsyncClient, endpoint: Endpoint, area_code: int, day: date
) -> Given | Unknown | NotSent:
    """Ask for one county's statement of one day. Never raises for what a peer does."""
    key = f"statement-{area_code:012d}-{day}"
    url = f"{endpoint.base_url.rstrip('/')}/v1/statements?area_code={area_code:012d}&day={day}"
    answer = await exchange(
        client, endpoint.deadline_seconds, "GET", url, signed_headers(endpoint, key)
    )
    if not isinstance(answer, Answer):
        return answer
    body = answer.strict_json()
    if answer.status != HTTPStatus.OK or body is None:
        return Unknown(f"status_{answer.status}")
    named = (body.get("insurer"), body.get("area_code"), body.get("day"))
    whose = endpoint.insurer or body.get("insurer")  # nobody's name is known of a system on trial
    if named != (whose, f"{area_code:012d}", day.isoformat()):
        return Unknown("another_statement")
    try:
        return _read(body, day)
    except Invalid as invalid:
        return Unknown(invalid.faults[0].code)


def signed_headers(endpoint: Endpoint, key: str) -> Mapping[str, str]:
    """Sign a question without a body under a key."""
    now = datetime.now(UTC)
    signers = (Webhook(secret) for secret in (endpoint.secret, *endpoint.old_secrets))
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(key, now, "") for signer in signers),
        "Accept": "application/json",
        "Accept-Encoding": "identity",
    }


def _read(body: Mapping[str, object], day: date) -> Given:
    """Read lines by the rules of a file: one reading of what a line is."""
    totals, lines = body.get("totals"), body.get("lines")
    if not isinstance(totals, dict) or not isinstance(lines, list):
        raise _malformed()
    stated = [text for name in _TOTALS for text in (name, _text(totals.get(name)))]
    rows = []
    for line in lines:
        if not isinstance(line, dict):
            raise _malformed()
        rows.append([_text(line.get(name)) for name in _COLUMNS])
    read = []
    for one in read_rows(rows, read_header(_COLUMNS), day):
        if isinstance(one, Fault):
            raise Invalid(one)
        read.append(one)
    return Given(read_totals(stated), tuple(read))


def _text(value: object) -> str:
    """Counts may be integers; amounts are strings and nothing else is."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise _malformed()


def _malformed() -> Invalid:
    return Invalid(Fault("/", "statement_malformed", "对账单格式不正确", "malformed"))
