"""What visitors of a link see, without scripts and without cookies."""

import re
import zipfile
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import AuditEvent
from common.clock import now
from dropbox_clone.web_server.watched_responses import RightsGone
from files.actions.restrictions import restrict
from files.actions.trash import restore_items, trash_nodes
from files.models import Node
from files.queries.tree import locate_path
from sharing.actions.links import revoke_link
from sharing.models import Audience, Link, LinkRole
from tests.sharing.linked import SECRET, Linked
from tests.sharing.web.visiting import Visitor, code_of, links_in, text_of
from tests.support.clients import body_of
from tests.support.people import make_user, sign_in
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def node_at(world: Linked, path: str) -> Node:
    return locate_path(world.actor, path).node


def test_a_folder(world: Linked) -> None:
    link = world.link(title="Summer", message="Look\n<b>here</b>", expires_at=now() + timedelta(days=2))
    visitor = Visitor(link)
    page = visitor.get()
    assert (page.status_code, page.cookies.output()) == (200, "")
    text = text_of(page)
    assert "Shared by Olga Owner" in text
    assert "Open until" in text
    assert "sea.jpg" in text
    assert "<b>here</b>" in text  # as text
    assert "owner@example.com" not in page.content.decode()
    assert page.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert page.headers["Referrer-Policy"] == "same-origin"
    assert "no-store" in page.headers["Cache-Control"]
    assert visitor.get("/").status_code == 200
    inner = visitor.get(f"/{node_at(world, 'Photos/more').pk}")
    assert "sand.jpg" in text_of(inner)
    assert "Summer" in text_of(inner)
    assert f"/s/{link.token}" in links_in(inner)
    link.refresh_from_db()
    assert (link.visits, link.downloads) == (1, 0)


def test_times_say_their_zone(world: Linked) -> None:
    visitor = Visitor(world.link())
    assert re.search(r"Modified\s.*? UTC", text_of(visitor.get(f"/{node_at(world, 'Photos/sea.jpg').pk}")), re.DOTALL)
    assert " UTC" in text_of(visitor.get())


def test_what_is_above_is_not_there(world: Linked) -> None:
    link = world.link(node_at(world, "Photos/more"))
    visitor, above = Visitor(link), [world.home.pk, node_at(world, "secret.txt").pk, world.home.parent_id]
    for path in ("", f"/{node_at(world, 'Photos/more/sand.jpg').pk}"):
        page = visitor.get(path).content.decode()
        assert "sand.jpg" in page
        assert "Photos" not in page
        assert "secret" not in page
    for pk in above:
        for path in (f"/{pk}", f"/{pk}/download", f"/{pk}/zip"):
            assert visitor.get(path).status_code == 404, path
        assert visitor.post("/zip", {"node": str(pk)}).status_code == 404


