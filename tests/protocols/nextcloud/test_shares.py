"""Nextcloud's share API, by the requests that its desktop and phone clients send."""

import json
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Membership, User
from files.actions.mounts import reconcile_all
from files.models import Grant, Mount, Node, NodeKind, Space
from files.queries.tree import locate_path
from sharing.actions.waiting import forget_gone
from sharing.models import Link, ShareNumber, WaitingShare
from tests.files.conftest import pool  # noqa: F401
from tests.sharing.team import Team, team_of_three
from tests.support.clients import Nextcloud
from tests.support.people import make_user, sign_in

SHARES = "apps/files_sharing/api/v1/shares"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def team(pool: Any) -> Team:  # noqa: F811
    return team_of_three()


@pytest.fixture
def ada(team: Team) -> Nextcloud:
    return Nextcloud(team.ada)


def form(client: Nextcloud, method: str, at: str = SHARES, *, version: int = 2, **fields: Any) -> Any:
    """As the desktop client sends it: a form in the body, JSON wanted."""
    url = f"/ocs/v{version}.php/{at}?format=json"
    headers = {"ocs_apirequest": "true", "content_type": FORM}
    return client.send(method, url, urlencode(fields), **headers)


def ask(client: Nextcloud, at: str = SHARES, *, version: int = 2, **fields: Any) -> Any:
    return data_of(client.ocs(f"{at}?{urlencode(fields)}", version=version))


def data_of(answer: Any, code: int = 200) -> Any:
    body = answer.json()["ocs"]
    assert body["meta"]["statuscode"] == code, body["meta"]
    return body["data"]


def meta(answer: Any) -> tuple[int, int, str]:
    found = answer.json()["ocs"]["meta"]
    return answer.status_code, found["statuscode"], found["status"]


def to_bob(client: Nextcloud, team: Team, **fields: Any) -> Any:
    sent = {"path": "/Photos", "shareType": 0, "shareWith": team.bob.pk, "permissions": 31, **fields}
    return data_of(form(client, "POST", **sent))


def test_a_share_as_the_desktop_client_makes_it(team: Team, ada: Nextcloud) -> None:
    assert ask(ada, path="/Photos", reshares="true") == []
    made = to_bob(ada, team)
    grant, node = Grant.objects.get(), team.node()
    assert (grant.user, grant.role, grant.can_share) == (team.bob, "editor", True)
    expected = {
        "share_type": 0,
        "share_with": str(team.bob.pk),
        "share_with_displayname": "Bob",
        "permissions": 31,
        "uid_owner": ada.id,
        "displayname_owner": "Ada Lovelace",
        "uid_file_owner": ada.id,
        "path": "/Photos",
        "file_target": "/Photos",
        "item_type": "folder",
        "mimetype": "httpd/unix-directory",
        "item_source": node.pk,
        "file_source": node.pk,
        "file_parent": team.home.root_id,
        "expiration": None,
        "note": "",
        "token": None,
        "attributes": None,
        "can_edit": True,
        "can_delete": True,
    }
    assert {name: made[name] for name in expected} == expected
    assert 0 < int(made["id"]) < 2**31
    assert ask(ada, path="/Photos", reshares="true") == [made]
    assert ask(ada, f"{SHARES}/{made['id']}") == [made]
    assert ask(ada) == [made]
    assert data_of(form(ada, "DELETE", f"{SHARES}/{made['id']}")) == []
    assert not Grant.objects.exists()
    assert forget_gone() == 1
    assert not ShareNumber.objects.exists()


def test_version_1_says_it_in_the_envelope(team: Team, ada: Nextcloud) -> None:
    made = data_of(form(ada, "POST", version=1, path="/Photos", shareType=0, shareWith=team.bob.pk, permissions=1), 100)
    assert data_of(ada.ocs(f"{SHARES}?path=/Photos", version=1), 100) == [made]
    again = form(ada, "POST", version=1, path="/Photos", shareType=0, shareWith=team.bob.pk)
    assert meta(again) == (200, 403, "failure")
    assert meta(ada.ocs(f"{SHARES}?path=/none", version=1)) == (200, 404, "failure")
    assert meta(ada.ocs(f"{SHARES}/1", version=1)) == (200, 404, "failure")
    assert meta(ada.ocs(f"{SHARES}/1")) == (404, 404, "failure")
    assert meta(ada.ocs(f"{SHARES}/{10**12}")) == (404, 404, "failure")
    assert ada.send("GET", f"/ocs/v1.php/{SHARES}", authorization=None).status_code == 401


