"""LOCK, UNLOCK, and what locks stand against at this endpoint."""

from typing import Any

import pytest

from accounts.models import User
from files.actions.lock import MAXIMUM_OWNER
from files.actions.spaces import create_team_space
from files.models import NodeLock
from files.queries import locks as lock_queries
from protocols.dav.properties.standard import STANDARD
from protocols.dav.resources import AddressRoot, Dialect
from tests.support.clients import Dav, tree
from tests.support.people import actor_of, make_user

pytestmark = pytest.mark.django_db
INFO = (
    "<lockinfo xmlns='DAV:'><lockscope><{}/></lockscope><locktype><write/></locktype>"
    "<owner>Ada &amp; <x:co xmlns:x='urn:x'>Co</x:co></owner></lockinfo>"
)


def lock(dav: Dav, path: str, scope: str = "exclusive", **headers: str | None) -> Any:
    return dav.send("LOCK", path, INFO.format(scope), **headers)


def token_of(answer: Any) -> str:
    assert answer.status_code in (200, 201), answer.content
    return str(answer.headers["Lock-Token"])


def test_a_lock_and_what_it_says(dav: Dav) -> None:
    dav.put("a.txt")
    answer = lock(dav, "a.txt", timeout="Second-600", depth="0")
    assert answer.status_code == 200
    token = token_of(answer)
    assert token.startswith("<urn:uuid:")
    active = tree(dav.propfind("a.txt")).find(".//{DAV:}activelock")
    assert active is not None
    assert active.find("{DAV:}lockscope/{DAV:}exclusive") is not None
    assert active.findtext("{DAV:}depth") == "0"
    assert active.findtext("{DAV:}locktoken/{DAV:}href") == token.strip("<>")
    assert active.findtext("{DAV:}lockroot/{DAV:}href") == "/dav/a.txt"
    owner = active.find("{DAV:}owner")
    assert owner is not None
    assert owner.text == "Ada & "
    assert owner.findtext("{urn:x}co") == "Co"
    assert 590 <= int((active.findtext("{DAV:}timeout") or "").removeprefix("Second-")) <= 600


def test_changes_need_the_token(dav: Dav) -> None:
    dav.put("a.txt")
    token = token_of(lock(dav, "a.txt"))
    held = f"({token})"
    refused = dav.put("a.txt", b"other")
    assert refused.status_code == 423
    assert b"<d:lock-token-submitted><d:href>/dav/a.txt</d:href></d:lock-token-submitted>" in refused.content
    assert dav.send("DELETE", "a.txt").status_code == 423
    assert dav.move("a.txt", "b.txt").status_code == 423
    assert dav.send("PROPPATCH", "a.txt", PATCH).status_code == 423
    assert dav.copy("a.txt", "c.txt").status_code == 201
    assert dav.copy("c.txt", "a.txt").status_code == 423
    assert dav.put("a.txt", b"other", **{"if": held}).status_code == 204
    assert dav.put("a.txt", b"x" * 100_000, **{"if": held}).status_code == 204
    assert dav.put("a.txt", b"x" * 200_000).status_code == 423
    assert dav.send("PROPPATCH", "a.txt", PATCH, **{"if": held}).status_code == 207
    assert dav.send("UNLOCK", "a.txt", lock_token=token).status_code == 204
    assert dav.put("a.txt").status_code == 204


PATCH = "<propertyupdate xmlns='DAV:'><set><prop><x xmlns='urn:x'>1</x></prop></set></propertyupdate>"


def test_a_token_is_its_holders_only(dav: Dav, ada: User) -> None:
    """In a shared space, where both may write."""
    bob = make_user("bob@example.com", team=ada.membership.team)
    space = create_team_space(actor_of(ada), name="shared")
    root = AddressRoot("/dav/", Dialect(STANDARD), space.pk)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("protocols.dav.urls._ROOT", root)
        dav.put("a.txt")
        token = token_of(lock(dav, "a.txt"))
        other = Dav(bob)
        assert other.put("a.txt", **{"if": f"({token})"}).status_code == 423
        assert other.send("UNLOCK", "a.txt", lock_token=token).status_code == 403
        assert lock(other, "a.txt").status_code == 423
        assert dav.put("a.txt", **{"if": f"({token})"}).status_code == 204


