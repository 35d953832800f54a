"""The stand-in's till: lets due steps happen, moves the money in the books, writes the letters."""

import json
import sqlite3
import time
from datetime import UTC, datetime

from app.sandbox import story
from app.sandbox.books import Books, new_number, today
from app.sandbox.story import Effect

STEPS_AT_ONCE = 500
_STATES = {
    Effect.SEND: "sent",
    Effect.PAY: "paid",
    Effect.FAIL: "failed",
    Effect.RETURN: "returned",
}


def happen(books: Books) -> None:
    """Let every step that is due happen, in order, each with its letter, in one transaction."""
    due = books.all(
        "SELECT * FROM letter INDEXED BY letter_planned WHERE state = 'planned'"
        " AND due_at <= :now ORDER BY id LIMIT :most",
        now=time.time(),
        most=STEPS_AT_ONCE,
    )
    if not due:
        return
    with books.writing():
        for letter in due:
            _write(books, letter, json.loads(letter["data"]) | _take_effect(books, letter))


def _take_effect(books: Books, letter: sqlite3.Row) -> dict[str, object]:
    """Move the money in the books; give what the letter says of it."""
    effect = Effect(letter["effect"])
    if effect == Effect.NONE:
        return {}
    payment = books.one(
        "UPDATE payment SET state = :state WHERE id = :id RETURNING *",
        state=_STATES[effect],
        id=letter["payment_id"],
    )
    assert payment is not None, "a step's payment is planned with it"
    told: dict[str, object] = {
        "payout_reference": payment["reference"],
        "amount": story.yuan(payment["amount_fen"]),
    }
    if effect == Effect.PAY:
        return told | _settle(books, payment)
    if effect == Effect.RETURN:
        return told | _unsettle(books, payment)
    return told


def _settle(books: Books, payment: sqlite3.Row) -> dict[str, object]:
    settlement_no, paid_on = new_number("JS"), today().isoformat()
    books.add(
        "settlement",
        settlement_no=settlement_no,
        payment_id=payment["id"],
        claim_no=payment["claim_no"],
        amount_fen=payment["amount_fen"],
        state="paid",
        paid_on=paid_on,
    )
    return {"settlement_no": settlement_no, "paid_on": paid_on}


def _unsettle(books: Books, payment: sqlite3.Row) -> dict[str, object]:
    settled = books.one(
        "UPDATE settlement SET state = 'returned', returned_on = :today"
        " WHERE payment_id = :id AND state = 'paid' RETURNING settlement_no",
        id=payment["id"],
        today=today().isoformat(),
    )
    assert settled is not None, "only what was paid can come back"
    return {"settlement_no": settled["settlement_no"]}


def _write(books: Books, letter: sqlite3.Row, data: dict[str, object]) -> None:
    body = {
        "type": letter["type"],
        "timestamp": datetime.now(UTC).isoformat().replace("+00:00", "Z"),
        "data": {
            "claim_no": letter["claim_no"],
            "insurer_case_no": letter["case_no"],
            **data,
        },
    }
    books.run(
        "UPDATE letter SET state = 'ready', body = :body WHERE id = :id",
        body=json.dumps(body, ensure_ascii=False).encode(),
        id=letter["id"],
    )
