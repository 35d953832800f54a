"""What is shown of a day of reconciliation and its differences; the same to both sides."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from app.api.fields import Labelled, View, When, Yuan, labelled
from app.api.reading import Page
from app.db.reconciliation_items import ItemRow
from app.db.reconciliations import DayRow
from app.domain.matching import KIND_ZH, REASON_ZH, STATE_ZH, Kind, sentence_zh
from app.domain.money import yuan
from app.domain.statement import DIRECTION_ZH, SIDE_ZH, Direction, Side

DAY_STATE_ZH = {"open": "未封账", "closed": "已封账"}
FORMULA = ("=", "+", "-", "@", "\t", "\r")


class TallyView(View):
    """How many settlements of one kind, and what each side says of them."""

    side: Labelled
    direction: Labelled
    kind: Labelled
    count: int
    ours: Yuan
    theirs: Yuan


class TotalView(View):
    """Both sides' sums of a day, and what lies between them: the same figures for both."""

    side: Labelled
    direction: Labelled
    ours: Yuan
    theirs: Yuan
    difference: Yuan


class DayView(View):
    """One day of one party in a county.

    `roots` are Merkle roots (RFC 9162, SHA-256) over lines `settlement_no|direction|claim_no|
    payout_reference|fen|day`, sorted by these; `signature` is Ed25519 over the record whose SHA-256
    is `digest`, under `public_key`.
    """

    reconciliation_no: str
    insurer: str
    area_code: str
    day: date
    state: Labelled
    tallies: list[TallyView]
    totals: list[TotalView]
    unowned: int
    in_hand: int
    carried: int
    matched_at: When | None
    closed_at: When | None
    closed_by: str | None
    before: str | None
    roots: dict[str, str] | None
    digest: str | None
    signature: str | None
    public_key: str | None


class DayPage(Page[DayView]):
    """One page of days, the latest first."""


class SideView(View):
    """A settlement as one side has it."""

    claim_no: str | None
    payout_reference: str | None
    settlement_no: str | None
    insurer_case_no: str | None
    amount: Yuan | None
    on: str | None


class ItemView(View):
    """A difference; `ours` or `theirs` is null where a side has nothing."""

    id: int
    reconciliation_no: str
    insurer: str
    day: date
    side: Labelled
    kind: Labelled
    direction: Labelled
    claim_no: str
    sentence_zh: str
    reason: Labelled | None
    ours: SideView | None
    theirs: SideView | None
    state: Labelled
    owner: str | None
    age_days: int
    note_zh: str | None
    effect: str | None
    awaits_second_person: bool
    settled_by: str | None
    settled_at: When | None
    cleared_on: date | None
    cleared_by: str | None
    cleared_note_zh: str | None
    cleared_effect: str | None
    found_at: When


class ItemPage(Page[ItemView]):
    """One page of differences, oldest first."""


def show_day(row: DayRow, public_key: bytes) -> DayView:
    """Show a day."""
    return DayView(
        reconciliation_no=row.number,
        insurer=row.party,
        area_code=f"{row.area_code:012d}",
        day=row.day_on,
        state=Labelled(code=row.state, label_zh=DAY_STATE_ZH[row.state]),
        tallies=[_tally(*told) for told in _tallies(row.figures)],
        totals=_totals(row.figures),
        unowned=row.unowned,
        in_hand=row.in_hand,
        carried=row.carried,
        matched_at=row.matched_at,
        closed_at=row.closed_at,
        closed_by=row.closed_by,
        before=None if row.before is None else row.before.hex(),
        roots=None if row.roots is None else dict(row.roots),
        digest=None if row.digest is None else row.digest.hex(),
        signature=None if row.signature is None else row.signature.hex(),
        public_key=None if row.signature is None else public_key.hex(),
    )


