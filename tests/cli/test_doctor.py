"""relief doctor: what must not go live as it is, said in words and by the exit status."""

import base64
import os
from dataclasses import replace
from pathlib import Path

import pytest

from app.cli import main
from app.cli.doctor import of_database, of_files, of_settings
from app.db.checkup import Checkup, Connection, LiveKeys
from app.db.session import Database
from app.domain.caller import Role
from app.services.keys import issue_key
from app.settings import Settings, SettingsInvalid, load_settings
from tests import database as databases
from tests.api.conftest import SECURITY

RANDOM = base64.b64encode(bytes.fromhex("9f3c" * 4 + os.urandom(24).hex())).decode()
COUNTING = base64.b64encode(bytes(range(32))).decode()
GOOD = Checkup(
    Connection(powerful=False, owner=False, server=160_000, durable=True),
    LiveKeys(of_sandbox=0, of_demo=0, endless=0, nobodys=0, of_real_areas=3),
    insurers_in_clear=0,
    real_policies=2,
)


def settings(folder: Path, **changed: object) -> Settings:
    told = {"data_dir": folder, "database_url": "postgresql://relief_service:x7Gq2@db/relief"}
    return Settings(**told | {"public_url": "https://relief.example"} | changed)  # type: ignore[arg-type]


def musts(findings: object) -> list[str]:
    return [one.words_en for one in findings if one.must]  # type: ignore[attr-defined]


def test_a_house_in_order_has_nothing_to_mend(tmp_path: Path) -> None:
    plain = settings(tmp_path, master_key=RANDOM, host="0.0.0.0")
    assert list(of_settings(plain)) == []
    assert list(of_files(plain)) == []
    assert list(of_database(plain, GOOD)) == []


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"database_url": "postgresql://postgres:postgres@db/relief"}, "everybody tries first"),
        ({"owner_url": "postgresql://postgres@db/relief"}, "everybody tries first"),
        ({"master_key": COUNTING}, "no random one"),
        ({"master_key": base64.b64encode(bytes(32)).decode()}, "no random one"),
        ({"public_url": None, "host": "0.0.0.0"}, "no public address"),
        ({"public_url": "http://relief.example"}, "not https"),
        ({"allowed_hosts": "*"}, "any Host"),
        ({"oidc_jwks_url": "http://sso.example/jwks"}, "in clear"),
    ],
)
def test_a_setting_that_must_not_go_live_is_named(
    tmp_path: Path, changed: dict[str, object], words: str
) -> None:
    (found,) = musts(of_settings(settings(tmp_path, **changed)))
    assert words in found


def test_a_database_on_this_machine_needs_no_password(tmp_path: Path) -> None:
    local = settings(tmp_path, database_url="postgresql:///relief")
    assert musts(of_settings(local)) == []


@pytest.mark.parametrize(
    ("found", "sandbox", "words"),
    [
        (GOOD, True, "real areas"),
        (replace(GOOD, keys=replace(GOOD.keys, of_demo=12)), False, "of the demo"),
        (replace(GOOD, keys=replace(GOOD.keys, of_sandbox=1)), False, "of a sandbox"),
        (replace(GOOD, insurers_in_clear=1), False, "without https"),
        (replace(GOOD, connection=replace(GOOD.connection, powerful=True)), False, "passes row"),
        (replace(GOOD, connection=replace(GOOD.connection, durable=False)), False, "may lose"),
        (replace(GOOD, connection=replace(GOOD.connection, server=140_010)), False, "older"),
    ],
)
def test_what_stands_in_the_database_is_judged(
    tmp_path: Path, found: Checkup, sandbox: bool, words: str
) -> None:
    (told,) = musts(of_database(settings(tmp_path, sandbox=sandbox), found))
    assert words in told


