"""F80: nothing that names a person, and no token, in anything written during a journey."""

import re
from pathlib import Path

import asyncpg
import httpx

from tests import database as databases
from tests.journeys.conftest import World

ALL_TABLES = "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
# What the areas and the insurers are called is nobody's name.
PUBLIC = {"area", "insurer", "scheme", "scheme_version"}


async def dump(url: str) -> dict[str, str]:
    """Every row of every table as its owner would dump it."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET row_security = off")
        tables = [row[0] for row in await connection.fetch(ALL_TABLES)]
        return {
            table: "\n".join(
                row[0] for row in await connection.fetch(f"SELECT t::text FROM {table} AS t")
            )
            for table in tables
        }
    finally:
        await connection.close()


def places_of(canary: str, written: dict[str, str]) -> list[str]:
    """Where a value stands, in clear or as the bytes that a dump shows in hex."""
    forms = (canary, canary.encode().hex())
    return [name for name, text in written.items() if any(form in text for form in forms)]


def test_nothing_that_names_a_person_is_written_anywhere(world: World) -> None:
    person = world.cast.people["inpatient"][1]
    number = str(person.id_number)
    world.see_paid(world.file(person))
    base, seen = world.house.url, []
    county = {"Authorization": f"Bearer {world.keys['county']}"}
    with httpx.Client(base_url=base, headers=county, trust_env=False) as client:
        found = client.post("/v1/people:lookup", json={"name": person.name, "id_number": number})
        path = f"/v1/people/{found.json()['id']}"
        reason = {"fields": ["name", "id_number", "accounts"], "reason_zh": "核对收款账户"}
        shown = client.post(f"{path}:reveal", json=reason).json()
        account = shown["accounts"][0]["account"]
        # What goes wrong is written about as well, and answered.
        keyed = {"Idempotency-Key": "canary"}
        draft = {"person": {"name": person.name, "id_number": f"{number[:-1]}?"}}
        for answer in (
            client.post("/v1/people:lookup", json={"name": person.name, "id_number": number[::-1]}),
            client.post("/v1/people:lookup", json={"name": person.name, "id_number": [number]}),
            client.post("/v1/notices", json=draft | {"phone": "13900001111"}, headers=keyed),
            client.post("/v1/notices", content=f'{{"a": "{number}"', headers=keyed),
            client.get(f"/v1/people/{number}"),
            client.get("/v1/people:lookup", params={"id_number": number, "card": account}),
            client.get("/v1/claims", headers={"Authorization": f"Bearer {number}"}),
        ):
            assert answer.status_code >= 400
            seen.append(answer.text)
        watcher = {"Authorization": f"Bearer {world.keys.get('system', '')}"}
        seen.append(client.get("/metrics", headers=watcher).text)
    assert (shown["name"], shown["id_number"]) == (person.name, number)
    logs = {str(file): file.read_text() for file in (world.house.folder / "logs").glob("*.log")}
    assert any("http.answered" in text for text in logs.values())
    tables = databases.in_thread(dump(world.database_url))
    assert tables["person"]
    assert tables["job"]
    written = {"answers": "\n".join(seen), **logs}
    written |= {name: text for name, text in tables.items() if name not in PUBLIC}
    written |= papers(world.house.folder)
    canaries = [number, account, person.name, "13900001111", *world.keys.values()]
    assert {canary: places_of(canary, written) for canary in canaries} == {
        canary: [] for canary in canaries
    }
    assert not re.findall(r"(?<!\d)99\d{4}(?:19|20)\d{9}[\dX](?!\d)", "\n".join(written.values()))


def papers(folder: Path) -> dict[str, str]:
    """Uploaded papers as they lie on the disk."""
    files = (file for file in (folder / "documents").rglob("*") if file.is_file())
    return {str(file): file.read_bytes().decode("latin-1") for file in files}
