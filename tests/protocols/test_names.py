"""Every way in, with names that are alike: nothing is written over, answered for or taken in the place of another."""

import hashlib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote

import pytest
from django.test import Client

from accounts.actor import Actor
from accounts.models import User
from files.actions.trash import trash_nodes
from files.blobs import reader
from files.models import Change, Node
from files.queries.tree import locate_path
from tests.files.api.test_bulk import archive, form
from tests.protocols.nextcloud.test_bulk import part, post
from tests.support.clients import Api, ContentClient, Dav, Nextcloud, Tus, body_of, found_in, metadata
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db
PAIRS = [
    ("README", "readme"),
    ("Maße", "Masse"),
    ("MASSE", "maße"),
    ("ﬁ", "fi"),
    ("ς", "σ"),
    ("I", "ı"),
    ("i", "İ"),
    ("É.txt", "e\u0301.txt"),
]
SAME = [("é.txt", "e\u0301.txt"), ("K", "\u212a"), ("Å", "\u212b"), ("ü" * 200, "u\u0308" * 200)]


@dataclass
class World:
    user: User
    actor: Actor = field(init=False)

    def __post_init__(self) -> None:
        self.actor = actor_of(self.user)
        self.api, self.content = Api(self.user), ContentClient(self.user)
        self.dav, self.tus, self.nextcloud = Dav(self.user), Tus(self.user), Nextcloud(self.user)
        self.home = home_of(self.user)
        self.id = self.nextcloud.id

    @property
    def root_id(self) -> int:
        assert self.home.root_id is not None
        return self.home.root_id

    def tree(self, parent_id: int | None = None) -> dict[str, bytes | None]:
        found: dict[str, bytes | None] = {}
        for node in Node.objects.filter(parent_id=parent_id or self.root_id).select_related("version__content"):
            found[node.name] = reader.read_bytes(node.version.content) if node.version else None
        return found

    def id_of(self, name: str) -> str:
        return str(locate_path(self.actor, name).node.pk)


@pytest.fixture
def world() -> World:
    return World(make_user("ada@example.com"))


def _content(world: World, name: str, data: bytes) -> Any:
    return world.content.put(quote(name), data)


def _upload_session(world: World, name: str, data: bytes) -> Any:
    began = world.api.post("/uploads", {"path": name, "length": len(data), "mode": "overwrite"})
    if began.status_code != 201:
        return began
    upload = began.json()["id"]
    piece = world.content.request("PUT", f"/api/v1/uploads/{upload}/pieces/0", data)
    assert piece.status_code < 300, piece.content
    return world.api.post(f"/uploads/{upload}/finish", {})


def _bulk_form(world: World, name: str, data: bytes) -> Any:
    body, kind = form((name, data))
    return world.api.post("/bulk", body, Content_Type=kind)


def _bulk_tar(world: World, name: str, data: bytes) -> Any:
    return world.api.post("/bulk", archive((name, data)), Content_Type="application/x-tar")


def _dav(world: World, name: str, data: bytes) -> Any:
    return world.dav.put(quote(name), data)


def _dav_files(world: World, name: str, data: bytes) -> Any:
    return world.nextcloud.send("PUT", f"/remote.php/dav/files/{world.id}/{quote(name)}", data)


def _dav_webdav(world: World, name: str, data: bytes) -> Any:
    return world.nextcloud.send("PUT", f"/remote.php/webdav/{quote(name)}", data)


def _dav_move(world: World, name: str, data: bytes) -> Any:
    world.dav.put("source of a move", data)
    return world.dav.move("source%20of%20a%20move", quote(name))


def _dav_copy(world: World, name: str, data: bytes) -> Any:
    world.dav.send("MKCOL", "sources")
    world.dav.put("sources/copied", data)
    answer = world.dav.copy("sources/copied", quote(name))
    world.dav.send("DELETE", "sources")
    return answer


