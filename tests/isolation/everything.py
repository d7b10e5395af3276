"""Questions to every address of the product, from the table of addresses: all methods, all numbers that one has."""

from __future__ import annotations

import json
import os
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import product
from typing import Any
from urllib.parse import unquote

from django.db import transaction
from django.test import Client
from django.urls import get_resolver, resolve

from accounts.models import User
from common.clock import now
from files.actions.mounts import reconcile_all
from files.models import Mount, Space
from tests.files.api.test_access import CALLS, all_patterns, filled
from tests.support.clients import Api, HttpClient, Nextcloud, Tus, body_of, metadata
from tests.support.people import sign_in

SHARE = int(os.environ.get("ISOLATION_SHARE", "1"))
REST = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
PAGES = ("GET", "POST")
DIALECTS = (*REST, "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "REPORT", "SEARCH", "OPTIONS")
PROTOCOLS = ("dav", "remote.php", "tus/", "ocs/", "index.php", "status.php")
_PARAMETER = re.compile(r"<(?:([a-z]+):)?([a-z_]+)>")
_GROUP = re.compile(r"\(\?P<\w+>(?:[^()]|\([^()]*\))*\)")
NOBODYS = "00000000-0000-4000-8000-000000000000"

_ALLPROP = b'<d:propfind xmlns:d="DAV:"><d:allprop/></d:propfind>'
_LOCK = (
    b'<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    b"<d:locktype><d:write/></d:locktype></d:lockinfo>"
)
_REPORT = (
    b'<oc:filter-files xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/></d:prop>'
    b"<oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>"
)
_SET = b'<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><x xmlns="urn:x">1</x></d:prop></d:set></d:propertyupdate>'
BODIES = {"PROPFIND": _ALLPROP, "LOCK": _LOCK, "REPORT": _REPORT, "PROPPATCH": _SET, "PUT": b"bytes", "MKCOL": b""}
WORDS = ("report", "words", "taken", "somewhere")


@dataclass(frozen=True)
class Question:
    """`by`: "api", "dialect", "tus" or "page". A page's body are the fields of a form."""

    by: str
    method: str
    url: str
    body: Any = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.url} {str(self.body)[:120]} {dict(self.headers)}"


@dataclass
class Asker:
    """One person with everything that they may sign in with. What an answer changes is taken back at once."""

    user: User

    def __post_init__(self) -> None:
        self.clients: dict[str, HttpClient] = {"api": Api(self.user), "tus": Tus(self.user)}
        self.clients["dialect"] = Nextcloud(self.user)
        self.page = Client()
        sign_in(self.page, self.user)
        self._cookies = deepcopy(self.page.cookies)  # some question signs out

    def ask(self, question: Question, look: Callable[[Question, Any, bytes], None]) -> None:
        """`look` gets the answer and its body, in the transaction that is going to be undone."""
        self.page.cookies = deepcopy(self._cookies)
        with transaction.atomic():
            answer = self._answer(question)
            look(question, answer, body_of(answer))
            transaction.set_rollback(True)

    def _answer(self, question: Question) -> Any:
        if question.by == "page":
            if question.method == "GET":
                return self.page.get(question.url, follow=True)
            kind = "application/json" if isinstance(question.body, str) else None
            more: dict[str, Any] = {"content_type": kind} if kind else {}
            return self.page.post(question.url, question.body or {}, follow=True, **more)
        return self.clients[question.by].send(
            question.method,
            question.url,
            question.body,
            environ={"RAW_URI": question.url},
            **{name.replace("-", "_"): value for name, value in question.headers.items()},
        )


def mounted(user: User, space: Space) -> dict[str, str]:
    """What there is of the space in their home: a mount called `top`, in which the folder `shared` is `inside`, or that
    is the file itself; `file` is what comes behind its name.
    """
    reconcile_all()
    mount = Mount.objects.filter(user=user, space=space).select_related("node", "target").first()
    if mount is None or mount.node is None:
        return {}
    inside = "/shared" if mount.target.parent_id is None else ""
    file = f"{inside}/report.txt" if mount.node.is_folder else ""
    own = {"mount": str(mount.pk), "mounted": str(mount.node.pk), "top": mount.node.name}
    return {**own, "inside": inside, "file": file}


def routes() -> list[str]:
    """As Django names the one that has answered."""
    found = {route.replace("^", "") for route, _ in all_patterns(get_resolver())}
    return sorted(route for route in found if not route.startswith("static"))


