"""relief doctor finds each seeded misconfiguration of a house that was in order before."""

import base64
import os
import secrets
import sys
from collections.abc import Callable, Coroutine, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from app.cli import doctor, main
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.services.keys import issue_key
from tests import database as databases

SECURITY = Caller(Role.SECURITY, 0, AREA_END, "tester")
COUNTING = base64.b64encode(bytes(range(32))).decode()
PASSWORD = "x7Gq2-plain"


@dataclass(frozen=True, slots=True)
class House:
    """A database and an environment with nothing to mend. `owner` is the owner's URL."""

    owner: str
    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def set(self, **changed: str) -> None:
        for name, value in changed.items():
            self.monkeypatch.setenv(f"RELIEF_{name}", value)

    def run(self, *statements: str) -> None:
        databases.in_thread(_execute(self.owner, *statements))


async def _execute(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def as_login(owner: str, name: str) -> str:
    parts = urlsplit(owner)
    return urlunsplit(parts._replace(netloc=f"{name}:{PASSWORD}@{parts.hostname}:{parts.port}"))


@pytest.fixture
def house(
    fresh_database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[House]:
    made = House(fresh_database_url, tmp_path, monkeypatch)
    login = f"service_{secrets.token_hex(4)}"
    made.run(
        f"CREATE ROLE {login} LOGIN PASSWORD '{PASSWORD}' IN ROLE relief_app",
        "INSERT INTO calendar_year (year, days_off, working_days, source_zh)"
        f" VALUES ({doctor.today().year}, '[]', '[]', '测试')",
    )
    for name in [name for name in os.environ if name.startswith("RELIEF_")]:
        if not name.startswith("RELIEF_TEST"):
            monkeypatch.delenv(name)
    key = tmp_path / "key"
    key.write_text(base64.b64encode(os.urandom(32)).decode())
    key.chmod(0o600)
    made.set(
        DATABASE_URL=as_login(fresh_database_url, login),
        DATA_DIR=str(tmp_path),
        PUBLIC_URL="https://relief.gov.cn",
        MASTER_KEY_FILE=str(key),
        SECRETS_DIR=str(tmp_path / "none"),
    )
    yield made
    made.run(f"DROP OWNED BY {login}", f"DROP ROLE {login}")


def a_demo_key(house: House) -> None:
    async def issue() -> None:
        database = Database(house.owner, databases.keyring())
        try:
            async with database.transaction(SECURITY) as tx:
                await issue_key(tx, Role.COUNTY, 990127000000, label="demo", test=True)
        finally:
            await database.close()

    databases.in_thread(issue())


def an_open_key_file(house: House) -> None:
    (house.folder / "key").chmod(0o644)


def a_clock_that_is_off(house: House) -> None:
    truth = doctor.look_at_server

    def looked(url: str) -> Coroutine[Any, Any, Any]:
        async def ask() -> Any:
            from dataclasses import replace  # noqa: PLC0415

            return replace(await truth(url), skew_seconds=90.0)

        return ask()

    house.monkeypatch.setattr(doctor, "look_at_server", looked)


def another_locale(house: House) -> None:
    name = f"{urlsplit(house.owner).path[1:]}_c"
    house.run(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    url = urlsplit(os.environ["RELIEF_DATABASE_URL"])
    house.set(DATABASE_URL=urlunsplit(url._replace(path=f"/{name}")))


SEEDED: dict[str, tuple[Callable[[House], None], str]] = {
    "a master key that counts up": (
        lambda house: (
            house.monkeypatch.delenv("RELIEF_MASTER_KEY_FILE"),
            house.set(MASTER_KEY=COUNTING),
        )[-1],
        "no random one",
    ),
    "a password that everybody tries": (
        lambda house: house.set(OWNER_URL="postgresql://owner:changeme@db/relief"),
        "everybody tries first",
    ),
    "credentials in clear": (lambda house: house.set(PUBLIC_URL="http://relief.gov.cn"), "https"),
    "an example left in place": (
        lambda house: house.set(PUBLIC_URL="https://relief.example"),
        "of an example",
    ),
    "any host": (lambda house: house.set(ALLOWED_HOSTS="*"), "any Host"),
    "a key file that all can read": (an_open_key_file, "other users can read"),
    "a key of the demo": (a_demo_key, "of the demo"),
    "an older schema": (
        lambda house: house.run("UPDATE alembic_version SET version_num = '0003'"),
        "run relief migrate",
    ),
    "no days off": (
        lambda house: house.run("DELETE FROM calendar_year"),
        "working days are guessed",
    ),
    "a superuser as the service": (
        lambda house: house.set(DATABASE_URL=house.owner),
        "passes row security",
    ),
    "an extension that is gone": (
        lambda house: house.run("DROP EXTENSION btree_gist CASCADE"),
        "btree_gist is missing",
    ),
    "a locale without Chinese": (another_locale, "no Chinese letters"),
    "a clock that is off": (a_clock_that_is_off, "off the database's"),
    "a role that was not granted": (
        lambda house: house.run(
            f"REVOKE relief_app FROM {urlsplit(os.environ['RELIEF_DATABASE_URL']).username}"
        ),
        "relief_app granted",
    ),
    "a job that was given up": (
        lambda house: house.run(
            "INSERT INTO job (kind, lane, subject, state) VALUES ('assess', 'desk', 'x', 'dead')"
        ),
        "given up",
    ),
    "a misspelt setting": (lambda house: house.set(SANDBX="true"), "RELIEF_SANDBX is no setting"),
}


ADVICE = {"no days off", "a misspelt setting"}


@pytest.mark.parametrize("name", SEEDED)
def test_the_doctor_finds_a_seeded_misconfiguration(
    house: House, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    seed, words = SEEDED[name]
    main(["doctor"])
    before = capsys.readouterr().out.splitlines()
    assert not [line for line in before if words in line]
    seed(house)
    main(["doctor"])
    found = [line for line in capsys.readouterr().out.splitlines() if words in line]
    assert len(found) == 1
    assert found[0][0] == ("!" if name in ADVICE else "✗")


def test_a_house_in_order_lacks_but_what_every_test_server_lacks(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["doctor"])
    (unsafe,) = [line for line in capsys.readouterr().out.splitlines() if line[0] == "✗"]
    assert "fsync" in unsafe  # the run's server may be lost, and is quicker so


@pytest.mark.parametrize("command", ["serve", "worker", "migrate"])
def test_nothing_starts_on_a_server_that_cannot_carry_it(
    house: House, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    another_locale(house)
    assert main([command]) == 1
    said = capsys.readouterr().err
    assert "须为 UTF8" in said
    assert "no Chinese letters" in said


def test_traces_without_the_extra_are_refused_at_the_start(
    house: House, capsys: pytest.CaptureFixture[str]
) -> None:
    house.set(TRACES_URL="http://127.0.0.1:4318/v1/traces")
    house.monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    assert main(["worker"]) == 1
    assert "relief[otel]" in capsys.readouterr().err