def _nextcloud_chunks(world: World, name: str, data: bytes) -> Any:
    base = f"/remote.php/dav/uploads/{world.id}/{hashlib.sha1(name.encode()).hexdigest()}"
    assert world.nextcloud.send("MKCOL", base).status_code == 201
    assert world.nextcloud.send("PUT", f"{base}/1", data).status_code == 201
    target = f"http://testserver/remote.php/dav/files/{world.id}/{quote(name)}"
    return world.nextcloud.send("MOVE", f"{base}/.file", destination=target)


def _nextcloud_bulk(world: World, name: str, data: bytes) -> Any:
    return post(world.nextcloud, part(f"/{name}", data))


def _tus(world: World, name: str, data: bytes) -> Any:
    return world.tus.create(len(data), data, meta=metadata(relativePath=name, mode="overwrite"))


def _rest_move(world: World, name: str, data: bytes) -> Any:
    source = put(world.actor, "source of a move", data).node
    return world.api.post("/move", {"from_id": str(source.pk), "to_path": f"/{name}", "overwrite": True})


def _rest_copy(world: World, name: str, data: bytes) -> Any:
    source = put(world.actor, "copied", data).node
    answer = world.api.post("/copy", {"from_id": str(source.pk), "to_path": f"/{name}", "overwrite": True})
    trash_nodes(world.actor, node_ids=[source.pk])
    return answer


def _rest_rename(world: World, name: str, data: bytes) -> Any:
    source = put(world.actor, "renamed", data).node
    folder, _, last = name.rpartition("/")
    change = {"name": last, "overwrite": True}
    return world.api.patch(f"/nodes/{source.pk}", {**change, "parent_id": world.id_of(folder)} if folder else change)


Writer = Callable[[World, str, bytes], Any]
WRITERS: dict[str, Writer] = {
    "content": _content,
    "upload session": _upload_session,
    "bulk form": _bulk_form,
    "bulk tar": _bulk_tar,
    "dav": _dav,
    "nextcloud files": _dav_files,
    "nextcloud webdav": _dav_webdav,
    "dav move": _dav_move,
    "dav copy": _dav_copy,
    "nextcloud chunks": _nextcloud_chunks,
    "nextcloud bulk": _nextcloud_bulk,
    "tus": _tus,
    "rest move": _rest_move,
    "rest copy": _rest_copy,
    "rest rename": _rest_rename,
}
every_writer = pytest.mark.parametrize("write", WRITERS.values(), ids=WRITERS)


def nfc(name: str) -> str:
    return unicodedata.normalize("NFC", name)


@every_writer
def test_alike_names_are_two_files(world: World, write: Writer) -> None:
    wanted: dict[str, bytes | None] = {}
    for number, pair in enumerate(PAIRS):
        for name in (f"{number} {word}" for word in pair):
            wanted[nfc(name)] = name.encode()
            answer = write(world, name, name.encode())
            assert answer.status_code < 300, (name, answer.content)
            assert answer.status_code != 204, f"{name} took the place of another"
    assert world.tree() == wanted


@every_writer
def test_normal_forms_are_one_file(world: World, write: Writer) -> None:
    for first, second in SAME:
        write(world, first, b"first")
        assert write(world, second, b"second").status_code < 300
    assert world.tree() == {nfc(first): b"second" for first, _ in SAME}


@every_writer
def test_no_folder_is_taken_for_another(world: World, write: Writer) -> None:
    """With a folder of each name there, a path through one of them ends in that one."""
    for pair in PAIRS:
        folders = {nfc(name): world.api.post("/folders", {"path": f"/{name}"}).json()["id"] for name in pair}
        for name in pair:
            assert write(world, f"{name}/file", name.encode()).status_code < 300, name
        for name, folder in folders.items():
            (held,) = world.tree(int(folder)).values()
            assert held is not None
            assert nfc(held.decode()) == name


@every_writer
def test_what_turns_text_is_refused(world: World, write: Writer) -> None:
    for sign in "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069":
        said = write(world, f"photo{sign}gpj.exe", b"x").content.decode()
        assert "direction of text" in said, said
        assert not [name for name in world.tree() if sign in name]


