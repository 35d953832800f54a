"""Schemes: a version is stored once and for ever."""

from datetime import date

import pytest

from app.db.session import Database
from app.db.terms import terms_of
from app.domain.errors import NotFound, TermsInvalid
from app.domain.terms import TermsKind
from app.services.schemes import list_schemes, load_scheme, read_scheme
from tests.contracts import COUNTY, terms


async def test_terms_come_back_as_they_went_in(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        stored = await load_scheme(tx, terms())
        assert await terms_of(tx, stored.terms_sha256) == terms()
        detail = await read_scheme(tx, "test-scheme")
        assert detail.versions[0].terms == terms()
        assert [view.versions for view in await list_schemes(tx)] == [("2026",)]


async def test_the_same_terms_again_are_the_version_that_is_there(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        assert await load_scheme(tx, terms()) == await load_scheme(tx, terms())


async def test_a_later_version_stands_beside_the_earlier_one(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, terms(effective_to=date(2026, 12, 31)))
        await load_scheme(tx, terms(version="2027", effective_from=date(2027, 1, 1)))
        assert [view.versions for view in await list_schemes(tx)] == [("2026", "2027")]


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("/version", {"place_zh": "别处"}),
        ("/effective_from", {"version": "2027", "effective_from": date(2026, 12, 31)}),
    ],
)
async def test_what_is_stored_cannot_be_changed_or_overlapped(
    database: Database, pointer: str, changed: dict[str, object]
) -> None:
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, terms(effective_to=date(2026, 12, 31)))
        changed = {"effective_to": date(2026, 12, 31), **changed}
        with pytest.raises(TermsInvalid) as refused:
            await load_scheme(tx, terms(**changed))
    assert [fault.pointer for fault in refused.value.faults] == [pointer]


async def test_an_open_version_ends_where_the_next_begins(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, terms())
        await load_scheme(tx, terms(version="2027", effective_from=date(2027, 1, 1)))
        detail = await read_scheme(tx, "test-scheme")
        assert [view.effective_to for view in detail.versions] == [date(2026, 12, 31), None]
        assert detail.versions[0].terms == terms()
        again = await load_scheme(tx, terms())
        assert again.version == "2026"
        with pytest.raises(TermsInvalid):
            await load_scheme(tx, terms(version="2026a", effective_from=date(2026, 7, 1)))


async def test_a_scheme_keeps_its_kind(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        await load_scheme(tx, terms(effective_to=date(2026, 12, 31)))
        later = terms(version="2027", effective_from=date(2027, 1, 1), kind=TermsKind.FUND)
        with pytest.raises(TermsInvalid) as refused:
            await load_scheme(tx, later)
    assert [fault.pointer for fault in refused.value.faults] == ["/kind"]


async def test_an_unknown_scheme_is_not_found(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(NotFound):
            await read_scheme(tx, "nothing")


async def test_terms_that_contradict_themselves_are_refused(database: Database) -> None:
    async with database.transaction(COUNTY) as tx:
        with pytest.raises(TermsInvalid) as refused:
            await load_scheme(tx, terms(covers=()))
    assert [fault.pointer for fault in refused.value.faults] == ["/covers"]