def test_xml_as_androids_client_reads_it(team: Team, ada: Nextcloud) -> None:
    """It reads the id with Integer.parseInt, and takes a list for `element`s, a share that was made for `data`."""
    sent = urlencode({"path": "/Photos", "shareType": 0, "shareWith": team.bob.pk, "permissions": 1})
    headers = {"ocs_apirequest": "true", "content_type": FORM}
    root = ElementTree.fromstring(ada.send("POST", f"/ocs/v2.php/{SHARES}", sent, **headers).content)
    assert int(root.findtext("data/id") or 0) == ShareNumber.objects.get().pk
    listing = ada.send("GET", f"/ocs/v2.php/{SHARES}?path=/Photos&reshares=true&subfiles=false", ocs_apirequest="true")
    element = ElementTree.fromstring(listing.content).find("data/element")
    assert element is not None
    assert [element.findtext(name) for name in ("share_type", "permissions", "item_type")] == ["0", "1", "folder"]
    changed = ada.send("PUT", f"/ocs/v2.php/{SHARES}/{element.findtext('id')}", "permissions=31", **headers)
    assert ElementTree.fromstring(changed.content).findtext("meta/statuscode") == "200"
    assert Grant.objects.get().role == "editor"


def test_one_value_after_the_other(team: Team, ada: Nextcloud) -> None:
    made = to_bob(ada, team)
    put_ = lambda **fields: data_of(form(ada, "PUT", f"{SHARES}/{made['id']}", **fields))  # noqa: E731
    assert put_(expireDate="2099-03-01")["expiration"] == "2099-03-01 00:00:00"
    assert put_(note="Look & see")["note"] == "Look & see"
    changed = put_(permissions=29)  # the switch of the desktop client takes away 2 and nothing else
    assert (changed["permissions"], changed["expiration"], changed["note"]) == (1, "2099-03-01 00:00:00", "Look & see")
    assert put_(permissions=15)["permissions"] == 15
    grant = Grant.objects.get()
    assert (grant.role, grant.can_share) == ("editor", False)
    assert put_(permissions=31)["permissions"] == 31
    assert put_(expireDate="")["expiration"] is None
    withheld = put_(attributes=json.dumps([{"scope": "permissions", "key": "download", "value": False}]))
    assert Grant.objects.get().can_download is False
    assert json.loads(withheld["attributes"])[0]["value"] is False
    assert put_(permissions=31, attributes="[]", publicUpload="false", hideDownload="false")["attributes"] is None
    assert put_(attributes='[{"scope":"permissions","key":"download","enabled":false}]')["attributes"] is not None


def test_roles_that_clients_do_not_know_stay(team: Team, ada: Nextcloud) -> None:
    made = to_bob(ada, team)
    Grant.objects.update(role="manager")
    form(ada, "PUT", f"{SHARES}/{made['id']}", permissions=31)
    assert Grant.objects.get().role == "manager"
    Grant.objects.update(role="commenter")
    form(ada, "PUT", f"{SHARES}/{made['id']}", permissions=1)
    assert Grant.objects.get().role == "commenter"


def test_a_file_has_fewer_permissions(team: Team, ada: Nextcloud) -> None:
    made = to_bob(ada, team, path="/Photos/sea.jpg")
    content = team.node("/Photos/sea.jpg").version.content  # type: ignore[union-attr]
    assert (made["permissions"], made["item_type"], made["mimetype"]) == (19, "file", content.media_type)


def test_groups_and_the_whole_team(team: Team, ada: Nextcloud) -> None:
    group = team.group(team.carl)
    made = to_bob(ada, team, shareType=1, shareWith=group.pk, permissions=1)
    assert (made["share_type"], made["share_with_displayname"]) == (1, "Builders")
    assert to_bob(ada, team, shareType=1, shareWith="team", permissions=1)["share_with"] == "team"
    assert sorted(Grant.objects.values_list("group_id", flat=True), key=str) == [group.pk, None]


def inviting(team: Team) -> Nextcloud:
    """The usual app password may not invite people into the team."""
    return Nextcloud(team.ada, "read", "write", "share", "admin")


def test_an_address_of_nobody(team: Team, ada: Nextcloud) -> None:
    refused = form(ada, "POST", path="/Photos", shareType=4, shareWith="dora@example.com", permissions=1)
    assert meta(refused) == (403, 403, "failure")
    assert not WaitingShare.objects.exists()
    ada = inviting(team)
    made = to_bob(ada, team, shareType=4, shareWith="dora@example.com", permissions=1)
    assert (made["share_type"], made["share_with"]) == (4, "dora@example.com")
    assert WaitingShare.objects.get().email == "dora@example.com"
    assert [one["share_type"] for one in ask(ada, path="/Photos", reshares="true")] == [4]
    assert to_bob(ada, team, shareType=4, shareWith="bob@example.com")["share_type"] == 0
    assert data_of(form(ada, "DELETE", f"{SHARES}/{made['id']}")) == []
    assert not WaitingShare.objects.exists()


