"""Routes that are called straight: which they are, and that nobody outside can tell."""

from typing import Any

import pytest
from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from app.api import callbacks, claims, notices
from app.api.swift_route import SwiftRoute


def called_straight(router: APIRouter, name: str) -> bool:
    (route,) = (one for one in router.routes if getattr(one, "name", None) == name)
    app: Any = getattr(route, "app")  # noqa: B009 - of this kind of route only
    return "_straight" in app.__qualname__


@pytest.mark.parametrize(
    ("router", "name"),
    [
        (claims.router, "read_claim"),
        (notices.router, "submit_notice"),
        (callbacks.router, "receive_callback"),
    ],
)
def test_the_busiest_routes_are_called_straight(router: APIRouter, name: str) -> None:
    assert called_straight(router, name)


@pytest.mark.parametrize(
    ("router", "name"),
    [(notices.router, "draft_notice"), (claims.router, "list_claims")],
)
def test_a_route_with_a_form_or_a_query_goes_the_usual_way(router: APIRouter, name: str) -> None:
    assert not called_straight(router, name)


class Door:
    """A door that may be waited for."""

    async def __call__(self, request: Request) -> str:
        return request.method


class Gate:
    """A door that cannot be waited for."""

    def __call__(self, request: Request) -> str:
        return request.method


def test_only_a_door_that_can_be_waited_for_is_called_straight() -> None:
    router = APIRouter(route_class=SwiftRoute)

    async def through_door(number: str, door: str = Depends(Door())) -> Response:
        return Response(f"{door} {number}")

    async def through_gate(number: str, door: str = Depends(Gate())) -> Response:
        return Response(f"{door} {number}")

    router.add_api_route("/door/{number}", through_door)
    router.add_api_route("/gate/{number}", through_gate)
    assert called_straight(router, "through_door")
    assert not called_straight(router, "through_gate")
