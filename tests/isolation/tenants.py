"""Bob, who sends seeded requests to every endpoint, and Alice of another team, who has all of his files before him."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
import re
import tarfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from django.test import Client

from accounts.models import User
from files.actions.bulk_write import SmallFile, bulk_write
from files.actions.finish_upload import finish_upload
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_file import write_file
from files.actions.write_piece import PieceOptions, write_piece
from files.models import Node, Space, TrashItem, Upload, Version
from files.queries.target import Target
from files.tree.writing import WriteOptions
from tests.isolation.tenants_sharing import AsksOfSharing, act_of_sharing, furnish, numbers
from tests.support.clients import Api, ContentClient, Dav, Nextcloud, Tus, metadata
from tests.support.people import actor_of

WORDS = ("budget", "report", "zebra", "plan", "minutes", "draft")
_SIZES = (1, 2, 3, 5, 9, 20, 500)
CONTENTS = [
    *(f"{WORDS[n % 6]} and the {WORDS[(n * 5 + 1) % 6]} of {n % 4} ".encode() * _SIZES[n % 7] for n in range(28)),
    *(random.Random(n).randbytes(size) for n, size in enumerate((70_000, 300_000))),
    b"",
]
FOLDERS = ("", "a", "b", "a/deep")
NAMES = tuple(f"{word}{end}" for word in WORDS for end in (".txt", ".bin"))
DIGESTS = ("content_digest", "oc_checksum", "upload_checksum")
BODY = b"<propfind xmlns='DAV:'><allprop/><include><checksums xmlns='http://owncloud.org/ns'/></include></propfind>"


def checksum_header(name: str, data: bytes) -> dict[str, str]:
    if name == "oc_checksum":
        return {name: f"SHA1:{hashlib.sha1(data).hexdigest()}"}
    digest = base64.b64encode(hashlib.sha256(data).digest()).decode()
    return {name: f"sha256 {digest}" if name == "upload_checksum" else f"sha-256=:{digest}:"}


class Alice:
    """She does everything that Bob does, before him and between his requests, and her files hold all of his words."""

    def __init__(self, user: User) -> None:
        self.actor = actor_of(user)
        self.random = random.Random("alice")
        for number, data in enumerate(CONTENTS):
            self._put(f"{number % 3}/{NAMES[number % 12]}-{number}", data)
        files = [SmallFile(f"bulk/{n}", data, WriteOptions()) for n, data in enumerate(CONTENTS) if len(data) < 70_000]
        bulk_write(self.actor, folder=Target(""), files=files)
        for number, data in enumerate(CONTENTS[:3] + CONTENTS[-3:]):
            self._in_pieces(f"pieces/{number}", data)
        self._put("0/twice", b"first")
        self._put("0/twice", b"second")
        trash_nodes(self.actor, node_ids=[Node.objects.get(space__owner=user, name="1", kind=0).pk])
        open_upload(self.actor, wanted=UploadOptions(Target("open"), length=10))
        self.user, self.colleague = user, actor_of(furnish(user))

    def _put(self, path: str, data: bytes) -> None:
        expected = {"sha1": hashlib.sha1(data).hexdigest(), "sha256": hashlib.sha256(data).hexdigest()}
        write_file(self.actor, target=Target(path), chunks=[data], length=len(data), expected=expected)

    def _in_pieces(self, path: str, data: bytes) -> None:
        upload = open_upload(self.actor, wanted=UploadOptions(Target(path), length=len(data)))
        half = len(data) // 2
        for offset, part in ((0, data[:half]), (half, data[half:])):
            if part:
                write_piece(self.actor, upload_id=upload.pk, chunks=[part], piece=PieceOptions(offset))
        finish_upload(self.actor, upload_id=upload.pk)

    def act(self) -> None:
        data = self.random.choice(CONTENTS)
        path = f"live/{self.random.choice(NAMES)}-{self.random.randrange(20)}"
        self.random.choice([self._put, self._put, self._in_pieces])(path + str(self.random.random())[2:5], data)
        act_of_sharing(self.colleague, self.user, self.random)

    def numbers(self) -> list[str]:
        """What an attacker may have got hold of: ids of everything that is hers."""
        models: list[tuple[Any, str]] = [(Node, "space__owner"), (Version, "node__space__owner"), (Space, "owner")]
        models += [(TrashItem, "space__owner"), (Upload, "space__owner")]
        return [
            str(pk)
            for model, owner in models
            for pk in model.objects.filter(**{owner: self.actor.user_id}).order_by("pk").values_list("pk", flat=True)
        ] + numbers(self.user)


@dataclass
class Bob(AsksOfSharing):
    """Sends what `random` says; which of his own things it is about is said by their place, not by their number."""

    user: User
    foreign: list[str] = field(default_factory=list)
    own: list[str] = field(default_factory=list)  # numbers that he has been told, in the order in which he was
    cursors: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)  # of his uploads by tus

    def __post_init__(self) -> None:
        self.api, self.content, self.tus = Api(self.user), ContentClient(self.user), Tus(self.user)
        self.dav, self.cloud = Dav(self.user), Nextcloud(self.user)
        self.pages = Client()
        self.pages.force_login(self.user)
        self.everybody = Client()
        self.random = random.Random("bob")

    def requests(self, count: int, routes: Sequence[str]) -> Iterator[tuple[str, Any]]:
        """So many that make sense, then each route by GET and POST, with the numbers that it asks for."""
        kinds = [getattr(self, name) for name in sorted(dir(self)) if name.startswith("ask_")]
        for number in range(count):
            kind: Callable[[], tuple[str, Any]] = kinds[number] if number < len(kinds) else self.random.choice(kinds)
            what, answer = kind()
            self._listen(answer)
            yield f"{kind.__name__[4:]}: {what}", answer
        for route in routes:
            for method in ("GET", "POST"):
                url = "/" + re.sub("<(?:([a-z]+):)?([a-z_]+)>", self._part, route)
                yield f"{method} {url}", self.cloud.send(method, url)
                yield f"{method} {url} page", self.pages.generic(method, url)

    def _part(self, found: re.Match[str]) -> str:
        if found[2] == "user_id" and found[1] == "str":
            return self.cloud.id
        return {"int": self._number, "uuid": self._upload}.get(found[1], lambda: "files")()

    def _listen(self, answer: Any) -> None:
        """Keeps the numbers that he is told, to ask about them later."""
        if answer.streaming or not answer.headers.get("Content-Type", "").startswith(("application/json", "text/html")):
            return
        text = answer.content.decode("latin-1")
        for found in re.findall(r"(?<![0-9])[0-9]{17,19}(?![0-9])", text) + re.findall(
            r'"id": ?"([0-9a-f-]{36})"', text
        ):
            if found not in self.own and found not in self.foreign:
                self.own.append(found)
        self.cursors += re.findall(r'"(?:next_)?cursor": ?"([^"]+)"', text)

    def _chance(self, part: float) -> bool:
        return self.random.random() < part

    def _number(self) -> str:
        """Of something of his, or of hers."""
        place, theirs = self.random.random(), self._chance(0.3)
        known = [one for one in (self.foreign if theirs else self.own) if "-" not in one]
        return known[int(place * len(known))] if known else "1"

    def _upload(self) -> str:
        place, theirs = self.random.random(), self._chance(0.2)
        known = [one for one in (self.foreign if theirs else self.own) if "-" in one]
        return known[int(place * len(known))] if known else "00000000-0000-4000-8000-000000000000"

    def _path(self) -> str:
        return f"{self.random.choice(FOLDERS)}/{self.random.choice(NAMES)}".lstrip("/")

    def _data(self) -> tuple[bytes, dict[str, str]]:
        data = self.random.choice(CONTENTS)
        name = self.random.choice(DIGESTS)
        return data, checksum_header(name, data) if self._chance(0.2) else {}

    def _api(self, method: str, path: str, body: Any = None) -> tuple[str, Any]:
        return f"{method} {path} {body}", self.api.request(method, path, body)

    # REST
    def ask_put(self) -> tuple[str, Any]:
        (data, digest), path = self._data(), self._path()
        mode = self.random.choice(["", "?mode=create", "?autorename=true&mode=create"])
        return f"{path}{mode} {len(data)} {digest}", self.content.request("PUT", f"{path}", data, **digest)

    def ask_get(self) -> tuple[str, Any]:
        path, headers = self._path(), {"range": "bytes=3-9"} if self._chance(0.2) else {}
        return path, self.content.get(path, **headers)

    def ask_head(self) -> tuple[str, Any]:
        path = self._path()
        return path, self.content.head(path)

    def ask_content_of_node(self) -> tuple[str, Any]:
        method, data, number = self.random.choice(["GET", "PUT"]), self.random.choice(CONTENTS), self._number()
        return method, self.content.request(method, f"/api/v1/nodes/{number}/content", data if method == "PUT" else b"")

    def ask_content_of_version(self) -> tuple[str, Any]:
        return "", self.content.get(f"/api/v1/nodes/{self._number()}/versions/{self._number()}/content")

    def ask_zip(self) -> tuple[str, Any]:
        chosen = {"ids": [self._number()]} if self._chance(0.5) else {"paths": [f"/{self.random.choice(FOLDERS)}"]}
        return "zip", self.content.send("POST", "/api/v1/zip", chosen, content_type="application/json")

    def ask_node(self) -> tuple[str, Any]:
        method = self.random.choice(["GET", "GET", "PATCH", "DELETE"])
        body = {"name": self.random.choice(NAMES), "autorename": True} if method == "PATCH" else None
        return self._api(method, f"/nodes/{self._number()}", body)

    def ask_below_node(self) -> tuple[str, Any]:
        what = self.random.choice(["children", "versions", "history", "children?at=2026-01-02T00:00:00Z"])
        return self._api("GET", f"/nodes/{self._number()}/{what}")

    def ask_unlock(self) -> tuple[str, Any]:
        return self._api("POST", f"/nodes/{self._number()}/unlock")

    def ask_version(self) -> tuple[str, Any]:
        method = self.random.choice(["GET", "DELETE"])
        return self._api(method, f"/nodes/{self._number()}/versions/{self._number()}")

    def ask_restore_version(self) -> tuple[str, Any]:
        return self._api("POST", f"/nodes/{self._number()}/versions/{self._number()}/restore")

    def ask_delete_versions(self) -> tuple[str, Any]:
        return self._api("DELETE", f"/nodes/{self._number()}/versions", {"ids": [self._number()]})

    def ask_rewind(self) -> tuple[str, Any]:
        return self._api("POST", f"/nodes/{self._number()}/rewind", {"seq": self.random.randrange(1000)})

    def ask_metadata(self) -> tuple[str, Any]:
        path = self._path()
        return self._api("GET", f"/metadata?path=/{path}")

    def ask_folders(self) -> tuple[str, Any]:
        if self._chance(0.3):
            body = {"path": f"/{self._path()}-folder", "exist_ok": True}
            return self._api("POST", "/folders", body)
        return self._api("GET", f"/folders?path=/{self.random.choice(FOLDERS)}&limit=5&order=-size")

    def ask_new_folder(self) -> tuple[str, Any]:
        return self._api("POST", "/folders", {"parent_id": self._number(), "name": "x", "autorename": True})

    def ask_move(self) -> tuple[str, Any]:
        how = self.random.choice(["move", "copy"])
        if self._chance(0.5):
            return self._api("POST", f"/{how}", {"from_path": f"/{self._path()}", "to_path": f"/{self._path()}"})
        body = {"ids": [self._number()], "to": {"parent_id": self._number()}, "autorename": True}
        return self._api("POST", f"/{how}", body)

    def ask_trash(self) -> tuple[str, Any]:
        if self._chance(0.5):
            return self._api("GET", "/trash?limit=3")
        chosen = {"ids": [self._number()]} if self._chance(0.5) else {"paths": [f"/{self._path()}"]}
        return self._api("POST", "/trash", chosen)

    def ask_trash_items(self) -> tuple[str, Any]:
        what = self.random.choice(["restore", "purge"])
        return self._api("POST", f"/trash/{what}", {"ids": [self._number()]})

    def ask_empty_trash(self) -> tuple[str, Any]:
        number = self._number()
        return self._api("POST", "/trash/empty", {"space": number} if self._chance(0.8) else {})

    def ask_journal(self) -> tuple[str, Any]:
        return self._api("GET", "/journal?limit=4" + (f"&space={self._number()}" if self._chance(0.3) else ""))

    def ask_activity(self) -> tuple[str, Any]:
        which = ["/activity", f"/nodes/{self._number()}/activity", f"/spaces/{self._number()}/activity"]
        return self._api("GET", self.random.choice([*which, "/notifications", "/notification-preferences"]))

    def ask_changes(self) -> tuple[str, Any]:
        if self.cursors and self._chance(0.5):
            cursor = self.cursors[int(self.random.random() * len(self.cursors))]
            return "changes by cursor", self.api.get("/changes", cursor=cursor, limit=5)
        return self._api("GET", self.random.choice(["/changes?limit=5", f"/changes/cursor?space={self._number()}"]))

    def ask_latest_cursor(self) -> tuple[str, Any]:
        return self._api("GET", "/changes/cursor")

    def ask_uploads(self) -> tuple[str, Any]:
        if self._chance(0.3):
            return self._api("GET", "/uploads")
        data = self.random.choice(CONTENTS)
        checksums = {"checksums": {"sha256": hashlib.sha256(data).hexdigest()}} if self._chance(0.5) else {}
        length = self.random.choice([len(data), None])
        return self._api("POST", "/uploads", {"path": f"/{self._path()}", "length": length, **checksums})

    def ask_upload(self) -> tuple[str, Any]:
        return self._api(self.random.choice(["GET", "GET", "DELETE"]), f"/uploads/{self._upload()}")

    def ask_piece(self) -> tuple[str, Any]:
        (data, digest), upload = self._data(), self._upload()
        url = f"/api/v1/uploads/{upload}/pieces/0"
        return f"{len(data)} {digest}", self.content.request("PUT", url, data, **digest)

    def ask_finish(self) -> tuple[str, Any]:
        return self._api("POST", f"/uploads/{self._upload()}/finish", {})

    def ask_direct(self) -> tuple[str, Any]:
        piece = {"offset": 0, "length": 5, "sha256": "0" * 64}
        what = self.random.choice(["direct", "direct/complete"])
        body = {"pieces": [piece]} if what == "direct" else {"tokens": ["x"]}
        return self._api("POST", f"/uploads/{self._upload()}/{what}", body)

    def ask_bulk(self) -> tuple[str, Any]:
        stream = io.BytesIO()
        with tarfile.open(fileobj=stream, mode="w") as tar:
            for _ in range(self.random.randrange(1, 6)):
                data = self.random.choice(CONTENTS[:28])
                info = tarfile.TarInfo(self._path())
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
        return "tar", self.api.post("/bulk", stream.getvalue(), Content_Type="application/x-tar")

    def ask_manifest(self) -> tuple[str, Any]:
        data, path = self.random.choice(CONTENTS[:28]), self._path()
        checksums = {"sha256": hashlib.sha256(data).hexdigest()} if self._chance(0.3) else {}
        manifest = json.dumps({"files": [{"path": path, "checksums": checksums}]}).encode()
        parts = b"".join(
            b'--xx\r\nContent-Disposition: form-data; name="%s"; filename="x"\r\n\r\n%s\r\n' % part
            for part in ((b"manifest", manifest), (path.encode(), data))
        )
        kind = "multipart/form-data; boundary=xx"
        return path, self.api.post("/bulk?manifest=true", parts + b"--xx--\r\n", Content_Type=kind)

    def ask_spaces(self) -> tuple[str, Any]:
        return self._api("GET", self.random.choice(["/spaces", f"/usage?space={self._number()}"]))

    def ask_usage(self) -> tuple[str, Any]:
        return self._api("GET", "/usage")

    def ask_search(self) -> tuple[str, Any]:
        words = " ".join(self.random.sample(WORDS, self.random.randrange(1, 4)))
        more = self.random.choice(["", "&order=-modified", f"&under={self._number()}", f"&space={self._number()}"])
        return self._api("GET", f"/search?q={quote(words)}&limit=50{more}")

    def ask_about_the_service(self) -> tuple[str, Any]:
        return self._api("GET", self.random.choice(["/problems", "/account", "/team", "/team/members"]))

    def ask_tokens(self) -> tuple[str, Any]:
        return self._api("GET", "/tokens")

    # tus
    def ask_tus_create(self) -> tuple[str, Any]:
        data, path = self.random.choice(CONTENTS), self._path()
        whole = self._chance(0.5)
        answer = self.tus.create(len(data), data if whole else b"", meta=metadata(filename=path.replace("/", "-")))
        if "Location" in answer.headers:
            self.addresses.append(answer.headers["Location"].replace("http://testserver", ""))
        return f"{path} {len(data)} {whole}", answer

    def ask_tus(self) -> tuple[str, Any]:
        place, what = self.random.random(), self.random.choice(["HEAD", "PATCH", "DELETE"])
        data, theirs = self.random.choice(CONTENTS), self._chance(0.2)
        known = [f"/tus/{one}" for one in self.foreign if "-" in one] if theirs else self.addresses
        url = known[int(place * len(known))] if known else "/tus/00000000-0000-4000-8000-000000000000"
        answer = self.tus.patch(url, 0, data) if what == "PATCH" else self.tus.send(what, url)
        return f"{what} {len(data)}", answer

    # WebDAV and Nextcloud
    def _tree(self, client: Any, prefix: str) -> tuple[str, Any]:
        method = self.random.choice(["PUT", "PUT", "GET", "PROPFIND", "MKCOL", "DELETE", "MOVE", "COPY", "LOCK"])
        path = self._path() + ("-folder" if method == "MKCOL" else "")
        data, digest = self._data()
        headers: dict[str, str | None] = {"depth": self.random.choice(["0", "1"])} if method == "PROPFIND" else {}
        body = data if method == "PUT" else BODY if method == "PROPFIND" else b""
        if method == "PUT":
            headers |= digest
        if method in ("MOVE", "COPY"):
            headers |= {"destination": f"{prefix}{self._path()}"}
        if method == "LOCK":
            return f"UNLOCK {path}", client(
                "UNLOCK", path, b"", lock_token="<urn:uuid:00000000-0000-4000-8000-000000000000>"
            )
        return f"{method} {path} {len(body)} {headers}", client(method, path, body, **headers)

    def ask_dav(self) -> tuple[str, Any]:
        return self._tree(self.dav.send, "/dav/")

    def ask_files(self) -> tuple[str, Any]:
        prefix = self.random.choice([f"/remote.php/dav/files/{self.cloud.id}/", "/remote.php/webdav/"])
        return self._tree(lambda method, path, *rest, **more: self._cloud(method, prefix + path, *rest, **more), prefix)

    def _cloud(self, method: str, url: str, body: bytes | str = b"", **headers: str | None) -> Any:
        return self.cloud.send(method, url, body, environ={"RAW_URI": url}, **headers)

    def ask_cloud_bulk(self) -> tuple[str, Any]:
        data, path = self.random.choice(CONTENTS[:28]), self._path()
        head = f"--xx\r\nX-File-Path: /{path}\r\nX-File-MD5: {hashlib.md5(data).hexdigest()}\r\n"
        body = f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data + b"\r\n--xx--\r\n"
        kind = "multipart/related; boundary=xx"
        return path, self.cloud.send("POST", "/remote.php/dav/bulk", body, content_type=kind)

    def ask_cloud_chunks(self) -> tuple[str, Any]:
        name = self.random.choice(["one", "two"])
        folder = f"/remote.php/dav/uploads/{self.cloud.id}/{name}"
        how, data = self.random.choice(["MKCOL", "PUT", "PUT", "MOVE", "PROPFIND", "DELETE"]), self._data()[0]
        if how == "PUT":
            return f"PUT {name} {len(data)}", self._cloud("PUT", f"{folder}/{self.random.randrange(1, 4):05d}", data)
        if how == "MOVE":
            target = f"/remote.php/dav/files/{self.cloud.id}/{self._path()}"
            return f"MOVE {name} {target}", self._cloud("MOVE", f"{folder}/.file", destination=target)
        return f"{how} {name}", self._cloud(how, folder)

    def ask_cloud_trash(self) -> tuple[str, Any]:
        what = self.random.choice(["PROPFIND", "DELETE", "MOVE"])
        base, number = f"/remote.php/dav/trashbin/{self.cloud.id}", self._number()
        name = f"{self.random.choice(NAMES)}.d{number}"
        if what == "PROPFIND":
            return what, self._cloud(what, f"{base}/trash/", depth="1")
        headers = {"destination": f"{base}/restore/{name}"} if what == "MOVE" else {}
        return what, self._cloud(what, f"{base}/trash/{name}", **headers)

    def ask_cloud_versions(self) -> tuple[str, Any]:
        url = f"/remote.php/dav/versions/{self.cloud.id}/versions/{self._number()}"
        if self._chance(0.5):
            return "PROPFIND", self._cloud("PROPFIND", url, depth="1")
        return "GET", self._cloud("GET", f"{url}/{self._number()}")

    def ask_cloud_search(self) -> tuple[str, Any]:
        word = self.random.choice(WORDS)
        if self._chance(0.5):
            return word, self.cloud.ocs(f"search/providers/files/search?term={word}")
        where = f"<d:eq><d:prop><oc:fileid/></d:prop><d:literal>{self._number()}</d:literal></d:eq>"
        if self._chance(0.5):
            where = f"<d:like><d:prop><d:displayname/></d:prop><d:literal>%{word}%</d:literal></d:like>"
        body = (
            '<d:searchrequest xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:basicsearch><d:select><d:prop>'
            "<oc:fileid/><d:displayname/><oc:checksums/></d:prop></d:select><d:from><d:scope>"
            f"<d:href>/files/{self.cloud.id}</d:href><d:depth>infinity</d:depth></d:scope></d:from>"
            f"<d:where>{where}</d:where></d:basicsearch></d:searchrequest>"
        )
        return where, self._cloud("SEARCH", "/remote.php/dav/", body, content_type="text/xml")

    def ask_cloud(self) -> tuple[str, Any]:
        addresses = ("cloud/capabilities", "cloud/user", f"cloud/users/{self.cloud.id}", "config")
        addresses += ("core/navigation/apps", "apps/files_sharing/api/v1/shares", "search/providers", "nothing/here")
        what = self.random.choice(addresses)
        return what, self.cloud.ocs(what)

    def ask_cloud_addresses(self) -> tuple[str, Any]:
        roots = ("/remote.php/dav/", "/remote.php/dav/files/", "/remote.php/dav/principals/")
        users = "/remote.php/dav/principals/users/"
        url = self.random.choice((*roots, users, f"{users}{self.cloud.id}/", f"{users}{int(self.cloud.id) + 1}/"))
        return url, self._cloud("PROPFIND", url, depth="1")

    def ask_cloud_pictures(self) -> tuple[str, Any]:
        picture = f"/index.php/core/preview?fileId={self._number()}"
        url = self.random.choice([picture, "/status.php", "/index.php/204", "/index.php/avatar/x/64"])
        return "picture", self.cloud.send("GET", url)

    # Pages
    def _page(self, url: str, **data: Any) -> tuple[str, Any]:
        return url.rstrip("0123456789"), self.pages.post(url, data) if data else self.pages.get(url)

    def ask_page(self) -> tuple[str, Any]:
        number = self._number()
        plain = (
            "/",
            "/spaces/",
            "/uploads/",
            "/trash/",
            "/settings/tokens/",
            "/settings/devices/",
            f"/trash/{number}/",
        )
        of_node = (f"/files/{number}/", f"/picker/{number}/", f"/files/{number}/download")
        return self._page(self.random.choice(plain + of_node))

    def ask_page_of_search(self) -> tuple[str, Any]:
        return self._page(f"/search/?q={self.random.choice(WORDS)}+{self.random.choice(WORDS)}")

    def ask_page_of_version(self) -> tuple[str, Any]:
        url = f"/files/{self._number()}/versions/{self._number()}"
        return self._page(f"{url}/download") if self._chance(0.5) else self._page(f"{url}/restore", next="/")

    def ask_form(self) -> tuple[str, Any]:
        number = self._number()
        forms: list[tuple[str, dict[str, str]]] = [
            ("/files/rename", {"node": number, "name": self.random.choice(NAMES)}),
            ("/files/move", {"node": number, "to": self._number()}),
            ("/files/copy", {"node": number, "to": self._number()}),
            ("/files/trash", {"node": number}),
            ("/files/zip", {"id": number}),
            ("/trash/restore", {"item": number}),
            ("/trash/purge", {"item": number}),
            (f"/files/{number}/folders", {"name": "page"}),
            (f"/files/{number}/unlock", {"next": "/"}),
            (f"/trash/{number}/empty", {"next": "/"}),
            ("/files/undo", {"undo": "x"}),
        ]
        url, data = self.random.choice(forms)
        return self._page(url, **data)

    def ask_as_nobody(self) -> tuple[str, Any]:
        number = self._number()
        urls = (f"/api/v1/nodes/{number}", f"/files/{number}/", f"/api/v1/nodes/{number}/content", "/dav/")
        url = self.random.choice((*urls, f"/tus/{self._upload()}", "/api/v1/search?q=zebra"))
        return "nobody", self.everybody.get(url)
