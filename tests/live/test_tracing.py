"""Traces of a request, its statements and its jobs reach a collector that speaks OTLP over HTTP."""

import gzip
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from tests.servers import redis as redis_server
from tests.servers.postgresql import PostgresqlServer
from tests.servers.product import start_product


class Collector:
    """POST /v1/traces of OTLP/HTTP: protobuf, perhaps gzipped (opentelemetry-proto, trace_service.proto)."""

    def __init__(self) -> None:
        self.spans: list[tuple[dict[str, str], Span]] = []
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                assert self.path == "/v1/traces"
                collector.take(ExportTraceServiceRequest.FromString(body))
                self.send_response(200)
                self.send_header("Content-Type", "application/x-protobuf")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *arguments: object) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def take(self, request: ExportTraceServiceRequest) -> None:
        for resource in request.resource_spans:
            attributes = {item.key: item.value.string_value for item in resource.resource.attributes}
            for scope in resource.scope_spans:
                self.spans += [(attributes, span) for span in scope.spans]

    def wait_for(self, name: str, seconds: float = 20) -> tuple[dict[str, str], Span]:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for resource, span in list(self.spans):
                if span.name == name:
                    return resource, span
            time.sleep(0.1)
        raise AssertionError(f"no span {name!r} in {sorted({span.name for _, span in self.spans})}")


@pytest.fixture
def collector() -> Iterator[Collector]:
    running = Collector()
    yield running
    running.server.shutdown()


@pytest.mark.timeout(180)
def test_a_request_its_statements_and_its_jobs_are_traced(
    collector: Collector, postgresql_server: PostgresqlServer, tmp_path: Path
) -> None:
    database = postgresql_server.create_migrated_database("tracing")
    with (
        redis_server.start(tmp_path / "redis") as redis,
        start_product(
            tmp_path,
            with_worker=True,
            DATABASE_URL=database,
            CACHE_URL=redis.url(),
            BROKER_URL=redis.url(1),
            OTEL_EXPORTER_OTLP_ENDPOINT=collector.url,
            OTEL_BSP_SCHEDULE_DELAY="200",
            OTEL_SERVICE_NAME="files-of-ada",
        ) as product,
    ):
        account = product.create_account("ada@example.com")
        url = f"{product.base_url}/api/v1/content/a.txt"
        answer = requests.put(url, data=b"x" * 1000, headers=account.headers, timeout=20)
        assert answer.status_code == 201
        requests.get(f"{product.base_url}/healthz", timeout=20)
        resource, request = collector.wait_for("PUT content")
        job, _ = collector.wait_for("run/search.tasks.index_spaces")
    assert resource["service.name"] == "files-of-ada"
    assert (resource["dropbox_clone.role"], job["dropbox_clone.role"]) == ("web", "worker")
    attributes = {item.key: item.value.string_value for item in request.attributes}
    assert attributes["dropbox_clone.request_id"] == answer.headers["X-Request-ID"]
    below = [span for _, span in collector.spans if span.parent_span_id == request.span_id]
    assert {span.name for span in below} >= {"SELECT", "INSERT"}, {span.name for span in below}
    assert all(span.trace_id == request.trace_id for span in below)
    names = {span.name for _, span in collector.spans}
    assert "GET probes" not in names
    assert account.token not in str(collector.spans)