def test_links(team: Team, ada: Nextcloud) -> None:
    made = data_of(form(ada, "POST", path="/Photos", shareType=3, password="a long password"))
    link = Link.objects.get()
    assert (made["share_type"], made["token"], made["permissions"]) == (3, link.token, 1)
    assert made["url"].endswith(f"/s/{link.token}")
    assert made["share_with"] is not None  # so that clients show that there is a password
    assert link.password
    put_ = lambda **fields: data_of(form(ada, "PUT", f"{SHARES}/{made['id']}", **fields))  # noqa: E731
    assert put_(password="")["share_with"] is None
    assert put_(permissions=15)["permissions"] == 15
    assert put_(publicUpload="false")["permissions"] == 1
    assert put_(permissions=4)["permissions"] == 4
    assert put_(permissions=1, hideDownload="true")["hide_download"] == 1
    changed = put_(label="For the press", note="Hello", expireDate="2099-01-31")
    assert (changed["label"], changed["note"]) == ("For the press", "Hello")
    assert changed["expiration"] == "2099-01-31 00:00:00"
    assert [one["id"] for one in ask(ada, path="/Photos")] == [made["id"]]
    assert [one["id"] for one in ask(ada, path="/", subfiles="true")] == [made["id"]]
    assert ask(ada, f"{SHARES}/{made['id']}")[0]["token"] == link.token
    assert data_of(form(ada, "DELETE", f"{SHARES}/{made['id']}")) == []
    assert ask(ada, path="/Photos") == []


def test_a_weak_password_is_refused(team: Team, ada: Nextcloud) -> None:
    assert meta(form(ada, "POST", path="/Photos", shareType=3, password="x"))[1] == 400
    assert not Link.objects.exists()


def test_what_is_shared_with_me(team: Team, ada: Nextcloud) -> None:
    to_bob(ada, team)
    reconcile_all()
    bob = Nextcloud(team.bob)
    (found,) = ask(bob, shared_with_me="true")
    row = Mount.objects.get(user=team.bob).node
    assert row is not None
    assert (found["path"], found["file_source"], found["uid_owner"]) == ("/Photos", row.pk, ada.id)
    assert (found["can_edit"], found["can_delete"]) == (False, True)
    assert ask(bob) == []
    assert ask(bob, path="/Photos") == []
    assert meta(form(bob, "PUT", f"{SHARES}/{found['id']}", permissions=1))[1] == 403
    assert data_of(form(bob, "DELETE", f"{SHARES}/{found['id']}")) == []
    assert not Grant.objects.exists()


def test_who_has_it_by_a_group_removes_it_from_their_files(team: Team, ada: Nextcloud) -> None:
    to_bob(ada, team, shareType=1, shareWith=team.group(team.bob).pk)
    reconcile_all()
    bob = Nextcloud(team.bob)
    (found,) = ask(bob, shared_with_me="true")
    assert data_of(form(bob, "DELETE", f"{SHARES}/{found['id']}")) == []
    assert Grant.objects.count() == 1
    assert Mount.objects.get().node is None


def test_reshares_and_what_lies_in_a_folder(team: Team, ada: Nextcloud) -> None:
    to_bob(ada, team)
    reconcile_all()
    bob = Nextcloud(team.bob)
    data_of(form(bob, "POST", path="/Photos/2026", shareType=0, shareWith=team.carl.pk, permissions=1))
    assert ask(ada, path="/Photos/2026") == []  # what she has shared herself
    (found,) = ask(ada, path="/Photos/2026", reshares="true")
    assert (found["uid_owner"], found["uid_file_owner"]) == (bob.id, ada.id)
    assert len(ask(ada, path="/Photos", subfiles="true")) == 1
    assert len(ask(ada, reshares="true")) == 2


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"shareType": 0, "shareWith": 1}, 400),
        ({"path": "/none", "shareType": 0, "shareWith": 1}, 404),
        ({"path": "/Photos", "shareType": 0}, 400),
        ({"path": "/Photos", "shareType": 6, "shareWith": "x@elsewhere"}, 400),
        ({"path": "/Photos", "shareType": "x", "shareWith": 1}, 400),
        ({"path": "/Photos", "shareType": 0, "shareWith": "999999"}, 404),
        ({"path": "/Photos", "shareType": 0, "shareWith": "abc"}, 404),
        ({"path": "/Photos", "shareType": 4, "shareWith": "abc"}, 400),
        ({"path": "/Photos", "shareType": 0, "shareWith": "bob@example.com", "permissions": 64}, 400),
        ({"path": "/Photos", "shareType": 0, "shareWith": "bob@example.com", "expireDate": "soon"}, 400),
        ({"path": "/Photos", "shareType": 0, "shareWith": "bob@example.com", "attributes": "{"}, 400),
        ({"path": "/Photos", "shareType": 0, "shareWith": "bob@example.com", "expireDate": "2001-01-01"}, 400),
        ({"path": "/", "shareType": 0, "shareWith": "bob@example.com"}, 409),
    ],
)
def test_wrong_requests(ada: Nextcloud, fields: dict[str, Any], code: int) -> None:
    assert meta(form(ada, "POST", **fields))[1] == code
    assert not Grant.objects.exists()


