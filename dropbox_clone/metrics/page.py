"""GET /metrics. Nobody may read it unless METRICS_TOKEN or METRICS_ALLOW says who; others find nothing there."""

from ipaddress import ip_address

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_VIA")


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    if not (_has_token(request) or _is_near(request)):
        raise Http404
    # It imports prometheus_client, which decides then where numbers live: see `directory.create`.
    from dropbox_clone.metrics.exposition import text

    body, media_type = text(request.headers.get("Accept", ""))
    return HttpResponse(body, content_type=media_type, headers={"Cache-Control": "no-store"})


def _has_token(request: HttpRequest) -> bool:
    scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    expected = settings.METRICS_TOKEN
    return bool(expected) and scheme.lower() == "bearer" and constant_time_compare(value.strip(), expected)


def _is_near(request: HttpRequest) -> bool:
    """By address only whoever asks this replica itself: through a balancer, everybody comes from the balancer's."""
    if not settings.METRICS_ALLOW or any(name in request.META for name in FORWARDED):
        return False
    try:
        address = ip_address(request.META.get("REMOTE_ADDR") or "")
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address.version == network.version and address in network for network in settings.METRICS_ALLOW)
