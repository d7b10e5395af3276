"""From a request to an Actor, for every endpoint: Bearer, Basic, or a session with its CSRF check.

Plain Django, so that hot endpoints (content, tus, DAV) need no REST framework. Nothing reads the body.

What outlives a session (tokens, app passwords, passkeys, second factors) is created only when its person has proved
recently who they are. A browser that was left open, or a stolen session, must not turn into something that lasts.
"""

import base64
import binascii
import copy
import time
from datetime import datetime
from functools import lru_cache
from typing import cast

from allauth.account.internal.flows.login import get_authentication_records
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.middleware.csrf import CsrfViewMiddleware
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from accounts import known_devices
from accounts.actor import Actor, principal_of
from accounts.at_once import threads
from accounts.authentication import actor_from_basic, actor_from_token, actor_from_user
from accounts.errors import CsrfFailed, InvalidCredentials, NotAuthenticated, SecondFactorSetupRequired, SupportEnded
from accounts.models import User
from accounts.support import SESSION_KEY, acting_as
from common import log_context
from common.client_address import parse_address

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "REPORT", "SEARCH"})


def authenticate_request(request: HttpRequest) -> Actor:
    """Who sends this request. An Authorization header decides alone; without one, the session cookie does.

    Raises NotAuthenticated (neither is there), InvalidCredentials, SecondFactorRequired, SecondFactorSetupRequired,
    TooManyAttempts, TooManyRequests, or CsrfFailed for an unsafe method with a session but without a CSRF token in the
    X-CSRFToken header.
    """
    if "HTTP_AUTHORIZATION" in request.META:
        return actor_from_header(request)
    actor = actor_from_session(request)
    if actor is None:
        raise NotAuthenticated
    return actor


def actor_from_header(request: HttpRequest) -> Actor:
    """Bearer (RFC 6750, section 2.1) or Basic (RFC 7617). Raises InvalidCredentials and the like."""
    scheme, _, value = request.META["HTTP_AUTHORIZATION"].strip().partition(" ")
    client, address = client_of(request), address_of(request)
    if scheme.lower() == "bearer":
        actor = actor_from_token(value.strip(), client=client, address=address)
        if actor is None:
            raise InvalidCredentials
        acts_for(request, actor)
        return actor
    if scheme.lower() == "basic":
        username, password = _decode_basic(value.strip())
        device = known_devices.number_of(request, username)
        actor = actor_from_basic(username, password, client=client, address=address, device=device)
        acts_for(request, actor)
        return actor
    raise InvalidCredentials


def basic_credentials(request: HttpRequest) -> tuple[str, str]:
    """User name and password as they came, whosever they are. Raises InvalidCredentials for another scheme."""
    scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").strip().partition(" ")
    if scheme.lower() != "basic":
        raise InvalidCredentials
    return _decode_basic(value.strip())


def actor_from_session(request: HttpRequest) -> Actor | None:
    """None without a session cookie, when no session is looked for, or when nobody is signed in. In a session in which
    an administrator acts as somebody else, that person (Actor.support).

    Raises CsrfFailed, SecondFactorSetupRequired, SupportEnded.
    """
    return _checked(request, oneself=False)


def authenticate_oneself(request: HttpRequest) -> Actor:
    """As authenticate_request, and who is signed in where that is an administrator who acts as somebody else: for what
    ends it.
    """
    if "HTTP_AUTHORIZATION" in request.META:
        return actor_from_header(request)
    actor = _checked(request, oneself=True)
    if actor is None:
        raise NotAuthenticated
    return actor


def _checked(request: HttpRequest, *, oneself: bool) -> Actor | None:
    if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
        return None
    actor = _from_session(request, request.user, oneself=oneself)
    if actor is not None:
        acts_for(request, actor)
        due = second_factor_due_at(request)
        if due is not None and due <= timezone.now():
            raise SecondFactorSetupRequired
        if request.method not in SAFE_METHODS:
            check_csrf(request)
    return actor


def second_factor_due_at(request: HttpRequest) -> datetime | None:
    """By when who is signed in has to set up a second factor; None for who has one, or whose team asks for none."""
    due: datetime | None = getattr(request.user, "second_factor_due_at", None)
    return due


def check_csrf(request: HttpRequest) -> None:
    """Django's own check, by header and origin only: a form field would mean reading the body.

    Raises CsrfFailed.
    """
    without_body = copy.copy(request)
    without_body._post = QueryDict()  # type: ignore[attr-defined]
    without_body._files = MultiValueDict()  # type: ignore[attr-defined]
    if _CsrfCheck(_no_answer).process_view(without_body, _no_answer, (), {}) is not None:
        raise CsrfFailed


