"""Traces by OpenTelemetry, when OTEL_EXPORTER_OTLP_ENDPOINT names a collector. Without it nothing of it is imported.

The other variables of OpenTelemetry (OTEL_SERVICE_NAME, OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS, ...) are read
by its own library. Spans leave by a thread in the background; a collector that is away costs spans, not requests.
"""

from typing import Any

from dropbox_clone.configuration import Configuration
from dropbox_clone.env import ConfigurationError

EXPORT_TIMEOUT = 3  # seconds
# Probes would be most of all traces.
EXCLUDED = "healthz,readyz,metrics"


def instrument(configuration: Configuration) -> None:
    """Before the application is made: requests get a middleware, libraries are wrapped. Nothing is recorded until
    `start`. Raises ConfigurationError.
    """
    if not configuration.otlp_endpoint:
        return
    try:
        from opentelemetry.instrumentation.botocore import BotocoreInstrumentor
        from opentelemetry.instrumentation.celery import CeleryInstrumentor
        from opentelemetry.instrumentation.django import DjangoInstrumentor
        from opentelemetry.instrumentation.psycopg2 import Psycopg2Instrumentor
        from opentelemetry.instrumentation.redis import RedisInstrumentor
    except ImportError:
        raise ConfigurationError(
            "OTEL_EXPORTER_OTLP_ENDPOINT: traces need pip install --require-hashes -r requirements-otel.lock"
        ) from None
    DjangoInstrumentor().instrument(
        response_hook=_name_request, excluded_urls=EXCLUDED, is_sql_commentor_enabled=False, skip_dep_check=True
    )
    for instrumentor in (Psycopg2Instrumentor, RedisInstrumentor, CeleryInstrumentor, BotocoreInstrumentor):
        instrumentor().instrument(skip_dep_check=True)  # psycopg2-binary has another name than psycopg2


def start(configuration: Configuration, role: str) -> None:
    """In each process that serves, after its fork: the thread that sends."""
    if not configuration.otlp_endpoint:
        return
    from opentelemetry import trace
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    own = Resource.create({SERVICE_NAME: "dropbox_clone", "dropbox_clone.role": role})
    provider = TracerProvider(resource=own.merge(OTELResourceDetector().detect()))
    exporter = OTLPSpanExporter(endpoint=f"{configuration.otlp_endpoint}/v1/traces", timeout=EXPORT_TIMEOUT)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def _name_request(span: Any, request: Any, response: Any) -> None:
    """The endpoint, as in the metrics: endpoints of programs skip what Django's instrumentation names spans by."""
    if span is None or not span.is_recording():
        return
    from dropbox_clone.metrics.endpoints import endpoint_of

    span.update_name(f"{request.method} {endpoint_of(request.path_info)}")
    if (identifier := response.headers.get("X-Request-ID")) is not None:
        span.set_attribute("dropbox_clone.request_id", identifier)
