"""A bare client of the WebDAV door: what is sent is what the test says, and nothing else."""

import base64
from typing import Any
from xml.etree import ElementTree

from django.test import Client

from accounts.models import User
from tests.accounts.factories import make_token

DAV = "{DAV:}"


class Dav:
    def __init__(self, user: User | None, *scopes: str, prefix: str = "/dav/") -> None:
        self._client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.prefix = prefix
        self.headers: dict[str, str] = {}
        if user is not None:
            secret = make_token(user, set(scopes) or {"read", "write"})[1]
            word = base64.b64encode(f"{user.email}:{secret}".encode()).decode()
            self.headers["Authorization"] = f"Basic {word}"

    def send(self, method: str, path: str = "", data: bytes | str = b"", **headers: str | None) -> Any:
        """`path` is below the prefix and already percent-encoded. Header names with underscores."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        kind = named.pop("Content-Type", None) or ""
        sent = {name: value for name, value in {**self.headers, **named}.items() if value is not None}
        body = data.encode() if isinstance(data, str) else data
        url = self.prefix + path
        more = {"RAW_URI": url}
        return self._client.generic(method, url.partition("#")[0], body, kind, headers=sent, **more)

    def put(self, path: str, data: bytes = b"hello", **headers: str | None) -> Any:
        return self.send("PUT", path, data, **headers)

    def move(self, path: str, to: str, **headers: str | None) -> Any:
        return self.send("MOVE", path, destination=self.prefix + to, **headers)

    def copy(self, path: str, to: str, **headers: str | None) -> Any:
        return self.send("COPY", path, destination=self.prefix + to, **headers)

    def propfind(self, path: str = "", body: bytes | str = b"", depth: str | None = "0", **headers: str | None) -> Any:
        return self.send("PROPFIND", path, body, depth=depth, **headers)

    def properties(self, path: str, *names: str, depth: str = "0") -> "dict[str, dict[str, str | None]]":
        """Of each href the properties found, by `{namespace}local`: their text, or their children's names."""
        inner = "".join(f"<{local(name)} xmlns='{namespace(name)}'/>" for name in names)
        body = f"<propfind xmlns='DAV:'><prop>{inner}</prop></propfind>" if names else ""
        answer = self.propfind(path, body, depth)
        assert answer.status_code == 207, answer.content
        return found_in(answer)


def namespace(name: str) -> str:
    return name[1:].partition("}")[0] if name.startswith("{") else ""


def local(name: str) -> str:
    return name.rpartition("}")[2]


def content(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def tree(answer: Any) -> ElementTree.Element:
    return ElementTree.fromstring(content(answer))


def found_in(answer: Any, status: str = "200") -> "dict[str, dict[str, str | None]]":
    result: dict[str, dict[str, str | None]] = {}
    for response in tree(answer).iter(f"{DAV}response"):
        href = response.findtext(f"{DAV}href") or ""
        result[href] = {}
        for propstat in response.iter(f"{DAV}propstat"):
            if f" {status} " in (propstat.findtext(f"{DAV}status") or ""):
                for element in propstat.find(f"{DAV}prop") or ():
                    inner = "".join(child.tag for child in element)
                    result[href][element.tag] = inner or element.text
    return result
