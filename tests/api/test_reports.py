"""Reports through the door: JSON with sentences, and a file that a spreadsheet opens."""

import csv
import io

from app.api.report_files import CSV, XLSX
from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import good
from tests.api.test_door import refused
from tests.api.test_report_tables import cells_of
from tests.contracts import COUNTY_AREA
from tests.services.test_reports import CODE, POLICY, some_claims

SCORECARD = "/v1/reports/scorecard"


async def test_a_scorecard_is_read_with_a_sentence_for_every_figure(
    database: Database, county: Client, client_of: Caller_
) -> None:
    await some_claims(database)
    year = str(good(await county.get(f"/v1/policies/{POLICY}"))["created_at"])[:4]
    asked = {"insurer": CODE, "period": year}
    answer = await county.get(SCORECARD, params=asked)
    shown = good(answer)
    figures = {one["code"]: one for one in shown["figures"]}
    assert figures["refusal_rate"]["value"] == "33.33"
    assert figures["incurred"]["value"] == "3500.00"
    assert figures["incurred"]["unit"] == {"code": "yuan", "label_zh": "元"}
    assert all(one["sentence_zh"] for one in shown["figures"])
    again = await county.get(
        SCORECARD, params=asked, headers={"If-None-Match": answer.headers["etag"]}
    )
    assert again.status_code == 304
    file = await county.get(SCORECARD, params=asked | {"format": "csv"})
    assert file.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
    assert rows[0][0] == "指标代码"
    assert [row[2] for row in rows[1:]] == [one["value"] or "" for one in shown["figures"]]
    assert {row[0]: row[2] for row in rows}["incurred"] == "3500.00"
    assert (await county.get(SCORECARD, params=asked, headers={"Accept": CSV})).text == file.text
    book = cells_of((await county.get(SCORECARD, params=asked, headers={"Accept": XLSX})).content)
    at = next(place for place, _, text in book if text == "incurred")
    assert (f"C{at[1:]}", "n", "3500") in book
    dashboard = await client_of(Role.DASHBOARD, COUNTY_AREA)
    assert good(await dashboard.get(SCORECARD, params=asked))["figures"] == shown["figures"]
    refused(
        await county.get(SCORECARD, params=asked | {"period": "x026"}), 422, "validation.failed"
    )
    refused(await county.get(SCORECARD, params=asked | {"insurer": "x"}), 404, "resource.not_found")


async def test_a_year_end_is_read_and_filed(
    database: Database, county: Client, township: Client
) -> None:
    await some_claims(database)
    path = f"/v1/policies/{POLICY}/year-end"
    shown = good(await county.get(path))
    assert shown["final"] is False
    assert "没有约定" in shown["sentence_zh"]
    assert [share["incurred"] for share in shown["shares"]] == ["3500.00"]
    file = await county.get(path, params={"format": "csv"})
    assert "year-end" in file.headers["content-disposition"]
    rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))[1:]
    shares = {row[0]: row[2] for row in rows[len(shown["figures"]) :]}
    assert shares == {f"share_incurred.{CODE}": "3500.00", f"share_paid.{CODE}": "2000.00"}
    book = cells_of((await county.get(path, params={"format": "xlsx"})).content)
    assert [text for place, _, text in book if place[0] == "A"][3:] == [row[0] for row in rows]
    by_accept = await county.get(path, headers={"Accept": CSV})
    assert by_accept.text == file.text
    refused(await township.get(path), 403, "auth.forbidden")
