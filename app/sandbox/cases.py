"""The stand-in's cases: what each instruction opens, resumes, stops or pays again."""

import json
import sqlite3
import time
from collections.abc import Sequence

from app.sandbox import story
from app.sandbox.books import Books, new_number, today
from app.sandbox.orders import (
    AdvanceRequest,
    AnyOrder,
    Correction,
    Papers,
    Referral,
    Withdrawal,
)
from app.sandbox.story import Payee, Step, Story


class Refused(Exception):
    """An instruction that makes no sense to the insurer; it changed nothing."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Cases:
    """Carries instructions out, inside the transaction that its caller opened."""

    def __init__(self, books: Books, delay_seconds: float, *, careless: bool = False) -> None:
        """`careless`: a correction that comes again is paid again, whatever was paid before."""
        self.books = books
        self._careless = careless
        self._delay_seconds = delay_seconds

    def carry_out(self, order: AnyOrder) -> str:
        """Do what is asked; give the number of the case. Raises Refused."""
        match order:
            case Referral():
                return self._open_case(order)
            case Papers():
                return self._take_papers(self._case_of(order.claim_no))
            case Withdrawal():
                return self._withdraw(self._case_of(order.claim_no))
            case Correction():
                return self._pay_again(order)
            case AdvanceRequest():
                return self._advance(order)

    def _open_case(self, order: Referral) -> str:
        case_no = new_number("PA")
        chosen = story.choose(order.person.id_number, order.bills[0].total if order.bills else None)
        self.books.add(
            "insurance_case",
            case_no=case_no,
            claim_no=order.claim_no,
            story=chosen,
            assessed_fen=story.fen(order.assessment.amount),
            deductible=int(order.assessment.speaks_of_deductible()),
            payees=json.dumps([[payee.last4(), payee.share_bp] for payee in order.payees]),
            stage="awaiting_papers" if chosen == Story.PAPERS else "deciding",
            received_at=time.time(),
        )
        case = self._case(case_no)
        begin = Step("claim.accepted", {}, delays=0.0)
        if chosen == Story.SILENT:
            self._plan(case, [begin])
        elif chosen == Story.PAPERS:
            self._plan(case, [begin, story.papers(today())])
        else:
            wait = story.SLOW_SECONDS if chosen == Story.SLOW else 0.0
            self._plan(case, [begin, *self._verdict(case)], wait)
        return case_no

    def _verdict(self, case: sqlite3.Row) -> list[Step]:
        """Give the decision and, where it pays, the steps of every payment."""
        chosen = Story(case["story"])
        steps = [
            story.decision(
                chosen, case["assessed_fen"], today(), deductible=bool(case["deductible"])
            )
        ]
        amount_fen = story.fen(str(steps[0].data["amount"]))
        given = [Payee(last4, share_bp) for last4, share_bp in json.loads(case["payees"])]
        rest_fen = max(0, amount_fen - self._advanced_fen(case))
        return [*steps, *self._payments(case, chosen, given, rest_fen, "")]

    def _payments(
        self, case: sqlite3.Row, chosen: Story, given: Sequence[Payee], fen: int, mark: str
    ) -> list[Step]:
        """Plan a payment to each payee; `mark` stands in the reference."""
        steps: list[Step] = []
        payees = given or [Payee("", story.WHOLE_BP)]
        parts = zip(payees, story.split(fen, payees), strict=True)
        for number, (payee, part_fen) in enumerate(parts, start=1):
            if part_fen > 0:
                payment = self.books.add(
                    "payment",
                    reference=f"{case['case_no']}-{mark}{number}",
                    case_no=case["case_no"],
                    claim_no=case["claim_no"],
                    amount_fen=part_fen,
                    account_last4=payee.account_last4,
                    state="planned",
                )
                steps += story.payment_steps(chosen, payment, payee.account_last4)
        return steps

    def _advance(self, order: AdvanceRequest) -> str:
        """Pay before the decision, once per case; the decision's payments are that much less."""
        case = self._case_of(order.claim_no)
        told = self.books.one(
            "SELECT 1 FROM letter WHERE case_no = :case_no AND type = 'claim.decided'"
            " AND state <> 'planned'",
            case_no=case["case_no"],
        )
        if told is not None or case["stage"] == "withdrawn" or self._advanced_fen(case):
            raise Refused("advance.not_open", "该案已作出结论、已撤回或已预付")
        amount_fen = story.fen(order.amount)
        self._take_off(case, amount_fen)
        payees = [Payee(payee.last4(), payee.share_bp) for payee in order.payees]
        steps = self._payments(case, Story.FULL, payees, amount_fen, "A")
        self._plan(case, [story.before_decision(step) for step in steps])
        return str(case["case_no"])

    def _advanced_fen(self, case: sqlite3.Row) -> int:
        row = self.books.one(
            "SELECT coalesce(sum(amount_fen), 0) AS fen FROM payment WHERE case_no = :case_no"
            " AND reference LIKE :case_no || '-A%'",
            case_no=case["case_no"],
        )
        assert row is not None, "a sum is always there"
        return int(row["fen"])

    def _take_off(self, case: sqlite3.Row, amount_fen: int) -> None:
        """Make the payments that are planned already smaller; one of nothing is not made."""
        planned = self.books.all(
            "SELECT id, amount_fen FROM payment WHERE case_no = :case_no AND state = 'planned'"
            " ORDER BY id",
            case_no=case["case_no"],
        )
        for payment in planned:
            taken = min(amount_fen, payment["amount_fen"])
            amount_fen -= taken
            self.books.run(
                "UPDATE payment SET amount_fen = amount_fen - :taken WHERE id = :id",
                taken=taken,
                id=payment["id"],
            )
            if taken == payment["amount_fen"]:
                self.books.run("DELETE FROM letter WHERE payment_id = :id", id=payment["id"])
                self.books.run("DELETE FROM payment WHERE id = :id", id=payment["id"])

    def _take_papers(self, case: sqlite3.Row) -> str:
        if case["stage"] == "awaiting_papers":
            self._enter(case, "deciding")
            self._plan(case, self._verdict(case))
        return str(case["case_no"])

    def _withdraw(self, case: sqlite3.Row) -> str:
        """Stop everything that has not happened yet, except that the bank gives money back."""
        self._enter(case, "withdrawn")
        self.books.run(
            "DELETE FROM letter WHERE state = 'planned' AND case_no = :case_no"
            " AND effect <> 'return'",
            case_no=case["case_no"],
        )
        return str(case["case_no"])

    def _pay_again(self, order: Correction) -> str:
        payment = self.books.one(
            "SELECT * FROM payment WHERE claim_no = :claim_no AND (reference = :reference"
            " OR :reference IS NULL AND account_last4 = '' AND state <> 'paid') ORDER BY id",
            reference=order.payout_reference,
            claim_no=order.claim_no,
        )
        stopped = payment is not None and payment["state"] in ("failed", "returned")
        asked_before = payment is not None and bool(payment["account_last4"]) and not stopped
        if payment is None or (asked_before and not self._careless):
            raise Refused("payout.not_correctable", "该笔赔款无需更正账户")
        case = self._case(payment["case_no"])
        if case["stage"] == "withdrawn":
            raise Refused("claim.withdrawn", "该案已撤回")
        last4 = order.payee.last4()
        if asked_before:
            again = [Payee(last4, story.WHOLE_BP)]
            mark = f"R{new_number('')}"
            self._plan(case, self._payments(case, Story.FULL, again, payment["amount_fen"], mark))
            return str(case["case_no"])
        self.books.run(
            "DELETE FROM letter WHERE payment_id = :id AND state = 'planned'", id=payment["id"]
        )
        self.books.run(
            "UPDATE payment SET state = 'planned', account_last4 = :last4 WHERE id = :id",
            last4=last4,
            id=payment["id"],
        )
        self._plan(case, story.payment_steps(Story.FULL, payment["id"], last4))
        return str(case["case_no"])

    def _plan(self, case: sqlite3.Row, steps: Sequence[Step], wait_seconds: float = 0.0) -> None:
        due_at = time.time()
        for step in steps:
            due_at += step.delays * self._delay_seconds
            if step.type == "claim.decided":
                due_at += wait_seconds
            self.books.plan(case, step, due_at)

    def _case(self, case_no: str) -> sqlite3.Row:
        case = self.books.one("SELECT * FROM insurance_case WHERE case_no = :no", no=case_no)
        assert case is not None, "cases are never removed"
        return case

    def _case_of(self, claim_no: str) -> sqlite3.Row:
        case = self.books.one(
            "SELECT * FROM insurance_case WHERE claim_no = :claim_no"
            " ORDER BY received_at DESC LIMIT 1",
            claim_no=claim_no,
        )
        if case is None:
            raise Refused("claim.unknown", "未收到该赔案的报送")
        return case

    def _enter(self, case: sqlite3.Row, stage: str) -> None:
        self.books.run(
            "UPDATE insurance_case SET stage = :stage WHERE case_no = :case_no",
            stage=stage,
            case_no=case["case_no"],
        )
