"""An administrator who acts as somebody, in a browser."""

from typing import Any

from django.test import Client

from accounts.actions.support import consent_to_support, request_support
from accounts.models import SupportAccess, User
from tests.support.clients import API, Api
from tests.support.people import actor_of, sign_in


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
