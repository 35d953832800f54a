"""回调: signed events from insurers; stored as they came, applied afterwards by the worker."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.api.answers import json_answer
from app.api.fields import View
from app.api.numbers import Code
from app.api.swift_route import SwiftRoute
from app.services.callbacks.receive_callback import receive_callback as receive

router = APIRouter(tags=["exchange"], route_class=SwiftRoute)

BODY = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["type", "timestamp", "data"],
                "properties": {
                    "type": {"type": "string", "examples": ["claim.decided"]},
                    "timestamp": {"type": "string", "format": "date-time"},
                    "data": {"type": "object"},
                },
            }
        }
    },
}
HEADERS = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}}
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature")
]


class CallbackReceipt(View):
    """The event is stored; `duplicate` when it had come before."""

    accepted: bool
    duplicate: bool
    event_id: str


@router.post(
    "/v1/callbacks/{insurer}/events",
    status_code=202,
    response_model=CallbackReceipt,
    openapi_extra={
        "requestBody": BODY,
        "parameters": HEADERS,
        "x-problems": [
            "callback.signature_invalid",
            "callback.timestamp_skew",
            "callback.conflict",
            "request.too_large",
        ],
    },
)
async def receive_callback(insurer: Code, request: Request) -> Response:
    """Take a callback: Standard Webhooks over the raw bytes, at most 64 KiB.

    From a partner gateway it is a signed form instead, and the headers are not needed.
    """
    raw = await request.body()
    headers = {name.lower(): value for name, value in request.headers.items()}
    receipt = await receive(
        request.app.state.database, insurer, headers, raw, request.state.request_id
    )
    shown = CallbackReceipt(accepted=True, duplicate=receipt.duplicate, event_id=receipt.event_id)
    return json_answer(shown.model_dump_json().encode(), 202, None)
