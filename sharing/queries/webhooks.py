"""Webhooks and what they have sent, for whom they are, and for who answers for the space or the team."""

from collections.abc import Iterable

from django.db.models import QuerySet

from accounts.actor import ADMIN, SHARE, Actor
from accounts.permissions import TEAM_MANAGERS, require_own_team, require_scope
from common.errors import CodedError
from common.ids import is_id
from files.access.compute import access_in_spaces, facts_of
from files.access.rights import Right
from files.models import Space, SpaceKind
from files.queries.tree import list_spaces, root_of
from sharing.errors import Forbidden, NotFound
from sharing.models import Webhook, WebhookAttempt, WebhookDelivery

SHOWN_ATTEMPTS = 10  # of one delivery, the latest


def my_webhooks(actor: Actor) -> "QuerySet[Webhook]":
    """All that the actor has made. Raises ScopeMissing."""
    require_scope(actor, SHARE)
    return _rows().filter(user_id=actor.user_id or 0)


def webhooks_of_space(actor: Actor, *, space_id: int | None) -> "QuerySet[Webhook]":
    """Of the actor's home (None), or of a space that the actor manages, whoever made them. Raises NotFound, Forbidden,
    ScopeMissing.
    """
    return _rows().filter(space=managed_space(actor, space_id))


def webhooks_of_team(actor: Actor) -> "QuerySet[Webhook]":
    """Of the actor's team, whoever made them. Raises AccountNotFound, NotAllowed, ScopeMissing."""
    return _rows().filter(team_id=require_own_team(actor))


def _rows() -> "QuerySet[Webhook]":
    return Webhook.objects.select_related("user", "space", "team").order_by("-pk")


def managed_space(actor: Actor, space_id: int | None) -> Space:
    """The actor's home, or a space of which they are a manager, archived or not. Raises NotFound, Forbidden,
    ScopeMissing.
    """
    require_scope(actor, SHARE)
    space, access = root_of(actor, space_id)
    if space.kind == SpaceKind.HOME and space.owner_id != actor.user_id:
        raise NotFound
    if not (access.rights | access.withheld) & Right.MANAGE:
        raise Forbidden
    return space


def require_place(actor: Actor, webhook: Webhook) -> None:
    """That the actor answers for what it is of. Raises NotFound, Forbidden, NotAllowed, ScopeMissing."""
    if webhook.team_id is not None:
        require_scope(actor, ADMIN)
        if actor.team_id != webhook.team_id or actor.role not in TEAM_MANAGERS:
            raise NotFound
        return
    managed_space(actor, webhook.space_id or 0)


def is_in_charge(actor: Actor, webhook: Webhook) -> bool:
    """The same as an answer."""
    try:
        require_place(actor, webhook)
    except CodedError:
        return False
    return True


def own_webhook(actor: Actor, *, webhook_id: int) -> Webhook:
    """One that the actor has made, also when they do not answer for the place of it any more. Raises NotFound,
    ScopeMissing.
    """
    require_scope(actor, SHARE)
    found = _rows().filter(user_id=actor.user_id or 0, pk=webhook_id).first() if is_id(webhook_id) else None
    if found is None:
        raise NotFound
    if found.team_id is not None:
        require_scope(actor, ADMIN)
    return found


def webhook_in_charge(actor: Actor, *, webhook_id: int) -> Webhook:
    """One that the actor has made, or that is of what they answer for: to look at it, switch it off and delete it.
    Raises NotFound, ScopeMissing.
    """
    require_scope(actor, SHARE)
    found = _rows().filter(pk=webhook_id).first() if is_id(webhook_id) else None
    if found is None:
        raise NotFound
    if found.user_id == actor.user_id:
        return own_webhook(actor, webhook_id=webhook_id)
    if not is_in_charge(actor, found):
        raise NotFound
    return found


def deliveries_of(actor: Actor, *, webhook_id: int, state: str = "") -> "QuerySet[WebhookDelivery]":
    """The log of a webhook of the actor's. Raises NotFound, ScopeMissing."""
    webhook = own_webhook(actor, webhook_id=webhook_id)
    rows = WebhookDelivery.objects.filter(webhook=webhook)
    return rows.filter(state=state) if state else rows


def attempts_at(deliveries: Iterable[WebhookDelivery]) -> dict[int, list[WebhookAttempt]]:
    """Of deliveries that somebody has found, by their ids: the latest first, SHOWN_ATTEMPTS of each. One query."""
    found: dict[int, list[WebhookAttempt]] = {delivery.pk: [] for delivery in deliveries}
    for attempt in WebhookAttempt.objects.filter(delivery_id__in=found).order_by("-pk"):
        if len(found[attempt.delivery_id]) < SHOWN_ATTEMPTS:
            found[attempt.delivery_id].append(attempt)
    return found


def team_spaces_managed(actor: Actor) -> list[Space]:
    """The team's spaces that the actor manages, by name: a page offers them. Two queries, whatever there is. Raises
    ScopeMissing.
    """
    spaces = list(list_spaces(actor).filter(kind=SpaceKind.TEAM))
    rules = access_in_spaces(actor, [facts_of(space) for space in spaces])
    found = [(space, rules[space.pk].along([space.root_id or 0])) for space in spaces]
    return [space for space, access in found if (access.rights | access.withheld) & Right.MANAGE]
