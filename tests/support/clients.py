"""HTTP clients that run in the test's process: one class over Django's test client, and a thin dialect per protocol.

A request has the headers that the dialect always sends, those that the test names, and nothing else. Names of headers
are written with underscores (`if_match="*"`); None leaves one out. Clients of real servers are not here.
"""

import base64
import json
from typing import Any, ClassVar
from xml.etree import ElementTree

from django.test import Client
from django.utils.http import urlencode

from accounts.actor import ALL_SCOPES
from accounts.models import User
from tests.support.people import make_token

API = "/api/v1"
DAV = "{DAV:}"
PIECE = "application/offset+octet-stream"  # the type of every body of tus


class HttpClient:
    """Signed in as `user` by a new token with `scopes` (else the dialect's usual ones), by `token`, or not at all.

    CSRF checks are on. An error inside the product is an answer with status 500, unless `raise_exceptions` says that
    the test gets the exception.
    """

    usual_scopes: ClassVar[frozenset[str]] = ALL_SCOPES
    usual_headers: ClassVar[dict[str, str]] = {}
    content_type: ClassVar[str] = ""  # of a body for which the test names none
    scheme: ClassVar[str] = "Bearer"
    raise_exceptions: ClassVar[bool] = False

    def __init__(self, user: User | None = None, *scopes: str, token: str = "") -> None:
        self._client = Client(enforce_csrf_checks=True, raise_request_exception=self.raise_exceptions)
        self.headers: dict[str, str] = dict(self.usual_headers)
        self.user = user
        if user is not None and not token:
            token = make_token(user, set(scopes) or self.usual_scopes)[1]
        if token:
            email = "" if user is None else user.email
            self.headers["Authorization"] = basic(email, token) if self.scheme == "Basic" else f"Bearer {token}"

    def send(
        self, method: str, url: str, body: Any = b"", /, *, environ: dict[str, str] | None = None, **headers: str | None
    ) -> Any:
        """The answer of Django's test client. A body that is neither bytes nor text is sent as JSON.

        `environ` is for what a server sets in WSGI beside headers (RAW_URI).
        """
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        sent = {name: value for name, value in {**self.headers, **named}.items() if value is not None}
        return self._client.generic(
            method, url, _raw(body), content_type=self.content_type, headers=sent, **(environ or {})
        )


