"""Files that are sent to a link by a form: a file request, and the link of an editor."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import AuditEvent
from common.clock import now
from files.models import Node, Upload
from files.queries.tree import locate_path
from sharing.models import DeliveredFile, Link, LinkRole, Naming
from sharing.queries.deliveries import new_secret
from tests.sharing.linked import SECRET, Linked
from tests.sharing.web.visiting import Visitor, code_of, links_in, text_of
from tests.support.threads import at_once
from tests.support.trees import bytes_at, ledger

pytestmark = pytest.mark.django_db


@pytest.fixture
def link(world: Linked) -> Link:
    return world.link(role=LinkRole.UPLOADER, title="Your letters", message="Thank you")


def names(world: Linked, path: str = "Photos") -> set[str]:
    folder = locate_path(world.actor, path).node
    return set(Node.objects.filter(parent=folder).values_list("name", flat=True))


def test_a_file_request_shows_nothing_of_its_folder(world: Linked, link: Link) -> None:
    visitor = Visitor(link)
    page = visitor.get()
    html = page.content.decode()
    assert (page.status_code, page.cookies.output()) == (200, "")
    assert "Your letters" in text_of(page)
    assert "Olga Owner" in text_of(page)
    for hidden in ("Photos", "sea.jpg", "sand", str(world.home.pk)):
        assert hidden not in html
    sea = locate_path(world.actor, "Photos/sea.jpg").node
    for path in (f"/{sea.pk}", f"/{sea.pk}/download", f"/{world.home.pk}", f"/{world.home.pk}/zip", "/zip"):
        assert visitor.get(path).status_code in (403, 404), path
    assert visitor.post("/zip", {"node": str(sea.pk)}).status_code in (403, 404)


def test_sending_and_the_receipt(world: Linked, link: Link) -> None:
    visitor, secret = Visitor(link), new_secret()
    answer = visitor.send(("letter.doc", b"dear"), ("other.txt", b""), delivery=secret)
    assert answer.status_code == 302
    assert answer.cookies.output() == ""
    address = answer.headers["Location"]
    for _ in range(2):  # as often as one likes
        page = Visitor(link, "198.51.100.3").client.get(address)
        assert page.status_code == 200
        assert "letter.doc" in text_of(page)
        assert "4 B" in text_of(page)
        assert "2 files are safe" in text_of(page)
    assert bytes_at(world.actor, "Photos/letter.doc") == b"dear"
    assert "Photos" not in page.content.decode()
    link.refresh_from_db()
    assert link.uploads == 2
    events = AuditEvent.objects.filter(kind="link.upload").order_by("pk")
    assert [event.detail["name"] for event in events] == ["letter.doc", "other.txt"]
    assert visitor.get(f"/receipt/{new_secret()}").status_code == 404
    assert Visitor(world.link()).get(f"/receipt/{secret}").status_code == 404
    assert visitor.get("/receipt/x").status_code == 404


def test_nothing_is_ever_replaced(world: Linked, link: Link) -> None:
    """A second one of the same name is another file, and both senders see success; so does what was there before."""
    for number in range(2):
        answer = Visitor(link, f"203.0.113.{number + 1}").send(("sea.jpg", b"%d" % number), delivery=new_secret())
        assert answer.status_code == 302
        receipt = Visitor(link).client.get(answer.headers["Location"])
        assert "sea.jpg" in text_of(receipt)
        assert "(" not in text_of(receipt).partition("sea")[2][:8], "nobody is told that there is another one"
    assert names(world) == {"more", "sea.jpg", "sea (2).jpg", "sea (3).jpg"}
    assert bytes_at(world.actor, "Photos/sea.jpg") == b"sea"
    assert bytes_at(world.actor, "Photos/sea (2).jpg") == b"0"


def test_the_name_of_the_sender(world: Linked) -> None:
    link = world.link(role=LinkRole.UPLOADER, naming=Naming.SENDER)
    visitor = Visitor(link)
    refused = visitor.send(("a.txt", b"a"), delivery=new_secret())
    assert (refused.status_code, code_of(refused)) == (400, "invalid_request")
    answer = visitor.send(("a.txt", b"a"), sender="  Ada\n/ Lovelace ", delivery=new_secret())
    assert "Ada Lovelace" in text_of(visitor.client.get(answer.headers["Location"]))
    assert names(world) == {"more", "sea.jpg", "Ada Lovelace - a.txt"}


@pytest.mark.parametrize(
    ("name", "stored"), [("../../up.txt", "up.txt"), ("a\\b.txt", "a\\b.txt"), ("ü ☃.txt", "ü ☃.txt")]
)
def test_names(world: Linked, link: Link, name: str, stored: str) -> None:
    assert Visitor(link).send((name, b"x"), delivery=new_secret()).status_code == 302
    assert stored in names(world)


@pytest.mark.parametrize("name", ["..", "x" * 300, "photo\u202egpj.exe"])
def test_names_that_nothing_may_have(world: Linked, link: Link, name: str) -> None:
    before = names(world)
    answer = Visitor(link).send((name, b"x"), delivery=new_secret())
    assert answer.status_code == 400
    assert names(world) == before


def test_an_empty_form(world: Linked, link: Link) -> None:
    answer = Visitor(link).post("/send", {"delivery": new_secret()})
    assert answer.status_code == 400
    assert "Choose the files" in text_of(answer)


def test_what_arrived_before_a_refusal_stays(world: Linked, link: Link) -> None:
    answer = Visitor(link).send(("a.txt", b"a"), ("..", b"b"), ("c.txt", b"c"), delivery=new_secret())
    assert answer.status_code == 400
    assert "a.txt" in text_of(answer)
    assert "1 file is safe" in text_of(answer)
    assert "c.txt" not in text_of(answer)
    assert names(world) == {"more", "sea.jpg", "a.txt"}


def test_the_quota_is_that_of_the_owner(world: Linked, link: Link) -> None:
    world.owner.quota.limit_bytes = ledger(world.owner).total + 1000
    world.owner.quota.save()
    answer = Visitor(link).send(("large.bin", b"x" * 2000), delivery=new_secret())
    assert (answer.status_code, code_of(answer)) == (507, "quota_exceeded")
    assert Upload.objects.count() == 0
    assert Visitor(link).send(("small.bin", b"x" * 500), delivery=new_secret()).status_code == 302


class Unread:
    """A body of which not a byte may be read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("somebody has read the body")

    readline = read


