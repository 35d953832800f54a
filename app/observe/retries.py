"""What is logged when a call is tried again: which, how often, how long; never its arguments."""

import stamina.instrumentation
import structlog


def watch_retries() -> None:
    """Replace stamina's own hooks, which print the arguments of the call."""
    stamina.instrumentation.set_on_retry_hooks([_say])


def _say(details: stamina.instrumentation.RetryDetails) -> None:
    structlog.get_logger("retries").warning(
        "retry.scheduled",
        call=details.name,
        retry=details.retry_num,
        wait_seconds=round(details.wait_for, 2),
        waited_seconds=round(details.waited_so_far, 2),
        caused_by=type(details.caused_by).__name__,
    )
