"""A peer that hangs up the moment somebody connects: no goodbye, no byte."""

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_AT_ONCE = struct.pack("ii", 1, 0)  # on closing: throw away what is on its way, and reset


class RudePeer:
    """Counts whom it hung up on."""

    def __init__(self) -> None:
        self.hung_up = 0
        self._door = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.url = f"http://127.0.0.1:{self._door.getsockname()[1]}"

    @contextmanager
    def open(self) -> Iterator["RudePeer"]:
        """Be there."""
        thread = threading.Thread(target=self._serve, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._door.shutdown(socket.SHUT_RDWR)
            self._door.close()
            thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self._door.accept()
            except OSError:
                return
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _AT_ONCE)
            caller.close()
            self.hung_up += 1