def route_of(question: Question) -> str:
    return resolve(unquote(question.url.partition("?")[0])).route


def questions(user: User, ids: dict[str, str]) -> Iterator[Question]:
    """Each once; with `ISOLATION_SHARE`, of each method of each address the first and then one in so many. `ids`: see
    `CanaryWorld.ids`, and `user`, `other`, `team`, `group` and `own_upload`; and those of `mounted`.
    """
    asked: set[str] = set()
    count: Counter[tuple[str, str]] = Counter()
    ids = {**ids, "tomorrow": (now() + timedelta(days=1)).isoformat(timespec="seconds")}
    for question in _questions(user, ids):
        text = f"{question.by} {question.method} {question.url} {question.body!r} {dict(question.headers)}"
        if text in asked:
            continue
        asked.add(text)
        kind = question.method, route_of(question)
        count[kind] += 1
        if (count[kind] - 1) % SHARE == 0:
            yield question


def _questions(user: User, ids: dict[str, str]) -> Iterator[Question]:
    for route in routes():
        yield from _of_route(route, ids)
    for variant in _variants(ids):
        for call in CALLS:
            body = call.body if isinstance(call.body, bytes | None) else filled(call.body, variant)
            url = f"/api/v1{call.path.format(**variant)}"
            yield Question("api", call.method, url, b"" if body is None else body, {"Content-Type": call.kind})
        yield from _forms(variant)
    yield from _refusals(ids)
    yield from _searches(ids)
    yield from _dialects(user, ids)
    if "top" in ids:
        yield from _through_mount(ids)


def _of_route(route: str, ids: dict[str, str]) -> Iterator[Question]:
    is_dialect = route.startswith(PROTOCOLS)
    by = "tus" if route.startswith("tus/") else "dialect" if is_dialect else "page"
    methods = DIALECTS if is_dialect else PAGES
    if route.startswith("api/"):
        by, methods = "api", REST
    for url in _urls(route, ids):
        for method in methods:
            headers = {"Depth": "1", "Destination": "/dav/elsewhere"} if is_dialect else {}
            body: Any = BODIES.get(method, b"") if is_dialect else {} if by == "page" else b"{}"
            yield Question(by, method, url, body, headers)


def _urls(route: str, ids: dict[str, str]) -> Iterator[str]:
    """Every filling of the parameters. Raises KeyError for one that this test has to be taught."""
    plain = _GROUP.sub(_example, route).replace("^", "").replace("$", "").replace("\\Z", "").replace("\\", "")
    parameters = _PARAMETER.findall(plain)
    for values in product(*(_values(kind, name, route, ids) for kind, name in parameters)):
        filling = iter(values)
        yield "/" + _PARAMETER.sub(lambda _, filling=filling: next(filling), plain)  # type: ignore[misc]


def _example(group: re.Match[str]) -> str:
    """Of a group of a regular expression; of some words the first."""
    inside = group[0].partition(">")[2].rstrip(")")
    return inside.partition("|")[0] if re.fullmatch(r"[a-z|]+", inside) else "1"


def _values(kind: str, name: str, route: str, ids: dict[str, str]) -> list[str]:
    if route.startswith(("admin/", "accounts/")):
        return ["1"]
    nodes = ["shared", "report", "sub", "moved", "above", "sibling", "root", *(["mounted"] if "mounted" in ids else [])]
    return {
        "int:node_id": [ids[key] for key in nodes],
        "int:version_id": [ids["version"]],
        "int:offset": ["0"],
        "int:space_id": [ids["space"]],
        "int:grant_id": [ids["grant"]],
        "int:mount_id": [ids.get("mount", "1")],
        "int:link_id": [ids.get("link", "1")],
        "int:share_id": [ids["grant"]],
        "int:transfer_id": ["1"],
        "int:brake_id": ["1"],
        "int:comment_id": [ids["comment"]],
        "int:reminder_id": [ids["reminder"]],
        "int:access_id": ["1"],
        "int:webhook_id": ["1"],
        "int:delivery_id": ["1"],
        "int:seq": ["1"],
        "int:token_id": ["1"],
        "int:user_id": [ids["other"]],
        "int:invitation_id": ["1"],
        "int:group_id": [ids["group"]],
        "int:team_id": [ids["team"]],
        "int:notification_id": ["1"],
        "uuid:upload_id": [ids["own_upload"], ids["upload"]],
        "uuid:copy_id": [NOBODYS],
        "str:upload_id": [ids["own_upload"]],
        "str:user_id": [ids["user"], ids["other"]],
        "str:share_number": ["1"],
        "str:slug": ["x"],  # what the pages of links tell: test_links.py
        "str:secret": ["x"],
        "str:token": ["x"],
        "str:login_secret": ["x"],
        "str:provider": ["files"],
        "path:path": ["apps/something"],
        "anypath:path": _paths(ids),
    }[f"{kind or 'str'}:{name}"]


