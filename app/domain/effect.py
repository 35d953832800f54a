"""What one piece of news came to: applied, old, or parked with its reason."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effect:
    """`applied`, `ignored_stale` (already so, or overtaken), or `parked` with the reason."""

    state: str
    reason: str | None = None


APPLIED = Effect("applied")


def stale(reason: str) -> Effect:
    """The callback tells nothing new."""
    return Effect("ignored_stale", reason)


def parked(reason: str) -> Effect:
    """The callback cannot be applied now; it is looked at again after each effect."""
    return Effect("parked", reason)
