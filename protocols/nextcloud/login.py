"""Login flow v2, the two addresses of the client; the person's page is accounts/web/login_flow.py."""

from http import HTTPStatus
from io import BytesIO
from urllib.parse import parse_qs

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.multipartparser import MultiPartParser, MultiPartParserError
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from accounts import links
from accounts.actions.login_flow import fetch_login_flow, start_login_flow
from accounts.request_actor import visitor_of
from common.errors import CodedError
from http_kit.errors import BodyBroken, TooLarge
from http_kit.json_body import parse_json, read_body

MAXIMUM_BODY = 4096  # bytes
NO_STORE = {"Cache-Control": "no-store"}


@csrf_exempt  # a client begins, and no session counts
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """POST /index.php/login/v2: where to send the person, and how to ask whether they have granted."""
    if not settings.LINKS_KNOWN:
        links.report("A sync client's sign-in")
        refused = {"message": "This server does not know its own address: whoever runs it sets BASE_URL."}
        return JsonResponse(refused, status=HTTPStatus.SERVICE_UNAVAILABLE, headers=NO_STORE)
    new = start_login_flow(visitor_of(request))
    body = {
        "poll": {
            "token": new.poll_secret,
            "endpoint": links.absolute(reverse("nextcloud:login_poll")),
        },
        "login": links.absolute(reverse("nextcloud:login_grant", args=[new.login_secret])),
    }
    return JsonResponse(body, headers=NO_STORE)


@csrf_exempt  # the secret in the body decides, and no session counts
@require_POST
def poll(request: HttpRequest) -> HttpResponse:
    """POST /index.php/login/v2/poll with `token`: 404 until it is granted, then once the app password."""
    try:
        fetched = fetch_login_flow(visitor_of(request), poll_secret=_token(request))
    except (TooLarge, RequestDataTooBig):
        return _refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    except CodedError:
        return _refused(HTTPStatus.NOT_FOUND)
    except (BodyBroken, MultiPartParserError, SuspiciousOperation):
        return _refused(HTTPStatus.BAD_REQUEST)
    body = {
        "server": settings.BASE_URL,
        "loginName": fetched.user.email,
        "appPassword": fetched.new.secret,
    }
    return JsonResponse(body, headers=NO_STORE)


def _refused(status: HTTPStatus) -> JsonResponse:
    return JsonResponse([], safe=False, status=status, headers=NO_STORE)


def _token(request: HttpRequest) -> str:
    """From a form or JSON; "" when it is in neither."""
    body = read_body(request, MAXIMUM_BODY)
    if request.content_type == "multipart/form-data":
        meta = {**request.META, "CONTENT_LENGTH": str(len(body))}
        form, _ = MultiPartParser(meta, BytesIO(body), request.upload_handlers).parse()
        return str(form.get("token", ""))
    if request.content_type == "application/json":
        try:
            found = parse_json(body)
        except Exception:  # whatever is wrong with it, it names no flow
            return ""
        token = found.get("token") if isinstance(found, dict) else None
        return token if isinstance(token, str) else ""
    return parse_qs(body.decode("latin-1")).get("token", [""])[0]