def test_strangers_narrow_tokens_and_browsers(team: Team, ada: Nextcloud) -> None:
    made = to_bob(ada, team)
    link = data_of(form(ada, "POST", path="/Photos", shareType=3))
    eve, address = Nextcloud(make_user("eve@example.org")), f"{SHARES}/{made['id']}"
    for one in (address, f"{SHARES}/{link['id']}"):
        for method in ("GET", "PUT", "DELETE"):
            assert meta(form(eve, method, one, permissions=1))[1] == 404
    reader = Nextcloud(team.ada, "read", "write")
    assert meta(form(reader, "POST", path="/Photos", shareType=0, shareWith=team.carl.pk))[1] == 403
    assert meta(form(reader, "DELETE", address))[1] == 403
    assert [one["share_type"] for one in ask(reader, path="/Photos")] == [0]  # who knows a link can use it
    browser = Client(enforce_csrf_checks=True)
    sign_in(browser, team.ada)
    assert browser.post(f"/ocs/v2.php/{SHARES}", {"path": "/Photos"}).status_code == 403
    assert Grant.objects.filter(link_id=None).count() == 1
    too_large = ada.send("POST", f"/ocs/v2.php/{SHARES}", b"note=" + b"x" * 70_000, content_type=FORM)
    assert too_large.status_code == 413


def test_sharees(team: Team, ada: Nextcloud) -> None:
    group = team.group(name="Bobsleigh")
    path = "apps/files_sharing/api/v1/sharees"
    found = ask(ada, path, search="bo", itemType="file", page=1, perPage=50, lookup="false")
    assert [one["value"] for one in found["users"]] == [{"shareType": 0, "shareWith": str(team.bob.pk)}]
    assert {"shareType": 1, "shareWith": str(group.pk)} in [one["value"] for one in found["groups"]]
    assert set(found["exact"]) == {"users", "groups", "remotes", "remote_groups", "emails", "circles", "rooms"}
    exact = ask(ada, path, search="bob@example.com", itemType="file")["exact"]
    assert [one["label"] for one in exact["users"]] == ["Bob"]
    assert exact["emails"] == []
    new = ask(ada, path, search="Dora@example.com", itemType="file")["exact"]["emails"]
    assert [one["value"] for one in new] == [{"shareType": 4, "shareWith": "dora@example.com"}]
    assert ask(Nextcloud(team.bob), path, search="dora@example.com")["exact"]["emails"] == []
    assert ask(ada, path, search="team")["groups"][0]["value"]["shareWith"] == "team"
    assert ask(ada, path, search="bo", shareType=1)["users"] == []
    assert ask(Nextcloud(make_user("eve@example.org")), path, search="bob")["users"] == []
    assert meta(ada.ocs(f"{path}?search=a&page=99999999"))[1] == 400


def test_sharees_recommended(team: Team, ada: Nextcloud) -> None:
    to_bob(ada, team)
    found = ask(ada, "apps/files_sharing/api/v1/sharees_recommended", itemType="file")
    assert [one["label"] for one in found["users"]] == ["Bob"]
    assert found["exact"]["users"] == []


def test_what_is_announced(team: Team, ada: Nextcloud) -> None:
    able = ask(ada, "cloud/capabilities")["capabilities"]
    sharing = able["files_sharing"]
    assert (sharing["api_enabled"], sharing["public"]["enabled"], sharing["resharing"]) == (True, True, True)
    assert (sharing["default_permissions"], sharing["group"]["enabled"]) == (31, True)
    assert able["sharebymail"]["enabled"] is True
    for path in ("shares/pending", "deletedshares", "remote_shares", "remote_shares/pending"):
        assert ask(ada, f"apps/files_sharing/api/v1/{path}") == []


