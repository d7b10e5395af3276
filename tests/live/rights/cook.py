"""What one request of one person is about, made in the running product, and how recipes for it are written down."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.live.rights.world import Person, Request, World

DAV = "DAV:"
XML = {"Content-Type": "application/xml"}
PROPFIND = b'<d:propfind xmlns:d="DAV:"><d:allprop/></d:propfind>'
PROPPATCH = (
    b'<d:propertyupdate xmlns:d="DAV:"><d:set><d:prop><x:a xmlns:x="urn:x">1</x:a></d:prop></d:set></d:propertyupdate>'
)
LOCK = (
    b'<d:lockinfo xmlns:d="DAV:"><d:lockscope><d:exclusive/></d:lockscope>'
    b"<d:locktype><d:write/></d:locktype></d:lockinfo>"
)
REPORT = (
    b'<oc:filter-files xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns"><d:prop><d:getetag/></d:prop>'
    b"<oc:filter-rules><oc:favorite>1</oc:favorite></oc:filter-rules></oc:filter-files>"
)
TUS = {"Tus-Resumable": "1.0.0", "Content-Type": "application/offset+octet-stream"}
BYTES = b"0123456789"
NICE = {"text": "Nice"}
TOMORROW = (datetime.now(UTC) + timedelta(days=1)).isoformat()
SOON = {"at": TOMORROW}
HOOK = "https://example.com/hook"
BLANK = b"   "  # more than the one byte that is sent at first


@dataclass(frozen=True)
class Recipe:
    """`needs`: "program" where a session does not count, "role" for what only those who manage a team may, "staff" for
    administrators of the installation; `status` of the answer to who may do it, where it is an error all the same.
    """

    route: str
    method: str
    make: Callable[[Cook], Request]
    needs: str = ""
    status: int = 0


class Cook:
    """Makes what one request of one person is about."""

    def __init__(self, world: World, person: Person) -> None:
        self.world, self.person = world, person
        self.name = uuid.uuid4().hex
        self.user = person.email.replace("@", "%40")

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        return self.world.send(method, path, self.person, body, **headers)

    def file(self, name: str = "") -> dict[str, Any]:
        found: dict[str, Any] = self.send("PUT", f"/api/v1/content/{name or self.name}", BYTES).json()
        return found

    def folder(self) -> str:
        return str(self.send("POST", "/api/v1/folders", {"path": f"/{self.name}-folder"}).json()["id"])

    def space(self) -> str:
        return str(self.send("POST", "/api/v1/spaces", {"name": self.name}).json()["id"])

    def deleted_space(self) -> str:
        space = self.space()
        self.send("DELETE", f"/api/v1/spaces/{space}?name={self.name}")
        return space

    def moved_out(self) -> str:
        """A file of a space that is in the home: the address that undoes that."""
        space = self.space()
        node = self.send("PUT", f"/api/v1/content/{self.name}?space={space}", BYTES).json()["id"]
        self.send("POST", "/api/v1/move", {"from_id": node, "to_path": f"/{self.name}-taken"})
        ((seq,),) = self.world.sql("SELECT MAX(seq) FROM files_change WHERE space_id = ?", space)
        return f"/api/v1/spaces/{space}/moved/{seq}/undo"

    def restricted(self, *, already: bool) -> str:
        """The address of the restriction of a folder in a space of the team; all of the team sees the folder."""
        body = {"path": f"/{self.name}-restricted", "space": self.space()}
        folder = self.send("POST", "/api/v1/folders", body).json()["id"]
        path = f"/api/v1/nodes/{folder}/restriction"
        if already:
            self.send("POST", f"/api/v1/nodes/{folder}/grants", self.to_own_team())
            self.send("PUT", path)
        return path

    def to_own_team(self) -> dict[str, str]:
        sql = "SELECT team_id FROM accounts_membership WHERE user_id = ?"
        ((team_id,),) = self.world.sql(sql, str(self.person.user_id))
        return {"team_id": str(team_id), "role": "viewer"}

    def with_own_team(self) -> dict[str, Any]:
        body = self.to_own_team()
        return {"grantee": {"team_id": body["team_id"]}, "role": body["role"]}

    def share(self) -> str:
        return str(self.send("POST", "/api/v1/shares", {"node_id": self.folder(), **self.with_own_team()}).json()["id"])

    def webhook(self) -> str:
        """The address of one of theirs."""
        return "/api/v1/webhooks/" + str(self.send("POST", "/api/v1/webhooks", {"url": HOOK}).json()["id"])

    def colleague(self) -> str:
        return str(self.world.person("member").user_id)

    def offer(self) -> str:
        body = {"node_id": self.folder(), "to_user_id": self.colleague()}
        return str(self.send("POST", "/api/v1/transfers", body).json()["id"])

    def about(self, what: str, body: dict[str, str]) -> str:
        """The address of a comment or reminder about a folder."""
        made = self.send("POST", f"/api/v1/nodes/{self.folder()}/{what}", body)
        return f"/api/v1/{what}/{made.json()['id']}"

    def grant(self) -> str:
        path = f"/api/v1/nodes/{self.folder()}/grants"
        return str(self.send("POST", path, self.to_own_team()).json()["id"])

    def link(self) -> str:
        return str(self.send("POST", "/api/v1/links", {"node_id": self.folder()}).json()["id"])

    def item(self) -> str:
        items = self.send("POST", "/api/v1/trash", {"ids": [self.file()["id"]]}).json()["items"]
        return str(items[0]["id"])

    def upload(self, *, whole: bool = False) -> str:
        body = {"path": f"/{self.name}.bin", "length": len(BYTES)}
        upload = str(self.send("POST", "/api/v1/uploads", body).json()["id"])
        if whole:
            self.send("PUT", f"/api/v1/uploads/{upload}/pieces/0", BYTES)
        return upload

    def tus(self) -> str:
        answer = self.send(
            "POST", "/tus/", None, Tus_Resumable="1.0.0", Upload_Length=str(len(BYTES)), **self.metadata()
        )
        return str(answer.headers["Location"])

    def metadata(self) -> dict[str, str]:
        import base64

        return {"Upload_Metadata": f"filename {base64.b64encode(f'{self.name}.tus'.encode()).decode()}"}

    def brake(self) -> str:
        """The address of a client that is held in the home."""
        (space,) = (one for one in self.send("GET", "/api/v1/spaces").json()["items"] if one["kind"] == "home")
        pk, moment = uuid.uuid4().int >> 80, "2026-01-01 00:00:00"
        self.world.sql(
            "INSERT INTO files_brake (id, space_id, client, client_name, began_at, held_at, changes, suspicious, "
            "bound, state, plan, done, result, error_code) "
            "VALUES (?, ?, ?, '', ?, ?, 1, 0, 1, 'held', '[]', 0, '{}', '')",
            *(pk, space["id"], self.name, moment, moment),
        )
        return f"/api/v1/brakes/{pk}"

    def chunks(self) -> str:
        path = f"/remote.php/dav/uploads/{self.user}/{self.name}"
        self.send("MKCOL", path)
        return path


def rest(method: str, route: str, body: Callable[[Cook], Any], path: str = "", **more: Any) -> Recipe:
    def make(cook: Cook) -> Request:
        made, filled = body(cook), path or f"/api/v1/{route}"
        if isinstance(made, tuple):
            filled, made = made
        return Request(method, filled, json.dumps(made).encode(), {"Content-Type": "application/json"})

    return Recipe(f"api/v1/{route}", method, make, **more)


def raw(route: str, method: str, make: Callable[[Cook], tuple[str, bytes, dict[str, str]]], **more: Any) -> Recipe:
    return Recipe(route, method, lambda cook: Request(method, *make(cook)), **more)