def _paths(ids: dict[str, str]) -> list[str]:
    return [
        "own.txt",
        "shared/report.txt",
        f"trash/gone.txt.d{ids['item']}",
        f"versions/{ids['report']}",
        f"versions/{ids['report']}/{ids['version']}",
        f"versions/{ids['sibling']}",
        *(f"{ids['top']}{rest}" for rest in ("", "/report.txt", "/shared", "/shared/report.txt") if "top" in ids),
    ]


def _variants(ids: dict[str, str]) -> Iterator[dict[str, str]]:
    """Of what is granted, of what is above and beside it, and of both."""
    pairs = [
        ("report", "shared"),
        ("sibling", "deeper"),
        ("taken", "sub"),
        ("report", "deeper"),
        ("sibling", "shared"),
        ("shared", "sub"),
        ("moved", "shared"),
    ]
    if "mounted" in ids:
        pairs += [("mounted", "shared"), ("shared", "mounted")]
    of_others = dict.fromkeys(("mount", "link", "transfer", "received", "brake", "webhook", "delivery"), "1")
    ids = {**of_others, "member": ids["other"], **ids, "copy": NOBODYS}
    for node, folder in pairs:
        yield {**ids, "upload": ids["own_upload"], "node": ids[node], "folder": ids[folder]}
    yield {**ids, "node": ids["report"], "folder": ids["shared"], "item": ids["hidden_item"]}


def _forms(ids: dict[str, str]) -> Iterator[Question]:
    """All fields that a page knows, at all pages that take a form."""
    for name in ("taken.txt", "fresh.txt"):
        fields = {
            "node": ids["node"],
            "target": ids["folder"],
            "item": ids["item"],
            "id": ids["node"],
            "name": name,
            "next": f"/files/{ids['folder']}/",
            "space": ids["space"],
            "grant": ids["grant"],
            "role": "viewer",
            "email": "nobody@example.com",
            "undo": "x",
        }
        for path in ("rename", "move", "copy", "trash", "zip", "undo"):
            yield Question("page", "POST", f"/files/{path}", fields)
        for path in ("folders", "unlock", f"versions/{ids['version']}/restore"):
            yield Question("page", "POST", f"/files/{ids['node']}/{path}", fields)
        yield Question("page", "POST", f"/files/{ids['folder']}/folders", fields)
        for path in ("restore", "purge", f"{ids['space']}/empty"):
            yield Question("page", "POST", f"/trash/{path}", fields)
        for path in ("change", "members", "members/remove"):
            yield Question("page", "POST", f"/spaces/{ids['space']}/{path}", fields)
    names = json.dumps({"names": ["TAKEN.txt", "SUB", "Report.TXT"]})
    yield Question("page", "POST", f"/files/{ids['folder']}/alike", names)


