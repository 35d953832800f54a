"""THE GROUND, embedded PostgreSQL: found, laid, started once for every process that asks."""

from app.launcher.errors import LauncherError
from app.launcher.server import database_url, ensure_server, server_url, stop_server

__all__ = ["LauncherError", "database_url", "ensure_server", "server_url", "stop_server"]
