"""Files at Nextcloud's addresses: properties, headers, favourites, recalculated checksums, SEARCH, previews."""

import hashlib
from typing import Any
from xml.etree import ElementTree

import pytest

from accounts.models import User
from files.actions.lock import LockOptions, lock_node
from files.actions.trash import empty_trash, remove_purged_rows, trash_nodes
from files.models import Favourite, LockScope, Node
from files.queries.favourites import list_favourites
from files.queries.tree import locate_path
from tests.search.conftest import index
from tests.support.clients import Nextcloud
from tests.support.people import actor_of, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db
NAMESPACES = {"d": "DAV:", "oc": "http://owncloud.org/ns", "nc": "http://nextcloud.org/ns"}
DECLARED = " ".join(f'xmlns:{prefix}="{namespace}"' for prefix, namespace in NAMESPACES.items())


@pytest.fixture
def user() -> User:
    return make_user("ada@example.com", name="Ada <Lovelace>")


def at(client: Nextcloud, path: str = "") -> str:
    return f"/remote.php/dav/files/{client.id}/{path}"


def propfind(*names: str) -> str:
    return f"<d:propfind {DECLARED}><d:prop>{''.join(f'<{name}/>' for name in names)}</d:prop></d:propfind>"


def told(answer: Any) -> dict[str, dict[str, str]]:
    """Properties that were found, with prefixes, by href."""
    assert answer.status_code == 207, answer.content
    found = {}
    for response in ElementTree.fromstring(answer.getvalue()).iter("{DAV:}response"):
        properties = {}
        for propstat in response.iter("{DAV:}propstat"):
            if "200" not in str(propstat.findtext("{DAV:}status")):
                continue
            for element in next(propstat.iter("{DAV:}prop")):
                namespace, _, local = element.tag[1:].partition("}")
                prefix = {uri: prefix for prefix, uri in NAMESPACES.items()}[namespace]
                properties[f"{prefix}:{local}"] = "".join(element.itertext())
        found[str(response.findtext("{DAV:}href"))] = properties
    return found


OURS = (
    *("oc:id", "oc:fileid", "oc:size", "oc:permissions", "oc:checksums", "oc:favorite", "oc:owner-id"),
    *("oc:owner-display-name", "oc:share-types", "nc:has-preview", "nc:is-encrypted", "nc:creation_time", "nc:lock"),
)


def test_what_a_client_is_told_of_a_file_and_a_folder(user: User, client: Nextcloud) -> None:
    sha1 = hashlib.sha1(b"hello").hexdigest()
    node = put(actor_of(user), "folder/a.txt").node
    client.send("PUT", at(client, "folder/a.txt"), b"hello", oc_checksum=f"SHA1:{sha1}")
    node.refresh_from_db()
    found = told(client.send("PROPFIND", at(client, "folder"), propfind(*OURS), depth="1"))
    assert list(found) == [at(client, "folder/"), at(client, "folder/a.txt")]
    folder, file = found.values()
    assert file["oc:id"] == f"{node.pk:08d}ocdropboxclone"
    assert file["oc:fileid"] == str(node.pk)
    assert (file["oc:size"], folder["oc:size"]) == ("5", "5")
    assert (file["oc:permissions"], folder["oc:permissions"]) == ("RGDNVW", "RGDNVCK")
    assert file["oc:checksums"] == f"SHA1:{sha1}"
    assert "oc:checksums" not in folder
    assert file["oc:owner-id"] == client.id
    assert file["oc:owner-display-name"] == "Ada <Lovelace>"
    assert (file["nc:has-preview"], file["nc:is-encrypted"], file["nc:lock"]) == ("false", "0", "0")
    assert file["oc:share-types"] == ""
    assert int(file["nc:creation_time"]) > 1_600_000_000
    everything = told(client.send("PROPFIND", at(client, "folder/a.txt"), depth="0"))
    assert not [name for name in everything[at(client, "folder/a.txt")] if not name.startswith("d:")]


