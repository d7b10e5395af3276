"""The addresses of OCS that clients of files ask."""

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.actions.tokens import create_app_password, device_name, revoke_token
from accounts.actor import Actor
from accounts.errors import NotAllowed
from accounts.queries import account_of
from accounts.request_actor import authenticate_request, client_of
from common.errors import CodedError
from files.errors import NotFound
from protocols.nextcloud.ocs.capabilities import capabilities
from protocols.nextcloud.ocs.endpoint import ocs_endpoint, public
from protocols.nextcloud.ocs.envelope import Outcome
from protocols.nextcloud.ocs.users import user_of
from protocols.nextcloud.user_ids import require_own


@public
def show_capabilities(request: HttpRequest) -> Outcome:
    """Also for who is not signed in: by its answer a client decides how to sign in."""
    return Outcome(capabilities(client_of(request), _known(request)))


def _known(request: HttpRequest) -> Actor | None:
    """Credentials that are wrong are refused; none at all are none."""
    if "HTTP_AUTHORIZATION" in request.META:
        return authenticate_request(request)
    try:
        return authenticate_request(request)
    except CodedError:
        return None


@ocs_endpoint("GET", "HEAD")
def show_user(request: HttpRequest, actor: Actor) -> Outcome:
    """Who am I."""
    return Outcome(user_of(account_of(actor)))


@ocs_endpoint("GET", "HEAD")
def show_user_by_id(request: HttpRequest, actor: Actor, user_id: str) -> Outcome:
    """Only oneself."""
    require_own(actor, user_id)
    return Outcome(user_of(account_of(actor)))


@public
def show_config(request: HttpRequest) -> Outcome:
    """What OCS 1.7 calls its services."""
    address = urlsplit(settings.BASE_URL)
    ssl, host = ("true" if address.scheme == "https" else "false"), address.netloc
    return Outcome({"version": "1.7", "website": "dropbox_clone", "host": host, "contact": "", "ssl": ssl})


@ocs_endpoint("GET", "HEAD")
def empty_list(request: HttpRequest, actor: Actor) -> Outcome:
    """What there is none of: apps beside files, shares of other servers, and shares that wait to be accepted."""
    return Outcome([])


@ocs_endpoint("GET", "HEAD")
def make_app_password(request: HttpRequest, actor: Actor) -> Outcome:
    """A client that has the real password exchanges it for an app password of its own, and forgets it."""
    if actor.token_id is not None:
        raise NotAllowed
    client = client_of(request)
    new = create_app_password(actor, name=device_name(client), client=client)
    return Outcome({"apppassword": new.secret})


@ocs_endpoint("DELETE")
def revoke_app_password(request: HttpRequest, actor: Actor) -> Outcome:
    """A client that signs out takes its own app password along."""
    if actor.token_id is None:
        raise NotAllowed
    revoke_token(actor, token_id=actor.token_id)
    return Outcome([])


@public
def unknown(request: HttpRequest, path: str = "") -> Outcome:
    """Every other address. Clients ask for apps that are not there (talk, user status) and take it."""
    authenticate_request(request)
    raise NotFound(_("Invalid query, please check the syntax."))
