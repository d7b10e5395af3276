"""http_kit.page: one rule for the pages of everybody who is signed in."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from accounts.actor import Actor
from accounts.errors import InvalidName, NotAllowed, ReauthenticationRequired
from accounts.models import User
from dropbox_clone.urls import handler400 as handler400
from dropbox_clone.urls import handler403 as handler403
from dropbox_clone.urls import handler404 as handler404
from dropbox_clone.urls import handler500 as handler500
from dropbox_clone.urls import urlpatterns as product_urls
from files.errors import Locked, NotFound, StorageUnavailable
from http_kit.errors import InvalidRequest
from http_kit.page import PAGES, is_about_input, page, page_back_to
from tests.support.people import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.platform.test_page")]

HELD = {"holder": "Bob", "path": "/a.txt", "expires_at": "2026-11-29T12:00:00Z"}
ERRORS: dict[str, Exception] = {
    "not_found": NotFound(),
    "not_allowed": NotAllowed(),
    "invalid_request": InvalidRequest(),
    "storage_unavailable": StorageUnavailable(),
    "locked": Locked(**HELD),
    "invalid_name": InvalidName(),
    "proof": ReauthenticationRequired(),
}


def view(request: HttpRequest, actor: Actor, kind: str, number: int = 0) -> HttpResponse:
    if kind in ERRORS:
        raise ERRORS[kind]
    if kind == "fault":
        raise ZeroDivisionError
    return HttpResponse(f"{actor.user_id}")


urlpatterns = [
    *product_urls,
    path("of-files/<str:kind>/", page(view)),
    path("of-a-team/<str:kind>/<int:number>/", page_back_to("here", "kind", "number")(view), name="here"),
]
BOTH = ("/of-files/{}/", "/of-a-team/{}/7/")


@pytest.fixture
def client(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


@pytest.mark.parametrize("address", BOTH)
def test_who_is_not_signed_in_is_sent_there(address: str) -> None:
    assert Client().get(address.format("fine")).headers["Location"].startswith("/accounts/login/?next=/of-")


@pytest.mark.parametrize("address", BOTH)
def test_the_view_gets_the_actor_and_nobody_keeps_the_page(client: Client, user: User, address: str) -> None:
    answer = client.get(address.format("fine"))
    assert answer.content.decode() == str(user.pk)
    assert "private" in answer.headers["Cache-Control"]
    assert ("no-store" in answer.headers["Cache-Control"]) is address.startswith("/of-a-team")
    assert "HX-Request-Type" in answer.headers["Vary"]


@pytest.mark.parametrize("address", BOTH)
@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("kind", ["not_found", "not_allowed", "invalid_request", "storage_unavailable"])
def test_errors_with_a_page_of_their_own(client: Client, address: str, method: str, kind: str) -> None:
    """Whichever app the error and the page are of."""
    answer = getattr(client, method)(address.format(kind))
    assert answer.status_code == PAGES[kind]
    assert "<h1>" in answer.content.decode()


@pytest.mark.parametrize("kind", ["locked", "invalid_name"])
def test_other_errors_of_an_act_are_notices_where_it_came_from(client: Client, kind: str) -> None:
    def told(answer: Any) -> str:
        return " ".join(str(message) for message in get_messages(answer.wsgi_request))

    team = client.post(f"/of-a-team/{kind}/7/")
    assert (team.status_code, team.headers["Location"]) == (302, f"/of-a-team/{kind}/7/")
    files = client.post(f"/of-files/{kind}/", {"next": "/trash/"})
    assert (files.status_code, files.headers["Location"]) == (302, "/trash/")
    assert client.post(f"/of-files/{kind}/", {"next": "//evil.example/"}).headers["Location"] == "/"
    expected = "Bob has locked “/a.txt” until" if kind == "locked" else "Give a name of 1 to 100 characters."
    assert expected in told(team)
    assert expected in told(files)
    assert client.get(f"/of-files/{kind}/").status_code == 400


@pytest.mark.parametrize("address", BOTH)
def test_proof_is_asked_for(client: Client, address: str) -> None:
    assert "/accounts/reauthenticate/" in client.post(address.format("proof")).headers["Location"]


@pytest.mark.parametrize("address", BOTH)
def test_a_fault_of_ours_is_no_notice(client: Client, address: str) -> None:
    client.raise_request_exception = False
    assert client.post(address.format("fault")).status_code == 500


def test_what_a_form_can_say() -> None:
    assert is_about_input(InvalidName())
    assert not is_about_input(NotAllowed())
    assert not is_about_input(ReauthenticationRequired())