def refused_unread(slug: str, path: str = "/send", client: Client | None = None) -> Any:
    extra = {"wsgi.input": Unread(), "CONTENT_LENGTH": str(10**9), "CONTENT_TYPE": "multipart/form-data; boundary=b"}
    return (client or Client()).generic("POST", f"/s/{slug}{path}", **extra)


def test_no_byte_is_read_for_who_may_not_send(world: Linked, link: Link) -> None:
    viewer, locked = world.link(), world.link(role=LinkRole.UPLOADER, password=SECRET)
    file = world.link(locate_path(world.actor, "Photos/sea.jpg").node, role=LinkRole.EDITOR)
    assert refused_unread(viewer.token).status_code == 403
    assert refused_unread(locked.token).status_code == 401
    assert refused_unread(file.token).status_code == 409
    assert refused_unread("nonsense").status_code == 404
    Link.objects.filter(pk=link.pk).update(deadline=now() - timedelta(hours=1))
    assert refused_unread(link.token).status_code == 410
    for path in ("/send/tus/", "/send/tus/x"):
        assert refused_unread(viewer.token, path).status_code in (403, 412)


@pytest.mark.parametrize("path", ["", "/password", "/report", "/zip", "/1/folders", "/sendx", "/send/other"])
def test_other_addresses_keep_the_limit_of_visitors(world: Linked, link: Link, path: str) -> None:
    answer = refused_unread(link.token, path)
    assert answer.status_code in (404, 405, 413), path
    if path in ("", "/password", "/report", "/zip", "/1/folders", "/sendx"):
        assert answer.status_code == 413


def test_the_deadline_and_the_time_after_it(world: Linked) -> None:
    link = world.link(role=LinkRole.UPLOADER, deadline=now() + timedelta(hours=1), grace=timedelta(hours=2))
    Visitor(link).send(("early.txt", b"x"), delivery=new_secret())
    Link.objects.filter(pk=link.pk).update(deadline=now() - timedelta(hours=1))
    page = Visitor(link).get()
    assert "marked as late" in text_of(page)
    late = Visitor(link).send(("late.txt", b"x"), delivery=new_secret())
    assert "(late)" in text_of(Visitor(link).client.get(late.headers["Location"])).replace("( late )", "(late)")
    assert list(DeliveredFile.objects.order_by("pk").values_list("name", "is_late")) == [
        ("early.txt", False),
        ("late.txt", True),
    ]
    Link.objects.filter(pk=link.pk).update(deadline=now() - timedelta(hours=3))
    closed = Visitor(link).send(("later.txt", b"x"), delivery=new_secret())
    assert (closed.status_code, code_of(closed)) == (410, "link_closed")
    assert Visitor(link).client.get(late.headers["Location"]).status_code == 200


def test_an_editor_adds_files_to_a_folder(world: Linked) -> None:
    link = world.link(role=LinkRole.EDITOR)
    visitor, more = Visitor(link), locate_path(world.actor, "Photos/more").node
    assert any(found.endswith("/send") for found in links_in(visitor.get(f"/{more.pk}")))
    answer = visitor.send(("sand.jpg", b"new"), folder=str(more.pk), delivery=new_secret())
    assert answer.status_code == 302
    assert names(world, "Photos/more") == {"sand.jpg", "sand (2).jpg"}
    outside = visitor.send(("x", b"x"), folder=str(locate_path(world.actor, "").node.pk), delivery=new_secret())
    assert outside.status_code == 404
    assert visitor.send(("x", b"x"), folder="nonsense", delivery=new_secret()).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_senders_of_one_name_at_the_same_moment(world: Linked, link: Link) -> None:
    def sender(number: int) -> Any:
        visitor = Visitor(link, f"203.0.113.{number}")
        return lambda: visitor.send(("letter.doc", b"%d" % number), delivery=new_secret()).status_code

    assert at_once(*(sender(number) for number in range(1, 5)), expected=AssertionError) == [302] * 4
    stored = {"letter.doc", "letter (2).doc", "letter (3).doc", "letter (4).doc"}
    assert names(world) == {"more", "sea.jpg", *stored}
    assert {bytes_at(world.actor, f"Photos/{name}") for name in stored} == {b"1", b"2", b"3", b"4"}
