"""Papers over REST: who may read them, under which name, and that reading leaves a trace."""

import hashlib
from uuid import UUID

import pytest
from httpx import Response

from app.db.accesses import AccessRow, accesses_of
from app.db.session import Database
from app.domain.caller import Role
from tests.api.conftest import Caller_, Client
from tests.api.story import NAME, attach, found_county, good, keyed, notice, submitted
from tests.contracts import COUNTY, COUNTY_AREA, OTHER_TOWN, take_on
from tests.papers import PDF, jpeg, png
from tests.people import id_number


async def drafted(client: Client, **changed: object) -> str:
    form = notice(**changed)
    return str(good(await client.post("/v1/notices", json=form, headers=keyed()), 201)["notice_no"])


async def filed_for(township: Client) -> UUID:
    person = {"name": NAME, "id_number": id_number(1)}
    return UUID(good(await township.post("/v1/people:lookup", json=person))["id"])


async def opened(database: Database, person_id: UUID) -> list[AccessRow]:
    """Who opened something of a person; the look-up by which we learnt the id is left out."""
    async with database.transaction(COUNTY) as tx:
        return [one for one in await accesses_of(tx, person_id) if one.act != "look_up"]


def whole(answer: Response) -> bytes:
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment; ")
    assert answer.headers["cache-control"] == "no-store"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert int(answer.headers["content-length"]) == len(answer.content)
    return answer.content


async def test_a_paper_is_downloaded_as_it_was_told_and_the_reading_recorded(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    path = f"/v1/notices/{claim['notice_no']}/documents"
    (listed,) = good(await county.get(path))["items"]
    content = whole(await county.get(f"{path}/{listed['id']}"))
    assert hashlib.sha256(content).hexdigest() == listed["sha256"]
    assert (len(content), listed["pages"]) == (listed["size"], 1)
    person_id = await filed_for(township)
    (seen,) = await opened(database, person_id)
    assert (seen.resource, seen.act, seen.role) == ("document", "download", "county")
    assert seen.number.startswith(claim["notice_no"])


async def test_an_insurer_reads_the_papers_of_its_own_claims_and_no_others(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    await take_on(database, "other-insurer")
    insurer = await client_of(Role.INSURER, 0, "demo-insurer")
    other = await client_of(Role.INSURER, 0, "other-insurer")
    path = f"/v1/claims/{claim['claim_no']}/documents"
    (listed,) = good(await insurer.get(path))["items"]
    assert whole(await insurer.get(f"{path}/{listed['id']}"))
    assert (await other.get(path)).status_code == 404
    assert (await other.get(f"{path}/{listed['id']}")).status_code == 404
    for reader in (insurer, other):
        around = f"/v1/notices/{claim['notice_no']}/documents/{listed['id']}"
        assert (await reader.get(around)).status_code == 404
    person_id = await filed_for(township)
    (seen,) = await opened(database, person_id)
    assert seen.role == "insurer"


async def test_whoever_only_watches_reads_no_papers(
    database: Database, county: Client, township: Client, client_of: Caller_
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    path = f"/v1/notices/{claim['notice_no']}/documents"
    (listed,) = good(await county.get(path))["items"]
    for role, area in ((Role.DASHBOARD, COUNTY_AREA), (Role.PREFECTURE, 990100000000)):
        watching = await client_of(role, area)
        assert (await watching.get(f"{path}/{listed['id']}")).status_code == 403


NAMES = [
    "../../etc/passwd",
    "a\x00b.pdf",
    "a\r\nSet-Cookie: x=1.pdf",
    "x" * 300 + ".pdf",
    "CON",
    'a"; filename="b.html',
    "张试一身份证.pdf",
    ".htaccess",
]


@pytest.mark.parametrize("name", NAMES)
async def test_f83_the_senders_file_name_is_neither_used_nor_kept(
    township: Client, name: str
) -> None:
    notice_no = await drafted(township)
    path = f"/v1/notices/{notice_no}/documents"
    sent = await township.post(
        path,
        data={"kind": "invoice"},
        files={"file": (name, PDF, "text/html")},
        headers=keyed(),
    )
    paper = good(sent, 201)
    assert paper["media_type"] == "application/pdf"
    answer = await township.get(f"{path}/{paper['id']}")
    assert whole(answer) == PDF
    told = f'attachment; filename="invoice-{paper["id"]}.pdf"'
    assert answer.headers["content-disposition"] == told
    assert answer.headers["content-type"] == "application/pdf"
    assert "set-cookie" not in answer.headers


async def test_the_same_picture_in_another_notice_is_flagged_and_not_refused(
    township: Client, county: Client, client_of: Caller_
) -> None:
    first = await drafted(township)
    good(await attach(township, first, "invoice", jpeg()), 201)
    second = await drafted(township, person={"name": "李试二", "id_number": id_number(2)})
    again = good(await attach(township, second, "invoice", jpeg()), 201)
    assert (again["also_in"], again["also_elsewhere"]) == ([first], False)
    neighbour = await client_of(Role.TOWNSHIP, OTHER_TOWN)
    third = await drafted(
        neighbour,
        area_code=str(OTHER_TOWN),
        person={"name": "王试三", "id_number": id_number(3)},
    )
    blind = good(await attach(neighbour, third, "invoice", jpeg()), 201)
    assert (blind["also_in"], blind["also_elsewhere"]) == ([], True)
    (seen,) = good(await county.get(f"/v1/notices/{third}/documents"))["items"]
    assert (seen["also_in"], seen["also_elsewhere"]) == ([first, second], False)
    other = good(await attach(neighbour, third, "diagnosis", png(colour=(3, 3, 3))), 201)
    assert (other["also_in"], other["also_elsewhere"]) == ([], False)


async def test_a_file_that_cannot_be_a_paper_is_refused_with_the_way_out(township: Client) -> None:
    answer = await attach(township, await drafted(township), "invoice", jpeg()[:-100])
    assert answer.status_code == 422
    assert answer.json()["code"] == "document.unusable"
    assert "重新" in answer.json()["detail"]


async def test_an_upload_that_is_refused_or_given_again_leaves_one_file(
    township: Client, tmp_path_factory: pytest.TempPathFactory, settings: object
) -> None:
    notice_no = await drafted(township)
    folder = settings.papers_dir()  # type: ignore[attr-defined]
    path, key = f"/v1/notices/{notice_no}/documents", keyed()
    for _ in range(2):
        sent = await township.post(
            path, data={"kind": "invoice"}, files={"file": ("a.pdf", PDF)}, headers=key
        )
        good(sent, 201)
    unknown = await attach(township, "990127-2026-999999", "invoice", PDF)
    assert unknown.status_code == 404
    assert len([file for file in folder.rglob("*") if file.is_file()]) == 1


async def test_opening_a_notice_is_recorded_and_having_it_already_is_not(
    database: Database, county: Client, township: Client
) -> None:
    await found_county(database, county)
    claim = await submitted(database, township)
    path = f"/v1/notices/{claim['notice_no']}"
    first = await county.get(path)
    known = {"If-None-Match": first.headers["etag"]}
    assert (await county.get(path, headers=known)).status_code == 304
    person_id = await filed_for(township)
    seen = await opened(database, person_id)
    assert [(one.resource, one.act, one.role) for one in seen] == [("notice", "view", "county")]
