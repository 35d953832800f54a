"""Figures for machines that watch: read from what the guard took last, never counted on request.

But for the feed's lag: that is a look at the few events of the last moment; old, it says nothing.
"""

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from app import __version__
from app.api.reading import Reading, Reads
from app.db.feed import lag_ms
from app.db.guard import CheckRow, GaugeRow, Samples, read_checks, read_gauges
from app.db.revision import HEAD
from app.domain.caller import Act
from app.observe.metrics import MEDIA_TYPE, exposition

router = APIRouter(tags=["operation"])

Watching = Annotated[Reading, Depends(Reads(Act.READ_METRICS))]

TOLD = {
    "relief_claims_total": "Claims by status and scheme",
    "relief_callback_events_total": "Callbacks received, by insurer and what became of them",
    "relief_claim_overdue": "Claims past the day by which somebody owed something",
    "relief_outbox_lag_seconds": "Age of the oldest job that is due and not begun, by lane",
    "relief_instructions_open": "Instructions without a final answer, by insurer and state",
    "relief_reconciliation_difference_yuan": "Differences with statements that are not resolved",
    "relief_payout_holds": "Policies whose payouts are on hold, by invariant",
    "relief_summary_unfolded": "Changes of totals that are not folded in yet, by kind",
    "relief_jobs": "Jobs by lane that are due, running, waiting for later, or given up (dead)",
    "relief_lane_resting": "1 while a lane is paused or its breaker is open",
    "relief_webhook_deliveries_total": "Deliveries to webhook endpoints of 90 days, by result",
    "relief_webhook_oldest_seconds": "Age of the oldest event that an active endpoint was not told",
}


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
async def read_metrics(door: Watching) -> Response:
    """Read the figures of the whole service in the form of Prometheus."""
    async with door.transaction() as tx:
        checks, gauges = await read_checks(tx), await read_gauges(tx)
        lag = await lag_ms(tx)
    figures = {one.name: (TOLD.get(one.name, one.name), one.samples) for one in gauges}
    return Response(
        exposition(
            _invariants(checks) | figures | _about(gauges) | _feed(lag),
            door.request.app.state.times,
        ),
        media_type=MEDIA_TYPE,
        headers={"Cache-Control": "no-store"},
    )


def _invariants(checks: list[CheckRow]) -> dict[str, tuple[str, Samples]]:
    checked = [one for one in checks if one.checked_at is not None]
    return {
        "relief_invariant_red": (
            "Places that break an invariant, at its last whole check",
            [(_number(one), one.broken) for one in checked],
        ),
        "relief_invariant_checked_timestamp_seconds": (
            "When an invariant was last checked to the end",
            [(_number(one), one.checked_at.timestamp()) for one in checked if one.checked_at],
        ),
        "relief_invariant_unanswered": (
            "1 when the latest check of an invariant came to no end",
            [(_number(one), float(one.fault is not None)) for one in checks],
        ),
        "relief_invariant_seconds": (
            "How long the latest check of an invariant took",
            [(_number(one), one.took_ms / 1000) for one in checks],
        ),
    }


def _feed(lag: int) -> dict[str, tuple[str, Samples]]:
    return {
        "relief_feed_lag_seconds": (
            "Age of the oldest event that is not in the feed yet",
            [({}, lag / 1000)],
        )
    }


def _about(gauges: list[GaugeRow]) -> dict[str, tuple[str, Samples]]:
    return {
        "relief_measured_timestamp_seconds": (
            "When a figure was last taken: an old one tells nothing of now",
            [({"figure": one.name}, one.measured_at.timestamp()) for one in gauges],
        ),
        "relief_build_info": (
            "Which build answers, always 1",
            [({"version": __version__, "revision": HEAD}, 1.0)],
        ),
    }


def _number(one: CheckRow) -> dict[str, str]:
    return {"number": str(one.number)}
