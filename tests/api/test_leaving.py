"""What leaves the interface is told for a year: in description, headers and changelog."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI
from fastapi.routing import APIRoute
from httpx import AsyncClient
from pydantic import Field
from starlette.responses import Response

from app.api import contract
from app.api.fields import View
from app.api.leaving import leaving
from app.api.reading import Reading, Reads
from app.cli.openapi import contract as described
from app.domain.caller import Act
from app.main import create_app
from app.settings import Settings

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"
SINCE, UNTIL = date(2026, 12, 1), date(2027, 12, 1)

old = APIRouter(tags=["meta"])


class OldView(View):
    name: str
    nickname: Annotated[str, Field(json_schema_extra={"deprecated": True})] = "-"


@old.get("/v1/old/{name}", response_model=OldView, **leaving(SINCE, UNTIL, "GET /v1/new/{name}"))
async def read_old(name: str, door: Annotated[Reading, Depends(Reads(Act.READ_CASES))]) -> Response:
    """Give something old."""
    return door.answer(OldView(name=name))


async def test_each_answer_of_a_route_that_leaves_says_so(
    application: FastAPI, township: AsyncClient
) -> None:
    application.router.routes.extend(old.routes)
    etag = (await township.get("/v1/old/a")).headers["etag"]
    for known, status in (({}, 200), ({"If-None-Match": etag}, 304)):
        answer = await township.get("/v1/old/a", headers=known)
        assert answer.status_code == status
        since = int(answer.headers["deprecation"].removeprefix("@"))
        assert datetime.fromtimestamp(since, UTC).date() == SINCE
        assert answer.headers["sunset"] == "Wed, 01 Dec 2027 00:00:00 GMT"
    assert not {"deprecation", "sunset"} & set((await township.get("/v1/claims")).headers)


def test_nothing_leaves_within_a_year() -> None:
    with pytest.raises(ValueError, match="365 days"):
        leaving(SINCE, date(2027, 11, 30), "nothing")


def _leaving(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any] | None]]:
    """Give each operation that is deprecated with its days, and each member without."""
    for path, item in document["paths"].items():
        for verb, operation in item.items():
            if operation.get("deprecated"):
                yield f"{verb.upper()} {path}", operation["x-deprecation"]
    for name, schema in document["components"]["schemas"].items():
        for member, part in schema.get("properties", {}).items():
            if part.get("deprecated"):
                yield f"{name}.{member}", None


def _untold(document: dict[str, Any], changelog: str) -> list[str]:
    """Name what leaves and stands, with its last day, in no API section of the changelog."""
    sections = changelog.split("### 接口 · API")[1:]
    told = "\n".join(section.split("\n##")[0] for section in sections)
    lines = [line for line in told.splitlines() if "Deprecated" in line]
    return [
        what
        for what, days in _leaving(document)
        if not any(f"`{what}`" in line and (days or {}).get("until", "") in line for line in lines)
    ]


def test_whatever_leaves_stands_in_the_changelog() -> None:
    assert _untold(json.loads(described()), CHANGELOG.read_text()) == []


def test_what_leaves_untold_is_found(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    routes = [route for route in (*app.routes, *old.routes) if isinstance(route, APIRoute)]
    document = contract.describe(routes, ["/"])
    assert document["paths"]["/v1/old/{name}"]["get"]["deprecated"] is True
    assert _untold(document, CHANGELOG.read_text()) == ["GET /v1/old/{name}", "OldView.nickname"]
    told = "### 接口 · API\n- Deprecated: `GET /v1/old/{name}`, 2027-12-01; `OldView.nickname`\n"
    assert _untold(document, told) == []
    assert _untold(document, told.replace("2027", "2028")) == ["GET /v1/old/{name}"]
