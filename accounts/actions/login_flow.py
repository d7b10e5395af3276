"""Letting a client in without giving it a password: it requests access, the person grants it in a browser, and it
fetches the result once.

Nextcloud's login flow v2. Of the two secrets one never leaves the client (`poll`), the other goes to the browser
(`login`): who sees the browser's address cannot fetch, who fetches cannot grant.
"""

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts import throttle
from accounts.actions.tokens import NewToken, clean_client, create_app_password, device_name
from accounts.actor import ADMIN, Actor
from accounts.audit import record
from accounts.authentication import actor_from_user
from accounts.errors import LoginFlowNotFound
from accounts.models import LoginFlow, Team, User
from accounts.permissions import require_recent_proof, require_scope
from accounts.policies import policy_for, require_room_for_token
from accounts.queries import own_id
from accounts.tokens import digest_of, new_flow_secret
from accounts.unit_of_work import Lock, unit_of_work

LIFETIME = timedelta(minutes=20)
OPEN_BY_ADDRESS = 500  # many people may share an address
OPEN_BY_ALL = 5_000


class NewFlow(NamedTuple):
    """The row, and the two secrets: one for the client, one for the page on which the person grants."""

    flow: LoginFlow
    poll_secret: str
    login_secret: str


class Fetched(NamedTuple):
    """What the client gets, once: who it acts for, and its token."""

    user: User
    new: NewToken


def start_login_flow(actor: Actor) -> NewFlow:
    """`actor` is somebody unknown, of whom only client and address count. Nobody is refused; see _make_room."""
    now = timezone.now()
    poll_secret, login_secret = new_flow_secret(), new_flow_secret()
    with unit_of_work(actor) as actor:
        LoginFlow.objects.filter(expires_at__lte=now).delete()
        network = throttle.address_key(actor.address or "")
        _make_room(network)
        flow = LoginFlow.objects.create(
            poll_digest=digest_of(poll_secret),
            login_digest=digest_of(login_secret),
            client=clean_client(actor.client),
            address=actor.address,
            network=network,
            expires_at=now + LIFETIME,
        )
    return NewFlow(flow, poll_secret, login_secret)


def grant_login_flow(actor: Actor, *, login_secret: str) -> LoginFlow:
    """The first who grants it is who it is for. Raises LoginFlowNotFound, ScopeMissing, ReauthenticationRequired,
    AgainstPolicy (as many devices as the team allows).
    """
    with unit_of_work(actor) as actor:
        require_scope(actor, ADMIN)
        require_recent_proof(actor)
        require_room_for_token(policy_for(actor.team_id), own_id(actor))
        flow = _waiting(login_secret)
        flow.user_id, flow.granted_at = own_id(actor), timezone.now()
        flow.save(update_fields=["user", "granted_at"])
        record(actor, "login_flow.grant", flow.client, address=flow.address)
    return flow


def deny_login_flow(actor: Actor, *, login_secret: str) -> None:
    """The client is never let in; it has to begin again. Raises LoginFlowNotFound, ScopeMissing."""
    with unit_of_work(actor) as actor:
        require_scope(actor, ADMIN)
        flow = _waiting(login_secret)
        record(actor, "login_flow.deny", flow.client, address=flow.address)
        flow.delete()


def fetch_login_flow(actor: Actor, *, poll_secret: str) -> Fetched:
    """Makes the app password, for whoever granted it. Once: the next time raises LoginFlowNotFound, as before. Raises
    AgainstPolicy where they have as many devices as their team allows by now.
    """
    granted = LoginFlow.objects.filter(poll_digest=digest_of(poll_secret), granted_at__isnull=False)
    found = granted.values_list("pk", "user_id", "user__membership__team_id").first()
    if found is None:
        raise LoginFlowNotFound
    flow_id, user_id, team_id = found
    locks = Lock(Team, team_id, share=True), Lock(User, user_id), Lock(LoginFlow, flow_id)  # as create_token does
    with unit_of_work(actor, *locks) as actor:
        rows = LoginFlow.objects.select_related("user__membership").filter(pk=flow_id)
        flow = rows.filter(granted_at__isnull=False, expires_at__gt=timezone.now()).first()
        person = flow.user if flow is not None else None
        owner = actor_from_user(person) if person is not None else None
        if flow is None or person is None or owner is None:
            raise LoginFlowNotFound
        owner = replace(owner, client=actor.client, address=actor.address)
        new = create_app_password(owner, name=device_name(flow.client), client=flow.client)
        flow.delete()
    return Fetched(person, new)


def _waiting(login_secret: str) -> LoginFlow:
    """Under its lock, so that it is granted once."""
    rows = LoginFlow.objects.select_for_update(of=("self",)).filter(login_digest=digest_of(login_secret))
    flow = rows.filter(granted_at=None, expires_at__gt=timezone.now()).first()
    if flow is None:
        raise LoginFlowNotFound
    return flow


def _make_room(network: str) -> None:
    """Nobody authenticates here, so what strangers can create is bounded. Where there is too much the oldest that
    nobody has granted yet goes: of the same network, or of the one that has most. So a flood drowns itself, and neither
    those who share its address nor the rest of the world are refused.
    """
    waiting = LoginFlow.objects.filter(granted_at=None)
    if waiting.filter(network=network).count() >= OPEN_BY_ADDRESS:
        _drop_oldest(waiting.filter(network=network))
    elif waiting.count() >= OPEN_BY_ALL:
        counts = waiting.values_list("network").annotate(count=Count("pk")).order_by("-count")
        fullest = counts.first()
        if fullest is not None:
            _drop_oldest(waiting.filter(network=fullest[0]))


def _drop_oldest(flows: "QuerySet[LoginFlow]") -> None:
    oldest = flows.order_by("pk").first()
    if oldest is not None:
        LoginFlow.objects.filter(pk=oldest.pk, granted_at=None).delete()