def test_a_token_that_may_only_read_is_told_so(user: User) -> None:
    put(actor_of(user), "a.txt")
    reader = Nextcloud(user, "read")
    found = told(reader.send("PROPFIND", at(reader, "a.txt"), propfind("oc:permissions"), depth="0"))
    assert found[at(reader, "a.txt")] == {"oc:permissions": "G"}


def test_a_large_folder_costs_as_many_queries_as_a_small_one(
    user: User, client: Nextcloud, django_assert_max_num_queries: Any
) -> None:
    for number in range(40):
        put(actor_of(user), f"folder/{number}.txt", b"%d" % number)
    client.send("PROPFIND", at(client), depth="0")
    with django_assert_max_num_queries(9):
        answer = client.send("PROPFIND", at(client, "folder"), propfind(*OURS, "nc:unknown"), depth="1")
        assert len(told(answer)) == 41


def test_headers_of_put_and_get(user: User, client: Nextcloud) -> None:
    sha1 = hashlib.sha1(b"hello").hexdigest()
    made = client.send("PUT", at(client, "a.txt"), b"hello", oc_checksum=f"SHA1:{sha1}", x_oc_mtime="1700000000")
    node = Node.objects.get(name="a.txt")
    assert made.status_code == 201
    assert made.headers["OC-ETag"] == made.headers["ETag"] == node.etag
    assert made.headers["OC-FileId"] == f"{node.pk:08d}ocdropboxclone"
    assert made.headers["X-OC-MTime"] == "accepted"
    got = client.send("GET", at(client, "a.txt"))
    assert (got.headers["OC-Checksum"], got.headers["ETag"]) == (f"SHA1:{sha1}", node.etag)
    wrong = client.send("PUT", at(client, "a.txt"), b"other", oc_checksum=f"SHA1:{sha1}")
    assert wrong.status_code == 400
    assert b"<s:exception>Sabre\\DAV\\Exception\\BadRequest</s:exception>" in wrong.content
    assert client.send("GET", at(client, "a.txt")).getvalue() == b"hello"


def test_other_people_s_homes_do_not_exist(user: User, client: Nextcloud) -> None:
    put(actor_of(user), "a.txt")
    other = Nextcloud(make_user("eve@example.com"))
    for segment in (client.id, "ada%40example.com", "", "0", "nobody"):
        for method in ("PROPFIND", "GET", "PUT", "DELETE", "MKCOL"):
            url = f"/remote.php/dav/files/{segment}/a.txt"
            assert other.send(method, url, b"x" if method == "PUT" else b"", depth="0").status_code == 404
    to = f"/remote.php/dav/files/{client.id}/moved.txt"
    put(actor_of(User.objects.get(email="eve@example.com")), "mine.txt")
    assert other.send("MOVE", at(other, "mine.txt"), destination=to).status_code in (404, 502)
    assert Node.objects.filter(name="moved.txt").count() == 0
    assert client.send("GET", "/remote.php/webdav/a.txt").getvalue() == b"hello"
    assert client.send("GET", "/remote.php/dav/files/ADA@example.com/a.txt").getvalue() == b"hello"
    assert Nextcloud(None).send("PROPFIND", at(client)).headers["WWW-Authenticate"].startswith("Basic ")


def favour(client: Nextcloud, path: str, value: str = "1", verb: str = "set") -> Any:
    body = (
        f"<d:propertyupdate {DECLARED}><d:{verb}><d:prop><oc:favorite>{value}</oc:favorite></d:prop></d:{verb}>"
        "</d:propertyupdate>"
    )
    return client.send("PROPPATCH", at(client, path), body)


def report(client: Nextcloud, path: str = "", rule: str = "<oc:favorite>1</oc:favorite>", *names: str) -> Any:
    props = "".join(f"<{name}/>" for name in names or ("oc:favorite", "oc:fileid"))
    filters = f"<d:prop>{props}</d:prop><oc:filter-rules>{rule}</oc:filter-rules>"
    body = f"<oc:filter-files {DECLARED}>{filters}</oc:filter-files>"
    return client.send("REPORT", at(client, path), body)