def client_of(request: HttpRequest) -> str:
    """The program that sends the request, as it names itself."""
    return cast(str, request.META.get("HTTP_USER_AGENT", ""))[:200]


def address_of(request: HttpRequest) -> str | None:
    """The client's address; TrustedProxyMiddleware has put it into REMOTE_ADDR. None on a Unix socket."""
    return _address_text(request.META.get("REMOTE_ADDR") or "")


@lru_cache(4096)
def _address_text(remote: str) -> str | None:
    address = parse_address(remote)
    return str(address) if address is not None else None


def require_signed_in(request: HttpRequest, *, oneself: bool = False) -> Actor:
    """For pages behind login_required, which check CSRF by middleware. `oneself`: as in authenticate_oneself. Raises
    PermissionDenied, SupportEnded.
    """
    assert isinstance(request.user, User)
    actor = _from_session(request, request.user, oneself=oneself)
    if actor is None:
        raise PermissionDenied
    acts_for(request, actor)
    return actor


def enter_support(request: HttpRequest, access_id: int) -> None:
    """From the next request on the session acts as the person of this access (accounts.actions.support)."""
    request.session[SESSION_KEY] = access_id


def leave_support(request: HttpRequest, access_id: int | None = None) -> None:
    """The session is its own person's again; with an id only if it acts by that access."""
    session = getattr(request, "session", None)
    if session is not None and access_id in (None, session.get(SESSION_KEY)):
        session.pop(SESSION_KEY, None)


def shown_to(request: HttpRequest) -> Actor:
    """For what is around pages, errors included: where a support access has ended, whoever is signed in."""
    try:
        return actor_in(request) or require_signed_in(request)
    except SupportEnded:
        return require_signed_in(request, oneself=True)


def actor_in(request: HttpRequest) -> Actor | None:
    """Who was found to send this request; None before anybody was looked up."""
    found: Actor | None = getattr(request, "_actor", None)
    return found


def _from_session(request: HttpRequest, user: User, *, oneself: bool) -> Actor | None:
    session = getattr(request, "session", None)
    actor = actor_from_user(
        user,
        client=client_of(request),
        address=address_of(request),
        session_key=None if session is None else session.session_key,
        proved_recently=proved_recently(request),
    )
    access_id = None if session is None else session.get(SESSION_KEY)
    if access_id is None or actor is None or oneself:
        return actor
    found: Actor | None = getattr(request, "_supported", None)  # pages ask several times
    if found is None:
        found = acting_as(access_id, actor)
        request._supported = found  # type: ignore[attr-defined]
    return found


def acts_for(request: HttpRequest, actor: Actor) -> None:
    """From here on this thread works for them, and what it streams is watched. The actor of a link is found elsewhere,
    and comes here too. Raises TooManyRequests.
    """
    request._actor = actor  # type: ignore[attr-defined]
    log_context.acts(actor.user_id)
    threads.begin(actor.counted_as)


def actor_for(request: HttpRequest, user: User) -> Actor:
    """For the record of a flow in which the person is not signed in yet: may nothing."""
    membership = getattr(user, "membership", None)
    return Actor(
        principal=principal_of(user.pk),
        team_id=membership.team_id if membership else None,
        scopes=frozenset(),
        client=client_of(request),
        address=address_of(request),
    )


def visitor_of(request: HttpRequest) -> Actor:
    """Somebody unknown, who sees nothing: of them only the client and the address count."""
    return Actor(client=client_of(request), address=address_of(request))


class _CsrfCheck(CsrfViewMiddleware):
    def _reject(self, request: HttpRequest, reason: str) -> str:
        return reason


def _no_answer(request: HttpRequest) -> HttpResponse:
    """Stands where the middleware wants the view: it is never called."""
    raise NotImplementedError


def _decode_basic(value: str) -> tuple[str, str]:
    try:
        decoded = base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidCredentials from error
    try:
        text = decoded.decode()
    except UnicodeDecodeError:  # older clients, RFC 7617 section 3
        text = decoded.decode("latin-1")
    username, colon, password = text.partition(":")
    if not colon:
        raise InvalidCredentials
    return username, password


def proved_recently(request: HttpRequest) -> bool:
    """Costs no query: the times are in the session. False for a session that knows of none."""
    if not isinstance(request.user, User):
        return False
    times = [record.get("at", 0.0) for record in get_authentication_records(request, request.user)]
    return bool(times) and time.time() - max(times) < settings.PROOF_LIFETIME.total_seconds()
