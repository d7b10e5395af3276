"""An administrator who acts as somebody, in a browser."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.test import Client

from accounts.actions.support import consent_to_support, request_support, start_support
from accounts.actor import Actor
from accounts.models import Role, SupportAccess, Team, User
from tests.support.clients import API, Api
from tests.support.people import actor_of, make_administrator, make_member, make_user, sign_in

WHY: dict[str, Any] = {"reason": "You asked why it does not sync", "minutes": 30}


class Browser(Api):
    """REST by the session of a browser, with its CSRF token; `client` is for pages."""

    def __init__(self, user: User) -> None:
        super().__init__()
        self.client: Client = self._client
        sign_in(self.client, user)
        self.client.cookies["csrf"] = "c" * 32
        self.headers["X-CSRFToken"] = "c" * 32

    def submit(self, url: str, **data: Any) -> Any:
        """A form of a page."""
        return self.client.post(url, {"csrfmiddlewaretoken": "c" * 32, **data})


def agreed(by: User, person: User, *, may_write: bool = False) -> SupportAccess:
    access = request_support(actor_of(by), user_id=person.pk, reason="Help", minutes=30, may_write=may_write)
    return consent_to_support(actor_of(person), access_id=access.pk, may_write=may_write)


def acting(by: User, person: User, *, may_write: bool = False) -> tuple[Browser, SupportAccess]:
    """A browser of `by` whose session is that of both."""
    access = agreed(by, person, may_write=may_write)
    browser = Browser(by)
    answer = browser.post(f"/support/{access.pk}/start")
    assert answer.status_code == 200, (API, answer.content)
    access.refresh_from_db()
    return browser, access


class World:
    """A team with two owners, two administrators and a member; an administrator of the installation; a stranger."""

    def __init__(self) -> None:
        self.owner = make_user()
        Team.objects.filter(pk=self.owner.membership.team_id).update(seats=20)
        self.second_owner = make_member(self.owner, Role.OWNER)
        self.admin, self.second_admin = make_member(self.owner, Role.ADMIN), make_member(self.owner, Role.ADMIN)
        self.member, self.other_member = make_member(self.owner), make_member(self.owner)
        self.staff, self.stranger = make_administrator(), make_user()

    def asked(self, by: User | None = None, person: User | None = None, **changes: Any) -> SupportAccess:
        person = person or self.member
        return request_support(actor_of(by or self.admin), user_id=person.pk, **{**WHY, **changes})

    def agreed(self, **changes: Any) -> SupportAccess:
        access = self.asked(**changes)
        return consent_to_support(actor_of(access.person), access_id=access.pk, may_write=True)

    def running(self, **changes: Any) -> tuple[SupportAccess, Actor]:
        """And the administrator's own actor, in the session by which it runs."""
        access = self.agreed(**changes)
        by = in_session(access.by)
        return start_support(by, access_id=access.pk), by


def in_session(user: User, key: str = "a session of an administrator") -> Actor:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    store["x"] = key
    store.create()
    return actor_of(user, session_key=store.session_key)
