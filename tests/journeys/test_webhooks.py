"""Webhooks with a real API and worker: a worker that dies loses no message."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from standardwebhooks import Webhook

from tests.insurer import until
from tests.journeys.conftest import PATIENCE_SECONDS, World, restart


class Hook:
    """A receiver in a thread: its first answer is held back until it is let go."""

    def __init__(self) -> None:
        self.letters: list[tuple[dict[str, str], bytes]] = []
        self.reached, self.go_on = threading.Event(), threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers["content-length"]))
                hook.letters.append(({n.lower(): v for n, v in self.headers.items()}, raw))
                hook.reached.set()
                hook.go_on.wait(20)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_args: object) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"

    @contextmanager
    def open(self) -> Iterator["Hook"]:
        """Serve in a thread."""
        thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield self
        finally:
            self.go_on.set()
            self.server.shutdown()
            thread.join()
            self.server.server_close()


def fed(world: World, key: str, after: str | None) -> tuple[list[dict[str, Any]], str]:
    """All that the change feed has after a cursor, and where it stands."""
    events: list[dict[str, Any]] = []
    while True:
        page = httpx.get(
            f"{world.house.url}/v1/events",
            params={"limit": 200} | ({} if after is None else {"after": after}),
            headers={"Authorization": f"Bearer {key}"},
            trust_env=False,
        ).json()
        events += page["items"]
        after = str(page["next_cursor"])
        if not page["has_more"]:
            return events, after


def test_every_event_of_the_feed_is_told_though_the_worker_is_killed_while_it_tells(
    world: World,
) -> None:
    county = world.cast.county
    with Hook().open() as hook:
        _, before = fed(world, world.keys["county"], None)
        endpoint = county.add_webhook_endpoint({"url": hook.url}).body
        claim_no = world.file(world.cast.people["inpatient"][2])
        assert hook.reached.wait(PATIENCE_SECONDS)
        restart(world.house.worker)
        hook.go_on.set()
        world.see_paid(claim_no)
        until(lambda: seen(world, before) <= told(hook), PATIENCE_SECONDS)
        key = world.keys["county"]  # straight to the API: the wire knows no DELETE
        gone = httpx.delete(
            f"{world.house.url}/v1/webhook-endpoints/{endpoint['id']}",
            headers={"Authorization": f"Bearer {key}", "If-Match": '"1"'},
            trust_env=False,
        )
        assert gone.status_code == 204
    for headers, raw in hook.letters:
        Webhook(endpoint["secret"]).verify(raw, headers)
    first = hook.letters[0][0]["webhook-id"]
    again = [headers for headers, _ in hook.letters if headers["webhook-id"] == first]
    assert len(again) >= 2  # its answer was lost with the worker: once more, under its own id
    ids = {headers["webhook-id"] for headers, _ in hook.letters}
    assert len(ids) == len(told(hook))


def seen(world: World, after: str) -> set[int]:
    return {event["seq"] for event in fed(world, world.keys["county"], after)[0]}


def told(hook: Hook) -> set[int]:
    return {json.loads(raw)["data"]["seq"] for _, raw in hook.letters}
