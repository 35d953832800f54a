"""relief reporting and relief summaries: logins of chart programs, totals checked and mended."""

import asyncio
import base64
from pathlib import Path

import asyncpg
import pytest

from app.cli import main
from tests.database import in_thread

KEY = bytes(range(32))
LOGIN = "chart_cli_test"


async def _do(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


@pytest.fixture
def url(fresh_database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_MASTER_KEY", base64.b64encode(KEY).decode())
    return fresh_database_url.replace("+asyncpg", "")


def test_a_login_is_granted_listed_and_taken_back(
    url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        assert main(["reporting", "grant", LOGIN, "--area", "990127000000"]) == 0
        assert "密码 / password: " in capsys.readouterr().out
        assert main(["reporting", "grant", LOGIN, "--area", "990127103000"]) == 0
        assert "its password stays" in capsys.readouterr().out
        assert main(["reporting", "list"]) == 0
        assert f"{LOGIN}  990127103000 – 990127103999" in capsys.readouterr().out
        assert main(["reporting", "revoke", LOGIN]) == 0
        assert main(["reporting", "revoke", LOGIN]) == 1
        for wrong in (["grant", "relief_app", "--area", "990127000000"], ["revoke", "postgres"]):
            with pytest.raises(SystemExit):
                main(["reporting", *wrong])
    finally:
        in_thread(_do(url, f"DROP ROLE IF EXISTS {LOGIN}"))


def test_a_server_that_is_away_is_said_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    assert main(["reporting", "list"]) == 1
    assert "the database refuses or is away" in capsys.readouterr().err


def test_bent_totals_are_told_and_mended(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summaries", "check"]) == 0
    bent = (
        "INSERT INTO claim_summary VALUES (gen_random_uuid(), 990127103000, NULL, "
        "'2026-01-01', 'paid', 'full', 1, 0, 0, 0)"
    )
    asyncio.run(_do(url, bent))
    assert main(["summaries", "check"]) == 1
    assert "✗ claim: 1" in capsys.readouterr().out
    assert main(["summaries", "mend"]) == 0
    assert main(["summaries", "check"]) == 0


@pytest.mark.usefixtures("url")
def test_a_report_is_written_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("claims", "amounts", "loss-ratio", "self-borne"):
        for ending in ("csv", "xlsx"):
            out = tmp_path / f"{name}.{ending}"
            asked = ["report", name, "--area", "990127000000", "--period", "2026"]
            assert main([*asked, "--out", str(out)]) == 0
            assert "共 0 条" in capsys.readouterr().out
            assert out.read_bytes()[:3] in (b"\xef\xbb\xbf", b"PK\x03")
    assert main(["report", "claims", "--area", "1", "--period", "x", "--out", "x.csv"]) == 1
