"""The same acts through each endpoint. An act answers with what it gives, or raises Refused with a word that all share.

Paths begin with a slash and are not encoded.
"""

from __future__ import annotations

import base64
import re
from abc import ABC, abstractmethod
from typing import Any
from urllib.parse import quote, unquote

from accounts.actor import ALL_SCOPES
from accounts.models import User
from tests.support.clients import Dav, HttpClient, body_of, tree

MISSING, TAKEN, CHANGED, FULL, BAD_NAME, INTO_ITSELF, CORRUPT = (
    *("missing", "taken", "changed", "full", "bad name"),
    *("into itself", "corrupt"),
)


class Refused(Exception):
    """`word` is one of the above."""

    def __init__(self, word: str, detail: str = "") -> None:
        super().__init__(f"{word} {detail}")
        self.word = word


class StrictClient(HttpClient):
    """Basic auth, as clients of every protocol can; an error inside the product ends the test."""

    content_type = "application/octet-stream"
    scheme = "Basic"
    raise_exceptions = True


class StrictDav(Dav):
    content_type = "application/octet-stream"
    raise_exceptions = True


class Endpoint(ABC):
    def __init__(self, user: User) -> None:
        self.client = self.sign_in(user)

    def sign_in(self, user: User) -> HttpClient:
        return StrictClient(user)

    def ask(self, method: str, path: str, body: Any = b"", **headers: str) -> Any:
        answer = self.client.send(method, path, body, **headers)
        assert answer.status_code < 500 or answer.status_code == 507, answer.status_code
        return answer

    def read(self, path: str, **headers: str) -> bytes:
        return body_of(self.checked("GET", self.file(path), **headers))

    def etag(self, path: str) -> str:
        found: str = self.checked("HEAD", self.file(path))["ETag"]
        return found

    def write(self, path: str, data: bytes, **headers: str) -> None:
        self.checked("PUT", self.file(path), data, **headers)

    def checked(self, method: str, path: str, body: Any = b"", **headers: str) -> Any:
        """A good answer. Raises Refused."""
        answer = self.ask(method, path, body, **headers)
        if answer.status_code >= 400:
            raise Refused(self.word(method, answer, headers), f"{method} {path}: {answer.status_code}")
        return answer

    @abstractmethod
    def word(self, method: str, answer: Any, headers: dict[str, str]) -> str:
        """What a refusal means."""

    @abstractmethod
    def file(self, path: str) -> str:
        """Its address."""

    @abstractmethod
    def make_folder(self, path: str) -> None: ...

    @abstractmethod
    def listing(self, path: str) -> list[str]:
        """Names, sorted; folders with a slash at the end."""

    @abstractmethod
    def move(self, source: str, target: str, *, overwrite: bool = False) -> None: ...

    @abstractmethod
    def copy(self, source: str, target: str, *, overwrite: bool = False) -> None: ...

    @abstractmethod
    def trash(self, path: str) -> None: ...

    @abstractmethod
    def wrong_checksum(self, data: bytes) -> dict[str, str]:
        """Headers that say that the bytes are others."""


class RestDialect(Endpoint):
    WORDS = {
        "not_found": MISSING,
        "parent_not_found": MISSING,
        "name_taken": TAKEN,
        "precondition_failed": CHANGED,
        "version_conflict": CHANGED,
        "quota_exceeded": FULL,
        "invalid_name": BAD_NAME,
        "move_into_itself": INTO_ITSELF,
        "checksum_mismatch": CORRUPT,
    }

    def word(self, method: str, answer: Any, headers: dict[str, str]) -> str:
        word = self.WORDS[answer.json()["code"]]
        return TAKEN if word == CHANGED and headers.get("If_None_Match") == "*" else word

    def file(self, path: str) -> str:
        return f"/api/v1/content{quote(path)}"

    def _post(self, place: str, **body: object) -> Any:
        return self.checked("POST", f"/api/v1/{place}", body, Content_Type="application/json")

    def make_folder(self, path: str) -> None:
        self._post("folders", path=path)

    def listing(self, path: str) -> list[str]:
        found = self.checked("GET", f"/api/v1/folders?path={quote(path)}").json()["items"]
        return sorted(node["name"] + "/" * (node["kind"] == "folder") for node in found)

    def move(self, source: str, target: str, *, overwrite: bool = False) -> None:
        self._post("move", from_path=source, to_path=target, overwrite=overwrite)

    def copy(self, source: str, target: str, *, overwrite: bool = False) -> None:
        self._post("copy", from_path=source, to_path=target, overwrite=overwrite)

    def trash(self, path: str) -> None:
        self._post("trash", paths=[path])

    def wrong_checksum(self, data: bytes) -> dict[str, str]:
        return {"Content_Digest": f"sha-256=:{base64.b64encode(bytes(32)).decode()}:"}


class DavDialect(Endpoint):
    """Any of the prefixes under which the tree is there by WebDAV."""

    WORDS = {404: MISSING, 409: MISSING, 405: TAKEN, 507: FULL, 400: BAD_NAME, 403: INTO_ITSELF}

    def __init__(self, user: User, prefix: str) -> None:
        super().__init__(user)
        self.prefix = prefix

    def sign_in(self, user: User) -> HttpClient:
        return StrictDav(user, *ALL_SCOPES, prefix="")

    def word(self, method: str, answer: Any, headers: dict[str, str]) -> str:
        if answer.status_code == 412:
            return TAKEN if method in ("MOVE", "COPY") or headers.get("If_None_Match") == "*" else CHANGED
        if answer.status_code == 400 and "OC_Checksum" in headers:
            return CORRUPT
        if answer.status_code == 409 and method in ("MOVE", "COPY") and b"itself" in answer.content:
            return INTO_ITSELF
        return self.WORDS[answer.status_code]

    def file(self, path: str) -> str:
        return f"{self.prefix}{quote(path)}"

    def make_folder(self, path: str) -> None:
        self.checked("MKCOL", self.file(path))

    def listing(self, path: str) -> list[str]:
        answer = self.checked("PROPFIND", self.file(path), Depth="1")
        hrefs = [unquote(found.text or "") for found in tree(answer).iter("{DAV:}href")]
        assert len(hrefs) == len(set(hrefs))
        top = f"{self.prefix}{path}".rstrip("/") + "/"
        assert hrefs[0].rstrip("/") + "/" == top
        assert all(re.fullmatch(re.escape(top) + "[^/]+/?", href) for href in hrefs[1:]), hrefs
        return sorted(href.removeprefix(top) for href in hrefs[1:])

    def move(self, source: str, target: str, *, overwrite: bool = False) -> None:
        self._to("MOVE", source, target, overwrite)

    def copy(self, source: str, target: str, *, overwrite: bool = False) -> None:
        self._to("COPY", source, target, overwrite)

    def _to(self, method: str, source: str, target: str, overwrite: bool) -> None:
        destination = f"http://testserver{self.file(target)}"
        self.checked(method, self.file(source), Destination=destination, Overwrite="T" if overwrite else "F")

    def trash(self, path: str) -> None:
        self.checked("DELETE", self.file(path))

    def wrong_checksum(self, data: bytes) -> dict[str, str]:
        return {"OC_Checksum": f"SHA1:{'0' * 40}"}
