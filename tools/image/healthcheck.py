"""Is what runs in this container healthy? Exit status 0 when it is; Python alone, no curl.

The API is asked whether it is ready. The worker has no port: it touches a file every few seconds.
"""

import os
import sys
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path

SECONDS = 4
HEARTBEAT_SECONDS_MAX = 60


def main() -> int:
    """Ask the API; when nobody listens, look at the worker's file."""
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("RELIEF_PORT", "8080")), SECONDS)
    try:
        connection.request("GET", "/readyz")
        status = connection.getresponse().status
    except ConnectionRefusedError:
        return 0 if _beats() else 1
    except (OSError, HTTPException):
        return 1
    return 0 if status == 200 else 1  # noqa: PLR2004  the one status of readiness


def _beats() -> bool:
    try:
        beaten = Path(os.environ.get("RELIEF_HEARTBEAT_FILE", "/nowhere")).stat().st_mtime
        return time.time() - beaten < HEARTBEAT_SECONDS_MAX
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main())
