"""Traces: spans of requests, jobs, statements and calls, sent to a collector (the extra `otel`).

A span tells which route, statement or host it was, how long it took and whether it went well. Only
attributes that are named here leave the process: what libraries put on their spans besides (paths,
queries, addresses, messages of errors) may hold a person's data. Nothing about a trace is told to
insurers. Switched off, which is the default, a span costs a comparison.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any
from urllib.parse import urlsplit

from app.observe.redaction import mask_numbers

STATEMENT_MAX = 1_000
_TOLD = frozenset(
    {
        "http.request.method", "http.method", "http.route",
        "http.response.status_code", "http.status_code",
        "server.address", "server.port", "net.peer.name", "net.peer.port",
        "db.system", "db.system.name", "db.name", "db.namespace", "error.type", "relief.job",
    }
)  # fmt: skip
_ADDRESSES = frozenset({"http.url", "url.full"})  # of which the host is told, and no more
_STATEMENTS = frozenset({"db.statement", "db.query.text"})
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_PARENT = "traceparent"
_NOTHING: AbstractContextManager[None] = nullcontext()

_tracer: Any = None


class TracesUnavailable(Exception):
    """Traces are asked for, and what sends them is not installed."""


def send_traces(url: str, *, service: str, version: str, ratio: float, sender: Any = None) -> None:
    """Send spans to the OTLP collector at `url` (HTTP, protobuf) from now on.

    `ratio` of the traces that begin here are sent, 0 to 1; one that began elsewhere is sent when
    its beginning was. `sender` takes the place of the collector in tests. Raises TracesUnavailable.
    """
    global _tracer  # noqa: PLW0603  one process has one place that its spans go to
    try:
        from opentelemetry import propagate  # noqa: PLC0415  the extra may not be installed
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor  # noqa: PLC0415
        from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor  # noqa: PLC0415
        from opentelemetry.propagators.composite import CompositePropagator  # noqa: PLC0415
        from opentelemetry.sdk.resources import Resource  # noqa: PLC0415
        from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415
        from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio  # noqa: PLC0415
    except ImportError as error:
        raise TracesUnavailable(str(error)) from error
    propagate.set_global_textmap(CompositePropagator([]))  # insurers are told nothing
    provider = TracerProvider(
        sampler=ParentBasedTraceIdRatio(ratio),
        resource=Resource.create({"service.name": service, "service.version": version}),
    )
    provider.add_span_processor(
        BatchSpanProcessor(_cleaning(sender or OTLPSpanExporter(endpoint=url)))
    )
    for kind in (AsyncPGInstrumentor, HTTPXClientInstrumentor):
        kind().instrument(tracer_provider=provider)
    _tracer = provider.get_tracer("relief", version)


def stop_traces() -> None:
    """Send what is left, and nothing any more."""
    global _tracer  # noqa: PLW0603  as above
    if _tracer is None:
        return
    from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor  # noqa: PLC0415
    from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor  # noqa: PLC0415

    for kind in (AsyncPGInstrumentor, HTTPXClientInstrumentor):
        kind().uninstrument()
    _tracer.span_processor.shutdown()
    _tracer = None


def request_span(headers: Sequence[tuple[bytes, bytes]]) -> AbstractContextManager[Any]:
    """Open the span of a request; it joins the caller's trace when the headers name one."""
    if _tracer is None:
        return _NOTHING
    return _request_span(
        {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
    )


@contextmanager
def _request_span(headers: Mapping[str, str]) -> Iterator[Any]:
    from opentelemetry.trace import SpanKind  # noqa: PLC0415
    from opentelemetry.trace.propagation.tracecontext import (  # noqa: PLC0415
        TraceContextTextMapPropagator,
    )

    context = TraceContextTextMapPropagator().extract(
        {_PARENT: headers[_PARENT]} if _PARENT in headers else {}
    )
    with _tracer.start_as_current_span("request", context, SpanKind.SERVER) as span:
        yield span


def end_request_span(span: Any, method: str, route: str, status: int) -> None:
    """Say on a request's span what became of it. `route` is a template."""
    if span is None:
        return
    from opentelemetry.trace import StatusCode  # noqa: PLC0415

    span.update_name(f"{method} {route}")
    span.set_attributes(
        {"http.request.method": method, "http.route": route, "http.response.status_code": status}
    )
    if status >= 500 or not status:  # noqa: PLR2004  ours, not the caller's
        span.set_status(StatusCode.ERROR)


def job_span(kind: str) -> AbstractContextManager[Any]:
    """Open the span of a job."""
    if _tracer is None:
        return _NOTHING
    opened: AbstractContextManager[Any] = _tracer.start_as_current_span(
        f"job {kind}", attributes={"relief.job": kind}
    )
    return opened


def ids_of(span: Any) -> dict[str, str]:
    """Give the ids that log lines carry beside the request's: the trace's and the span's."""
    if span is None:
        return {}
    context = span.get_span_context()
    return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}


def _cleaning(sender: Any) -> Any:
    """Wrap what sends spans: it gets them without anything that is not named above."""
    from opentelemetry.sdk.trace.export import SpanExporter  # noqa: PLC0415

    class Cleaning(SpanExporter):
        def export(self, spans: Sequence[Any]) -> Any:
            return sender.export([_cleaned(span) for span in spans])

        def shutdown(self) -> None:
            sender.shutdown()

    return Cleaning()


def _cleaned(span: Any) -> Any:
    from opentelemetry.sdk.trace import ReadableSpan  # noqa: PLC0415
    from opentelemetry.trace import Status  # noqa: PLC0415

    return ReadableSpan(
        name=_without_values(span.name),
        context=span.context,
        parent=span.parent,
        resource=span.resource,
        attributes=_told(span.attributes or {}),
        kind=span.kind,
        instrumentation_scope=span.instrumentation_scope,
        status=Status(span.status.status_code),  # without its words
        start_time=span.start_time,
        end_time=span.end_time,
    )


def _told(attributes: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: value for name, value in attributes.items() if name in _TOLD}
    for name in _STATEMENTS & attributes.keys():
        told[name] = _without_values(str(attributes[name]))
    for name in _ADDRESSES & attributes.keys():
        told["server.address"] = urlsplit(str(attributes[name])).hostname or ""
    return told


def _without_values(text: str) -> str:
    """Take literals and long numbers out of a statement: ours are bound, and stand nowhere."""
    return mask_numbers(_LITERAL.sub("'…'", text))[:STATEMENT_MAX]
