"""The pages of one's own links, as they work without JavaScript."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.hashers import check_password
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from common.clock import now
from sharing.models import Link, LinkRole
from tests.sharing.linked import SECRET, Linked
from tests.support.people import make_user, sign_in
from tests.support.trees import put

FORM = {"role": "viewer", "audience": "anyone", "allow_download": "on", "grace": "0", "naming": "keep"}


def signed_in(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


@pytest.fixture
def owner(world: Linked) -> Client:
    return signed_in(world.owner)


def page(client: Client, name: str, *arguments: Any, status: int = 200) -> str:
    response = client.get(reverse(f"links:{name}", args=arguments))
    assert response.status_code == status
    return response.content.decode()


def make(client: Client, world: Linked, status: int = 302, **fields: str) -> Any:
    response = client.post(reverse("links:of_node", args=[world.home.pk]), {**FORM, **fields})
    assert response.status_code == status
    return response


@pytest.mark.django_db
def test_from_the_folder_to_a_link_and_to_its_end(world: Linked, owner: Client, settings: Settings) -> None:
    assert "No links yet" in page(owner, "links")
    of_node = reverse("links:of_node", args=[world.home.pk])
    assert f'href="{of_node}"' in owner.get(f"/files/{world.home.pk}/").content.decode()
    assert "Make link" in page(owner, "of_node", world.home.pk)
    end = (now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    made = make(owner, world, password=SECRET, expires_at=end, max_downloads="5", message="one\r\ntwo", label="for May")
    link = Link.objects.get()
    assert made["Location"] == reverse("links:link", args=[link.pk])
    assert (link.max_downloads, link.message, link.label) == (5, "one\ntwo", "for May")
    assert link.expires_at is not None
    assert link.expires_at.strftime("%Y-%m-%dT%H:%M") == end
    assert check_password(SECRET, link.password)
    html = page(owner, "link", link.pk)
    assert f"{settings.BASE_URL}/s/{link.token}" in html
    assert f'value="{end}"' in html
    assert "of 5" in html
    assert SECRET not in html
    for name, arguments in (("links", []), ("of_node", [world.home.pk])):
        listed = page(owner, name, *arguments)
        assert "for May" in listed
        assert "/Photos" in listed
        assert link.token not in listed
    revoke = reverse("links:revoke", args=[link.pk])
    assert "cannot be brought back" in page(owner, "revoke", link.pk)
    assert Link.objects.get().revoked_at is None
    assert owner.post(revoke)["Location"] == reverse("links:links")
    assert Link.objects.get().revoked_at is not None
    assert page(owner, "link", link.pk, status=404)


@pytest.mark.django_db
def test_a_change_changes_what_was_changed(world: Linked, owner: Client) -> None:
    end = now() + timedelta(days=1, seconds=30)
    link = world.link(password=SECRET, expires_at=end, title="Old", address="summer-2026")
    url = reverse("links:link", args=[link.pk])
    kept = {**FORM, "expires_at": end.strftime("%Y-%m-%dT%H:%M"), "address": "summer-2026"}
    assert owner.post(url, {**kept, "title": "New"}).status_code == 302
    changed = Link.objects.get()
    assert (changed.title, changed.password, changed.expires_at) == ("New", link.password, end)
    assert owner.post(url, {**kept, "title": "New", "remove_password": "on", "address": ""}).status_code == 302
    changed = Link.objects.get()
    assert (changed.has_password, changed.address, changed.allow_download) == (False, None, True)
    without = {name: value for name, value in kept.items() if name not in ("allow_download", "address", "expires_at")}
    assert owner.post(url, without).status_code == 302
    changed = Link.objects.get()
    assert (changed.allow_download, changed.expires_at, changed.title) == (False, None, "")


@pytest.mark.django_db
def test_a_file_request_becomes_a_view_and_back(world: Linked, owner: Client) -> None:
    deadline = (now() + timedelta(days=9)).strftime("%Y-%m-%dT%H:%M")
    make(owner, world, role="uploader", deadline=deadline, grace="3600", naming="sender", title="Reports")
    link = Link.objects.get()
    assert (link.role, link.grace, link.naming) == (LinkRole.UPLOADER, timedelta(hours=1), "sender")
    assert "Files received" in page(owner, "link", link.pk)
    url = reverse("links:link", args=[link.pk])
    sent = {**FORM, "deadline": deadline, "grace": "3600", "naming": "sender", "title": "Reports"}
    assert owner.post(url, sent).status_code == 302
    link = Link.objects.get()
    assert (link.role, link.deadline, link.grace, link.naming) == ("viewer", None, timedelta(0), "keep")


@pytest.mark.django_db
def test_what_is_wrong_is_said_at_its_field(world: Linked, owner: Client) -> None:
    world.link(world.plans, by=world.editor, address="taken-one")
    for fields, text in (
        ({"address": "taken-one"}, "Another link has this address."),
        ({"address": "a b c d e f"}, "6 to 64 letters"),
        ({"password": "short"}, "too short"),
        ({"expires_at": "2020-01-01T00:00"}, "has passed already"),
        ({"max_downloads": "0"}, "greater than or equal to 1"),
        ({"role": "manager"}, "Select a valid choice"),
    ):
        html = make(owner, world, status=422, **fields).content.decode()
        assert text in html, fields
        assert "errorlist" in html
    assert Link.objects.count() == 1


@pytest.mark.django_db
def test_the_qr_code_is_an_image_of_the_address(world: Linked, owner: Client, settings: Settings) -> None:
    import segno

    link = world.link()
    response = owner.get(reverse("links:qr_code", args=[link.pk]))
    assert (response.status_code, response["Content-Type"]) == (200, "image/svg+xml")
    assert response.content.startswith(b"<?xml")
    assert b"<script" not in response.content
    assert b"style=" not in response.content
    size = segno.make(f"{settings.BASE_URL}/s/{link.token}", error="m", micro=False).symbol_size(border=4)[0]
    assert f'viewBox="0 0 {size} {size}"'.encode() in response.content


@pytest.mark.django_db
def test_others_see_nothing_of_it(world: Linked) -> None:
    link = world.link()
    anonymous = Client()
    for user in (make_user(), world.editor):
        other = signed_in(user)
        for name in ("link", "qr_code", "revoke"):
            assert page(other, name, link.pk, status=404)
            assert anonymous.get(reverse(f"links:{name}", args=[link.pk])).status_code == 302
        assert other.post(reverse("links:revoke", args=[link.pk])).status_code == 404
        assert other.post(reverse("links:take_over", args=[link.pk])).status_code == 404
        assert other.post(reverse("links:link", args=[link.pk]), FORM).status_code == 404
        assert page(other, "of_node", world.home.pk, status=404)
    assert Link.objects.get().revoked_at is None


@pytest.mark.django_db
def test_a_file_and_who_may_not_share(world: Linked, owner: Client) -> None:
    file = put(world.actor, "Photos/sea.jpg").node
    html = page(owner, "of_node", file.pk)
    assert "Upload only" not in html
    assert f'href="{reverse("links:of_node", args=[file.pk])}"' in owner.get(f"/files/{file.pk}/").content.decode()
    home = owner.get("/").content.decode()
    root = re.search(r'data-folder="(\d+)"', home)
    assert root is not None
    assert reverse("links:of_node", args=[root.group(1)]) not in home
    assert "You may not share this." in page(owner, "of_node", root.group(1))


@pytest.mark.django_db
def test_taking_over(world: Linked, owner: Client) -> None:
    link = world.link(world.plans, by=world.editor)
    User.objects.filter(pk=world.editor.pk).update(is_active=False)
    html = page(owner, "link", link.pk)
    assert "paused" in html
    assert "Take over" in html
    assert owner.post(reverse("links:take_over", args=[link.pk])).status_code == 302
    assert Link.objects.get().created_by == world.owner
    assert "Take over" not in page(owner, "link", link.pk)


@pytest.mark.django_db
def test_the_links_in_a_space_are_for_who_manages_it(world: Linked, owner: Client) -> None:
    link = world.link(world.plans, by=world.editor)
    url = reverse("links:in_space", args=[world.space.pk])
    assert reverse("links:link", args=[link.pk]) in owner.get(url).content.decode()
    assert url in owner.get(f"/spaces/{world.space.pk}/").content.decode()
    assert signed_in(world.editor).get(url).status_code == 403
    assert signed_in(make_user()).get(url).status_code == 404


@pytest.mark.django_db
def test_pages_have_no_inline_script_or_style(world: Linked, owner: Client) -> None:
    link = world.link()
    for name, arguments in (("links", []), ("of_node", [world.home.pk]), ("link", [link.pk]), ("revoke", [link.pk])):
        html = page(owner, name, *arguments)
        assert not re.search(r"<style|\sstyle=|\son\w+=", html), name
        assert html.count("<h1") == 1
