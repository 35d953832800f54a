"""relief reconcile, over a real database: a file is taken, compared again, checked."""

from pathlib import Path

import pytest
from sqlalchemy import text

from app.cli import main
from app.db.session import Database
from app.services.reconciliations.close_day import close_day
from tests.cases import CHUNAN, county_with
from tests.cli.test_replaying import KEY
from tests.contracts import COUNTY, COUNTY_AREA, SYSTEM
from tests.database import in_thread_call
from tests.settled import DAY, NUMBER, settled_claim

ROWS = """支付笔数,1,支付金额,{amount},退回笔数,0,退回金额,0
赔案号,赔款编号,结算号,方向,金额,日期
{claim_no},P-1,S-1,支付,{amount},{day}
"""
NAMED = ("--insurer", "demo-insurer", "--area", str(COUNTY_AREA), "--day", str(DAY))


def relief(*words: str) -> int:
    return in_thread_call(main, ["reconcile", *words])


async def test_a_file_is_taken_compared_and_the_closed_day_verified(
    fresh_database: Database,
    fresh_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("RELIEF_DATABASE_URL", fresh_database_url)
    monkeypatch.setenv("RELIEF_MASTER_KEY", KEY)
    await county_with(fresh_database, CHUNAN)
    claim_no = await settled_claim(fresh_database)
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text(ROWS.format(claim_no=claim_no, amount="2000.001", day=DAY))
    right.write_text(ROWS.format(claim_no=claim_no, amount="2000.00", day=DAY), "gb18030")

    assert relief() == 2
    assert relief(str(tmp_path / "none.csv"), *NAMED) == 1
    assert relief(str(wrong), *NAMED) == 1
    capsys.readouterr()
    assert relief(str(right), *NAMED) == 0
    assert "一致 matched: 1\n金额不符 amount_mismatch: 0" in capsys.readouterr().out
    assert relief(str(right), *NAMED) == 0
    assert "此前已收" in capsys.readouterr().out
    assert relief(*NAMED) == 0
    assert relief("--insurer", "demo-insurer", "--pull", "on") == 0
    async with fresh_database.transaction(COUNTY) as tx:
        await close_day(tx, NUMBER)
    assert relief("--verify") == 0
    async with fresh_database.transaction(SYSTEM) as tx:
        await tx.sql.execute(text("SET LOCAL ROLE NONE"))
        await tx.sql.execute(text("SET LOCAL session_replication_role = replica"))
        await tx.sql.execute(text("UPDATE reconciliation SET figures = '{}'"))
    assert relief("--verify") == 1
    assert NUMBER in capsys.readouterr().err
