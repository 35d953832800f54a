"""Matching a statement with our books: every seeded error found, nothing else."""

import os
import random
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

from app.db.reconciliation_items import items_of
from app.db.reconciliations import DayRow, read_day
from app.db.session import Database
from app.domain.closing import day_number
from app.domain.matching import Kind
from app.services.reconciliations.close_day import close_day
from app.services.reconciliations.match_day import counts_of, match_day
from app.services.statements.discard_statement import discard_statement
from tests.cases import CHUNAN, county_with
from tests.contracts import COUNTY, COUNTY_AREA
from tests.settled import DAY, NUMBER, line, settle_many, settled_claim, take, take_many

LENGTH = "RELIEF_STATEMENT_LINES"  # `make statements` makes it 100,000


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
    count, each = int(os.environ.get(LENGTH, "4000")), 20
    lines = await settle_many(fresh_database, count)
    yesterday = DAY - timedelta(days=1)
    await take(fresh_database, day=yesterday)
    async with fresh_database.transaction(COUNTY) as tx:
        await close_day(tx, day_number(COUNTY_AREA, "demo-insurer", yesterday))
    chosen = random.Random(7).sample(range(count), each * 5)
    missing, amount, reference, twice, late = (
        set(chosen[n * each : (n + 1) * each]) for n in range(5)
    )
    changed: dict[int, dict[str, Any]] = {
        **{place: {"amount_fen": 200_000 + (-1) ** place} for place in amount},
        **{place: {"claim_no": "990127-2025-999999-1"} for place in reference},
        **{place: {"settled_on": yesterday} for place in late},
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
        "matched": count - 4 * each,
        "only_ours": each,
        "amount_mismatch": each,
        "reference_mismatch": each,
        "duplicate": each,
        "late": each,
        "only_theirs": each,
    }
    found = {
        kind: {(item.theirs or item.ours)["settlement_no"] for item in items if item.kind is kind}
        for kind in Kind
    }
    assert found == {
        Kind.MATCHED: set(),
        Kind.ONLY_OURS: {f"N{place + 1}" for place in missing},
        Kind.AMOUNT_MISMATCH: {f"N{place + 1}" for place in amount},
        Kind.REFERENCE_MISMATCH: {f"N{place + 1}" for place in reference},
        Kind.DUPLICATE: {f"N{place + 1}" for place in twice},
        Kind.LATE: {f"N{place + 1}" for place in late},
        Kind.ONLY_THEIRS: {f"X{n}" for n in range(each)},
    }


async def test_any_order_of_lines_and_files_ends_in_the_same_differences(
    database: Database,
) -> None:
    await county_with(database, CHUNAN, people=3)
    first, second = await settled_claim(database), await settled_claim(database, 2)
    lines = [
        line(first),
        line(first),
        line(second, 2, amount_fen=1),
        line(second, 9),
    ]
    seen = set()
    for order in permutations(lines):
        statements = [await take(database, *order[:2]), await take(database, *order[2:])]
        async with database.transaction(COUNTY) as tx:
            day = await match_day(tx, NUMBER)
            items = await items_of(tx, NUMBER)
            for taken in statements:
                await discard_statement(tx, taken.statement.id, "换一个次序")
        unsettled = [item for item in items if item.state in ("open", "owned")]
        told = sorted((item.kind, item.theirs["settlement_no"]) for item in unsettled)
        seen.add((str(counts_of(day.figures)), str(told)))
    assert len(seen) == 1
