"""A traced request through the door: route, statements and time are told, and no person."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.observe import configure_logs
from app.observe.spans import send_traces, stop_traces
from tests.api.conftest import Client
from tests.api.story import keyed
from tests.contracts import TOWN

NAME, NUMBER, ACCOUNT = "王某某", "990101199001010015", "6200000000000000008"
TRACE = "0af7651916cd43dd8448eb211c80319c"


@pytest.fixture
def sent() -> Iterator[InMemorySpanExporter]:
    """Traces to a place of their own; what was sent is there after `stop_traces`."""
    sender = InMemorySpanExporter()
    send_traces("http://127.0.0.1:9", service="t", version="0", ratio=1.0, sender=sender)
    yield sender
    stop_traces()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before, plain = (root.handlers, root.level), structlog.get_config()
    stream = io.StringIO()
    configure_logs("info", stream)
    yield stream
    root.handlers, level = before
    root.setLevel(level)
    structlog.configure(**plain)


async def test_a_request_its_statements_and_its_log_line_are_one_trace_and_name_nobody(
    township: Client, sent: InMemorySpanExporter, lines: io.StringIO
) -> None:
    draft = {
        "area_code": str(TOWN),
        "person": {"name": NAME, "id_number": NUMBER},
        "payees": [{"name": NAME, "account": ACCOUNT, "bank": "测试银行", "share_bp": 10000}],
    }
    made = await township.post("/v1/notices", json=draft, headers=keyed())
    assert made.status_code == 201
    asked = await township.get(
        "/v1/claims/990127-2026-999999-1",
        params={"x": NUMBER},
        headers={"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"},
    )
    assert asked.status_code >= 400
    stop_traces()
    spans = sent.get_finished_spans()
    told = [json.loads(span.to_json()) for span in spans]
    text = json.dumps(told, ensure_ascii=False) + lines.getvalue()
    assert not [canary for canary in (NAME, NUMBER, ACCOUNT, "999999") if canary in text]
    (posted,) = [one for one in told if one["name"] == "POST /v1/notices"]
    assert posted["attributes"] == {
        "http.request.method": "POST",
        "http.route": "/v1/notices",
        "http.response.status_code": 201,
    }
    trace = posted["context"]["trace_id"]
    statements = [
        one
        for one in told
        if one["context"]["trace_id"] == trace and "db.statement" in one["attributes"]
    ]
    assert len(statements) > 1
    (line,) = [
        json.loads(line) for line in lines.getvalue().splitlines() if '"/v1/notices"' in line
    ]
    assert f"0x{line['trace_id']}" == trace
    assert f"0x{line['span_id']}" == posted["context"]["span_id"]
    (got,) = [one for one in told if one["name"] == "GET /v1/claims/{claim_no}"]
    assert got["context"]["trace_id"] == f"0x{TRACE}"
