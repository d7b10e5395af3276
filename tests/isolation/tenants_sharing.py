"""What Bob asks about comments, tags, reminders, links, shares, locks, webhooks, notifications and support, and what
Alice has of them.

All that she has is of her team alone: nothing of it has a word with Bob, and all its words are his.
"""

from __future__ import annotations

import random
from abc import abstractmethod
from datetime import timedelta
from typing import Any

from accounts.actions.policies import change_policy
from accounts.actions.support import request_support
from accounts.actor import Actor
from accounts.models import Role as TeamRole
from accounts.models import SupportAccess, Team, User
from common.clock import now
from files.access.explain import SubjectKind
from files.access.rights import Role
from files.actions.grants import Given, Subject
from files.actions.lock import lock_file
from files.models import Grant, Node
from sharing.actions.comments import add_comment
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import create_link
from sharing.actions.notify import notify
from sharing.actions.reminders import set_reminder
from sharing.actions.shares import share
from sharing.actions.tags import set_tags
from sharing.actions.transfers import offer_transfer
from sharing.actions.webhooks import Place, WebhookSettings, create_webhook
from sharing.models import Comment, Link, Notification, NotificationKind, Reminder, Transfer, Webhook
from tests.support.people import actor_of, make_member

TEXTS = ("budget", "the zebra of the report", "@alice@example.org minutes", "@bob@example.com plan", "draft")
ADDRESSES = ("our-budget", "zebra-report")  # of links: hers are others
RECEIVER = "https://hooks.example.net/zebra"


def furnish(user: User) -> User:
    """Gives Alice one of each, and a colleague, who is returned."""
    Team.objects.filter(pk=user.membership.team_id).update(seats=20)
    user.membership.team.refresh_from_db()
    colleague = make_member(user, TeamRole.ADMIN, email="carol@example.org")
    actor, other = actor_of(user), actor_of(colleague)
    files = list(Node.objects.filter(space__owner=user, kind=1, parent__name__in=("0", "2")).order_by("pk")[:6])
    for number, node in enumerate(files):
        to = Subject(SubjectKind.USER, colleague.pk)
        share(actor, node_id=node.pk, to=to, given=Given(Role.EDITOR), message="zebra", notify=False)
        add_comment(actor, node_id=node.pk, text=TEXTS[number % 5])
        add_comment(other, node_id=node.pk, text="@alice@example.org budget")
        set_tags(actor, node_id=node.pk, names=["zebra", "draft"])
        set_reminder(actor, node_id=node.pk, at=now() + timedelta(days=1), note="zebra")
        create_link(actor, node_id=node.pk, settings=LinkSettings(label="zebra", address=f"alices-zebra-{number}"))
    lock_file(other, node_id=files[0].pk, until=now() + timedelta(days=1))
    offer_transfer(actor, node_id=files[1].pk, to_user_id=colleague.pk)
    create_webhook(actor, place=Place(), settings=WebhookSettings(url=RECEIVER))
    create_webhook(actor, place=Place(of_team=True), settings=WebhookSettings(url=RECEIVER))
    notify([user.pk], kind=NotificationKind.SHARE, key="zebra", name="zebra")
    request_support(other, user_id=make_member(user, email="dora@example.org").pk, reason="zebra", minutes=30)
    change_policy(actor, changes={"version_days": 9})
    return colleague


def act_of_sharing(colleague: Actor, user: User, dice: random.Random) -> None:
    """Meanwhile her colleague writes about what she has shared, which she is told."""
    shared = Grant.objects.filter(space__owner=user, user_id=colleague.user_id).order_by("pk")
    node_ids = list(shared.filter(node__parent__name__in=("0", "2")).values_list("node_id", flat=True))
    if node_ids:
        add_comment(colleague, node_id=dice.choice(node_ids), text=dice.choice(TEXTS))


def numbers(user: User) -> list[str]:
    """Ids of what she has of that."""
    team_id = user.membership.team_id
    rows = [
        Comment.objects.filter(author__membership__team=team_id),
        Reminder.objects.filter(user=user),
        Link.objects.filter(created_by=user),
        Grant.objects.filter(space__owner=user),
        Webhook.objects.filter(user=user),
        Notification.objects.filter(user__membership__team=team_id),
        Transfer.objects.filter(giver=user),
        SupportAccess.objects.filter(team_id=team_id),
    ]
    return [str(pk) for found in rows for pk in found.order_by("pk").values_list("pk", flat=True)]


