"""relief insurer: keys are rotated, abilities are proven and never claimed."""

import asyncio
import base64
import json
from pathlib import Path

import pytest

from app.cli import main
from app.crypto import Keyring
from app.db.insurers import Insurer, active_secrets, find_insurer
from app.db.session import Database
from tests.contracts import SECRET_IN, SYSTEM
from tests.insurer import SECRET, Mailbox, running_insurer

KEY = bytes(range(32))
RENEWED = "whsec_" + base64.b64encode(bytes(range(64, 96))).decode()


@pytest.fixture
def url(fresh_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_MASTER_KEY", base64.b64encode(KEY).decode())
    monkeypatch.setenv("RELIEF_INSURER_NETWORKS", "127.0.0.0/8")
    return fresh_database_url


def kept(url: str) -> tuple[Insurer | None, tuple[str, ...]]:
    async def ask() -> tuple[Insurer | None, tuple[str, ...]]:
        database = Database(url, Keyring(KEY))
        try:
            async with database.transaction(SYSTEM) as tx:
                return await find_insurer(tx, "picc"), await active_secrets(tx, "picc", "in")
        finally:
            await database.close()

    return asyncio.run(ask())


def written(path: Path, text: str) -> str:
    path.write_text(text)
    return str(path)


def test_an_insurers_abilities_are_what_the_kit_proved(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    incoming = written(tmp_path / "in", SECRET_IN)
    outgoing = written(tmp_path / "out", SECRET)
    with (
        Mailbox().open() as mailbox,
        running_insurer(tmp_path / "insurer", mailbox.url, insurer="picc") as (test_url, _),
    ):
        add = ["insurer", "add", "picc", "--name", "人保", "--base-url", "https://127.0.0.1:9/"]
        assert main([*add, "--secret-in", incoming, "--secret-out", outgoing]) == 0
        added = kept(url)[0]
        assert added is not None
        assert (added.honours_key, added.can_be_asked) == (False, False)

        dead = ["insurer", "conformance", "picc", "--base-url", "http://127.0.0.1:9"]
        assert main(dead) == 1
        assert main(["insurer", "conformance", "picc", "--base-url", test_url]) == 0
    proven = kept(url)[0]
    assert proven is not None
    assert (proven.honours_key, proven.can_be_asked) == (True, True)
    assert (proven.gives_statements, proven.can_check_account) == (True, True)
    assert proven.base_url == "https://127.0.0.1:9/"
    assert "✓ 认幂等号" in capsys.readouterr().out

    renewed = written(tmp_path / "renewed", RENEWED)
    rotate = ["insurer", "rotate-secret", "picc", "--direction", "in", "--secret", renewed]
    assert main(rotate) == 0
    assert kept(url)[1] == (RENEWED, SECRET_IN)
    assert main([*rotate[:2], "nobody", *rotate[3:]]) == 1


def test_an_insurer_tries_its_own_system_without_a_database(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    with (
        Mailbox().open() as mailbox,
        running_insurer(tmp_path / "insurer", mailbox.url) as (test_url, _),
    ):
        kit = ["insurer", "conformance", "--base-url", test_url]
        assert main([*kit, "--secret", written(tmp_path / "key", SECRET), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["passed"], told["honours_key"], told["can_be_asked"]) == (True, True, True)
        assert main([*kit, "--secret", written(tmp_path / "wrong", RENEWED), "--json"]) == 1
        told = json.loads(capsys.readouterr().out)
        assert [one["held"] for one in told["findings"]] == [False]
        assert main(kit) == 2


def test_an_insurer_that_deals_in_files_needs_no_keys(
    url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RELIEF_DROP_DIR", str(tmp_path / "drop"))
    add = ["insurer", "add", "picc", "--name", "人保", "--dialect", "batch", "--base-url"]
    assert main([*add, "drop:../picc"]) == 1
    assert main([*add, "drop:picc", "--secret-in", written(tmp_path / "in", SECRET_IN)]) == 1
    assert main([*add, "drop:picc"]) == 0
    assert main(["batches", "run"]) == 0
    assert "picc: 送出 0 个文件，收到 0 行" in capsys.readouterr().out
    broken = tmp_path / "drop" / "picc" / "in" / "results-1.jsonl"
    broken.write_text("nothing\n")
    broken.with_name("results-1.jsonl.sha256").write_text("00")
    assert main(["batches", "run"]) == 1
    assert "results-1.jsonl：header_unreadable" in capsys.readouterr().err
    assert (tmp_path / "drop" / "picc" / "refused" / "results-1.jsonl").exists()
