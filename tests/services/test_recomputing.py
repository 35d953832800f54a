"""Stored assessments come out bit for bit; one that was edited is found and named."""

import asyncpg
import pytest

from app.cli import main
from app.db.session import Database
from app.domain.errors import NotFound
from app.services.assessments.recompute import Recount, recompute
from tests.cases import CHUNAN, HUAINAN, JIKUNBAO, county_with, file, notice, stay, work
from tests.contracts import SYSTEM
from tests.database import in_thread_call

EDIT = """
SET session_replication_role = replica;
UPDATE assessment AS a SET {} FROM claim AS c WHERE c.id = a.claim_id AND c.claim_no = '{}'
"""


async def year(database: Database) -> list[str]:
    """Five claims of two people under three policies, assessed; their numbers."""
    await county_with(database, CHUNAN, JIKUNBAO, HUAINAN)
    first = await file(database, notice(1, stays=(stay(10),)), "discharge_record")
    second = await file(database, notice(2))
    await work(database)
    return [claim.claim_no for filed in (first, second) for claim in filed.claims]


async def edit(url: str, claim_no: str, change: str) -> None:
    """Change what must never be changed, as only the owner of the database can."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        await connection.execute(EDIT.format(change, claim_no))
    finally:
        await connection.close()


async def count(database: Database, claim_no: str | None = None) -> Recount:
    return await recompute(database, SYSTEM, claim_no, page=2)


async def test_every_stored_assessment_comes_out_bit_for_bit(database: Database) -> None:
    claims = await year(database)
    assert len(claims) == 5
    told = await count(database)
    assert (told.checked, told.differing, told.first) == (5, 0, [])
    assert (await count(database, claims[1])).checked == 1


@pytest.mark.parametrize(
    ("change", "pointer", "comes_to"),
    [
        (
            "result = jsonb_set(result, '{covers,0,lines,1,amount_fen}', '159999')",
            "/covers/0/lines/1/amount_fen",
            200_000,
        ),
        ("amount_fen = 1", "/amount_fen", 200_000),
        ("facts = jsonb_set(facts, '{bills,0,amounts,psn_part_amt}', '900000')", "", 180_000),
        ('facts = facts || \'{"name": "x"}\'', "/facts/name", None),
        ("usage_before = '[[1, 2]]'", "/usage", None),
        ("terms_sha256 = 'gone'", "/terms_sha256", None),
    ],
)
async def test_one_edited_row_is_found_and_named(
    fresh_database: Database,
    fresh_database_url: str,
    change: str,
    pointer: str,
    comes_to: int | None,
) -> None:
    claims = await year(fresh_database)
    await edit(fresh_database_url, claims[0], change)
    told = await count(fresh_database)
    assert (told.checked, told.differing) == (5, 1)
    (one,) = told.first
    assert (one.claim_no, one.seq) == (claims[0], 1)
    assert one.found.pointer.startswith(pointer)
    assert one.found.amount_fen == comes_to


async def test_terms_that_were_edited_are_told_from_the_amount(
    fresh_database: Database, fresh_database_url: str
) -> None:
    await year(fresh_database)
    connection = await asyncpg.connect(fresh_database_url.replace("+asyncpg", ""))
    await connection.execute(
        "SET session_replication_role = replica;"
        "UPDATE scheme_version SET terms = jsonb_set(terms, '{name_zh}', '\"别名\"'),"
        " terms_sha256 = terms_sha256 || '0' WHERE scheme_code = 'chunan-supplementary-medical';"
        "UPDATE assessment SET terms_sha256 = terms_sha256 || '0'"
        " WHERE result->>'scheme_code' = 'chunan-supplementary-medical'"
    )
    await connection.close()
    told = await count(fresh_database)
    assert {one.found.pointer for one in told.first} == {"/terms"}
    assert told.differing == 2


async def test_the_command_says_how_many_and_which(
    fresh_database: Database,
    fresh_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    claims = await year(fresh_database)
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    assert in_thread_call(main, ["recompute", "--all"]) == 0
    assert "5 recomputed, 0 differ" in capsys.readouterr().out
    await edit(fresh_database_url, claims[2], "amount_fen = amount_fen + 1")
    assert in_thread_call(main, ["recompute", "--claim", claims[2]]) == 1
    assert f"{claims[2]} #1 /amount_fen" in capsys.readouterr().out
    assert in_thread_call(main, ["recompute", "--claim", "990127-2020-000001-1"]) == 1
    assert "No such claim" in capsys.readouterr().err


async def test_a_claim_that_is_not_there_is_not_found(database: Database) -> None:
    with pytest.raises(NotFound):
        await count(database, "990127-2020-000001-1")
