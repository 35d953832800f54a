"""What carries our requests, and calls every failure on the way by a name that callers know."""

import httpx


class Transport(httpx.AsyncHTTPTransport):
    """The client's own transport, with one gap closed.

    A peer that hangs up while we connect leaves uvloop's connection without a socket, over which
    anyio (4.16) stumbles instead of saying that the connection broke. Nothing is said of whether a
    byte was written: what stumbles inside the transport leaves the caller in doubt.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request. Raises httpx.HTTPError alone."""
        try:
            return await super().handle_async_request(request)
        except AttributeError as error:
            raise httpx.ReadError("the connection broke while it was made") from error