def test_favourites(user: User, client: Nextcloud) -> None:
    for path in ("a.txt", "folder/b c.txt", "folder/deep/d.txt"):
        put(actor_of(user), path)
    before = locate_path(actor_of(user), "folder").node.etag
    for path in ("a.txt", "folder", "folder/b c.txt"):
        assert told(favour(client, path))[at(client, path.replace(" ", "%20") + "/" * (path == "folder"))]
    assert locate_path(actor_of(user), "folder").node.etag == before
    found = told(report(client))
    assert list(found) == [at(client, "a.txt"), at(client, "folder/"), at(client, "folder/b%20c.txt")]
    assert {properties["oc:favorite"] for properties in found.values()} == {"1"}
    assert list(told(report(client, "folder"))) == [at(client, "folder/b%20c.txt")]
    listed = told(client.send("PROPFIND", at(client), propfind("oc:favorite"), depth="1"))
    assert listed == {
        at(client): {"oc:favorite": "0"},
        at(client, "a.txt"): {"oc:favorite": "1"},
        at(client, "folder/"): {"oc:favorite": "1"},
    }
    favour(client, "a.txt", "0")
    favour(client, "folder", "", "remove")
    assert list(told(report(client))) == [at(client, "folder/b%20c.txt")]
    client.send("MOVE", at(client, "folder"), destination=at(client, "renamed"))
    assert list(told(report(client))) == [at(client, "renamed/b%20c.txt")]


def test_favourites_go_with_what_is_deleted(user: User, client: Nextcloud) -> None:
    actor = actor_of(user)
    node = put(actor, "folder/a.txt").node
    favour(client, "folder/a.txt")
    (item,) = trash_nodes(actor, node_ids=[locate_path(actor, "folder").node.pk])
    assert told(report(client)) == {}
    assert Favourite.objects.get().node_id == node.pk
    empty_trash(actor)
    remove_purged_rows()
    assert not Favourite.objects.exists()
    assert item.pk


def test_each_person_has_favourites_of_their_own(user: User, client: Nextcloud) -> None:
    node = put(actor_of(user), "a.txt").node
    other = make_user("eve@example.com")
    assert favour(Nextcloud(other), "a.txt").status_code == 404
    Favourite.objects.create(user=other, node=node)
    assert told(report(client)) == {}
    assert list_favourites(actor_of(other), below=locate_path(actor_of(other), "")) == []
    assert favour(Nextcloud(user, "read"), "a.txt").status_code == 403


@pytest.mark.parametrize(
    ("rule", "status", "count"),
    [
        ("<oc:favorite>0</oc:favorite>", 207, 0),
        ("<oc:systemtag>1</oc:systemtag>", 207, 0),
        ("<oc:favorite>1</oc:favorite><oc:systemtag>1</oc:systemtag>", 207, 0),
        ("", 400, 0),
    ],
)
def test_other_rules(user: User, client: Nextcloud, rule: str, status: int, count: int) -> None:
    put(actor_of(user), "a.txt")
    favour(client, "a.txt")
    answer = report(client, "", rule)
    assert answer.status_code == status
    assert status != 207 or len(told(answer)) == count
    assert client.send("REPORT", at(client), '<d:version-tree xmlns:d="DAV:"/>').status_code == 403


