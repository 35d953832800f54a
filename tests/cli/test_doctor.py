"""relief doctor: what must not go live as it is, said in words and by the exit status."""

import base64
import os
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from app.cli import _database_findings as judging
from app.cli import main
from app.cli._findings import Finding
from app.cli._settings_findings import of_files, of_settings
from app.db.checkup import Checkup, Connection, LiveKeys, Work
from app.db.fitness import Server
from app.db.session import Database
from app.domain.caller import Role
from app.services.keys import issue_key
from app.settings import Settings, SettingsInvalid, load_settings
from tests import database as databases
from tests.api.conftest import SECURITY

RANDOM = base64.b64encode(bytes.fromhex("9f3c" * 4 + os.urandom(24).hex())).decode()
COUNTING = base64.b64encode(bytes(range(32))).decode()
GOOD = Checkup(
    Connection(powerful=False, owner=False, durable=True),
    LiveKeys(
        of_sandbox=0, of_demo=0, endless=0, nobodys=0, aged=0, secrets_aged=0, of_real_areas=3
    ),
    insurers_in_clear=0,
    real_policies=2,
    policies_by_working_days=1,
    calendar_years=frozenset({2026, 2027}),
    work=Work(red=0, dead_jobs=0, quiet_seconds=60.0, resting=[]),
)
FIT = Server(160_004, "UTF8", "C.UTF-8", (), 0.01, passed_on=False)
TODAY = date(2026, 11, 22)


def of_database(settings: Settings, found: Checkup, today: date = TODAY) -> list[Finding]:
    return list(judging.of_database(settings, found, today))


def settings(folder: Path, **changed: object) -> Settings:
    told = {"data_dir": folder, "database_url": "postgresql://relief_service:x7Gq2@db/relief"}
    return Settings(**told | {"public_url": "https://relief.gov.cn"} | changed)  # type: ignore[arg-type]


def musts(findings: object) -> list[str]:
    return [one.words_en for one in findings if one.must]  # type: ignore[attr-defined]


def test_a_house_in_order_has_nothing_to_mend(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith("RELIEF_TEST")]:
        monkeypatch.delenv(name)
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
        ({"public_url": "http://relief.gov.cn"}, "not https"),
        ({"public_url": "https://relief.example"}, "of an example"),
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
        (replace(GOOD, calendar_years=frozenset({2025})), False, "days off of 2026"),
        (replace(GOOD, work=replace(GOOD.work, red=2)), False, "invariants are broken"),
        (replace(GOOD, work=replace(GOOD.work, dead_jobs=1)), False, "given up"),
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
        keys=replace(GOOD.keys, endless=2, nobodys=2, aged=1, secrets_aged=1),
        connection=replace(GOOD.connection, owner=True),
        calendar_years=frozenset({2026}),
        work=replace(GOOD.work, quiet_seconds=None, resting=["insurer:x"]),
    )
    found = list(of_database(settings(tmp_path), loose))
    assert len(found) == 8
    assert not any(one.must for one in found)


@pytest.mark.parametrize(
    ("server", "words"),
    [
        (replace(FIT, version=140_010), "older than 15"),
        (replace(FIT, encoding="SQL_ASCII"), "must be UTF8"),
        (replace(FIT, ctype="C"), "no Chinese letters"),
        (replace(FIT, lacking=("btree_gist",)), "btree_gist is missing"),
        (replace(FIT, skew_seconds=-75.0), "off the database's"),
    ],
)
def test_a_server_that_cannot_carry_the_service_is_named(
    tmp_path: Path, server: Server, words: str
) -> None:
    assert list(judging.of_server(settings(tmp_path), FIT)) == []
    (told,) = musts(judging.of_server(settings(tmp_path), server))
    assert words in told


def test_what_stands_before_the_server_is_advice_until_it_is_configured(tmp_path: Path) -> None:
    before = replace(FIT, passed_on=True, skew_seconds=7.0)
    found = list(judging.of_server(settings(tmp_path), before))
    assert [one.must for one in found] == [False, False]
    told = settings(tmp_path, db_pgbouncer=True, direct_url="postgresql://a:x7Gq2@db/relief")
    assert list(judging.of_server(told, replace(FIT, passed_on=True))) == []


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
