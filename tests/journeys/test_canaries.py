"""F80: nothing that names a person, and no token, in anything written during a journey."""

import base64
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import httpx

from app.demo.contracts import LEAD
from tests import database as databases
from tests.insurer import until
from tests.journeys.conftest import PATIENCE_SECONDS, World
from tests.journeys.test_webhooks import Hook

ALL_TABLES = "SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
REPORTING = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relnamespace = 'reporting'::regnamespace AND relkind IN ('r', 'v')
"""
# What a report must be asked with.
ASKED = {"insurer": LEAD, "period": str(datetime.now(UTC).year)}
# What the areas and the insurers are called is nobody's name.
PUBLIC = {"area", "insurer", "scheme", "scheme_version"}


async def dump(url: str, of: str = ALL_TABLES) -> dict[str, str]:
    """Every row of every table, or view, as its owner would dump it."""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET row_security = off")
        tables = [row[0] for row in await connection.fetch(of)]
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
        watcher = {"Authorization": f"Bearer {world.keys['system']}"}
        seen.append(client.get("/metrics", headers=watcher).raise_for_status().text)
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


def test_reports_views_webhooks_and_what_commands_print_name_nobody(
    world: World, tmp_path: Path
) -> None:
    person = world.cast.people["inpatient"][2]
    number = str(person.id_number)
    county = {"Authorization": f"Bearer {world.keys['county']}"}
    written: dict[str, str] = {}
    with Hook().open() as hook, httpx.Client(base_url=world.house.url, headers=county) as client:
        hook.go_on.set()
        keyed = {"Idempotency-Key": "canary-endpoint"}
        made = client.post("/v1/webhook-endpoints", json={"url": hook.url}, headers=keyed)
        assert made.status_code == 201, made.text
        world.see_paid(world.file(person))
        until(lambda: len(hook.letters) > 3, PATIENCE_SECONDS)
        tag = {"If-Match": f'"{made.json()["version"]}"'}
        assert client.delete(f"/v1/webhook-endpoints/{made.json()['id']}", headers=tag).is_success
        written["webhooks"] = "\n".join(f"{head} {raw.decode()}" for head, raw in hook.letters)
        for report, asked in reports():
            answer = client.get(report, params=asked)
            assert answer.status_code == 200, (report, answer.text)
            told = unpacked(answer.content) if asked.get("format") == "xlsx" else answer.text
            written[f"{report} {asked}"] = told
    written |= databases.in_thread(dump(world.database_url, REPORTING))
    assert written["reporting.claim_totals"]
    written |= printed(world, tmp_path, number)
    canaries = [number, person.name, *world.keys.values()]
    assert {canary: places_of(canary, written) for canary in canaries} == {
        canary: [] for canary in canaries
    }


def reports() -> Iterator[tuple[str, dict[str, str]]]:
    """Every report in every form, so a new one is looked through the day it is born."""
    paths = json.loads(Path("openapi/openapi.json").read_text())["paths"]
    for path in paths:
        if path.startswith("/v1/reports/") and "{" not in path:
            takes = {one["name"]: one for one in paths[path]["get"]["parameters"]}
            must = {name: ASKED[name] for name, one in takes.items() if one.get("required")}
            for form in ("csv", "json", "xlsx"):
                if f'"{form}"' in json.dumps(takes["format"]):
                    yield path, must | {"format": form}


def unpacked(workbook: bytes) -> str:
    """All that stands in a workbook."""
    with zipfile.ZipFile(io.BytesIO(workbook)) as book:
        return "\n".join(book.read(name).decode() for name in book.namelist())


def printed(world: World, folder: Path, number: str) -> dict[str, str]:
    """What commands print at a desk and on the server, most of it when things go wrong."""
    form = folder / "notice.json"
    form.write_text(json.dumps({"person": {"name": "王某某", "id_number": f"{number[:-1]}?"}}))
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("RELIEF_")},
        "RELIEF_DATABASE_URL": world.database_url,
        "RELIEF_MASTER_KEY": base64.b64encode(databases.MASTER_KEY).decode(),
        "RELIEF_SUITE": databases.SUITE,
        "RELIEF_DATA_DIR": str(folder / "data"),
        "XDG_CONFIG_HOME": str(folder),
    }
    (folder / "relief").mkdir()
    kept = {"url": world.house.url, "key": world.keys["county"]}
    (folder / "relief" / "default.json").write_text(json.dumps(kept))
    said = {}
    for words, status in (
        ("doctor", None),
        ("invariants", 0),
        ("audit verify", 0),
        ("summaries check", 0),
        (f"notice new {form}", 1),
        (f"notice submit {number}", 1),
        (f"claim {number}", 1),
    ):
        command = [sys.executable, "-m", "app.cli", *words.split()]
        done = subprocess.run(command, env=env, capture_output=True, text=True)  # noqa: PLW1510
        assert status is None or done.returncode == status, (words, done.stderr)
        said[f"relief {words.partition(' ')[0]} {len(said)}"] = done.stdout + done.stderr
    return said


def papers(folder: Path) -> dict[str, str]:
    """Uploaded papers as they lie on the disk."""
    files = (file for file in (folder / "documents").rglob("*") if file.is_file())
    return {str(file): file.read_bytes().decode("latin-1") for file in files}
