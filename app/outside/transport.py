"""What carries our requests, and calls a connection that breaks while it is made by its name."""

import httpx


class Transport(httpx.AsyncHTTPTransport):
    """The client's own transport, with one gap closed.

    A peer that hangs up while we connect leaves uvloop's connection without a socket, whose peer
    anyio (4.16) then asks for, instead of saying that the connection broke. Callers are left in
    doubt whether a byte was written: the careful answer, for what is in doubt is asked about, or
    repeated under its own key.
    """

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a request. Raises httpx.ReadError for the gap, and what the client's own raises."""
        try:
            return await super().handle_async_request(request)
        except AttributeError as error:
            if error.name != "getpeername":
                raise  # a mistake of ours is no broken connection
            raise httpx.ReadError("the connection broke while it was made") from error
