"""THE GROUND, logs: JSON lines with a request id and without personal data."""

from app.observe.logs import bind_request, configure_logs, forget_request, get_logger, request_id
from app.observe.retries import watch_retries

__all__ = [
    "bind_request",
    "configure_logs",
    "forget_request",
    "get_logger",
    "request_id",
    "watch_retries",
]
