"""What is closed to a browser whose administrator acts as somebody else: the pages of sign-in, settings, teams and the
console are the administrator's own there, and would be taken for the person's.
"""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.support import SESSION_KEY

CLOSED = ("/accounts/", "/settings/", "/team/", "/admin/", "/setup/")
OPEN = ("/accounts/logout/",)


class SupportGateMiddleware:
    """Reads the session only for addresses that read it anyway."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        is_closed = path.startswith(CLOSED) and not path.startswith(OPEN)
        if is_closed and settings.SESSION_COOKIE_NAME in request.COOKIES and SESSION_KEY in request.session:
            messages.warning(request, _("This page is not open while you act as somebody else. End that first."))
            return redirect("accounts:support")
        return self.get_response(request)
