"""Routes that are asked most, without the framework's solver of dependencies.

What such a route needs is in its path and in its door. For those the solver costs as much as all
the rest that we do for a poll; what it would find out per request is found out here once.
"""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from typing import Any

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send


class SwiftRoute(APIRoute):
    """A route like any other, described alike; one that qualifies is called straight.

    It qualifies when its function takes values of the path, the request, and doors: dependencies
    that themselves take the request alone. One with a form or a query goes the usual way.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **how: Any) -> None:
        super().__init__(path, endpoint, **how)
        needs = self.dependant
        plain = iscoroutinefunction(endpoint) and _is_plain(needs)
        if plain and all(map(_is_door, needs.dependencies)):
            self.app = _straight(needs, endpoint, self.app)


def _straight(
    needs: Dependant, endpoint: Callable[..., Awaitable[ASGIApp]], usual: ASGIApp
) -> ASGIApp:
    doors = [(door.name or "", door.call) for door in needs.dependencies]

    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        values: dict[str, Any] = {}
        for field in needs.path_params:
            told = scope["path_params"][field.alias]
            values[field.name], errors = field.validate(told, values, loc=("path", field.alias))
            if errors:  # which the usual way tells in our words
                await usual(scope, receive, send)
                return
        if needs.request_param_name:
            values[needs.request_param_name] = request
        for name, door in doors:
            assert door is not None, "a dependency is something that can be called"
            values[name] = await door(request)
        response = await endpoint(**values)
        await response(scope, receive, send)

    return call


def _is_door(needs: Dependant) -> bool:
    return (
        bool(needs.name and needs.request_param_name)
        and _is_plain(needs)
        and not needs.path_params
        and not needs.dependencies
        and iscoroutinefunction(getattr(needs.call, "__call__", None))  # noqa: B004 - its kind
    )


def _is_plain(needs: Dependant) -> bool:
    """Tell whether nothing is needed of a query, a header, a cookie or a body, nor the answer."""
    return not (
        needs.query_params
        or needs.header_params
        or needs.cookie_params
        or needs.body_params
        or needs.response_param_name
        or needs.background_tasks_param_name
        or needs.http_connection_param_name
        or needs.websocket_param_name
        or needs.security_scopes_param_name
    )