def test_sorting_and_turning_pages(world: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("http_kit.forms.PAGE_SIZE", 2)
    for number in range(3):
        put(world.actor, f"Photos/{number}.txt", b"x" * (10 - number))
    visitor = Visitor(world.link())
    seen: list[str] = []
    address = "?order=size"
    for _ in range(4):
        page = visitor.get(address)
        assert page.status_code == 200
        html = page.content.decode()
        seen += [name for name in ("more", "sea.jpg", "2.txt", "1.txt", "0.txt") if f'title="{name}"' in html]
        following = [link for link in links_in(page) if "cursor=" in link]
        if not following:
            break
        address = "?" + following[0].partition("?")[2]
    assert seen == ["more", "sea.jpg", "2.txt", "1.txt", "0.txt"]
    assert Link.objects.get().visits == 1
    assert visitor.get("?cursor=forged").status_code == 400
    assert visitor.get("?order=nonsense").status_code == 200


def test_a_file(world: Linked) -> None:
    link = world.link(node_at(world, "Photos/sea.jpg"))
    visitor = Visitor(link)
    page = visitor.get()
    assert page.status_code == 200
    assert "sea.jpg" in text_of(page)
    assert "3 bytes" in text_of(page)
    assert "Photos" not in page.content.decode()
    (address,) = [found for found in links_in(page) if found.endswith("/download")]
    answer = visitor.client.get(address)
    assert body_of(answer) == b"sea"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.cookies.output() == ""
    link.refresh_from_db()
    assert link.downloads == 1


@pytest.mark.parametrize("name", ["page.html", "image.svg", "script.js", "letter.pdf"])
def test_nothing_runs_in_our_origin(world: Linked, name: str) -> None:
    put(world.actor, f"Photos/{name}", b"<script>alert(1)</script>")
    answer = Visitor(world.link()).get(f"/{node_at(world, f'Photos/{name}').pk}/download")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")


def names_in(answer: Any) -> list[str]:
    return sorted(zipfile.ZipFile(BytesIO(body_of(answer))).namelist())


def test_zips(world: Linked) -> None:
    link = world.link()
    visitor = Visitor(link)
    assert names_in(visitor.get("/zip")) == ["Photos/", "Photos/more/", "Photos/more/sand.jpg", "Photos/sea.jpg"]
    more, sea = node_at(world, "Photos/more"), node_at(world, "Photos/sea.jpg")
    assert names_in(visitor.get(f"/{more.pk}/zip")) == ["more/", "more/sand.jpg"]
    assert names_in(visitor.post("/zip", {"node": [str(more.pk), str(sea.pk)]})) == [
        "more/",
        "more/sand.jpg",
        "sea.jpg",
    ]
    single = visitor.post("/zip", {"node": str(sea.pk)})
    assert single.headers["Location"].endswith(f"/{sea.pk}/download")
    assert visitor.post("/zip").status_code == 400


def test_what_is_hidden_from_all_does_not_appear(world: Linked) -> None:
    put(world.actor, "Plans/hidden/canary.txt", b"canary" * 100, space_id=world.space.pk)
    hidden = locate_path(world.actor, "Plans/hidden", space_id=world.space.pk).node
    restrict(world.actor, node_id=hidden.pk)
    visitor = Visitor(world.link(world.plans))
    page = visitor.get().content.decode()
    assert "a.txt" in page
    assert 'title="hidden"' not in page
    assert "canary" not in page
    assert visitor.get(f"/{hidden.pk}").status_code == 404
    assert names_in(visitor.get("/zip")) == ["Plans/", "Plans/a.txt"]


def test_withheld_download(world: Linked) -> None:
    """Names and sizes, and no byte."""
    link = world.link(allow_download=False)
    visitor, sea = Visitor(link), node_at(world, "Photos/sea.jpg")
    page = visitor.get()
    assert "sea.jpg" in text_of(page)
    assert not [found for found in links_in(page) if "download" in found or "zip" in found]
    for path in (f"/{sea.pk}/download", "/zip", f"/{node_at(world, 'Photos/more').pk}/zip"):
        answer = visitor.get(path, range="bytes=0-0")
        assert answer.status_code == 403, path
        assert b"sea" not in answer.content
    assert visitor.post("/zip", {"node": str(sea.pk)}).status_code == 403
    assert visitor.client.head(f"/s/{link.token}/{sea.pk}/download").status_code == 403
    assert Visitor(world.link(sea, allow_download=False)).get(f"/{sea.pk}/download").status_code == 403


def test_the_limit_of_downloads(world: Linked) -> None:
    link = world.link(node_at(world, "Photos/sea.jpg"), max_downloads=1)
    path = f"/{link.node_id}/download"
    first, second = Visitor(link, "203.0.113.1"), Visitor(link, "203.0.113.2")
    assert first.client.head(f"/s/{link.token}{path}").status_code == 200  # is none
    assert body_of(first.get(path, range="bytes=0-1")) == b"se"
    assert body_of(first.get(path, range="bytes=2-")) == b"a"  # the same one goes on
    answer = second.get(path)
    assert (answer.status_code, code_of(answer)) == (410, "link_used_up")
    assert (
        second.get(path, if_none_match=first.client.head(f"/s/{link.token}{path}").headers["ETag"]).status_code == 304
    )
    assert second.get().status_code == 200  # who looks may go on looking


def test_password(world: Linked) -> None:
    link = world.link(password=SECRET, title="Top secret title")
    visitor = Visitor(link)
    page = visitor.get()
    assert (page.status_code, code_of(page), page.cookies.output()) == (401, "link_password_required", "")
    for hidden in ("sea.jpg", "Olga", "Top secret", "Photos"):
        assert hidden not in page.content.decode()
    for path in (f"/{node_at(world, 'Photos/sea.jpg').pk}/download", "/zip", f"/{world.home.pk}"):
        assert visitor.get(path).status_code == 401
    wrong = visitor.unlock("not it")
    assert (wrong.status_code, code_of(wrong), wrong.cookies.output()) == (403, "link_password_wrong", "")
    right = visitor.unlock(SECRET)
    assert right.headers["Location"] == f"/s/{link.token}"
    cookie = right.cookies["link"]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"]) == (f"/s/{link.token}", True, "Lax")
    assert list(right.cookies) == ["link"]
    assert "sea.jpg" in text_of(visitor.get())
    other = world.link(password=SECRET)
    assert Visitor(other, client=visitor.client).get().status_code == 401


def test_guesses_at_a_password_wait(world: Linked) -> None:
    link = world.link(password=SECRET)
    visitor = Visitor(link)
    answers = [visitor.unlock(f"wrong {number}").status_code for number in range(8)]
    assert answers[0] == 403
    assert answers[-1] == 429
    slowed = visitor.unlock("wrong again")
    assert int(slowed.headers["Retry-After"]) > 0
    assert "second" in text_of(slowed)
    assert Visitor(link, "198.51.100.200").unlock(SECRET).status_code == 302


def test_forms_of_other_sites_are_refused(world: Linked) -> None:
    link = world.link(password=SECRET, role=LinkRole.EDITOR)
    visitor = Visitor(link)
    visitor.unlock(SECRET)
    path = f"/{world.home.pk}/folders"
    assert visitor.post(path, {"name": "a"}, sec_fetch_site="cross-site").status_code == 403
    assert visitor.post(path, {"name": "a"}, origin="https://evil.example").status_code == 403
    assert visitor.post(path, {"name": "a"}, origin="null").status_code == 403
    assert visitor.post(path, {"name": "a"}).status_code == 403  # by the cookie alone
    ours = visitor.post(path, {"name": "a"}, origin="http://testserver", sec_fetch_site="same-origin")
    assert ours.status_code == 302


@pytest.mark.parametrize("slug", ["AAAAAAAAAAAAAAAAAAAAAA", "x", "no such address", "%2e%2e", "ä", "a" * 300])
def test_unknown(world: Linked, slug: str) -> None:
    revoked = world.link()
    revoke_link(world.actor, link_id=revoked.pk)
    answer, gone = Visitor(slug).get(), Visitor(revoked).get()
    assert (answer.status_code, gone.status_code) == (404, 404)
    assert code_of(answer) == code_of(gone) == "link_not_found"
    assert text_of(answer) == text_of(gone)


def test_guessing_is_slowed_for_each_address_alone(world: Linked) -> None:
    link = world.link()
    answers = [Visitor(f"guess-{number}").get().status_code for number in range(30)]
    assert answers[:20] == [404] * 20
    assert answers[-1] == 429
    slowed = Visitor(link).get()
    assert (slowed.status_code, code_of(slowed)) == (429, "too_many_attempts")
    assert int(slowed.headers["Retry-After"]) > 0
    assert Visitor(link, "198.51.100.200").get().status_code == 200
    assert Visitor("guess", "198.51.100.201").get().status_code == 404


def test_many_addresses_get_nowhere_and_slow_nobody(world: Linked) -> None:
    link = world.link()
    for number in range(300):
        assert Visitor(f"guess-{number}", f"10.0.{number // 250}.{number % 250 + 1}").get().status_code == 404
    assert Visitor(link, "198.51.100.200").get().status_code == 200


def test_expired_and_paused_and_in_the_trash(world: Linked) -> None:
    expired = world.link()
    Link.objects.filter(pk=expired.pk).update(expires_at=now() - timedelta(seconds=1))
    answer = Visitor(expired).get()
    assert (answer.status_code, code_of(answer)) == (410, "link_expired")
    link = world.link(node_at(world, "Photos/more"))
    (item,) = trash_nodes(world.actor, node_ids=[link.node_id])
    answer = Visitor(link).get()
    assert (answer.status_code, code_of(answer)) == (410, "link_target_in_trash")
    assert "Olga" not in answer.content.decode()
    restore_items(world.actor, item_ids=[item.pk])
    assert "sand.jpg" in text_of(Visitor(link).get())
    theirs = world.link(world.plans, by=world.editor)
    world.editor.is_active = False
    world.editor.save()
    answer = Visitor(theirs).get()
    assert (answer.status_code, code_of(answer)) == (403, "link_paused")


def test_audience(world: Linked) -> None:
    stranger = make_user("stranger@example.org")
    signed_in, team = (world.link(audience=audience) for audience in (Audience.SIGNED_IN, Audience.TEAM))
    answer = Visitor(signed_in).get()
    assert (answer.status_code, code_of(answer)) == (401, "link_sign_in_required")
    assert any("/accounts/login/?next=" in found for found in links_in(answer))
    client = Client()
    sign_in(client, stranger)
    assert Visitor(signed_in, client=client).get().status_code == 200
    answer = Visitor(team, client=client).get()
    assert (answer.status_code, code_of(answer)) == (403, "link_not_for_you")
    colleague = Client()
    sign_in(colleague, world.other)
    assert "sea.jpg" in text_of(Visitor(team, client=colleague).get())


def test_visits_and_downloads_are_in_the_audit_record(world: Linked) -> None:
    link = world.link()
    visitor = Visitor(link)
    visitor.get()
    body_of(visitor.get("/zip"))
    kinds = AuditEvent.objects.filter(link_id=link.pk).order_by("pk").values_list("kind", "principal", "address")
    assert list(kinds) == [("link.visit", "link", "203.0.113.9"), ("link.download", "link", "203.0.113.9")]


def test_no_page_has_a_script_of_its_own(world: Linked) -> None:
    import re

    link = world.link(role=LinkRole.EDITOR)
    request = world.link(role=LinkRole.UPLOADER)
    for page in (Visitor(link).get(), Visitor(request).get(), Visitor("none").get(), Visitor(link).get("/report")):
        html = page.content.decode()
        assert not re.search(r"<style|\sstyle=|\son\w+=|hx-", html.replace('hx-boost="false"', ""))
        for attributes in re.findall(r"<script([^>]*)>", html):
            assert "src=" in attributes or 'type="application/json"' in attributes


def test_a_revoked_link_ends_a_running_download(world: Linked, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("http_kit.long_requests.EVERY", 0.0)
    put(world.actor, "Photos/large.bin", b"x" * 20_000_000)
    link = world.link()
    for path in (f"/{node_at(world, 'Photos/large.bin').pk}/download", "/zip"):
        answer = Visitor(link).get(path)
        parts = iter(answer.streaming_content)
        next(parts)
        Link.objects.filter(pk=link.pk).update(revoked_at=now())
        with pytest.raises(RightsGone):
            list(parts)
        Link.objects.filter(pk=link.pk).update(revoked_at=None)


def test_a_page_costs_a_constant_number_of_queries(world: Linked) -> None:
    visitor = Visitor(world.link())
    visitor.get()
    with CaptureQueriesContext(connection) as few:
        visitor.get()
    for number in range(20):
        put(world.actor, f"Photos/{number}.txt")
    with CaptureQueriesContext(connection) as many:
        visitor.get()
    assert len(many) == len(few) <= 20