def test_many_favourites_are_a_few_queries(user: User, client: Nextcloud, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        node = put(actor_of(user), f"folder/{number}.txt", b"%d" % number).node
        Favourite.objects.create(user=user, node=node)
    client.send("PROPFIND", at(client), depth="0")
    with django_assert_max_num_queries(12):
        assert len(told(report(client, "", "<oc:favorite>1</oc:favorite>", *OURS, "nc:unknown"))) == 30


def test_a_checksum_is_recalculated_once(user: User, client: Nextcloud) -> None:
    put(actor_of(user), "a.txt")
    wanted = hashlib.sha1(b"hello").hexdigest()
    for _ in range(2):
        answer = client.send("PATCH", at(client, "a.txt"), x_recalculate_hash="sha1")
        assert (answer.status_code, answer.headers["OC-Checksum"]) == (204, f"SHA1:{wanted}")
    found = told(client.send("PROPFIND", at(client, "a.txt"), propfind("oc:checksums"), depth="0"))
    assert found[at(client, "a.txt")] == {"oc:checksums": f"SHA1:{wanted}"}
    client.send("PATCH", at(client, "a.txt"), x_recalculate_hash="md5")
    found = told(client.send("PROPFIND", at(client, "a.txt"), propfind("oc:checksums"), depth="0"))
    assert found[at(client, "a.txt")]["oc:checksums"].split()[0] == f"SHA1:{wanted}"
    assert client.send("PATCH", at(client, "a.txt"), x_recalculate_hash="crc99").status_code == 400
    assert client.send("PATCH", at(client, "a.txt")).status_code == 400
    assert client.send("PATCH", at(client, ""), x_recalculate_hash="sha1").status_code == 405
    assert client.send("PATCH", at(client, "none"), x_recalculate_hash="sha1").status_code == 404
    other = Nextcloud(make_user("eve@example.com"))
    assert other.send("PATCH", at(client, "a.txt"), x_recalculate_hash="sha1").status_code == 404


def test_rclone_sets_a_time_and_checksums_together(user: User, client: Nextcloud) -> None:
    put(actor_of(user), "a.txt")
    body = (
        f"<d:propertyupdate {DECLARED}><d:set><d:prop><d:lastmodified>981173106</d:lastmodified>"
        "<oc:checksums><oc:checksum>SHA1:0000</oc:checksum></oc:checksums></d:prop></d:set></d:propertyupdate>"
    )
    assert b"HTTP/1.1 200 OK" in client.send("PROPPATCH", at(client, "a.txt"), body).content
    assert Node.objects.get(name="a.txt").modified_at.timestamp() == 981_173_106
    found = told(client.send("PROPFIND", at(client, "a.txt"), propfind("oc:checksums"), depth="0"))
    assert found[at(client, "a.txt")] == {}  # nobody has verified that


def test_locks_are_told(user: User, client: Nextcloud) -> None:
    node = put(actor_of(user), "a.txt").node
    lock = lock_node(actor_of(user), node_id=node.pk, options=LockOptions(LockScope.EXCLUSIVE, True, "", None))
    names = [f"nc:lock{suffix}" for suffix in ("", "-owner", "-owner-displayname", "-time", "-timeout", "-token")]
    (found,) = told(client.send("PROPFIND", at(client, "a.txt"), propfind(*names), depth="0")).values()
    assert (found["nc:lock"], found["nc:lock-owner"], found["nc:lock-token"]) == ("1", client.id, lock.token)
    assert found["nc:lock-owner-displayname"] == "Ada <Lovelace>"
    assert int(found["nc:lock-timeout"]) > 0


def search(client: Nextcloud, where: str, scope: str = "", more: str = "") -> Any:
    body = (
        f"<d:searchrequest {DECLARED}><d:basicsearch><d:select><d:prop><oc:fileid/><d:displayname/></d:prop></d:select>"
        f"<d:from><d:scope><d:href>{scope or f'/files/{client.id}'}</d:href><d:depth>infinity</d:depth></d:scope>"
        "</d:from>"
        f"<d:where>{where}</d:where>{more}</d:basicsearch></d:searchrequest>"
    )
    return client.send("SEARCH", "/remote.php/dav/", body)


def like(literal: str) -> str:
    return f"<d:like><d:prop><d:displayname/></d:prop><d:literal>{literal}</d:literal></d:like>"


def test_search(user: User, client: Nextcloud) -> None:
    for path in ("report one.txt", "folder/report two.txt", "folder/other.txt"):
        put(actor_of(user), path)
    put(actor_of(make_user("eve@example.com")), "report of eve.txt")
    index()
    found = told(search(client, like("%report%")))
    assert set(found) == {at(client, "report%20one.txt"), at(client, "folder/report%20two.txt")}
    node = Node.objects.get(name="report two.txt")
    assert found[at(client, "folder/report%20two.txt")] == {
        "oc:fileid": str(node.pk),
        "d:displayname": "report two.txt",
    }
    for scope in (f"/files/{client.id}/folder", at(client, "folder"), f"http://testserver{at(client, 'folder')}"):
        assert list(told(search(client, like("%report%"), scope))) == [at(client, "folder/report%20two.txt")]
    by_id = f"<d:eq><d:prop><oc:fileid/></d:prop><d:literal>{node.pk}</d:literal></d:eq>"
    assert list(told(search(client, by_id))) == [at(client, "folder/report%20two.txt")]
    limited = told(search(client, like("%report%"), more="<d:limit><d:nresults>1</d:nresults></d:limit>"))
    assert len(limited) == 1
    assert told(search(client, like("%nothing%"))) == {}


def test_what_cannot_be_searched(user: User, client: Nextcloud) -> None:
    other = make_user("eve@example.com")
    theirs = put(actor_of(other), "secret.txt").node
    index()
    assert told(search(client, like("%secret%"))) == {}
    by_id = f"<d:eq><d:prop><oc:fileid/></d:prop><d:literal>{theirs.pk}</d:literal></d:eq>"
    assert told(search(client, by_id)) == {}
    assert search(client, like("%secret%"), f"/files/{other.pk}").status_code == 404
    assert search(client, like("%a%"), "/calendars/ada").status_code == 404
    assert search(client, "<d:foo/>").status_code == 400
    assert search(client, "<d:like/>").status_code == 400
    assert client.send("SEARCH", "/remote.php/dav/", b"<x/>").status_code == 400
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert client.send("SEARCH", "/remote.php/dav/", bomb).status_code == 400
    assert client.send("SEARCH", "/remote.php/dav/", b"<x>" * 200).status_code == 400
    scope = (
        b'<searchrequest xmlns="DAV:"><basicsearch><from><scope><href>http://[/a</href></scope></from></basicsearch>'
    )
    assert client.send("SEARCH", "/remote.php/dav/", scope + b"</searchrequest>").status_code == 400
    assert Nextcloud(user, "write").send("SEARCH", "/remote.php/dav/", b"<x/>").status_code in (400, 403)


def test_unified_search(user: User, client: Nextcloud) -> None:
    put(actor_of(user), "folder/report.txt")
    put(actor_of(make_user("eve@example.com")), "report of eve.txt")
    index()
    assert [one["id"] for one in client.ocs("search/providers").json()["ocs"]["data"]] == ["files"]
    data = client.ocs("search/providers/files/search?term=report").json()["ocs"]["data"]
    assert [(entry["title"], entry["subline"]) for entry in data["entries"]] == [("report.txt", "in folder")]
    assert (data["isPaginated"], data["cursor"]) == (False, None)
    assert client.ocs("search/providers/talk/search?term=a").status_code == 404
    assert client.ocs("search/providers/files/search?term=report&cursor=x").status_code == 400
    assert client.ocs("search/providers/files/search?limit=x").json()["ocs"]["data"]["entries"] == []
    assert Nextcloud(None).ocs("search/providers/files/search?term=a").status_code == 401


@pytest.mark.parametrize(
    "url",
    [
        "/index.php/core/preview?fileId=1&x=64&y=64",
        "/index.php/core/preview.png?file=a.png",
        "/index.php/apps/files/api/v1/thumbnail/64/64/a.png",
        "/index.php/avatar/1/128",
        "/remote.php/dav/avatars/1/128.png",
    ],
)
def test_there_are_no_previews(client: Nextcloud, url: str) -> None:
    assert client.send("GET", url).status_code == 404
    assert Nextcloud(None).send("GET", url).status_code == 401
