"""The stand-in's daily statement: what its books say moved, a county and a day at a time."""

from datetime import date

from app.sandbox import story
from app.sandbox.books import Books

_COUNTY_DIGITS = 6  # a claim number begins with the county of its notice
_LINES = """
    SELECT s.claim_no, p.reference, s.settlement_no, p.case_no, s.amount_fen, s.{day} AS day
    FROM settlement AS s JOIN payment AS p ON p.id = s.payment_id
    WHERE substr(s.claim_no, 1, 6) = :county AND s.{day} = :day
    ORDER BY s.settlement_no
"""


def statement(books: Books, insurer: str, area_code: str, day: date) -> dict[str, object]:
    """Give the statement; amounts are yuan strings with two decimals."""
    wanted = {"county": area_code[:_COUNTY_DIGITS], "day": day.isoformat()}
    lines: list[dict[str, object]] = []
    sums = {"paid": 0, "returned": 0}
    for direction, column in (("paid", "paid_on"), ("returned", "returned_on")):
        for row in books.all(_LINES.format(day=column), **wanted):
            sums[direction] += row["amount_fen"]
            lines.append(
                {
                    "claim_no": row["claim_no"],
                    "payout_reference": row["reference"],
                    "settlement_no": row["settlement_no"],
                    "insurer_case_no": row["case_no"],
                    "direction": direction,
                    "amount": story.yuan(row["amount_fen"]),
                    "settled_on": row["day"],
                }
            )
    paid = sum(line["direction"] == "paid" for line in lines)
    return {
        "insurer": insurer,
        "area_code": area_code,
        "day": day.isoformat(),
        "totals": {
            "paid_count": paid,
            "paid_amount": story.yuan(sums["paid"]),
            "returned_count": len(lines) - paid,
            "returned_amount": story.yuan(sums["returned"]),
        },
        "lines": lines,
    }