@every_writer
def test_how_long_a_name_is(world: World, write: Writer) -> None:
    """255 UTF-16 units, as on Windows and macOS; what is longer hears of the limit and its own length."""
    fitting = ["д" * 255, "日" * 255, "😀" * 127 + "x", "x" * 255]
    for name in fitting:
        assert write(world, name, b"x").status_code < 300, name
    assert set(world.tree()) == set(fitting)
    for name in ("д" * 256, "😀" * 128, "x" * 256):
        said = write(world, name, b"x").content.decode()
        assert "256" in said, said
        assert "255" in said, said
    assert set(fitting) == {name for name in world.tree() if name not in ("renamed", "copied", "source of a move")}


def _get_content(world: World, name: str) -> Any:
    return world.content.get(quote(name))


def _metadata(world: World, name: str) -> Any:
    return world.api.get("/metadata", path=f"/{name}")


def _trash(world: World, name: str) -> Any:
    return world.api.post("/trash", {"paths": [f"/{name}"]})


def _delete_content(world: World, name: str) -> Any:
    return world.content.delete(quote(name))


def _many_paths(world: World, name: str) -> Any:
    return world.api.post("/move", {"paths": ["/other", f"/{name}"], "to": {"path": "/"}})


def _below_at_a_time(world: World, name: str) -> Any:
    return world.api.get("/folders", path=f"/{name}", at=Change.objects.latest("seq").at.isoformat())


ASKERS: dict[str, Callable[[World, str], Any]] = {
    "content": _get_content,
    "metadata": _metadata,
    "trash": _trash,
    "delete": _delete_content,
    "many paths": _many_paths,
    "at a time": _below_at_a_time,
    **{
        method: lambda world, name, method=method: world.dav.send(method, quote(name), depth="0")  # type: ignore[misc]
        for method in ("GET", "HEAD", "PROPFIND", "DELETE")
    },
    "MOVE": lambda world, name: world.dav.move(quote(name), "elsewhere"),
    "COPY": lambda world, name: world.dav.copy(quote(name), "elsewhere"),
}


@pytest.mark.parametrize("ask", ASKERS.values(), ids=ASKERS)
def test_what_is_not_there_is_not_found(world: World, ask: Callable[[World, str], Any]) -> None:
    put(world.actor, "other")
    for there, other in PAIRS:
        put(world.actor, there, b"kept")
        put(world.actor, f"{there} folder/file", b"kept")
        for wanted in (other, f"{other} folder/file"):
            answer = ask(world, wanted)
            assert answer.status_code in (404, 409), (wanted, answer.status_code)
    before = {nfc(there): b"kept" for there, _ in PAIRS} | {f"{nfc(there)} folder": None for there, _ in PAIRS}
    assert world.tree() == {**before, "other": b"hello"}


def hrefs(answer: Any) -> list[str]:
    return [unquote(href) for href in found_in(answer)]


@pytest.mark.parametrize("pair", PAIRS, ids=repr)
def test_an_answer_is_for_the_name_that_was_asked_for(world: World, pair: tuple[str, str]) -> None:
    for name in pair:
        put(world.actor, f"{name}/{name}", name.encode())
    for name in pair:
        path = quote(f"{name}/{name}")
        href = f"/dav/{name}/{name}"  # in the normal form that was sent
        assert body_of(world.content.get(path)) == name.encode()
        assert hrefs(world.dav.propfind(path)) == [href]
        assert hrefs(world.dav.propfind(quote(name), depth="1")) == [f"/dav/{name}/", f"/dav/{name}/{nfc(name)}"]
        assert world.api.get("/metadata", path=f"/{name}/{name}").json()["path"] == nfc(f"/{name}/{name}")
        assert body_of(world.dav.send("GET", path)) == name.encode()