class Api(HttpClient):
    """REST: `api.get("/nodes/1")` below /api/v1; JSON in, JSON out."""

    content_type = "application/json"
    raise_exceptions = True

    def request(self, method: str, path: str, body: Any = None, /, **headers: str | None) -> Any:
        return self.send(method, f"{API}{path}", b"" if body is None else body, **headers)

    def get(self, path: str, /, **query: Any) -> Any:
        return self.send("GET", f"{API}{path}", environ={"QUERY_STRING": urlencode(query, doseq=True)})

    def post(self, path: str, body: Any = None, /, **headers: str | None) -> Any:
        return self.request("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, /, **headers: str | None) -> Any:
        return self.request("PATCH", path, body, **headers)

    def put(self, path: str, body: Any = None, /, **headers: str | None) -> Any:
        return self.request("PUT", path, body, **headers)

    def delete(self, path: str, /, **headers: str | None) -> Any:
        return self.request("DELETE", path, None, **headers)


class ContentClient(HttpClient):
    """Raw bodies: `client.put("a.txt", b"...")` below /api/v1/content/, unless the path begins with a slash."""

    content_type = "application/octet-stream"

    def request(
        self,
        method: str,
        path: str,
        data: bytes = b"",
        *,
        environ: dict[str, str] | None = None,
        **headers: str | None,
    ) -> Any:
        url = path if path.startswith("/") else f"{API}/content/{path}"
        return self.send(method, url, data, environ=environ, **headers)

    def put(self, path: str, data: bytes, **headers: str | None) -> Any:
        return self.request("PUT", path, data, **headers)

    def get(self, path: str, **headers: str | None) -> Any:
        return self.request("GET", path, **headers)

    def head(self, path: str, **headers: str | None) -> Any:
        return self.request("HEAD", path, **headers)

    def delete(self, path: str, **headers: str | None) -> Any:
        return self.request("DELETE", path, **headers)


class Dav(HttpClient):
    """WebDAV: paths are below the prefix and already percent-encoded."""

    usual_scopes = frozenset({"read", "write"})
    scheme = "Basic"

    def __init__(self, user: User | None = None, *scopes: str, token: str = "", prefix: str = "/dav/") -> None:
        super().__init__(user, *scopes, token=token)
        self.prefix = prefix

    def send(  # type: ignore[override]
        self, method: str, path: str = "", data: bytes | str = b"", /, **headers: str | None
    ) -> Any:
        url = self.prefix + path
        return super().send(method, url.partition("#")[0], data, environ={"RAW_URI": url}, **headers)

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
        inner = "".join(f"<{_local(name)} xmlns='{_namespace(name)}'/>" for name in names)
        body = f"<propfind xmlns='DAV:'><prop>{inner}</prop></propfind>" if names else ""
        answer = self.propfind(path, body, depth)
        assert answer.status_code == 207, answer.content
        return found_in(answer)


class Nextcloud(HttpClient):
    """Nextcloud's addresses and OCS; `id` is the person's in addresses."""

    usual_scopes = frozenset({"read", "write", "share"})
    scheme = "Basic"

    def __init__(self, user: User | None = None, *scopes: str, agent: str = "tests") -> None:
        super().__init__(user, *scopes)
        self.headers["User-Agent"] = agent
        self.id = str(user.pk) if user is not None else ""

    def ocs(self, url: str, method: str = "GET", version: int = 2, **headers: str | None) -> Any:
        """`url` below /ocs/v<version>.php/, answered in JSON."""
        headers.setdefault("ocs_apirequest", "true")
        sign = "&" if "?" in url else "?"
        return self.send(method, f"/ocs/v{version}.php/{url}{sign}format=json", **headers)


class Tus(HttpClient):
    """Resumable uploads as tus has them."""

    usual_scopes = frozenset({"read", "write"})
    usual_headers = {"Tus-Resumable": "1.0.0"}

    def send(  # type: ignore[override]
        self, method: str, url: str = "/tus/", data: bytes = b"", /, **headers: str | None
    ) -> Any:
        return super().send(method, url, data, **headers)

    def create(self, length: int | None, data: bytes = b"", *, meta: str | None = None, **headers: str | None) -> Any:
        if length is not None:
            headers["upload_length"] = str(length)
        if meta is None:
            meta = metadata(filename="a.bin")
        if data:
            headers["content_type"] = PIECE
        return self.send("POST", "/tus/", data, upload_metadata=meta, **headers)

    def patch(self, url: str, offset: int, data: bytes, **headers: str | None) -> Any:
        headers.setdefault("content_type", PIECE)
        return self.send("PATCH", url, data, upload_offset=str(offset), **headers)

    def head(self, url: str) -> Any:
        return self.send("HEAD", url)


def basic(username: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


def metadata(**values: str) -> str:
    """The value of tus's Upload-Metadata."""
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


def body_of(response: Any) -> bytes:
    """All bytes of an answer, streamed or not."""
    return b"".join(response.streaming_content) if response.streaming else response.content


def problem(response: Any) -> tuple[int, str]:
    """Status and code of a problem, after checking that it is one."""
    assert response["Content-Type"] == "application/problem+json", (response.status_code, response.content[:300])
    body = response.json()
    assert body["status"] == response.status_code
    assert {"type", "title", "status", "code", "detail"} <= body.keys()
    return response.status_code, body["code"]


def items(response: Any) -> list[dict[str, Any]]:
    """The items of a list that REST answered with."""
    assert response.status_code == 200, response.content[:500]
    found: list[dict[str, Any]] = response.json()["items"]
    return found


def tree(response: Any) -> ElementTree.Element:
    """A body of XML."""
    return ElementTree.fromstring(body_of(response))


def found_in(response: Any, status: str = "200") -> "dict[str, dict[str, str | None]]":
    """Of each href in a multistatus the properties that have this status; see Dav.properties."""
    result: dict[str, dict[str, str | None]] = {}
    for member in tree(response).iter(f"{DAV}response"):
        href = member.findtext(f"{DAV}href") or ""
        result[href] = {}
        for propstat in member.iter(f"{DAV}propstat"):
            if f" {status} " in (propstat.findtext(f"{DAV}status") or ""):
                for element in propstat.find(f"{DAV}prop") or ():
                    inner = "".join(child.tag for child in element)
                    result[href][element.tag] = inner or element.text
    return result


def _raw(body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    return body.encode() if isinstance(body, str) else json.dumps(body).encode()


def _namespace(name: str) -> str:
    return name[1:].partition("}")[0] if name.startswith("{") else ""


def _local(name: str) -> str:
    return name.rpartition("}")[2]
