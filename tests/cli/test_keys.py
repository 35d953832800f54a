"""relief keys: four steps from one master key to the next."""

import base64
from pathlib import Path

import pytest

from app.cli import main
from app.settings import Settings, master_keys
from tests.database import MASTER_KEY


@pytest.fixture
def settings(fresh_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Settings:
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("RELIEF_MASTER_KEY", raising=False)
    (tmp_path / "master.key").write_bytes(base64.b64encode(MASTER_KEY))
    return Settings(data_dir=tmp_path)


def test_four_steps_lead_from_one_master_key_to_the_next(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    (first,) = master_keys(settings)
    assert main(["keys", "add", "--suite", "gm"]) == 0
    assert [entry[:2] for entry in master_keys(settings)] == [(1, "intl"), (2, "gm")]
    assert main(["keys", "rotate"]) == 1  # the new key does not write yet
    assert main(["keys", "promote"]) == 0
    assert main(["key", "issue", "--role", "system"]) == 0
    assert main(["keys", "rotate"]) == 0
    assert main(["keys", "status"]) == 0
    assert main(["keys", "retire"]) == 0
    ((version, suite, key),) = master_keys(settings)
    assert (version, suite) == (2, "gm")
    assert key != first[2]
    assert base64.b64encode(key).decode() not in "".join(capsys.readouterr())


def test_a_key_that_comes_from_elsewhere_is_changed_there(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    given = base64.b64encode(MASTER_KEY).decode()
    monkeypatch.setenv("RELIEF_MASTER_KEY", given)
    assert main(["keys", "add"]) == 1
    said = capsys.readouterr().err
    assert "RELIEF_MASTER_KEY" in said
    assert given not in said
