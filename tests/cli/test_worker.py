"""relief worker: a process that is told to stop, at whatever moment."""

import os
import subprocess
import sys
from pathlib import Path

from tests.insurer import until


def test_a_worker_that_still_waits_for_its_database_stops_in_order(tmp_path: Path) -> None:
    beats = tmp_path / "alive"
    environment = {
        **os.environ,
        "RELIEF_DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nowhere",
        "RELIEF_DATA_DIR": str(tmp_path),
        "RELIEF_HEARTBEAT_FILE": str(beats),
    }
    command = [sys.executable, "-m", "app.cli", "worker"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as worker:
        try:
            until(beats.exists, seconds=30)
            worker.terminate()
            assert worker.wait(20) == 0
        finally:
            worker.kill()
