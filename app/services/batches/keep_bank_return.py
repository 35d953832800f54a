"""Keep what the bank handed back of a batch (回盘) as a side of its own in the reconciliation."""

from collections.abc import Mapping, Sequence

from app.db.payouts import PayoutRow
from app.db.session import Tx
from app.domain.bank_file import Result
from app.domain.caller import county_of
from app.domain.closing import BANK
from app.domain.statement import Direction, Side, StatementLine, totals_of
from app.services.statements.take_statement import Told, take_lines


async def keep_bank_return(
    tx: Tx, results: Sequence[Result], payouts: Mapping[str | None, PayoutRow]
) -> None:
    """Take the paid lines of the bank's answer as its statement of today, county by county."""
    today = await tx.today()
    by_county: dict[int, list[StatementLine]] = {}
    for result in results:
        payout = payouts[result.reference]
        lines = by_county.setdefault(county_of(payout.area_code), [])
        if result.state == "paid" and result.settlement_no is not None:
            lines.append(
                StatementLine(
                    payout.claim_no,
                    result.reference,
                    result.settlement_no,
                    None,
                    Direction.PAID,
                    result.amount_fen,
                    today,
                )
            )
    for county, lines in sorted(by_county.items()):
        told = Told(county, BANK, Side.BANK_RETURN.value, "batch", today, today)
        await take_lines(tx, told, lines, totals_of(lines))