def _refusals(ids: dict[str, str]) -> Iterator[Question]:
    """What is refused with a path in the refusal."""
    shared, sub, report, taken = (ids[name] for name in ("shared", "sub", "report", "taken"))

    def api(method: str, path: str, body: Any = b"", **headers: str) -> Question:
        return Question("api", method, f"/api/v1{path}", body, {n.replace("_", "-"): v for n, v in headers.items()})

    yield api("PATCH", f"/nodes/{report}", {"name": "taken.txt"})
    yield api("PATCH", f"/nodes/{report}", {"name": "sub"})
    yield api("PATCH", f"/nodes/{report}", {"name": "taken.txt", "overwrite": True})
    yield api("PATCH", f"/nodes/{shared}", {"name": "other"})
    yield api("PATCH", f"/nodes/{taken}", {"parent_id": sub})
    yield api("PATCH", f"/nodes/{taken}", {"parent_id": sub, "overwrite": True})
    yield api("PATCH", f"/nodes/{shared}", {"parent_id": sub})
    yield api("POST", "/folders", {"parent_id": shared, "name": "sub"})
    yield api("POST", "/folders", {"parent_id": shared, "name": "sub", "exist_ok": True})
    yield api("POST", "/folders", {"parent_id": shared, "name": "sub", "autorename": True})
    yield api("POST", "/folders", {"parent_id": taken, "name": "x"})
    yield api("POST", "/copy", {"ids": [taken], "to": {"parent_id": sub}})
    yield api("POST", "/copy", {"ids": [shared], "to": {"parent_id": sub}})
    yield api("POST", "/copy", {"ids": [report], "to": {"parent_id": shared}, "autorename": True})
    yield api("POST", "/copy", {"from_id": shared, "to_path": "/copied"})
    yield api("POST", "/move", {"from_id": shared, "to_path": "/moved"})
    yield api("POST", "/move", {"ids": [report], "to": {"path": "/"}})
    yield api("POST", "/move", {"paths": ["/taken.txt"], "to": {"parent_id": shared}})
    for mode in ("create", "overwrite"):
        for name in ("taken.txt", "sub", "new.txt"):
            upload = {"parent_id": shared, "name": name, "length": 1, "mode": mode}
            yield api("POST", "/uploads", upload)
    yield api("POST", "/uploads", {"parent_id": shared, "name": "taken.txt", "length": 1, "mode": "update"})
    for path in ("taken.txt", "taken.txt/below", "sub", "sub/taken.txt", "fresh/deep.txt"):
        body = f'--b\r\nContent-Disposition: form-data; name="{path}"; filename="x"\r\n\r\nbytes\r\n--b--\r\n'.encode()
        for mode in ("create", "overwrite"):
            kind = "multipart/form-data; boundary=b"
            yield api("POST", f"/bulk?parent_id={shared}&mode={mode}", body, Content_Type=kind)
    stale = {"If_Match": '"other"', "Content_Type": "application/octet-stream"}
    yield api("PUT", f"/nodes/{report}/content", b"bytes", **stale)
    yield api("PUT", f"/nodes/{report}/content?mode=update&base_version=1", b"bytes", Content_Type="text/plain")
    yield api("PUT", f"/nodes/{shared}/content", b"bytes", Content_Type="text/plain")
    yield api("DELETE", f"/nodes/{report}", **stale)
    yield api("DELETE", f"/nodes/{shared}")
    yield api("POST", f"/nodes/{shared}/rewind", {"seq": 1})
    yield api("POST", f"/nodes/{shared}/rewind", {"to": "2020-01-01T00:00:00Z"})
    yield api("GET", f"/zip?ids={shared},{sub}")
    yield api("GET", f"/zip?ids={shared}")
    yield api("POST", f"/nodes/{shared}/grants", {"user_id": ids["user"], "role": "viewer"})


def _searches(ids: dict[str, str]) -> Iterator[Question]:
    for word in WORDS:
        yield Question("page", "GET", f"/search/?q={word}")
        yield Question("dialect", "GET", f"/ocs/v2.php/search/providers/files/search?term={word}&format=json")
        for more in ("", f"&space={ids['space']}", *(f"&under={ids[name]}" for name in ("shared", "above", "root"))):
            yield Question("api", "GET", f"/api/v1/search?q={word}{more}")
    for name in ("report", "shared", "sibling", "above"):
        where = f"<d:eq><d:prop><oc:fileid/></d:prop><d:literal>{ids[name]}</d:literal></d:eq>"
        yield Question("dialect", "SEARCH", "/remote.php/dav/", _search(ids, where), {"Content-Type": "text/xml"})
    like = "<d:like><d:prop><d:displayname/></d:prop><d:literal>%report%</d:literal></d:like>"
    yield Question("dialect", "SEARCH", "/remote.php/dav/", _search(ids, like), {"Content-Type": "text/xml"})


def _search(ids: dict[str, str], where: str) -> bytes:
    return (
        '<d:searchrequest xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:basicsearch><d:select><d:prop>'
        "<oc:fileid/><d:displayname/></d:prop></d:select><d:from><d:scope>"
        f"<d:href>/files/{ids['user']}</d:href><d:depth>infinity</d:depth></d:scope></d:from>"
        f"<d:where>{where}</d:where></d:basicsearch></d:searchrequest>"
    ).encode()