class AsksOfSharing:
    """Bob's questions of this kind."""

    random: random.Random

    @abstractmethod
    def _api(self, method: str, path: str, body: Any = None) -> tuple[str, Any]: ...

    @abstractmethod
    def _number(self) -> str: ...

    @abstractmethod
    def _path(self) -> str: ...

    def _any(self, *calls: tuple[str, str, Any]) -> tuple[str, Any]:
        return self._api(*self.random.choice(calls))

    def ask_comments(self) -> tuple[str, Any]:
        number, text = self._number(), {"text": self.random.choice(TEXTS)}
        of_node = f"/nodes/{number}/comments"
        return self._any(("POST", of_node, text), ("POST", of_node, text), ("GET", f"{of_node}?limit=3", None))

    def ask_comment(self) -> tuple[str, Any]:
        url, text = f"/comments/{self._number()}", {"text": self.random.choice(TEXTS)}
        return self._any(("GET", url, None), ("PATCH", url, text), ("DELETE", url, None))

    def ask_tags(self) -> tuple[str, Any]:
        of_node, names = f"/nodes/{self._number()}/tags", {"tags": [self.random.choice(["zebra", "budget"])]}
        return self._any(
            *(("PUT", of_node, names), ("PUT", of_node, names), ("GET", of_node, None), ("GET", "/tags", None)),
            *(("GET", "/tagged?tag=zebra", None), ("GET", "/tagged?tag=draft&limit=2", None)),
        )

    def ask_reminders(self) -> tuple[str, Any]:
        number, made = self._number(), {"at": "2030-01-01T09:00:00Z", "note": self.random.choice(TEXTS)}
        url = f"/reminders/{number}"
        return self._any(
            *(("POST", f"/nodes/{number}/reminders", made), ("GET", "/reminders?limit=3", None)),
            *(("GET", url, None), ("DELETE", url, None)),
        )

    def ask_locks(self) -> tuple[str, Any]:
        number, until = self._number(), {"expires_at": "2026-12-24T18:00:00Z"}
        return self._any(("POST", f"/nodes/{number}/lock", until), ("POST", f"/nodes/{number}/unlock", None))

    def ask_links(self) -> tuple[str, Any]:
        number = self._number()
        made = {"node_id": number, "role": self.random.choice(["viewer", "editor", "uploader"])}
        named = {"path": f"/{self._path()}", "address": self.random.choice(ADDRESSES), "label": "zebra"}
        return self._any(
            *(("POST", "/links", made), ("POST", "/links", named), ("GET", "/links?limit=5", None)),
            ("GET", f"/links?node_id={number}", None),
        )

    def ask_link(self) -> tuple[str, Any]:
        url = f"/links/{self._number()}"
        return self._any(("GET", url, None), ("PATCH", url, {"label": "budget"}), ("DELETE", url, None))

    def ask_shares(self) -> tuple[str, Any]:
        number = self._number()
        email = self.random.choice(["alice@example.org", "carol@example.org", "nobody@example.com"])
        made = {"node_id": number, "grantee": {"email": email}, "role": "viewer"}
        return self._any(
            *(("POST", "/shares", made), ("GET", f"/shares?node_id={number}", None), ("GET", "/shares", None)),
            *(("GET", f"/shares/{number}", None), ("DELETE", f"/shares/{number}", None)),
            *(("GET", "/shared-with-me", None), ("GET", "/shared-by-me", None), ("GET", "/transfers", None)),
            *(("POST", f"/transfers/{number}/accept", None), ("DELETE", f"/transfers/{number}", None)),
            ("GET", f"/shares/preview?node_id={number}&email={email}", None),
        )

    def ask_webhooks(self) -> tuple[str, Any]:
        number = self._number()
        made = {"url": RECEIVER, "description": self.random.choice(TEXTS)}
        url = f"/webhooks/{number}"
        return self._any(
            *(("POST", "/webhooks", made), ("GET", "/webhooks", None), ("GET", "/webhooks?team=true", None)),
            *(("GET", f"/webhooks?space_id={number}", None), ("POST", "/webhooks", {**made, "space_id": number})),
            *(("GET", url, None), ("PATCH", url, {"on": False}), ("POST", f"{url}/secret", None)),
            *(("POST", f"{url}/test", None), ("GET", f"{url}/deliveries", None), ("DELETE", url, None)),
        )

    def ask_notifications(self) -> tuple[str, Any]:
        read = {"ids": [self._number()]}
        return self._any(("GET", "/notifications", None), ("POST", "/notifications/read", read))

    def ask_support(self) -> tuple[str, Any]:
        url = f"/support/{self._number()}"
        return self._any(
            *(("GET", "/support?about=me", None), ("GET", "/support?about=team", None), ("GET", url, None)),
            *(("POST", f"{url}/consent", {}), ("POST", f"{url}/end", None), ("POST", f"{url}/start", None)),
            *(("GET", "/team/policies", None), ("POST", "/team/policies/preview", {"link_longest_days": 5})),
        )