def test_a_lock_of_a_folder(dav: Dav) -> None:
    for path in ("f", "f/g"):
        dav.send("MKCOL", path)
    dav.put("f/a.txt")
    dav.put("f/g/b.txt")
    token = token_of(lock(dav, "f", depth="0"))
    assert dav.put("f/new.txt").status_code == 423
    assert dav.send("MKCOL", "f/h").status_code == 423
    assert dav.send("DELETE", "f/a.txt").status_code == 423
    assert dav.put("f/a.txt", b"changed").status_code == 204  # depth 0: the list of members only
    assert dav.put("f/g/new.txt").status_code == 201
    assert dav.put("f/new.txt", **{"if": f"</dav/f> ({token})"}).status_code == 201
    assert dav.send("UNLOCK", "f/a.txt", lock_token=token).status_code == 409
    assert dav.send("UNLOCK", "f", lock_token=token).status_code == 204
    token = token_of(lock(dav, "f"))
    assert dav.put("f/a.txt", b"again").status_code == 423
    assert dav.put("f/g/b.txt").status_code == 423
    assert dav.put("f/g/b.txt", **{"if": f"({token})"}).status_code == 204
    found = tree(dav.propfind("f/g", depth="1"))
    assert {root.text for root in found.iter("{DAV:}href") if root.text}.issuperset({"/dav/f/", "/dav/f/g/b.txt"})
    assert len(list(found.iter("{DAV:}activelock"))) == len(list(found.iter("{DAV:}response"))) == 3
    assert dav.send("UNLOCK", "f/g/b.txt", lock_token=token).status_code == 204


def test_locks_below_are_in_the_way(dav: Dav) -> None:
    dav.send("MKCOL", "f")
    dav.put("f/a.txt")
    token = token_of(lock(dav, "f/a.txt"))
    assert dav.send("DELETE", "f").status_code == 423
    assert dav.move("f", "g").status_code == 423
    refused = lock(dav, "f")
    assert refused.status_code == 207
    statuses = [(r.findtext("{DAV:}href"), r.findtext("{DAV:}status")) for r in tree(refused)]
    assert statuses == [("/dav/f/a.txt", "HTTP/1.1 423 Locked"), ("/dav/f/", "HTTP/1.1 424 Failed Dependency")]
    assert lock(dav, "f", depth="0").status_code == 200
    held = f"</dav/f/a.txt> ({token})"
    assert dav.send("DELETE", "f", **{"if": held}).status_code == 423  # the folder's own lock
    NodeLock.objects.filter(node__name="f").delete()
    assert dav.send("DELETE", "f", **{"if": held}).status_code == 204
    assert not NodeLock.objects.exists()


def test_a_move_leaves_the_lock_behind(dav: Dav) -> None:
    dav.put("a.txt")
    token = token_of(lock(dav, "a.txt"))
    assert dav.move("a.txt", "b.txt", **{"if": f"({token})"}).status_code == 201
    assert not NodeLock.objects.exists()
    assert dav.put("b.txt").status_code == 204


def test_shared_locks(dav: Dav) -> None:
    dav.put("a.txt")
    first = token_of(lock(dav, "a.txt", "shared"))
    second = token_of(lock(dav, "a.txt", "shared"))
    assert first != second
    refused = lock(dav, "a.txt")
    assert refused.status_code == 423
    assert b"<d:no-conflicting-lock><d:href>/dav/a.txt</d:href>" in refused.content
    assert dav.put("a.txt").status_code == 423
    assert dav.put("a.txt", **{"if": f"({second})"}).status_code == 204
    assert dav.send("UNLOCK", "a.txt", lock_token=first).status_code == 204
    assert dav.put("a.txt").status_code == 423


def test_a_lock_makes_an_empty_file(dav: Dav) -> None:
    answer = lock(dav, "new.txt")
    assert answer.status_code == 201
    found = dav.properties("new.txt", "{DAV:}getcontentlength")
    assert found == {"/dav/new.txt": {"{DAV:}getcontentlength": "0"}}
    assert dav.put("new.txt").status_code == 423
    assert lock(dav, "no/new.txt").status_code == 409
    dav.send("MKCOL", "f")
    token = token_of(lock(dav, "f"))
    assert lock(dav, "f/new.txt").status_code == 423
    assert dav.propfind("f/new.txt").status_code == 404
    assert lock(dav, "f/new.txt", **{"if": f"({token})"}).status_code == 423


def test_refresh(dav: Dav) -> None:
    dav.put("a.txt")
    token = token_of(lock(dav, "a.txt", timeout="Second-60"))
    answer = dav.send("LOCK", "a.txt", timeout="Extended, Second-9999999999", **{"if": f"({token})"})
    assert answer.status_code == 200
    assert "Lock-Token" not in answer.headers
    assert b"<d:timeout>Second-86400</d:timeout>" in answer.content.replace(b"86399", b"86400")
    assert dav.send("LOCK", "a.txt").status_code == 400
    assert dav.send("LOCK", "a.txt", **{"if": "(<urn:uuid:no>)"}).status_code == 412


