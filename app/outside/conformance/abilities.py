"""What a system may be able to do beside taking instructions; who cannot still passes."""

from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
from uuid import uuid4

from app.domain.statement import totals_of
from app.outside.conformance.kit import Check, Kit
from app.outside.insurers.port import AccountQuestion, Match, NotSent, Unknown
from app.outside.insurers.rest import render_question
from app.outside.insurers.statements import Given, fetch_statement

NOWHERE = 990000000000  # no county has this code: a test system has nothing of it, or test data
NAME, BANK = "检验甲", "示范银行"
HERS, ANOTHERS = "6200000000000000", "6200000000004001"  # what every test system knows


def _said(result: Match | Unknown | NotSent) -> str:
    return result.value if isinstance(result, Match) else result.reason


async def _own_account(kit: Kit) -> str:
    result = await kit.speaks().check_account(question(HERS))
    return "" if result is Match.YES else _said(result)


async def _anothers_account(kit: Kit) -> str:
    result = await kit.speaks().check_account(question(ANOTHERS))
    return "" if result is Match.NO else _said(result)


async def _unsigned_question(kit: Kit) -> str:
    asked = question(HERS)
    body = render_question(asked)
    headers = kit.signed(asked.question_id, body)
    del headers["webhook-signature"]
    status = await kit.post(body, headers, path="/v1/account-checks")
    return "" if status == HTTPStatus.UNAUTHORIZED else f"status {status}"


async def _statement(kit: Kit) -> str:
    given = await _given(kit)
    if not isinstance(given, Given):
        return given.reason
    return "" if totals_of(given.lines) == given.totals else "the totals are not those of the lines"


async def _same_statement(kit: Kit) -> str:
    first, second = await _given(kit), await _given(kit)
    if not isinstance(first, Given):
        return first.reason
    return "" if first == second else "another one at the second time"


async def _unsigned_statement(kit: Kit) -> str:
    path = f"/v1/statements?area_code={NOWHERE}&day={_yesterday()}"
    status = await kit.get(path, {"webhook-id": f"statement-{NOWHERE}-{_yesterday()}"})
    return "" if status == HTTPStatus.UNAUTHORIZED else f"status {status}"


async def _given(kit: Kit) -> Given | Unknown | NotSent:
    return await fetch_statement(kit.client, kit.endpoint, NOWHERE, _yesterday())


def _yesterday() -> date:
    return (datetime.now(UTC) + timedelta(hours=8)).date() - timedelta(days=1)


def question(account: str) -> AccountQuestion:
    """Ask about an account of the kit's made-up person."""
    return AccountQuestion(uuid4(), NAME, account, BANK)


ACCOUNT_CHECKS: dict[str, tuple[str, str, Check]] = {
    "own_account": ("户名核验：本人账户一致", "an account of that name: yes", _own_account),
    "anothers_account": (
        "户名核验：他人账户不一致",
        "an account of somebody else: no",
        _anothers_account,
    ),
}
WIRE_ACCOUNT_CHECKS: dict[str, tuple[str, str, Check]] = {
    "unsigned_question": (
        "未签名的户名核验答 401",
        "an unsigned question about an account: 401",
        _unsigned_question,
    ),
}
STATEMENT_CHECKS: dict[str, tuple[str, str, Check]] = {
    "statement": ("按日对账单，合计相符", "a day's statement that adds up", _statement),
    "same_statement": ("同日再取，内容相同", "the same day again: the same", _same_statement),
    "unsigned_statement": (
        "未签名取对账单答 401",
        "unsigned, a statement is refused: 401",
        _unsigned_statement,
    ),
}
