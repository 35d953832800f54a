"""Settings: where values come from, what a wrong one is told, where keys are kept."""

import base64
import os
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from app.settings import (
    Settings,
    SettingsInvalid,
    allowed,
    key_file,
    load_settings,
    master_keys,
    state_dir,
    unknown_variables,
    write_key_file,
)

KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing set but the folders, so that the machine's own settings do not matter."""
    for name in list(os.environ):
        if name.startswith("RELIEF_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("RELIEF_SECRETS_DIR", str(tmp_path / "secrets"))
    monkeypatch.setenv("RELIEF_DATA_DIR", str(tmp_path / "data"))


def test_nothing_set_gives_a_working_house() -> None:
    settings = load_settings()
    assert settings.service_url() is None
    assert settings.base_url() == "http://127.0.0.1:8080"
    assert settings.papers_dir() == settings.data_dir / "documents"


def test_inside_networks_are_read_as_a_list(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().networks() == ()
    monkeypatch.setenv("RELIEF_INSURER_NETWORKS", "10.8.0.0/16, fd00::/8,")
    assert [str(one) for one in load_settings().networks()] == ["10.8.0.0/16", "fd00::/8"]


def test_a_secret_file_sets_a_field_and_the_environment_wins(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets/relief_database_url").write_text("postgresql://a@b/from_file\n")
    assert load_settings().service_url() == "postgresql://a@b/from_file"
    monkeypatch.setenv("RELIEF_DATABASE_URL", "postgresql://a@b/from_environment")
    assert load_settings().service_url() == "postgresql://a@b/from_environment"


def test_the_owner_migrates_and_otherwise_the_service_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", "postgresql://service@h/d")
    assert load_settings().migration_url() == "postgresql://service@h/d"
    monkeypatch.setenv("RELIEF_OWNER_URL", "postgresql://owner@h/d")
    assert load_settings().migration_url() == "postgresql://owner@h/d"


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("RELIEF_INSURER_NETWORKS", "10.0.0.0/99", "10.8.0.0/16"),
        ("RELIEF_PORT", "70000", "1 – 65535"),
        ("RELIEF_LOG_LEVEL", "loud", "debug、info、warning、error"),
        ("RELIEF_PUBLIC_URL", "relief", "https?://"),
        ("RELIEF_BODY_SECONDS", "0", "大于 more than 0 – 600"),
        ("RELIEF_SANDBOX", "perhaps", "true、false"),
    ],
)
def test_a_wrong_setting_says_its_name_what_it_holds_and_what_is_allowed(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=f"{name}：现为 “{value}”") as refused:
        load_settings()
    assert allowed in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("RELIEF_DATABASE_URL", "mysql://user:loud-secret@host/d", "postgresql://"),
        ("RELIEF_MASTER_KEY", "loud-secret", "32 bytes in base64"),
        ("RELIEF_MASTER_KEY", base64.b64encode(b"loud-secret").decode(), "32 bytes in base64"),
        ("RELIEF_OIDC_JWKS_URL", "ftp://me:loud-secret@sso/keys", "https?://"),
    ],
)
def test_a_wrong_secret_is_named_and_never_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, allowed: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid, match=name) as refused:
        load_settings()
    assert allowed in str(refused.value)
    assert value not in str(refused.value)
    assert "loud-secret" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_every_setting_says_what_it_may_be() -> None:
    assert all(allowed(name) for name in Settings.model_fields)


def test_a_lease_shorter_than_a_call_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELIEF_LEASE_SECONDS", "20")
    with pytest.raises(SettingsInvalid, match="RELIEF_LEASE_SECONDS"):
        load_settings()


def test_a_misspelt_variable_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert unknown_variables() == []
    monkeypatch.setenv("RELIEF_MASTER_KEY_FILE", "/x")
    monkeypatch.setenv("RELIEF_SANDBX", "true")
    assert unknown_variables() == ["RELIEF_SANDBX"]


def test_secrets_do_not_show_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", "postgresql://a:loud-secret@h/d")
    monkeypatch.setenv("RELIEF_MASTER_KEY", KEY)
    shown = repr(load_settings())
    assert "loud-secret" not in shown
    assert KEY not in shown


def test_a_given_master_key_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELIEF_MASTER_KEY", KEY)
    assert master_keys(load_settings()) == ((1, "intl", bytes(32)),)
    monkeypatch.setenv("RELIEF_SUITE", "gm")
    assert master_keys(load_settings()) == ((1, "gm", bytes(32)),)


def test_several_master_keys_are_held_and_the_first_one_writes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    other = base64.b64encode(bytes(range(32))).decode()
    monkeypatch.setenv("RELIEF_MASTER_KEY", f"2:gm:{other}, 1:{KEY}")
    expected = ((2, "gm", bytes(range(32))), (1, "intl", bytes(32)))
    assert master_keys(load_settings()) == expected
    monkeypatch.delenv("RELIEF_MASTER_KEY")
    settings = load_settings()
    master_keys(settings)  # makes the folder and the first key
    write_key_file(key_file(settings), expected)
    assert master_keys(settings) == expected
    assert key_file(settings).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("wrong", [f"1:{KEY},1:{KEY}", f"0:{KEY}", f"256:{KEY}", f"1:rot13:{KEY}"])
def test_master_keys_without_a_version_of_their_own_are_refused(
    monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("RELIEF_MASTER_KEY", wrong)
    with pytest.raises(SettingsInvalid, match="RELIEF_MASTER_KEY") as refused:
        load_settings()
    assert KEY not in str(refused.value)


def test_racing_processes_agree_on_one_new_master_key(tmp_path: Path) -> None:
    settings = load_settings()
    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(master_keys, [settings] * 8))
    assert len(keys) == 1
    ((_, _, key),) = keys.pop()
    assert len(key) == 32
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["master.key"]
    assert (tmp_path / "data/master.key").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damaged", [b"", b"c2hvcnQ=", b"no base64!"])
def test_a_damaged_master_key_file_is_never_replaced(tmp_path: Path, damaged: bytes) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data/master.key").write_bytes(damaged)
    with pytest.raises(SettingsInvalid, match=r"master\.key"):
        master_keys(load_settings())
    assert (tmp_path / "data/master.key").read_bytes() == damaged


def test_data_lives_in_the_users_state_folder_and_for_root_where_others_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/somewhere/state")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert state_dir() == Path("/somewhere/state/relief")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert state_dir() == Path("/var/lib/relief")


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_described_in_chinese_and_english(name: str) -> None:
    said = Settings.model_fields[name].description or ""
    assert re.search("[一-鿿]", said)
    assert re.search("[A-Z][a-z]", said)


def test_behind_a_pooler_the_database_itself_must_be_reachable_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("RELIEF_DB_PGBOUNCER", "true")
    monkeypatch.setenv("RELIEF_DATABASE_URL", "postgresql://service@pooler/relief")
    with pytest.raises(SettingsInvalid, match="RELIEF_DIRECT_URL"):
        load_settings()
    monkeypatch.setenv("RELIEF_DIRECT_URL", "postgresql://service@server/relief")
    settings = load_settings()
    assert settings.service_url() == "postgresql://service@pooler/relief"
    assert (
        settings.listening_url()
        == settings.migration_url()
        == ("postgresql://service@server/relief")
    )
    monkeypatch.setenv("RELIEF_OWNER_URL", "postgresql://owner@server/relief")
    assert load_settings().migration_url() == "postgresql://owner@server/relief"