def test_an_expired_lock_is_none(dav: Dav, monkeypatch: pytest.MonkeyPatch) -> None:
    dav.put("a.txt")
    lock(dav, "a.txt", timeout="Second-60")
    assert dav.put("a.txt").status_code == 423
    NodeLock.objects.update(expires_at="2020-01-01T00:00:00Z")
    assert dav.put("a.txt").status_code == 204
    assert b"activelock" not in dav.propfind("a.txt").content
    assert lock(dav, "a.txt").status_code == 200


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("({token})", 204),
        ("({token} [{etag}])", 204),
        ('({token} ["no"])', 412),
        ("(<urn:uuid:no>)", 412),
        ("(<urn:uuid:no>) ({token})", 204),
        ("(Not <DAV:no-lock> {token})", 204),
        ("(<DAV:no-lock>) ({token})", 204),
        ("(Not {token})", 412),
        ("(Not <urn:uuid:no>) (<urn:x>)", 423),
        ("</dav/a.txt> ({token})", 204),
        ("<http://testserver/dav/a.txt> ({token})", 204),
        ("<http://elsewhere/dav/a.txt> ({token})", 412),
        ("</dav/none.txt> ({token})", 412),
        ('</dav/none.txt> (Not ["x"] Not <urn:x>) </dav/a.txt> ({token})', 204),
        ("no", 400),
        ("</dav/%ff> ({token})", 400),
    ],
)
def test_if(dav: Dav, condition: str, status: int) -> None:
    etag = dav.put("a.txt").headers["ETag"]
    token = token_of(lock(dav, "a.txt"))
    header = condition.format(token=token, etag=etag)
    assert dav.put("a.txt", b"new", host="testserver", **{"if": header}).status_code == status


def test_if_without_any_lock(dav: Dav) -> None:
    etag = dav.put("a.txt").headers["ETag"]
    assert dav.send("GET", "a.txt", **{"if": f"([{etag}])"}).status_code == 200
    assert dav.send("GET", "a.txt", **{"if": '(["no"])'}).status_code == 412
    many = " ".join(f"</dav/{number}> (<urn:x>)" for number in range(21))
    assert dav.send("GET", "a.txt", **{"if": many}).status_code == 400


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (INFO.format("exclusive"), {"depth": "1"}),
        (INFO.format("other"), {}),
        (INFO.format("exclusive").replace("<write/>", "<read/>"), {}),
        ("<x/>", {}),
        ("<lockinfo xmlns='DAV:'/>", {}),
        ("<", {}),
    ],
)
def test_locks_that_are_refused(dav: Dav, body: str, headers: dict[str, str]) -> None:
    dav.put("a.txt")
    assert dav.send("LOCK", "a.txt", body, **headers).status_code == 400
    assert not NodeLock.objects.exists()


def test_floods(dav: Dav, monkeypatch: pytest.MonkeyPatch) -> None:
    long = INFO.format("shared").replace("Ada", "A" * MAXIMUM_OWNER)
    dav.put("a.txt")
    assert dav.send("LOCK", "a.txt", long).status_code == 413
    monkeypatch.setattr("files.actions.lock.MAXIMUM_OF_NODE", 2)
    monkeypatch.setattr("django.conf.settings.ACCOUNT_LOCKS", 3)
    assert [lock(dav, "a.txt", "shared").status_code for _ in range(3)] == [200, 200, 403]
    assert [lock(dav, f"{name}.txt", "shared").status_code for name in "bc"] == [201, 403]


def test_unlock_needs_a_token(dav: Dav) -> None:
    dav.put("a.txt")
    assert dav.send("UNLOCK", "a.txt").status_code == 400
    assert dav.send("UNLOCK", "a.txt", lock_token="<urn:uuid:no>").status_code == 409
    assert dav.send("UNLOCK", "none.txt", lock_token="<urn:uuid:no>").status_code == 404


def test_readers_may_not_lock(ada: User, dav: Dav) -> None:
    dav.put("a.txt")
    assert lock(Dav(ada, "read"), "a.txt").status_code == 403


def test_nothing_is_asked_without_locks(dav: Dav, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: object) -> None:
        raise AssertionError("a query about locks")

    monkeypatch.setattr(lock_queries, "NodeLock", None)
    monkeypatch.setattr(lock_queries, "ancestors_of", never)
    dav.put("b.txt")
