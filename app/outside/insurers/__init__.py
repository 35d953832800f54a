"""How we speak with insurers: the port, and one dialect per file."""

from app.outside.insurers.port import (
    Accepted,
    Endpoint,
    Instruction,
    InsurerDialect,
    NotSent,
    Rejected,
    SendResult,
    Unknown,
)
from app.outside.insurers.rest import RestDialect, open_client

DIALECTS: dict[str, type[RestDialect]] = {"rest": RestDialect}

__all__ = [
    "DIALECTS",
    "Accepted",
    "Endpoint",
    "Instruction",
    "InsurerDialect",
    "NotSent",
    "Rejected",
    "RestDialect",
    "SendResult",
    "Unknown",
    "open_client",
]
