"""Who comes by a link, from a request, for its pages and its uploads. Nothing of a body is read.

Pages of links are forms of people whom nobody knows: there is no session to forge requests for. What a browser sends
along for other sites (the proof of a password, a session where the link is for a team) is refused by where it comes
from.
"""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from accounts.actor import Actor
from accounts.errors import CsrfFailed
from accounts.request_actor import SAFE_METHODS, acts_for, require_signed_in, second_factor_due_at, visitor_of
from accounts.support import SESSION_KEY
from common.clock import now
from sharing.guesses import open_for
from sharing.queries.link_access import OpenLink

COOKIE = "link"  # the proof of the password; its path is that of the link


def visitor(request: HttpRequest) -> Actor:
    """Who is signed in, or somebody unknown. A request without a session cookie asks for none. Who has no second factor
    though their team asks for one is nobody that it knows, after the time of grace. So is an administrator who acts as
    somebody else: a link for a team is opened by nobody in their place.
    """
    if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
        if SESSION_KEY in request.session:
            return visitor_of(request)
        due = second_factor_due_at(request)
        if due is None or due > now():
            return require_signed_in(request)
    return visitor_of(request)


def opened(request: HttpRequest, slug: str) -> OpenLink:
    """Raises CsrfFailed, TooManyAttempts, TooManyRequests, and what opening a link raises. Reads nothing of a body."""
    refuse_other_sites(request)
    found = open_for(visitor(request), slug, proof=request.COOKIES.get(COOKIE, ""))
    acts_for(request, found.actor)
    return found


def refuse_other_sites(request: HttpRequest) -> None:
    """Raises CsrfFailed for what the page of another site has sent, and for a cookie of which nobody says from where.
    Browsers say so with every form; programs have no cookies.
    """
    if request.method in SAFE_METHODS:
        return
    site, origin = request.META.get("HTTP_SEC_FETCH_SITE"), request.META.get("HTTP_ORIGIN")
    if site is not None and site not in ("same-origin", "none"):
        raise CsrfFailed
    if origin is not None and urlsplit(origin).netloc not in (request.get_host(), urlsplit(settings.BASE_URL).netloc):
        raise CsrfFailed
    if (
        site is None
        and origin is None
        and (COOKIE in request.COOKIES or settings.SESSION_COOKIE_NAME in request.COOKIES)
    ):
        raise CsrfFailed