def show_item(row: ItemRow) -> ItemView:
    """Show a difference."""
    return ItemView(
        id=row.id,
        reconciliation_no=row.number,
        insurer=row.party,
        day=row.day_on,
        side=labelled(SIDE_ZH, Side(row.side)),
        kind=labelled(KIND_ZH, row.kind),
        direction=labelled(DIRECTION_ZH, Direction(row.direction)),
        claim_no=row.claim_no,
        sentence_zh=sentence_zh(row.kind, row.reason, row.ours, row.theirs),
        reason=None
        if row.reason is None
        else Labelled(code=row.reason, label_zh=REASON_ZH.get(row.reason, row.reason)),
        ours=_side(row.ours),
        theirs=_side(row.theirs),
        state=labelled(STATE_ZH, row.state),
        owner=row.owner,
        age_days=row.age_days,
        note_zh=row.note_zh,
        effect=row.effect,
        awaits_second_person=row.proposed_by is not None and row.settled_by is None,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        cleared_on=row.cleared_on,
        cleared_by=row.cleared_by,
        cleared_note_zh=row.cleared_note_zh,
        cleared_effect=row.cleared_effect,
        found_at=row.found_at,
    )


def report_csv(day: DayView, items: Iterable[ItemRow]) -> str:
    """Write the report of a day: totals first, then every difference; CSV with CRLF."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(("对账", day.reconciliation_no, day.state.label_zh, "摘要", day.digest or ""))
    writer.writerow(("来源", "方向", "结果", "笔数", "我方金额(元)", "对方金额(元)"))
    for told in day.tallies:
        writer.writerow((told.side.label_zh, told.direction.label_zh, told.kind.label_zh,
                         told.count, told.ours, told.theirs))  # fmt: skip
    for total in day.totals:
        writer.writerow((total.side.label_zh, total.direction.label_zh, "合计", "", total.ours,
                         total.theirs))  # fmt: skip
    writer.writerow(("序号", "来源", "类别", "赔案号", "说明", "我方结算号", "我方金额(元)",
                     "对方结算号", "对方金额(元)", "状态", "经办", "账龄(天)", "理由"))  # fmt: skip
    for row in items:
        item = show_item(row)
        texts = (
            item.id, item.side.label_zh, item.kind.label_zh, item.claim_no, item.sentence_zh,
            item.ours and item.ours.settlement_no, item.ours and item.ours.amount,
            item.theirs and item.theirs.settlement_no, item.theirs and item.theirs.amount,
            item.state.label_zh, item.owner, item.age_days, item.cleared_note_zh or item.note_zh,
        )  # fmt: skip
        writer.writerow([_plain(text) for text in texts])
    return out.getvalue()


def _plain(value: object) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _tallies(figures: Mapping[str, Any]) -> list[tuple[str, str, str, Mapping[str, int]]]:
    return [
        (side, direction, kind, told)
        for side, directions in figures.items()
        for direction, kinds in directions.items()
        for kind, told in kinds.items()
    ]


def _tally(side: str, direction: str, kind: str, told: Mapping[str, int]) -> TallyView:
    return TallyView(
        side=labelled(SIDE_ZH, Side(side)),
        direction=labelled(DIRECTION_ZH, Direction(direction)),
        kind=labelled(KIND_ZH, Kind(kind)),
        count=told["count"],
        ours=yuan(told["ours_fen"]),
        theirs=yuan(told["theirs_fen"]),
    )


def _totals(figures: Mapping[str, Any]) -> list[TotalView]:
    shown = []
    for side, directions in figures.items():
        for direction, kinds in directions.items():
            ours = sum(told["ours_fen"] for told in kinds.values())
            theirs = sum(told["theirs_fen"] for told in kinds.values())
            shown.append(
                TotalView(
                    side=labelled(SIDE_ZH, Side(side)),
                    direction=labelled(DIRECTION_ZH, Direction(direction)),
                    ours=yuan(ours),
                    theirs=yuan(theirs),
                    difference=yuan(theirs - ours),
                )
            )
    return shown


def _side(told: Mapping[str, Any]) -> SideView | None:
    if not told:
        return None
    return SideView(
        claim_no=told.get("claim_no"),
        payout_reference=told.get("payout_reference"),
        settlement_no=told.get("settlement_no"),
        insurer_case_no=told.get("insurer_case_no"),
        amount=yuan(told["amount_fen"]) if "amount_fen" in told else None,
        on=told.get("on"),
    )
