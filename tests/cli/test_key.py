"""relief key and relief insurer, on a database of their own."""

import asyncio
import base64
from pathlib import Path

import pytest

from app.cli import main
from app.crypto import Keyring
from app.db.insurers import active_secrets
from app.db.session import Database
from app.domain.caller import AREA_END, Caller, Role
from app.services.keys import authenticate
from tests.contracts import SECRET_IN, SECRET_OUT

KEY = bytes(range(32))
SYSTEM = Caller(Role.SYSTEM, 0, AREA_END, "test")


@pytest.fixture
def url(fresh_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_MASTER_KEY", base64.b64encode(KEY).decode())
    return fresh_database_url


def holder(url: str, token: str) -> Caller | None:
    async def ask() -> Caller | None:
        database = Database(url, Keyring(KEY))
        try:
            return await authenticate(database, token)
        finally:
            await database.close()

    return asyncio.run(ask())


def secrets_of(url: str, insurer: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    async def ask() -> tuple[tuple[str, ...], tuple[str, ...]]:
        database = Database(url, Keyring(KEY))
        try:
            async with database.transaction(SYSTEM) as tx:
                return (
                    await active_secrets(tx, insurer, "in"),
                    await active_secrets(tx, insurer, "out"),
                )
        finally:
            await database.close()

    return asyncio.run(ask())


def test_an_issued_key_opens_the_door_until_it_is_revoked(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", "issue", "--role", "township", "--area", "330127103000"]) == 0
    token = capsys.readouterr().out.split()[0]
    assert token.startswith("rk_live_")
    caller = holder(url, token)
    assert caller is not None
    assert (caller.role, caller.area_lo) == (Role.TOWNSHIP, 330127103000)
    assert main(["key", "revoke", token[:16]]) == 0
    assert holder(url, token) is None
    assert main(["key", "revoke", token[:16]]) == 1
    assert token not in capsys.readouterr().err


def test_a_key_of_a_sandbox_says_so_and_may_end(
    url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIEF_SANDBOX", "true")
    assert main(["key", "issue", "--role", "county", "--area", "330127000000", "--days", "0"]) == 0
    token = capsys.readouterr().out.split()[0]
    assert token.startswith("rk_test_")
    assert holder(url, token) is None


def test_a_key_that_fits_no_role_is_refused_in_words(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["key", "issue", "--role", "township", "--area", "330127000000"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert "级别" in said.err


def test_an_insurer_is_taken_on_once(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "in").write_text(SECRET_IN + "\n")
    (tmp_path / "out").write_text(SECRET_OUT + "\n")
    call = ["insurer", "add", "picc", "--name", "示范", "--base-url", "https://93.184.216.34/api"]
    call += ["--secret-in", str(tmp_path / "in"), "--secret-out", str(tmp_path / "out")]
    assert main(call) == 0
    assert main(call) == 1
    assert SECRET_IN not in "".join(capsys.readouterr())
    assert secrets_of(url, "picc") == ((SECRET_IN,), (SECRET_OUT,))


def test_a_secret_file_that_is_not_there_is_told(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missing = str(tmp_path / "nothing")
    call = ["insurer", "add", "picc", "--name", "示范", "--base-url", "https://93.184.216.34/api"]
    assert main([*call, "--secret-in", missing, "--secret-out", missing]) == 1
    assert missing in capsys.readouterr().err


def test_a_database_that_is_not_there_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/nothing")
    monkeypatch.setenv("RELIEF_MASTER_KEY", base64.b64encode(KEY).decode())
    assert main(["key", "revoke", "rk_live_12345678"]) == 1
    assert "连不上数据库" in capsys.readouterr().err
