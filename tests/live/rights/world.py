"""A product, the administrator of its team, and members who lose what they have while they wait."""

from __future__ import annotations

import json
import socket
import sqlite3
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import requests

from dropbox_clone.sessions import stored_key
from tests.servers.product import Account, Product

CSRF = "c" * 32
# Written by whoever asks who somebody is, and by nobody's act.
NO_ACTS = ("accounts_signinthrottle", "django_session")
WAIT = 60  # seconds: far more than anything takes


@dataclass(frozen=True)
class Person:
    email: str
    user_id: int
    token: str
    token_id: int
    session: str

    def credentials(self, *, by_session: bool = False) -> dict[str, str]:
        if not by_session:
            return {"Authorization": f"Bearer {self.token}"}
        return {"Cookie": f"session={self.session}; csrf={CSRF}", "X-CSRFToken": CSRF, "OCS-APIRequest": "true"}


@dataclass
class World:
    product: Product
    root: Account
    _spare: dict[str, list[Person]] = field(default_factory=dict)

    def person(self, role: str = "admin") -> Person:
        """One who is in the team, of whom nobody else knows."""
        if not self._spare.get(role):
            lines = self.product._python("-m", "tests.live.rights.people", self.root.email, "40", role).splitlines()
            self._spare[role] = [Person(**json.loads(line)) for line in lines]
        return self._spare[role].pop()

    def send(self, method: str, path: str, who: Person | Account, body: Any = None, **headers: str) -> Any:
        given = who.headers if isinstance(who, Account) else who.credentials()
        named = {**given, **{name.replace("_", "-"): value for name, value in headers.items()}}
        sent: dict[str, Any] = {"json": body} if isinstance(body, dict) else {"data": body}
        answer = requests.request(method, self.product.base_url + path, headers=named, timeout=WAIT, **sent)
        assert answer.status_code < 400, (method, path, answer.status_code, answer.text)
        return answer

    def sql(self, statement: str, *values: Any) -> list[Any]:
        with sqlite3.connect(self.product.data_dir / "db.sqlite3", timeout=WAIT) as connection:
            return connection.execute(statement, values).fetchall()

    def everything(self) -> dict[str, set[Any]]:
        """All rows of all tables, but when a token was last used."""
        found = {}
        with sqlite3.connect(self.product.data_dir / "db.sqlite3", timeout=WAIT) as connection:
            tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (table,) in tables:
                if table in NO_ACTS or table.startswith(("search_", "sqlite_")):
                    continue
                described = connection.execute(f"PRAGMA table_info({table})").fetchall()
                columns = ", ".join(f'"{row[1]}"' for row in described if row[1] != "last_used_at")
                found[table] = set(connection.execute(f"SELECT {columns} FROM {table}").fetchall())
        return found

    # What can be taken away.

    def stop(self, person: Person) -> None:
        self.send("PATCH", f"/api/v1/team/members/{person.user_id}", self.root, {"active": False})

    def remove(self, person: Person) -> None:
        self.send("DELETE", f"/api/v1/team/members/{person.user_id}", self.root)

    def revoke(self, person: Person) -> None:
        self.send("DELETE", f"/api/v1/tokens/{person.token_id}", self.root)

    def expire(self, person: Person) -> None:
        self.sql("UPDATE accounts_accesstoken SET expires_at = '2020-01-01 00:00:00' WHERE id = ?", person.token_id)

    def narrow(self, person: Person) -> None:
        self.sql("UPDATE accounts_accesstoken SET scopes = '[\"share\"]' WHERE id = ?", person.token_id)

    def demote(self, person: Person) -> None:
        self.send("PATCH", f"/api/v1/team/members/{person.user_id}", self.root, {"role": "member"})

    def sign_out(self, person: Person) -> None:
        self.sql("DELETE FROM django_session WHERE session_key = ?", stored_key(person.session))

    def end_sessions(self, person: Person) -> None:
        self.sql("UPDATE accounts_user SET session_epoch = session_epoch + 1 WHERE id = ?", person.user_id)

    def change_password(self, person: Person) -> None:
        self.sql("UPDATE accounts_user SET password = ? WHERE id = ?", f"!{uuid.uuid4().hex}", person.user_id)


@dataclass(frozen=True)
class Request:
    """`headers` are beside those that say who asks."""

    method: str
    path: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


class Held:
    """A request of which the headers are sent, and whose body the server has asked for: who sends it is known by then,
    since nothing is read of a body before.
    """

    def __init__(self, world: World, request: Request, credentials: dict[str, str]) -> None:
        self._body, self.text = request.body, ""
        self._connection = socket.create_connection(("127.0.0.1", world.product.port), timeout=WAIT)
        lines = {
            "Host": f"127.0.0.1:{world.product.port}",
            "Content-Length": str(len(request.body)),
            "Expect": "100-continue",
            "Connection": "close",
            **request.headers,
            **credentials,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self._connection.sendall(f"{request.method} {request.path} HTTP/1.1\r\n{head}\r\n".encode())
        self._answer = self._connection.makefile("rb")
        self.first = self._answer.readline().decode()

    @property
    def is_waiting(self) -> bool:
        return self.first.startswith("HTTP/1.1 100")

    def send_some(self) -> None:
        self._connection.sendall(self._body[:1])
        self._body = self._body[1:]

    def send_rest(self) -> int:
        """The status of the answer."""
        self._answer.readline()  # the end of "100 Continue"
        self._connection.sendall(self._body)
        status = int(self._answer.readline().split()[1])
        self.text = self._answer.read().decode(errors="replace").partition("\r\n\r\n")[2]
        self.close()
        return status

    def close(self) -> None:
        self._answer.close()
        self._connection.close()


def hold_all(world: World, requests: Iterable[Request], credentials: dict[str, str]) -> list[Held]:
    held = []
    for request in requests:
        one = Held(world, request, credentials)
        assert one.is_waiting, (request.method, request.path, one.first)
        one.send_some()
        held.append(one)
    return held
