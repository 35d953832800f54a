"""Matching a statement with our books: every seeded error found, nothing else."""

import random
from dataclasses import replace

from app.db.reconciliations import DayRow, items_of, read_day
from app.db.session import Database
from app.domain.matching import Kind
from app.services.reconciliations.match_day import counts_of, match_day
from tests.cases import CHUNAN, county_with
from tests.contracts import COUNTY
from tests.settled import NUMBER, line, settle_many, settled_claim, take, take_many


async def day_of(database: Database) -> DayRow:
    async with database.transaction(COUNTY) as tx:
        return await read_day(tx, NUMBER)


async def test_a_true_statement_leaves_no_difference(database: Database) -> None:
    await county_with(database, CHUNAN)
    claim_no = await settled_claim(database)
    await take(database, line(claim_no))
    day = await day_of(database)
    assert counts_of(day.figures) == {"matched": 1}
    assert (day.unowned, day.in_hand, day.carried) == (0, 0, 0)


async def test_six_kinds_of_errors_in_many_lines_are_all_found_and_no_other(
    fresh_database: Database,
) -> None:
    count, each = 5_000, 20
    lines = await settle_many(fresh_database, count)
    chosen = random.Random(7).sample(range(count), each * 5)
    missing, amount, reference, twice, late = (
        set(chosen[n * each : (n + 1) * each]) for n in range(5)
    )
    del late
    changed = {
        **{place: {"amount_fen": 200_000 + (-1) ** place} for place in amount},
        **{place: {"claim_no": "990127-2025-999999-1"} for place in reference},
    }
    seeded = [
        replace(one, **changed.get(place, {}))
        for place, one in enumerate(lines)
        for _ in range(1 + (place in twice))
        if place not in missing
    ]
    seeded += [
        replace(lines[0], settlement_no=f"X{n}", payout_reference=f"X{n}") for n in range(each)
    ]
    random.Random(8).shuffle(seeded)
    await take_many(fresh_database, seeded)
    async with fresh_database.transaction(COUNTY) as tx:
        day = await match_day(tx, NUMBER)
        items = await items_of(tx, NUMBER)
    assert counts_of(day.figures) == {
        "matched": count - 3 * each,
        "only_ours": each,
        "amount_mismatch": each,
        "reference_mismatch": each,
        "duplicate": each,
        "only_theirs": each,
    }
    found = {kind: {item.ours.get("settlement_no") for item in items if item.kind is kind}
             for kind in Kind}  # fmt: skip
    assert found[Kind.ONLY_OURS] == {f"N{place + 1}" for place in missing}
