"""/remote.php/dav/trashbin/ and /remote.php/dav/versions/."""

from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest

from accounts.models import QuotaAccount, User
from files.actions.trash import trash_nodes
from files.models import Node, TrashItem, Version
from files.queries.tree import locate_path
from tests.support.clients import Nextcloud
from tests.support.people import actor_of, make_user
from tests.support.trees import put

pytestmark = pytest.mark.django_db
NC = "{http://nextcloud.org/ns}"


def told(answer: Any) -> dict[str, dict[str, str]]:
    """Properties that were found, by href."""
    assert answer.status_code == 207
    found = {}
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    for response in ElementTree.fromstring(body).iter("{DAV:}response"):
        properties = {
            element.tag: element.text or ""
            for propstat in response.iter("{DAV:}propstat")
            if "200" in str(propstat.findtext("{DAV:}status"))
            for element in propstat.iter("{DAV:}prop")
            for element in element
        }
        found[str(response.findtext("{DAV:}href"))] = properties
    return found


def trashed(user: User, path: str, data: bytes = b"hello") -> TrashItem:
    written = put(actor_of(user), path, data)
    return trash_nodes(actor_of(user), node_ids=[written.node.pk])[0]


def trash(client: Nextcloud, item: TrashItem | None = None) -> str:
    url = f"/remote.php/dav/trashbin/{client.id}/trash"
    return url if item is None else f"{url}/{quote(f'{item.node.name}.d{item.pk}')}"


def restore(client: Nextcloud, url: str, to: str = "anything") -> Any:
    return client.send("MOVE", url, destination=f"http://testserver/remote.php/dav/trashbin/{client.id}/restore/{to}")


def test_the_trash_is_listed(user: User, client: Nextcloud) -> None:
    item = trashed(user, "folder/a b&.txt")
    found = told(client.send("PROPFIND", trash(client), depth="1"))
    assert list(found) == [f"{trash(client)}/", trash(client, item)]
    properties = found[trash(client, item)]
    assert properties[f"{NC}trashbin-filename"] == "a b&.txt"
    assert properties[f"{NC}trashbin-original-location"] == "folder/a b&.txt"
    assert properties[f"{NC}trashbin-deletion-time"] == str(int(item.deleted_at.timestamp()))
    assert properties["{DAV:}getcontentlength"] == properties["{http://owncloud.org/ns}size"] == "5"
    assert properties["{http://owncloud.org/ns}fileid"] == str(item.node_id)
    assert list(told(client.send("PROPFIND", trash(client), depth="0"))) == [f"{trash(client)}/"]
    assert list(told(client.send("PROPFIND", trash(client, item), depth="0"))) == [trash(client, item)]
    body = f'<propfind xmlns="DAV:"><prop><a xmlns="{NC[1:-1]}"/><displayname/></prop></propfind>'
    assert told(client.send("PROPFIND", trash(client, item), body))[trash(client, item)] == {
        "{DAV:}displayname": "a b&.txt"
    }


