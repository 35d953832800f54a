"""How we speak with insurers: the port, and one dialect per file."""

from app.outside.insurers.client import open_client
from app.outside.insurers.dialects import DIALECTS, Dialect, KeyKind
from app.outside.insurers.port import (
    Accepted,
    AccountQuestion,
    Endpoint,
    HandedOver,
    Instruction,
    InsurerDialect,
    Match,
    NotSent,
    Rejected,
    SendResult,
    Unknown,
)
from app.outside.insurers.rest import RestDialect
from app.outside.insurers.speaking import Speaker

__all__ = [
    "DIALECTS",
    "Accepted",
    "AccountQuestion",
    "Dialect",
    "Endpoint",
    "HandedOver",
    "Instruction",
    "InsurerDialect",
    "KeyKind",
    "Match",
    "NotSent",
    "Rejected",
    "RestDialect",
    "SendResult",
    "Speaker",
    "Unknown",
    "open_client",
]
