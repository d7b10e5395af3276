"""The one-time set-up link and its page."""

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.actions.create_account import complete_setup
from accounts.errors import SetupClosed
from accounts.models import SetupLink, User
from accounts.setup import create_setup_link
from tests.support.people import PASSWORD, SYSTEM, make_user

FIRST = {"email": "First@Example.com", "password": PASSWORD, "name": "First"}


def path_of_link() -> str:
    link = create_setup_link("https://files.example.com/")
    assert link is not None
    assert link.startswith("https://files.example.com/setup/")
    return link.removeprefix("https://files.example.com")


@pytest.mark.django_db
def test_the_first_administrator(client: Client) -> None:
    path = path_of_link()
    page = client.get(path)
    assert page.status_code == 200
    assert "no-store" in page.headers["Cache-Control"]
    assert set(page.context["form"].fields) == {"email", "name", "password"}
    answer = client.post(path, FIRST)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")
    user = User.objects.get()
    assert (user.email, user.is_staff, user.is_superuser) == ("first@example.com", True, True)
    assert user.quota.limit_bytes is None
    assert client.get("/api/v1/account").json()["is_administrator"] is True
    assert not SetupLink.objects.exists()
    for request in (client.get, client.post):
        assert request(path).status_code == 404
    assert create_setup_link("https://files.example.com") is None


@pytest.mark.django_db
def test_only_the_newest_link_works_and_only_its_hash_is_stored(client: Client) -> None:
    old, new = path_of_link(), path_of_link()
    assert client.get(old).status_code == 404
    assert client.get(new).status_code == 200
    assert SetupLink.objects.get().digest not in new


@pytest.mark.django_db
def test_a_link_lives_until_there_is_an_administrator(client: Client) -> None:
    """Also a day later, and beside accounts that may nothing: README makes one before anybody has used the link."""
    path = path_of_link()
    SetupLink.objects.update(expires_at=timezone.now())  # as the release before would have it by now
    make_user()
    assert client.get(path).status_code == 200
    again = path_of_link()
    assert client.get(path).status_code == 404, "the new one replaces it"
    assert client.post(again, FIRST).status_code == 302
    assert User.objects.get(email="first@example.com").is_superuser


@pytest.mark.django_db
def test_a_link_is_dead_once_there_is_an_administrator(client: Client) -> None:
    path = path_of_link()
    make_user(is_admin=True)
    assert client.get(path).status_code == 404
    assert client.post(path, FIRST).status_code == 404
    assert User.objects.count() == 1
    assert create_setup_link("https://files.example.com") is None
    assert not SetupLink.objects.exists()


@pytest.mark.django_db
def test_an_address_that_is_taken_is_said(client: Client) -> None:
    path = path_of_link()
    make_user(email="first@example.com")
    answer = client.post(path, FIRST)
    assert answer.status_code == 422
    assert not User.objects.get().is_staff


@pytest.mark.django_db
@pytest.mark.parametrize("change", [{"password": "short"}, {"email": "x"}, {"password": "first@example.com"}])
def test_a_refused_form_leaves_the_link(client: Client, change: dict[str, str]) -> None:
    path = path_of_link()
    answer = client.post(path, {**FIRST, **change})
    assert answer.status_code == 422
    assert answer.context["form"].errors
    assert not User.objects.exists()
    assert client.get(path).status_code == 200


@pytest.mark.django_db
def test_needs_the_csrf_token() -> None:
    path = path_of_link()
    assert Client(enforce_csrf_checks=True).post(path, FIRST).status_code == 403
    assert not User.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_wins() -> None:
    secret = path_of_link().split("/")[2]
    barrier = threading.Barrier(6)
    answers: list[Any] = []

    def run(number: int) -> None:
        barrier.wait(10)
        try:
            email = f"person{number}@example.com"
            answers.append(complete_setup(SYSTEM, secret=secret, email=email, password=PASSWORD))
        except SetupClosed as error:
            answers.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(answers) == 6
    assert User.objects.count() == 1
    assert sum(isinstance(answer, User) for answer in answers) == 1


@pytest.mark.django_db
def test_the_first_administrator_makes_a_token_at_once(client: Client) -> None:
    """They have just typed the password."""
    client.post(path_of_link(), FIRST)
    assert client.post("/settings/tokens/", {"name": "n", "scopes": ["read"], "expires": "7"}).status_code == 200