def test_a_large_trash_is_a_few_queries(user: User, client: Nextcloud, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        trashed(user, f"{number}.txt")
    with django_assert_max_num_queries(8):
        assert len(told(client.send("PROPFIND", trash(client), depth="1"))) == 31


def test_restore(user: User, client: Nextcloud) -> None:
    item = trashed(user, "folder/a.txt")
    answer = restore(client, trash(client, item))
    assert answer.status_code == 201
    assert answer.headers["OC-FileId"].startswith(f"{item.node_id:08d}")
    assert locate_path(actor_of(user), "folder/a.txt").node.pk == item.node_id
    assert restore(client, trash(client, item)).status_code == 404


@pytest.mark.parametrize(
    "destination",
    [
        "/remote.php/dav/files/{id}/a.txt",
        "/remote.php/dav/trashbin/{id}/trash/a.txt",
        "/remote.php/dav/trashbin/{id}/restore/",
        "/remote.php/dav/trashbin/{other}/restore/a.txt",
        "/elsewhere",
    ],
)
def test_out_of_the_trash_leads_only_back(user: User, client: Nextcloud, destination: str) -> None:
    item, other = trashed(user, "a.txt"), make_user("eve@example.com")
    to = destination.format(id=client.id, other=other.pk)
    assert client.send("MOVE", trash(client, item), destination=to).status_code in (404, 502)
    assert TrashItem.objects.filter(pk=item.pk).exists()


def test_restoring_to_what_is_no_address(user: User, client: Nextcloud) -> None:
    item = trashed(user, "a.txt")
    node = put(actor_of(user), "b.txt", b"first").node
    (version,) = Version.objects.filter(node=node)
    for url in (trash(client, item), versions(client, node, version)):
        assert client.send("MOVE", url, destination="http://[/restore/a").status_code == 400
    assert TrashItem.objects.filter(pk=item.pk).exists()


def test_purge_one_and_all(user: User, client: Nextcloud) -> None:
    first, second, third = trashed(user, "a"), trashed(user, "b"), trashed(user, "c")
    assert client.send("DELETE", trash(client, first)).status_code == 204
    assert client.send("DELETE", trash(client, first)).status_code == 404
    assert set(told(client.send("PROPFIND", trash(client), depth="1"))) == {
        f"{trash(client)}/",
        trash(client, second),
        trash(client, third),
    }
    assert client.send("DELETE", trash(client)).status_code == 204
    assert len(told(client.send("PROPFIND", trash(client), depth="1"))) == 1
    assert QuotaAccount.objects.get(user=user).trash_bytes == 0


def test_other_people_s_trash_does_not_exist(user: User, client: Nextcloud) -> None:
    item = trashed(user, "secret.txt")
    other = Nextcloud(make_user("eve@example.com"))
    theirs = trash(client, item)
    as_own = theirs.replace(f"/{client.id}/", f"/{other.id}/")
    for url in (theirs, as_own, trash(client)):
        assert other.send("PROPFIND", url, depth="1").status_code == 404
        assert other.send("DELETE", url).status_code == 404
    for url in (theirs, as_own):
        assert restore(other, url).status_code == 404
    assert TrashItem.objects.filter(pk=item.pk, purging=False).exists()
    assert Nextcloud(None).send("PROPFIND", theirs).status_code == 401


def test_rights_and_names_in_the_trash(user: User, client: Nextcloud) -> None:
    item, reader = trashed(user, "a.txt"), Nextcloud(user, "read")
    assert reader.send("PROPFIND", trash(reader), depth="1").status_code == 207
    for url in (trash(reader), trash(reader, item)):
        assert reader.send("DELETE", url).status_code == 403
    assert restore(reader, trash(reader, item)).status_code == 403
    for name in ("a.txt", f"b.txt.d{item.pk}", "a.txt.d0", "a.txt.d", f"a.txt.d{2**62}", f"x/a.txt.d{item.pk}"):
        assert client.send("DELETE", f"{trash(client)}/{name}").status_code == 404
    assert client.send("GET", trash(client, item)).status_code == 405
    assert client.send("PUT", trash(client, item), b"x").status_code == 405
    assert TrashItem.objects.filter(pk=item.pk, purging=False).exists()


def versions(client: Nextcloud, node: Node, version: Version | None = None) -> str:
    url = f"/remote.php/dav/versions/{client.id}/versions/{node.pk}/"
    return url if version is None else f"{url}{version.pk}"


def test_versions(user: User, client: Nextcloud) -> None:
    actor = actor_of(user)
    node = put(actor, "a.txt", b"first").node
    put(actor, "a.txt", b"second one")
    old, new = Version.objects.filter(node=node).order_by("pk")
    found = told(client.send("PROPFIND", versions(client, node), depth="1"))
    assert list(found) == [versions(client, node), versions(client, node, new), versions(client, node, old)]
    assert found[versions(client, node, old)]["{DAV:}getcontentlength"] == "5"
    assert client.send("GET", versions(client, node, old)).getvalue() == b"first"
    assert client.send("GET", versions(client, node, old), range="bytes=1-2").getvalue() == b"ir"
    to = f"/remote.php/dav/versions/{client.id}/restore/target"
    assert client.send("MOVE", versions(client, node, old), destination=to).status_code == 204
    node.refresh_from_db()
    assert node.size == 5
    assert Version.objects.filter(node=node).count() == 3
    assert client.send("DELETE", versions(client, node, new)).status_code == 204
    assert client.send("GET", versions(client, node, new)).status_code == 404
    assert node.version is not None
    assert client.send("DELETE", versions(client, node, node.version)).status_code == 400


def test_other_people_s_versions_do_not_exist(user: User, client: Nextcloud) -> None:
    node = put(actor_of(user), "a.txt", b"first").node
    mine = put(actor_of(user), "b.txt", b"other").version
    (version,) = Version.objects.filter(node=node)
    other = Nextcloud(make_user("eve@example.com"))
    to = "/remote.php/dav/versions/{}/restore/target"
    for url in (versions(client, node, version), versions(other, node, version), versions(other, node)):
        for method in ("PROPFIND", "GET", "MOVE", "DELETE"):
            answer = other.send(method, url, depth="1", destination=to.format(other.id))
            assert answer.status_code in (404, 405), (method, url)
    assert client.send("GET", versions(client, node, mine)).status_code == 404  # of another file
    folder = put(actor_of(user), "folder/c.txt").place.ancestors[-1]
    assert client.send("PROPFIND", f"/remote.php/dav/versions/{client.id}/versions/{folder.id}/").status_code == 404
    reader = Nextcloud(user, "read")
    assert reader.send("GET", versions(reader, node, version)).status_code == 200
    for method in ("MOVE", "DELETE"):
        answer = reader.send(method, versions(reader, node, version), destination=to.format(reader.id))
        assert answer.status_code in (400, 403)
    item = trash_nodes(actor_of(user), node_ids=[node.pk])[0]
    assert client.send("GET", versions(client, node, version)).status_code == 404
    assert item.node_id == node.pk


def test_who_am_i_by_webdav(user: User, client: Nextcloud) -> None:
    principal = f"/remote.php/dav/principals/users/{client.id}/"
    body = '<propfind xmlns="DAV:"><prop><current-user-principal/><displayname/></prop></propfind>'
    for url in ("/remote.php/dav/", "/remote.php/dav/principals/", "/remote.php/dav/files/", principal):
        answer = client.send("PROPFIND", url, body, depth="0")
        assert answer.status_code == 207
        assert f"<d:current-user-principal><d:href>{principal}</d:href>".encode() in answer.content
    assert told(client.send("PROPFIND", principal))[principal]["{DAV:}displayname"] == "ada@example.com"
    homes = told(client.send("PROPFIND", "/remote.php/dav/files/", depth="1"))
    assert list(homes) == ["/remote.php/dav/files/", f"/remote.php/dav/files/{client.id}/"]
    other = make_user("eve@example.com")
    assert client.send("PROPFIND", f"/remote.php/dav/principals/users/{other.pk}/").status_code == 404
    assert client.send("PUT", "/remote.php/dav/", b"x").status_code == 405
    assert Nextcloud(None).send("PROPFIND", "/remote.php/dav/").status_code == 401
    assert Nextcloud(None).send("OPTIONS", "/remote.php/dav/").status_code == 200
