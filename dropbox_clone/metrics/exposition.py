"""All numbers of one replica, in the format that Prometheus asks for, and GET /metrics. Nobody may read it unless
METRICS_TOKEN or METRICS_ALLOW says who; others find nothing there.
"""

from collections.abc import Iterable
from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

from dropbox_clone.metrics import directory, flusher

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


class _Replica(Collector):
    """The processes' own numbers: from their files, or of this one process where there are none."""

    def collect(self) -> Iterable[Metric]:
        from prometheus_client.multiprocess import MultiProcessCollector

        from dropbox_clone.metrics.definitions import OWN

        flusher.flush()
        folder = directory.current()
        if folder is None:
            yield from OWN.collect()
            return
        with directory.shared():
            yield from MultiProcessCollector(None, str(folder)).collect()


def text(accept: str, *, with_state: bool = True) -> tuple[bytes, str]:
    """The body and its media type."""
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import choose_encoder

    from dropbox_clone.metrics.state import StateCollector

    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Replica())
    if with_state:
        registry.register(StateCollector())
    encode, media_type = choose_encoder(accept)
    return encode(registry), media_type


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not (_has_token(request) or _is_near(request)):
        raise Http404

    body, media_type = text(request.headers.get("Accept", ""))
    return HttpResponse(body, content_type=media_type, headers={"Cache-Control": "no-store"})


def _has_token(request: HttpRequest) -> bool:
    scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    expected = settings.METRICS_TOKEN
    return bool(expected) and scheme.lower() == "bearer" and constant_time_compare(value.strip(), expected)


def _is_near(request: HttpRequest) -> bool:
    """By address only for direct requests: through a balancer, everybody has the address of the balancer."""
    if not settings.METRICS_ALLOW or any(name in request.META for name in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR") or "")
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address.version == network.version and address in network for network in settings.METRICS_ALLOW)
