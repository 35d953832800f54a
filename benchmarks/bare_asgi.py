"""The floor of a poll: the same bytes out of an ASGI application of one function."""

import sys

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send


def answering(body: bytes) -> ASGIApp:
    """An application that answers these bytes to everybody."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return app


if __name__ == "__main__":
    app = answering(sys.stdin.buffer.read())
    uvicorn.run(app, port=int(sys.argv[1]), log_config=None, access_log=False, lifespan="off")
