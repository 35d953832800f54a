"""Row ids: UUID version 7, made here because the oldest supported server cannot make them."""

import os
import time
from uuid import UUID


def new_id() -> UUID:
    """Give a UUIDv7 (RFC 9562): 48 bits of milliseconds, then random; sorts by birth."""
    value = int.from_bytes(int(time.time() * 1000).to_bytes(6) + os.urandom(10))
    value &= ~(0xF << 76) & ~(0x3 << 62) & ((1 << 128) - 1)
    return UUID(int=value | (0x7 << 76) | (0x2 << 62))
