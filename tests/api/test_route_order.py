"""In which order paths are looked for: the busiest first, and nobody's path is taken by another."""

import re

import pytest
from fastapi.routing import APIRoute
from starlette.routing import Match

from app.api.routes import BUSIEST, ROUTERS, routes_in_order

ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


def test_the_busiest_paths_are_looked_for_first() -> None:
    first = [getattr(route, "path", "") for route in routes_in_order()][: len(BUSIEST)]
    assert tuple(first) == BUSIEST


def test_no_route_is_lost_or_doubled_by_the_order() -> None:
    ordered = routes_in_order()
    assert len(ordered) == sum(len(router.routes) for router in ROUTERS)
    assert {id(route) for route in ordered} == {id(r) for router in ROUTERS for r in router.routes}


@pytest.mark.parametrize("path", BUSIEST)
def test_a_busy_route_answers_no_path_that_another_answered_before(path: str) -> None:
    """Moved to the front, it would take whatever it matches from those that stood before it."""
    moved = next(route for route in ROUTES if route.path == path)
    before = ROUTES[: ROUTES.index(moved)]
    for route in before:
        for method in route.methods:
            sample = re.sub(r"\{[^}]+\}", "330127-2026-000001-1", route.path)
            scope = {"type": "http", "method": method, "path": sample, "headers": []}
            assert moved.matches(scope)[0] is not Match.FULL, (route.path, method)