# --- listings --------------------------------------------------------------------------------------------------------
PROPERTIES = ("oc:permissions", "oc:share-types", "nc:sharees", "x1:share-permissions")


def told(client: Nextcloud, path: str, depth: str = "1") -> dict[str, dict[str, str]]:
    names = {"oc": "http://owncloud.org/ns", "nc": "http://nextcloud.org/ns"}
    names["x1"] = "http://open-collaboration-services.org/ns"
    spaces = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in names.items())
    wanted = "".join(f"<{name}/>" for name in PROPERTIES)
    body = f'<d:propfind xmlns:d="DAV:" {spaces}><d:prop>{wanted}</d:prop></d:propfind>'
    answer = client.send("PROPFIND", f"/remote.php/dav/files/{client.id}/{path}", body, depth=depth)
    assert answer.status_code == 207
    found: dict[str, dict[str, str]] = {}
    for response in ElementTree.fromstring(answer.getvalue()).iter("{DAV:}response"):
        href = (response.findtext("{DAV:}href") or "").rstrip("/").rpartition("/")[2]
        found[href] = {}
        for element in response.iter("{DAV:}prop"):
            for child in element:
                texts = [text.strip() for text in child.itertext() if text.strip()]
                found[href][child.tag.rpartition("}")[2]] = " ".join(texts)
    return found


def test_listings_say_with_whom_it_is_shared(team: Team, ada: Nextcloud) -> None:
    to_bob(ada, team)
    to_bob(ada, team, shareType=1, shareWith="team", permissions=1)
    to_bob(inviting(team), team, shareType=4, shareWith="dora@example.com")
    form(ada, "POST", path="/Photos", shareType=3)
    found = told(ada, "")
    assert found["Photos"]["share-types"] == "0 1 3 4"
    assert f"{team.bob.pk} Bob 0" in found["Photos"]["sharees"]
    assert "dora@example.com dora@example.com 4" in found["Photos"]["sharees"]
    assert found["Photos"]["share-permissions"] == "31"
    assert "S" not in found["Photos"]["permissions"]
    inside = told(ada, "Photos")
    assert (inside["Photos"]["share-types"], inside["sea.jpg"]["share-types"]) == ("0 1 3 4", "")
    reconcile_all()
    bob, carl = Nextcloud(team.bob), Nextcloud(team.carl)
    shown = told(bob, "")["Photos"]
    assert "S" in shown["permissions"]
    assert "R" in shown["permissions"]
    assert shown["share-types"] == "0 1 3 4"
    shown = told(carl, "")["Photos"]
    assert "S" in shown["permissions"]
    assert "R" not in shown["permissions"]
    assert (shown["share-types"], shown["sharees"], shown["share-permissions"]) == ("", "", "0")


def large_folder(team: Team) -> tuple[Node, list[Node]]:
    """`/Photos/2026` with 1,000 files."""
    parent = locate_path(team.actor, "/Photos/2026").node
    names = [f"{number:04}" for number in range(999)]
    rows = [Node(space=team.home, parent=parent, kind=NodeKind.FILE, name=name, name_key=name) for name in names]
    return parent, Node.objects.bulk_create(rows)


def share_much(team: Team, parent: Node, files: list[Node]) -> None:
    """Two grants for each of the files: on one of them for Bob, and above them for somebody else."""
    people = User.objects.bulk_create([User(email=f"x{node.pk}@example.com") for node in files])
    for person in people:
        Membership.objects.create(user=person, team=team.ada.membership.team)
    grants = [(node, team.bob) for node in files]
    above = (team.node(), parent)
    grants += [(above[number % 2], person) for number, person in enumerate(people)]
    Grant.objects.bulk_create(Grant(node=node, space=team.home, user=person, role="editor") for node, person in grants)
    Space.objects.filter(pk=team.home.pk).update(is_shared=True)


def test_a_listing_costs_the_same_however_much_is_shared(team: Team, ada: Nextcloud) -> None:
    parent, files = large_folder(team)
    told(ada, "Photos/2026", depth="0")  # the first use of a token is noted

    def cost(shared: int) -> int:
        with CaptureQueriesContext(connection) as queries:
            found = told(ada, "Photos/2026")
        assert len(found) == 1_001
        assert sum(bool(one["share-types"]) for name, one in found.items() if name.isdecimal()) == shared + bool(shared)
        return len(queries)

    before = cost(0)
    share_much(team, parent, files[:10])
    some = cost(10)
    share_much(team, parent, files[10:100])
    assert cost(100) == some <= before + 5  # who has it, by name, and of the folder itself
