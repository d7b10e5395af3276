"""Making, changing and ending webhooks, and asking for deliveries again. A job sends (webhook_sending.py)."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.actor import SHARE, Actor
from accounts.audit import record
from accounts.errors import LimitReached, NotAuthenticated
from accounts.models import User
from accounts.permissions import require_own_team, require_recent_proof, require_scope
from accounts.unit_of_work import Lock, unit_of_work
from common.clock import now
from common.ids import is_id
from files.models import Space, SpaceKind
from sharing.errors import InvalidRequest, NotFound
from sharing.models import (
    DeliveryKind,
    DeliveryState,
    Webhook,
    WebhookDelivery,
    WebhookPosition,
)
from sharing.models.webhook import MAXIMUM_DESCRIPTION
from sharing.queries.activity_groups import ActivityKind
from sharing.queries.webhook_policy import require_allowed
from sharing.queries.webhook_sources import unmet_mounts
from sharing.queries.webhooks import managed_space, own_webhook, require_place, webhook_in_charge
from sharing.receivers import receiver_of
from sharing.webhook_signing import new_secret, sealed

MAXIMUM_OF_PERSON = 20  # webhooks
MAXIMUM_OF_PLACE = 20  # the same of one space or team, whoever made them
MAXIMUM_TESTS = 20  # of one webhook in an hour
OLD_SECRET = timedelta(hours=24)  # for which an earlier secret signs as well
HOUR = timedelta(hours=1)
FINISHED = (DeliveryState.DELIVERED, DeliveryState.FAILED, DeliveryState.WITHHELD)


@dataclass(frozen=True, slots=True)
class Place:
    """What a webhook is of: a space (`space_id`; the home without it), or all spaces of the actor's team."""

    space_id: int | None = None
    of_team: bool = False


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """What is None stays as it is; of a new webhook it is the default. `kinds`: none is all of them."""

    url: str | None = None
    description: str | None = None
    kinds: Sequence[str] | None = field(default=None)
    is_on: bool | None = None
    from_now: bool = False  # when it is switched on: what happened meanwhile is not sent


class NewWebhook(NamedTuple):
    """The row, and the secret that nobody can read again."""

    webhook: Webhook
    secret: str


def create_webhook(actor: Actor, *, place: Place, settings: WebhookSettings) -> NewWebhook:
    """It gets what happens from now on. Raises InvalidRequest, LimitReached, NotFound, Forbidden, NotAllowed,
    AgainstPolicy, SecondFactorSetupRequired, ReauthenticationRequired, ScopeMissing.
    """
    with unit_of_work(actor, Lock(User, actor.user_id)) as actor:
        user_id = _own_id(actor)
        require_recent_proof(actor)
        require_allowed(actor)
        team_id = require_own_team(actor) if place.of_team else None
        space = None if place.of_team else managed_space(actor, place.space_id)
        _require_room(user_id, space, team_id)
        secret = new_secret()
        webhook = Webhook(user_id=user_id, space=space, team_id=team_id, secret=sealed(secret), created_at=now())
        if settings.url is None:
            raise InvalidRequest(_("A webhook needs the address of its receiver."))
        _apply(webhook, settings)
        webhook.save(force_insert=True)
        spaces = [space] if space is not None else Space.objects.filter(kind=SpaceKind.TEAM, team_id=team_id or 0)
        positions = [WebhookPosition(webhook=webhook, space=one, seq=one.seq) for one in spaces]
        WebhookPosition.objects.bulk_create([*positions, *unmet_mounts(webhook.pk)])
        _record(actor, "webhook.create", webhook)
    return NewWebhook(webhook, secret)


def change_webhook(actor: Actor, *, webhook_id: int, settings: WebhookSettings) -> Webhook:
    """Who has made it changes everything, as long as they answer for its place; others may switch it off. A policy of
    the team is asked for another address, and to switch it on. Raises InvalidRequest, NotFound, Forbidden, NotAllowed,
    AgainstPolicy, SecondFactorSetupRequired, ReauthenticationRequired, ScopeMissing.
    """
    with unit_of_work(actor, _lock(webhook_id)) as actor:
        only_off = settings == WebhookSettings(is_on=False)
        found = webhook_in_charge if only_off else own_webhook
        webhook = found(actor, webhook_id=webhook_id)
        if not only_off:
            require_place(actor, webhook)
        comes_on = bool(settings.is_on) and not webhook.is_on
        goes_elsewhere = settings.url is not None and settings.url != webhook.url
        if goes_elsewhere:
            require_recent_proof(actor)
        if goes_elsewhere or comes_on:
            require_allowed(actor)
        _apply(webhook, settings)
        if comes_on:
            webhook.off_reason, webhook.due_at, webhook.failing_since = "", None, None
            if settings.from_now:
                _skip(webhook)
        webhook.save()
        _record(actor, "webhook.change", webhook, on=webhook.is_on)
    return webhook


def delete_webhook(actor: Actor, *, webhook_id: int) -> None:
    """With its log. Who has made it, and whoever answers for its place. Raises NotFound, ScopeMissing."""
    with unit_of_work(actor, _lock(webhook_id)) as actor:
        webhook = webhook_in_charge(actor, webhook_id=webhook_id)
        _record(actor, "webhook.delete", webhook)
        webhook.delete()