def _dialects(user: User, ids: dict[str, str]) -> Iterator[Question]:
    """By number, where a dialect knows numbers; and tus, which puts files into any folder."""
    versions = f"/remote.php/dav/versions/{ids['user']}/versions"
    for name in ("report", "moved", "sibling", "shared"):
        for method in ("PROPFIND", "GET"):
            yield Question("dialect", method, f"{versions}/{ids[name]}", BODIES.get(method, b""), {"Depth": "1"})
            url = f"{versions}/{ids[name]}/{ids['version']}"
            yield Question("dialect", method, url, BODIES.get(method, b""), {"Depth": "0"})
    restore = {"Destination": f"/remote.php/dav/versions/{ids['user']}/restore/x"}
    yield Question("dialect", "MOVE", f"{versions}/{ids['report']}/{ids['version']}", b"", restore)
    for name, folder in (("taken.txt", "shared"), ("new.txt", "shared"), ("new.txt", "above"), ("sub", "shared")):
        for mode in ("create", "overwrite"):
            meta = metadata(filename=name, parent=ids[folder], mode=mode)
            headers = {"Upload-Length": "5", "Upload-Metadata": meta, "Content-Type": "application/offset+octet-stream"}
            yield Question("tus", "POST", "/tus/", b"bytes", headers)


_PROPERTIES = (
    b'<d:propfind xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"><d:prop>'
    b"<d:getetag/><d:quota-used-bytes/><d:quota-available-bytes/><d:getcontentlength/><d:lockdiscovery/><oc:size/>"
    b"<oc:permissions/><oc:fileid/><oc:id/><nc:contained-folder-count/><nc:contained-file-count/></d:prop></d:propfind>"
)


def _through_mount(ids: dict[str, str]) -> Iterator[Question]:
    """By path, through the mount that is called `top`."""
    top, shared = f"/{ids['top']}", f"/{ids['top']}{ids['inside']}"
    file = f"{top}{ids['file']}"

    def api(method: str, path: str, body: Any = b"") -> Question:
        return Question("api", method, f"/api/v1{path}", body)

    for path in ("/", top, shared, file, f"{shared}/nothing"):
        yield api("GET", f"/metadata?path={path}")
        for more in ("", "&order=size", "&order=-size&limit=1", "&at=2099-01-01T00:00:00Z"):
            yield api("GET", f"/folders?path={path}{more}")
        yield api("GET", f"/zip?paths={path}")
        yield api("POST", "/copy", {"paths": [path], "to": {"path": "/"}, "autorename": True})
        yield api("POST", "/move", {"paths": [path], "to": {"path": "/"}, "overwrite": True})
        yield api("POST", "/trash", {"paths": [path]})
    for path in ("/changes", "/changes?space=home", "/changes/cursor", "/journal", "/trash", "/mounts", "/spaces"):
        yield api("GET", path)
    for more in ({}, {"overwrite": True}, {"autorename": True}):
        yield api("POST", "/move", {"from_path": file, "to_path": f"{shared}/taken.txt", **more})
        yield api("POST", "/copy", {"from_path": "/own.txt", "to_path": f"{shared}/taken.txt", **more})
        for act in ("/copy", "/move"):
            yield api("POST", act, {"from_path": "/own.txt", "to_path": file, **more})
        yield api("POST", "/folders", {"path": f"{shared}/sub", **more} if "overwrite" not in more else {"path": top})
    for path, mode in ((f"{shared}/taken.txt", "create"), (file, "create"), (file, "overwrite")):
        yield api("POST", "/uploads", {"path": path, "length": 1, "mode": mode})
        yield api("PUT", f"/content{path}?mode={mode}", b"x")
    yield api("POST", f"/nodes/{ids['mounted']}/rewind", {"seq": 1})
    yield api("GET", f"/search?q=report&under={ids['mounted']}")
    for base in ("/dav", f"/remote.php/dav/files/{ids['user']}"):
        for path in ("/", top, shared, file):
            for depth in ("0", "1", "infinity"):
                yield Question("dialect", "PROPFIND", f"{base}{path}", _PROPERTIES, {"Depth": depth})
            for method in ("LOCK", "DELETE", "REPORT", "GET", "HEAD"):
                yield Question("dialect", method, f"{base}{path}", BODIES.get(method, b""))
            yield Question("dialect", "PUT", f"{base}{path}", b"of mine")
            for to in (
                *(f"{base}/elsewhere", f"{base}{file}"),
                *(f"{base}{shared}/taken.txt", f"{base}{shared}/sub/elsewhere"),
            ):
                for method in ("MOVE", "COPY"):
                    yield Question("dialect", method, f"{base}{path}", b"", {"Destination": to, "Overwrite": "T"})
    trash = f"/remote.php/dav/trashbin/{ids['user']}/trash"
    yield Question("dialect", "PROPFIND", trash, _ALLPROP, {"Depth": "1"})
