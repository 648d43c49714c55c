"""OpenTelemetry by setting: spans of requests and jobs to a collector, without what anybody wrote.

Off unless `telemetry.endpoint` is set; then the extra `otel` has to be installed.
"""

import atexit
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any

from care.errors import BadSettings

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
    from opentelemetry.sdk.trace.export import SpanExporter

    from wiring.settings import Settings

TOLD = frozenset(
    {
        "http.request.method", "http.route", "http.response.status_code", "error.type", "url.scheme",
        "network.protocol.version", "code.function.name", "tactful.job", "tactful.id",
    }
)  # fmt: skip
"""Attributes of a span that leave. A path and a query hold what customers wrote, and ids of other systems."""

MISSING = "telemetry.endpoint is set, and OpenTelemetry is not installed: pip install 'tactful[otel]'"


class Traces:
    """Where the spans of one process go. exporter: for tests, in place of the collector's."""

    def __init__(self, endpoint: str, *, service: str, exporter: "SpanExporter | None" = None) -> None:
        self._endpoint, self._service, self._exporter = endpoint, service, exporter

    @cached_property
    def provider(self) -> "TracerProvider":
        """Raises BadSettings where OpenTelemetry is not installed."""
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor
        except ImportError as error:
            raise BadSettings(MISSING) from error
        provider = TracerProvider(resource=Resource.create({"service.name": f"tactful-{self._service}"}))
        exporter = self._exporter or OTLPSpanExporter(endpoint=f"{self._endpoint.rstrip('/')}/v1/traces")
        provider.add_span_processor(BatchSpanProcessor(_without_words(exporter)))
        atexit.register(provider.shutdown)
        return provider

    @contextmanager
    def job(self, name: str, id: str) -> Iterator[None]:
        """A span around one job."""
        tracer = self.provider.get_tracer("tactful")
        with tracer.start_as_current_span(f"job {name}", record_exception=False, set_status_on_exception=False) as span:
            span.set_attributes({"tactful.job": name, "tactful.id": id})
            try:
                yield
            except Exception as error:
                span.set_attribute("error.type", type(error).__name__)
                raise


def traces_of(settings: "Settings", service: str) -> Traces | None:
    """None where no collector is named. service: which process this is, such as `api` or `prepare`."""
    endpoint = settings.telemetry.endpoint
    if not endpoint:
        return None
    traces = Traces(endpoint, service=service)
    _ = traces.provider  # what is missing is told at the start, not by every job
    return traces


def of_fastapi(traces: Traces | None) -> dict[str, Any]:
    """What FastAPI is told: spans where there is a collector, and nothing from the environment. Its logs hold words."""
    off: dict[str, Any] = {"logs": False, "metrics": False, "auto_configure": False, "operation_spans": False}
    return off | ({"tracing": False} if traces is None else {"tracer_provider": traces.provider})


def _without_words(exporter: "SpanExporter") -> Any:
    """An exporter that passes on what stands in TOLD, and no events, whose words could quote a customer."""
    from opentelemetry.sdk.trace import ReadableSpan

    def cleaned(span: "ReadableSpan") -> "ReadableSpan":
        attributes: Mapping[str, Any] = span.attributes or {}
        return ReadableSpan(
            name=span.name,
            context=span.context,
            parent=span.parent,
            resource=span.resource,
            attributes={name: value for name, value in attributes.items() if name in TOLD},
            kind=span.kind,
            status=span.status,
            start_time=span.start_time,
            end_time=span.end_time,
            instrumentation_scope=span.instrumentation_scope,
        )

    class WithoutWords:
        """A SpanExporter by its methods: the base class is not there where OpenTelemetry is not."""

        def export(self, spans: Any) -> Any:
            return exporter.export([cleaned(span) for span in spans])

        def shutdown(self) -> None:
            exporter.shutdown()

        def force_flush(self, timeout_millis: int = 30_000) -> bool:
            return bool(exporter.force_flush(timeout_millis))

    return WithoutWords()
