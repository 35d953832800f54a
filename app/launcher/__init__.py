"""THE GROUND, embedded PostgreSQL: found, laid, started once for every process that asks."""

from app.launcher.backup import back_up, put_back
from app.launcher.errors import LauncherError
from app.launcher.server import database_url, ensure_server, server_url, stop_server

__all__ = [
    "LauncherError",
    "back_up",
    "database_url",
    "ensure_server",
    "put_back",
    "server_url",
    "stop_server",
]
