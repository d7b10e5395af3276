"""Previews and avatars: there are none yet, and a client that is told so shows an icon of its own."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from accounts.request_actor import authenticate_request
from common.errors import CodedError
from protocols.dav import errors


@csrf_exempt
@require_safe
def none(request: HttpRequest, path: str = "") -> HttpResponse:
    """404 to whoever is signed in, whatever it is of: so nobody learns by it what there is."""
    try:
        authenticate_request(request)
    except CodedError as error:
        return errors.answer(error, request)
    return JsonResponse([], safe=False, status=HTTPStatus.NOT_FOUND, headers={"Cache-Control": "private, no-store"})
