"""Telling others by webhook: schemes, states, when a failed delivery is tried again."""

from datetime import timedelta
from enum import StrEnum


class Scheme(StrEnum):
    """How a message is signed (Standard Webhooks): HMAC-SHA256, or Ed25519."""

    HMAC = "v1"
    ED25519 = "v1a"


class EndpointState(StrEnum):
    """Whether an endpoint is told anything."""

    ACTIVE = "active"
    DISABLED = "disabled"
    REMOVED = "removed"


class DeliveryState(StrEnum):
    """Where one message to one endpoint is."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"


ENDPOINT_STATE_ZH: dict[EndpointState, str] = {
    EndpointState.ACTIVE: "启用",
    EndpointState.DISABLED: "停用",
    EndpointState.REMOVED: "已删除",
}
DELIVERY_STATE_ZH: dict[DeliveryState, str] = {
    DeliveryState.WAITING: "待投递",
    DeliveryState.DELIVERED: "已送达",
    DeliveryState.FAILED: "投递失败",
}
# Why an endpoint is told nothing.
GONE, UNREACHABLE, BY_HAND, KEY_REVOKED = "gone", "unreachable", "by_hand", "key_revoked"
REASON_ZH: dict[str, str] = {
    GONE: "对方答复 410，不再接收",
    UNREACHABLE: "重试约三天均未送达",
    BY_HAND: "人工停用",
    KEY_REVOKED: "创建它的密钥已吊销",
}
# The pauses after the first attempt and each later one; together 75 hours and 35 minutes
# (the table of the Standard Webhooks specification).
PAUSES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
ATTEMPTS_MAX = len(PAUSES) + 1
JITTER_PER_MILLE = 100  # a pause is lengthened by up to so much, so that many do not come at once

# After so many failures in a row the endpoint itself rests, and one message at a time finds out
# whether it is back; so a dead receiver with a long queue costs one call per rest.
BREAKER_FAILURES = 3
_REST_FIRST, _REST_MOST = timedelta(seconds=5), timedelta(minutes=5)


def pause_after(attempts: int, jitter_per_mille: int) -> timedelta | None:
    """Give the pause after so many failed attempts (1 or more); None when the table is through.

    `jitter_per_mille` is 0 to JITTER_PER_MILLE, by chance.
    """
    if attempts >= ATTEMPTS_MAX:
        return None
    return PAUSES[attempts - 1] * (1_000 + jitter_per_mille) // 1_000


def rest_after(failures: int) -> timedelta:
    """Give how long an endpoint rests after so many failures in a row."""
    if failures < BREAKER_FAILURES:
        return timedelta()
    doubled: int = 2 ** min(failures - BREAKER_FAILURES, 10)
    return min(_REST_FIRST * doubled, _REST_MOST)
