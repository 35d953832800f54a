"""Traces: what was done and how long it took is told to a collector, and no person."""

import json
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from app.observe.spans import ids_of, job_span, request_span, send_traces, stop_traces

NAME, NUMBER = "王某某", "990101199001010015"


@pytest.fixture
def sent() -> Iterator[InMemorySpanExporter]:
    """Traces to a place of their own; what was sent is there after `stop_traces`."""
    sender = InMemorySpanExporter()
    send_traces("http://127.0.0.1:9", service="t", version="0", ratio=1.0, sender=sender)
    yield sender
    stop_traces()


def test_switched_off_nothing_is_opened() -> None:
    with request_span([]) as request, job_span("assess") as job:
        assert (request, job) == (None, None)
    assert ids_of(None) == {}


async def test_what_libraries_put_on_a_span_stays_here_unless_it_is_named(
    sent: InMemorySpanExporter,
) -> None:
    with job_span("refer_claim") as span:
        span.set_attribute("db.statement", f"SELECT '{NAME}', 6200000000000000008 WHERE a = $1")
        span.set_attribute("url.full", f"https://insurer/{NUMBER}?name={NAME}")
        span.record_exception(ValueError(NAME))
        span.set_status(span.status.status_code, NAME)
        transport = httpx.AsyncHTTPTransport()
        async with httpx.AsyncClient(transport=transport) as client:
            with pytest.raises(httpx.ConnectError):
                await client.get(f"http://127.0.0.1:1/{NUMBER}", params={"name": NAME})
        await transport.aclose()
    with pytest.raises(ValueError, match=NAME), job_span("assess"):
        raise ValueError(NAME)
    stop_traces()
    told = [json.loads(span.to_json()) for span in sent.get_finished_spans()]
    text = json.dumps(told, ensure_ascii=False)
    assert not [canary for canary in (NAME, NUMBER) if canary in text]
    (called,) = [one for one in told if one["name"] == "GET"]
    assert called["attributes"] == {"http.method": "GET", "server.address": "127.0.0.1"}
    (job,) = [one for one in told if one["name"] == "job refer_claim"]
    assert called["context"]["trace_id"] == job["context"]["trace_id"]
    assert job["attributes"]["db.statement"] == "SELECT '…', […] WHERE a = $1"
    (failed,) = [one for one in told if one["name"] == "job assess"]
    assert failed["status"] == {"status_code": "ERROR"}


async def test_insurers_are_told_nothing_of_a_trace(sent: InMemorySpanExporter) -> None:
    seen: list[httpx.Headers] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.headers)
        return httpx.Response(200)

    with job_span("refer_claim"):
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer)) as client:
            await client.post("http://insurer/v1/instructions")
    assert not {"traceparent", "tracestate", "baggage"} & set(seen[0])
