"""Sums for damaged things: rooms, kitchens, tiles, square metres, animals."""

from app.domain.assessment import ReasonCode, Rule
from app.domain.clauses.bills import Reached
from app.domain.clauses.things import Proportion, Thing, Things
from app.domain.facts import Loss
from app.domain.figures import Sourced, Unit, pick
from app.domain.measures.sheet import Sheet
from app.domain.money import BP, half_up

HUNDRED = 100
WHOLE = Sourced(BP, Unit.BP)


def measure_things(measure: Things, sheet: Sheet) -> int:
    """Give the sum in fen for all losses of kinds that the terms name, in order of ref.

    A stated loss bounds what is paid for it; below the franchise nothing is, from it on all.
    """
    by_kind = {thing.kind: thing for thing in measure.things}
    paid: dict[str, int] = {}
    losses = sheet.facts.losses
    for loss in sorted(losses, key=_ref) if len(losses) > 1 else losses:
        thing = by_kind.get(loss.kind)
        if thing is not None:
            so_far = paid.get(loss.kind, 0)
            due = _due_fen(measure, thing, loss, sheet)
            paid[loss.kind] = so_far + _within_cap(thing, loss, due, so_far, sheet)
    return sum(paid.values())


def _ref(loss: Loss) -> str:
    return loss.ref


def _due_fen(measure: Things, thing: Thing, loss: Loss, sheet: Sheet) -> int:
    each = pick(thing.amount, sheet.facts, loss)
    degree: Sourced | None = WHOLE
    if loss.grade is not None and measure.grades:
        degree = measure.grades.get(loss.grade)
    if each is None or degree is None:
        sheet.not_due(thing.name_zh, loss.ref)
        return 0
    hundredths = loss.count * HUNDRED + loss.hundredths
    insured = half_up(hundredths * each.value, HUNDRED)
    due = half_up(hundredths * each.value * degree.value, HUNDRED * BP)
    suffered = due if loss.loss_fen is None else loss.loss_fen
    if thing.franchise is not None and _below(thing, thing.franchise, suffered):
        _below_franchise(thing, thing.franchise, loss, suffered, sheet)
        return 0
    suffered = _in_proportion(thing, loss, insured, suffered, sheet)
    fen = min(due, suffered)
    part = (("hundredths", loss.hundredths),) if loss.hundredths else ()
    sheet.write(
        Rule.THINGS,
        thing.name_zh,
        (("count", loss.count), *part, ("due_fen", due)),
        fen,
        about=loss.ref,
        params=(("each_fen", each.value), ("degree_bp", degree.value)),
        amount_fen=fen,
        origin=degree if degree.unconfirmed else each,
    )
    return fen if thing.deductible is None else _less_own(thing, thing.deductible, loss, fen, sheet)


def _below(thing: Thing, franchise: Sourced, suffered: int) -> bool:
    if thing.reached is Reached.AT:
        return suffered < franchise.value
    return suffered <= franchise.value


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


def _in_proportion(thing: Thing, loss: Loss, insured: int, suffered: int, sheet: Sheet) -> int:
    """Bound a loss by the proportion of the sum insured to the worth, where the terms say so."""
    worth = loss.worth_fen
    if thing.proportion is Proportion.FULL or worth is None or worth <= insured:
        return suffered
    fen = half_up(suffered * insured, worth)
    sheet.write(
        Rule.UNDER_INSURED,
        thing.name_zh,
        (("loss_fen", suffered), ("insured_fen", insured), ("worth_fen", worth)),
        fen,
        about=loss.ref,
    )
    return fen


def _less_own(thing: Thing, own: Sourced, loss: Loss, fen: int, sheet: Sheet) -> int:
    """Take the deductible off what a loss is due."""
    left = max(0, fen - own.value)
    sheet.write(
        Rule.THINGS_DEDUCTIBLE,
        thing.name_zh,
        (("due_fen", fen),),
        left,
        about=loss.ref,
        params=(("deductible_fen", own.value),),
        amount_fen=left - fen,
        origin=own,
    )
    if left == 0:
        sheet.because(ReasonCode.BELOW_DEDUCTIBLE, thing.name_zh)
    return left


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
