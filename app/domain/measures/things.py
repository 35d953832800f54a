"""Sums for damaged things: rooms, kitchens, tiles, animals."""

from app.domain.assessment import ReasonCode, Rule
from app.domain.facts import Loss
from app.domain.figures import Sourced, Unit, pick
from app.domain.measures.sheet import Sheet
from app.domain.money import BP, share_fen
from app.domain.terms import Thing, Things

WHOLE = Sourced(BP, Unit.BP)


def measure_things(measure: Things, sheet: Sheet) -> int:
    """Give the sum in fen for all losses of kinds that the terms name, in order of ref.

    A stated loss bounds what is paid for it; below the franchise nothing is, from it on all.
    """
    by_kind = {thing.kind: thing for thing in measure.things}
    paid: dict[str, int] = {}
    for loss in sorted(sheet.facts.losses, key=lambda loss: loss.ref):
        thing = by_kind.get(loss.kind)
        if thing is not None:
            so_far = paid.get(loss.kind, 0)
            due = _due_fen(measure, thing, loss, sheet)
            paid[loss.kind] = so_far + _within_cap(thing, loss, due, so_far, sheet)
    return sum(paid.values())


def _due_fen(measure: Things, thing: Thing, loss: Loss, sheet: Sheet) -> int:
    each = pick(thing.amount, sheet.facts)
    degree = WHOLE if loss.grade is None else measure.grades.get(loss.grade)
    if each is None or degree is None:
        sheet.not_due(thing.name_zh, loss.ref)
        return 0
    due = share_fen(loss.count * each.value, degree.value)
    suffered = due if loss.loss_fen is None else loss.loss_fen
    if thing.franchise is not None and suffered < thing.franchise.value:
        _below_franchise(thing, thing.franchise, loss, suffered, sheet)
        return 0
    fen = min(due, suffered)
    sheet.write(
        Rule.THINGS,
        thing.name_zh,
        (("count", loss.count), ("due_fen", due)),
        fen,
        about=loss.ref,
        params=(("each_fen", each.value), ("degree_bp", degree.value)),
        amount_fen=fen,
        origin=degree if degree.unconfirmed else each,
    )
    return fen


def _below_franchise(
    thing: Thing, franchise: Sourced, loss: Loss, suffered: int, sheet: Sheet
) -> None:
    sheet.write(
        Rule.FRANCHISE,
        thing.name_zh,
        (("loss_fen", suffered),),
        0,
        about=loss.ref,
        params=(("franchise_fen", franchise.value),),
        origin=franchise,
    )
    sheet.because(ReasonCode.BELOW_DEDUCTIBLE, thing.name_zh)


def _within_cap(thing: Thing, loss: Loss, fen: int, so_far: int, sheet: Sheet) -> int:
    """Cut to the cap on all things of this kind; `so_far` is what earlier losses of it took."""
    if thing.cap is None or fen <= thing.cap.value - so_far:
        return fen
    left = thing.cap.value - so_far
    sheet.write(
        Rule.THINGS_CAP,
        thing.name_zh,
        (("due_fen", fen), ("used_fen", so_far)),
        left,
        about=loss.ref,
        params=(("limit_fen", thing.cap.value),),
        amount_fen=left - fen,
        origin=thing.cap,
    )
    return left
