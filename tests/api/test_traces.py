"""OpenTelemetry: nothing without a setting; with one, spans without words reach a collector over OTLP."""

import gzip
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.conftest import House
from wiring.settings import Settings
from wiring.traces import TOLD, Traces, of_fastapi, traces_of

CANARY = "Zora-writes-this"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


@dataclass
class Collector:
    """An OTLP collector of our own: keeps the spans that are posted to it."""

    url: str
    raw: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Any]:
        from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

        return [
            span
            for body in self.raw
            for resource in ExportTraceServiceRequest.FromString(body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Take(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            kept.raw.append(gzip.decompress(body) if self.headers.get("content-encoding") == "gzip" else body)
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Take)
    kept = Collector(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield kept
    server.shutdown()
    server.server_close()


def test_without_a_setting_there_is_no_span_and_the_environment_is_not_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")

    assert traces_of(Settings(home=tmp_path), "api") is None
    told = of_fastapi(None)
    assert not any(told[name] for name in ("tracing", "logs", "metrics", "auto_configure"))


def test_a_request_reaches_the_collector_in_the_trace_of_its_caller_and_without_words(
    house: House, collector: Collector, tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path, telemetry={"endpoint": collector.url})  # type: ignore[arg-type]
    traces = traces_of(settings, "api")
    assert traces is not None
    headers = {
        "Authorization": f"Bearer {house.keys['all']}",
        "traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01",
    }
    with TestClient(create_app(parts=house.parts, traces=traces)) as client:
        client.get(f"/v1/cases?search={CANARY}", headers=headers)
        client.get(f"/v1/messages/{CANARY}", headers=headers)
        client.post("/v1/classify", json={"text": CANARY}, headers=headers)
    traces.provider.force_flush()

    spans = collector.spans()
    assert {span.name for span in spans} == {
        "GET /v1/cases",
        "GET /v1/messages/{message_id}",
        "POST /v1/classify",
    }
    assert {span.trace_id.hex() for span in spans} == {TRACE_ID}
    assert {attribute.key for span in spans for attribute in span.attributes} <= TOLD
    assert not any(CANARY.encode() in body for body in collector.raw)
    traces.provider.shutdown()


def test_a_job_has_a_span_and_its_error_a_class_alone(collector: Collector) -> None:
    traces = Traces(collector.url, service="prepare")
    with pytest.raises(RuntimeError), traces.job("prepare", "msg_1"):
        raise RuntimeError(CANARY)
    traces.provider.force_flush()

    [span] = collector.spans()
    told = {attribute.key: attribute.value.string_value for attribute in span.attributes}
    assert told == {"tactful.job": "prepare", "tactful.id": "msg_1", "error.type": "RuntimeError"}
    assert not any(CANARY.encode() in body for body in collector.raw)
    traces.provider.shutdown()