@pytest.mark.parametrize(("before", "after"), PAIRS, ids=repr)
def test_renaming_to_another_case(world: World, before: str, after: str) -> None:
    node = put(world.actor, before).node
    folder = world.api.post("/folders", {"path": f"/{before} folder"}).json()["id"]
    answer = world.dav.move(quote(before), quote(after))
    assert answer.status_code == 201
    assert world.api.patch(f"/nodes/{folder}", {"name": f"{after} folder"}).json()["name"] == nfc(f"{after} folder")
    assert set(world.tree()) == {nfc(after), nfc(f"{after} folder")}
    assert world.id_of(after) == str(node.pk)


@pytest.mark.parametrize(("first", "second"), PAIRS, ids=repr)
def test_out_of_the_trash_and_back_in_time(world: World, first: str, second: str) -> None:
    one, two = put(world.actor, first, b"one").node, put(world.actor, second, b"two").node
    both = world.tree()
    then = Change.objects.latest("seq").seq
    (item,) = trash_nodes(world.actor, node_ids=[one.pk])
    assert world.api.post("/trash/restore", {"ids": [str(item.pk)]}).json()["items"][0]["name"] == nfc(first)
    assert world.tree() == both
    trash_nodes(world.actor, node_ids=[two.pk])
    put(world.actor, first, b"three")
    answer = world.api.post(f"/nodes/{world.root_id}/rewind", {"seq": then})
    assert answer.status_code == 200, answer.content
    assert world.tree() == both


def test_autorename_takes_the_first_free_name_as_it_is(world: World) -> None:
    put(world.actor, "a (2).txt"), put(world.actor, "A (3).TXT"), put(world.actor, "a.txt"), put(world.actor, "B.txt")
    body, kind = form(("a.txt", b"new"), ("b.txt", b"new"))
    answer = world.api.post("/bulk?mode=create&autorename=true", body, Content_Type=kind)
    assert [item["name"] for item in answer.json()["items"]] == ["a (3).txt", "b.txt"]


def test_one_bulk_request_with_all_pairs(world: World) -> None:
    names = [name for pair in PAIRS for name in pair]
    body, kind = form(*((f"{name}/{name}", name.encode()) for name in names))
    answer = world.api.post("/bulk", body, Content_Type=kind)
    assert [item["error"] for item in answer.json()["items"]] == [None] * len(names)
    assert set(world.tree()) == set(map(nfc, names))


def test_what_turns_text_and_is_there_can_be_moved_and_deleted(world: World) -> None:
    node = put(world.actor, "old").node
    name = "photo\u202egpj.exe"
    Node.objects.filter(pk=node.pk).update(name=name, name_key=name)
    folder = world.api.post("/folders", {"path": "/folder"}).json()["id"]
    assert world.dav.put(quote(name), b"new bytes").status_code == 204
    assert world.dav.move(quote(name), f"folder/{quote(name)}").status_code == 201
    assert world.dav.copy(f"folder/{quote(name)}", quote(name)).status_code == 201
    assert world.api.post("/trash", {"ids": [str(node.pk)]}).status_code == 200
    item = world.api.get("/trash").json()["items"][0]["id"]
    assert world.api.post("/trash/restore", {"ids": [item]}).json()["items"][0]["path"] == f"/folder/{name}"
    assert world.api.patch(f"/nodes/{folder}", {"name": f"x{name}"}).json()["reason"] == "bidirectional"
    assert world.api.post("/folders", {"path": f"/{name}", "autorename": True}).json()["reason"] == "bidirectional"
    assert world.api.patch(f"/nodes/{node.pk}", {"name": "plain"}).json()["name"] == "plain"


def test_a_copy_onto_a_taken_name_tells_of_that_name(world: World) -> None:
    put(world.actor, "source"), put(world.actor, "folder/taken")
    answer = world.api.post("/copy", {"from_path": "/source", "to_path": "/folder/taken"})
    assert (answer.status_code, answer.json()["path"]) == (409, "/folder/taken")
    assert answer.json()["id"] == world.id_of("folder/taken")


def test_a_page_tells_why_a_name_is_refused(world: World) -> None:
    client = Client()
    client.force_login(world.user)
    page = client.post(f"/files/{world.root_id}/folders", {"name": "x" * 300}, follow=True).content.decode()
    assert "300 characters long" in page
