"""One sum for one event."""

from app.domain.assessment import Rule
from app.domain.figures import pick
from app.domain.measures.sheet import Sheet
from app.domain.terms import FixedSum


def measure_fixed(measure: FixedSum, sheet: Sheet) -> int:
    """Give the sum in fen that the terms name for these facts, 0 where they name none."""
    amount = pick(measure.amount, sheet.facts)
    if amount is None:
        sheet.not_due(measure.label_zh)
        return 0
    fen = amount.value
    sheet.write(Rule.FIXED_SUM, measure.label_zh, (), fen, amount_fen=fen, origin=amount)
    return fen