def renew_secret(actor: Actor, *, webhook_id: int) -> NewWebhook:
    """Both secrets sign for OLD_SECRET. Raises NotFound, Forbidden, NotAllowed, AgainstPolicy,
    SecondFactorSetupRequired, ReauthenticationRequired, ScopeMissing.
    """
    with unit_of_work(actor, _lock(webhook_id)) as actor:
        webhook = _changeable(actor, webhook_id)
        require_recent_proof(actor)
        secret = new_secret()
        webhook.old_secret, webhook.old_secret_until = webhook.secret, now() + OLD_SECRET
        webhook.secret = sealed(secret)
        webhook.save(update_fields=["secret", "old_secret", "old_secret_until"])
        _record(actor, "webhook.secret", webhook)
    return NewWebhook(webhook, secret)


def send_test(actor: Actor, *, webhook_id: int) -> WebhookDelivery:
    """A message without events, sent once within seconds, also while the webhook is off. Raises LimitReached, NotFound,
    Forbidden, NotAllowed, AgainstPolicy, SecondFactorSetupRequired, ScopeMissing.
    """
    with unit_of_work(actor, _lock(webhook_id)) as actor:
        webhook = _changeable(actor, webhook_id)
        recent = WebhookDelivery.objects.filter(
            webhook=webhook, kind=DeliveryKind.TEST, created_at__gt=now() - HOUR
        ).count()
        if recent >= MAXIMUM_TESTS:
            raise LimitReached(what="tests", limit=MAXIMUM_TESTS, whose="account")
        delivery = WebhookDelivery.objects.create(webhook=webhook, kind=DeliveryKind.TEST, created_at=now())
        _record(actor, "webhook.test", webhook)
    return delivery


def replay(actor: Actor, *, webhook_id: int, delivery_id: int | None = None, since: datetime | None = None) -> int:
    """Sends one delivery of the log again, or all that were made since a time, in their order and with their ids.
    Returns how many; those that wait already are not counted. Raises InvalidRequest, NotFound, Forbidden, NotAllowed,
    AgainstPolicy, SecondFactorSetupRequired, ScopeMissing.
    """
    if (delivery_id is None) == (since is None):
        raise InvalidRequest(_("Give one delivery, or the time since which all are sent again."))
    with unit_of_work(actor, _lock(webhook_id)) as actor:
        webhook = _changeable(actor, webhook_id)
        rows = WebhookDelivery.objects.filter(webhook=webhook)
        if delivery_id is not None:
            rows = rows.filter(pk=delivery_id if is_id(delivery_id) else 0)
            if not rows.exists():
                raise NotFound
        else:
            rows = rows.filter(created_at__gte=since).exclude(kind=DeliveryKind.TEST)
        count = rows.filter(state__in=FINISHED).update(
            state=DeliveryState.PENDING, tries=0, begun_at=None, replayed_at=now()
        )
        if count:
            Webhook.objects.filter(pk=webhook.pk).update(due_at=None)
        _record(actor, "webhook.replay", webhook, deliveries=count)
    return count


def _lock(webhook_id: int) -> Lock:
    return Lock(Webhook, webhook_id if is_id(webhook_id) else None)


def _own_id(actor: Actor) -> int:
    require_scope(actor, SHARE)
    if not actor.user_id:
        raise NotAuthenticated
    return actor.user_id


def _changeable(actor: Actor, webhook_id: int) -> Webhook:
    webhook = own_webhook(actor, webhook_id=webhook_id)
    require_place(actor, webhook)
    require_allowed(actor)
    return webhook


def _require_room(user_id: int, space: Space | None, team_id: int | None) -> None:
    if Webhook.objects.filter(user_id=user_id).count() >= MAXIMUM_OF_PERSON:
        raise LimitReached(what="webhooks", limit=MAXIMUM_OF_PERSON, whose="account")
    place = Q(team_id=team_id) if space is None else Q(space=space)
    if Webhook.objects.filter(place).count() >= MAXIMUM_OF_PLACE:
        raise LimitReached(what="webhooks", limit=MAXIMUM_OF_PLACE, whose="team")


def _apply(webhook: Webhook, settings: WebhookSettings) -> None:
    if settings.url is not None:
        receiver_of(settings.url)
        webhook.url = settings.url
    if settings.description is not None:
        text = " ".join(settings.description.split())
        if len(text) > MAXIMUM_DESCRIPTION or "\0" in text:
            raise InvalidRequest(_("A description has at most 200 characters."))
        webhook.description = text
    if settings.kinds is not None:
        if set(settings.kinds) - set(ActivityKind.values):
            raise InvalidRequest(_("There is no such kind of events."))
        webhook.kinds = [kind for kind in ActivityKind.values if kind in settings.kinds]
    if settings.is_on is not None:
        webhook.is_on = settings.is_on


def _skip(webhook: Webhook) -> None:
    """What has happened until now, and what waits."""
    for position in WebhookPosition.objects.filter(webhook=webhook).select_related("space"):
        WebhookPosition.objects.filter(pk=position.pk).update(seq=position.space.seq)
    waiting = WebhookDelivery.objects.filter(webhook=webhook, state=DeliveryState.PENDING)
    waiting.exclude(kind=DeliveryKind.TEST).update(state=DeliveryState.WITHHELD)


def _record(actor: Actor, kind: str, webhook: Webhook, **detail: Any) -> None:
    """Of its address the host alone: the rest is often a secret."""
    place = webhook.team_id if webhook.space is None else webhook.space.team_id
    record(actor, kind, webhook.host, of_team=place, webhook=webhook.pk, space=webhook.space_id, **detail)
