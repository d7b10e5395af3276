"""Uploads under way: seen and ended by who began them, and by those who manage the team."""

import re

from django.test import Client
from pytest_django import Settings

from accounts.models import AuditEvent
from files.actions.uploads import UploadOptions, open_upload
from files.models import Upload
from files.queries.target import Target
from http_kit import forms
from tests.files.web.conftest import Person, sign_in
from tests.files.web.test_changes import post
from tests.support.people import make_member
from tests.support.trees import ledger


def begin(person: Person, name: str = "film.mp4", length: int | None = 5_000_000) -> Upload:
    return open_upload(person.actor, wanted=UploadOptions(Target(name), length=length))


def page(person: Person, query: str = "") -> str:
    answer = person.client.get(f"/uploads/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_nothing_says_so(ada: Person) -> None:
    assert "Nothing is on its way." in page(ada)


def test_mine_are_shown_and_ended(ada: Person) -> None:
    upload = begin(ada)
    html = page(ada)
    assert "film.mp4" in html
    assert "5.0 MB kept" in html or "5 MB kept" in html
    assert "for uploads under way" in ada.client.get("/").content.decode(), "the list of places leads here"
    html = post(ada, f"/uploads/{upload.pk}/end")
    assert "The upload is ended" in html
    assert not Upload.objects.exists()
    assert ledger(ada.user).uploads == 0


def test_ending_is_confirmed_and_no_link_does_it(ada: Person) -> None:
    upload = begin(ada)
    assert re.search(r"<button[^>]*data-confirm=", page(ada))
    assert ada.client.get(f"/uploads/{upload.pk}/end").status_code == 405
    careful = Client(enforce_csrf_checks=True)
    careful.force_login(ada.user)
    assert careful.post(f"/uploads/{upload.pk}/end").status_code == 403
    assert Upload.objects.exists()


def test_who_manages_the_team_sees_whose_and_ends_them(ada: Person) -> None:
    member = sign_in(make_member(ada.user, email="bert@example.com"))
    upload = begin(member, "private name.txt")
    html = page(ada, "?team=1")
    assert "bert@example.com" in html
    assert "private name.txt" not in html, "how much, and not what"
    post(ada, f"/uploads/{upload.pk}/end", team="1")
    assert not Upload.objects.exists()
    assert AuditEvent.objects.filter(kind="upload.abort").count() == 1


def test_members_see_their_own_alone(ada: Person) -> None:
    member = sign_in(make_member(ada.user, email="bert@example.com"))
    upload = begin(ada)
    assert "Everybody" not in page(member)
    assert member.client.get("/uploads/?team=1").status_code == 403
    assert member.client.post(f"/uploads/{upload.pk}/end").status_code == 404
    assert Upload.objects.exists()


def test_strangers(ada: Person, eve: Person) -> None:
    upload = begin(ada)
    assert eve.client.post(f"/uploads/{upload.pk}/end").status_code == 404
    assert "film.mp4" not in page(eve)
    assert Client().get("/uploads/").status_code == 302


def test_many_have_pages(ada: Person, settings: Settings, monkeypatch: object) -> None:
    monkeypatch.setattr(forms, "PAGE_SIZE", 2)  # type: ignore[attr-defined]
    for number in range(5):
        begin(ada, f"f{number}.bin", length=10)
    first, last = page(ada), page(ada, "?page=3")
    assert ("f4.bin" in first, "f0.bin" in first) == (True, False)
    assert "f0.bin" in last
    assert "Older" in first