def test_advice_stops_nothing(tmp_path: Path) -> None:
    loose = replace(
        GOOD,
        keys=replace(GOOD.keys, endless=2, nobodys=2),
        connection=replace(GOOD.connection, owner=True),
    )
    found = list(of_database(settings(tmp_path), loose))
    assert len(found) == 3
    assert not any(one.must for one in found)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620])
def test_a_key_file_that_others_can_read_or_write_is_named(
    tmp_path: Path, mode: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "database_url"
    secret.write_text("postgresql://a:b@c/d")
    secret.chmod(0o600)
    key = tmp_path / "master.key"
    key.write_text(RANDOM)
    key.chmod(mode)
    monkeypatch.setenv("RELIEF_DATABASE_URL_FILE", str(secret))
    found = musts(of_files(settings(tmp_path)))
    assert found == ([] if mode == 0o640 else ["a key file that other users can read or write"])
    secret.chmod(0o604)
    assert len(musts(of_files(settings(tmp_path)))) == len(found) + 1


def test_no_finding_carries_a_value(tmp_path: Path) -> None:
    loud = settings(tmp_path, database_url="postgresql://postgres:123456@db/x", master_key=COUNTING)
    told = "".join(one.words_zh + one.words_en for one in of_settings(loud))
    assert "123456" not in told
    assert COUNTING not in told


def test_the_command_says_so_and_ends_with_one(
    fresh_database_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RELIEF_MASTER_KEY", COUNTING)
    databases.in_thread(_a_demo_key(fresh_database_url))
    assert main(["doctor"]) == 1
    said = capsys.readouterr()
    assert "✗ 主密钥不是随机的" in said.out
    assert "live keys of the demo" in said.out
    assert "to mend" in said.err


def test_a_database_that_is_away_is_a_finding(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", "postgresql://nobody:x7Gq2@127.0.0.1:1/nothing")
    monkeypatch.setenv("RELIEF_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("RELIEF_MASTER_KEY", RANDOM)
    assert main(["doctor"]) == 1
    assert "连不上数据库" in capsys.readouterr().out


async def _a_demo_key(url: str) -> None:
    database = Database(url, databases.keyring())
    try:
        async with database.transaction(SECURITY) as tx:
            await issue_key(tx, Role.COUNTY, 990127000000, label="demo", test=True)
    finally:
        await database.close()


# --- secrets from files --------------------------------------------------------------------------


def test_a_secret_may_stand_in_a_file_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "key"
    file.write_text(f"{RANDOM}\n")
    monkeypatch.setenv("RELIEF_MASTER_KEY_FILE", str(file))
    loaded = load_settings()
    assert loaded.master_key is not None
    assert loaded.master_key.get_secret_value() == RANDOM
    monkeypatch.setenv("RELIEF_MASTER_KEY", RANDOM)
    with pytest.raises(SettingsInvalid, match="MASTER_KEY_FILE"):
        load_settings()


def test_a_secret_file_that_is_not_there_is_told_without_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIEF_MASTER_KEY_FILE", str(tmp_path / "nothing"))
    with pytest.raises(SettingsInvalid, match="RELIEF_MASTER_KEY_FILE"):
        load_settings()


@pytest.mark.parametrize(
    "changed",
    [
        {"OIDC_ISSUER": "https://sso.example"},
        {
            "OIDC_ISSUER": "https://sso.example",
            "OIDC_JWKS_FILE": "/a",
            "OIDC_JWKS_URL": "https://b",
        },
        {"OIDC_ROLES": "x=insurer"},
        {"OIDC_ROLES": "x=king"},
        {"OIDC_ALGORITHMS": "HS256"},
        {"OIDC_ALGORITHMS": "RS256,none"},
        {"TOKEN_SECONDS": "601"},
    ],
)
def test_an_identity_provider_half_configured_or_too_trusted_is_refused(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str]
) -> None:
    for name, value in changed.items():
        monkeypatch.setenv(f"RELIEF_{name}", value)
    with pytest.raises(SettingsInvalid):
        load_settings()
