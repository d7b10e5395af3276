"""How each piece of work is asked for: WebDAV for the peers and us, REST for us. HTTP Basic for all."""

import base64
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass, field

BOUNDARY = "bench-boundary-4f1d"


@dataclass(frozen=True, slots=True)
class Request:
    """`path` begins with a slash and is percent-encoded already (the names here need no encoding)."""

    method: str
    path: str
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


class Dialect(ABC):
    """Paths are absolute in the account's own space, without a slash at the end."""

    def __init__(self, user: str, password: str, base_url: str) -> None:
        credentials = base64.b64encode(f"{user}:{password}".encode()).decode()
        self.base_url = base_url
        self.headers = {"Authorization": f"Basic {credentials}", "Host": base_url.removeprefix("http://")}

    def _request(self, method: str, path: str, body: bytes = b"", **headers: str) -> Request:
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return Request(method, path, body, {**self.headers, **more})

    def _json(self, address: str, **body: object) -> Request:
        return self._request("POST", address, json.dumps(body).encode(), Content_Type="application/json")

    @abstractmethod
    def put(self, path: str, body: bytes = b"") -> Request: ...

    @abstractmethod
    def get(self, path: str) -> Request: ...

    @abstractmethod
    def make_folder(self, path: str) -> Request: ...

    @abstractmethod
    def move(self, source: str, target: str) -> Request:
        """A folder."""

    @abstractmethod
    def copy(self, source: str, target: str) -> Request:
        """A folder."""

    @abstractmethod
    def delete(self, path: str) -> Request:
        """A folder, into the trash where there is one."""

    @abstractmethod
    def listing(self, path: str, cursor: str | None) -> Request:
        """The next page of a folder of files, with name, size, time and ETag of each."""

    def next_cursor(self, page: bytes) -> str | None:
        """What the page says of the one after it; None at the end."""
        return None


PROPERTIES = (
    b'<?xml version="1.0" encoding="utf-8"?><D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/>'
    b"<D:getcontentlength/><D:getlastmodified/><D:getetag/></D:prop></D:propfind>"
)


class DavDialect(Dialect):
    """RFC 4918. nginx wants a slash at the end of folders, and nobody minds. Everything is below `prefix`."""

    def __init__(self, user: str, password: str, base_url: str, prefix: str = "") -> None:
        super().__init__(user, password, base_url)
        self.prefix = prefix

    def put(self, path: str, body: bytes = b"") -> Request:
        return self._request("PUT", f"{self.prefix}{path}", body)

    def get(self, path: str) -> Request:
        return self._request("GET", f"{self.prefix}{path}")

    def make_folder(self, path: str) -> Request:
        return self._request("MKCOL", f"{self.prefix}{path}/")

    def move(self, source: str, target: str) -> Request:
        return self._to("MOVE", source, target)

    def copy(self, source: str, target: str) -> Request:
        return self._to("COPY", source, target)

    def _to(self, method: str, source: str, target: str) -> Request:
        destination = f"{self.base_url}{self.prefix}{target}/"
        return self._request(method, f"{self.prefix}{source}/", Destination=destination, Overwrite="F")

    def delete(self, path: str) -> Request:
        return self._request("DELETE", f"{self.prefix}{path}/")

    def listing(self, path: str, cursor: str | None) -> Request:
        address = f"{self.prefix}{path}/"
        return self._request("PROPFIND", address, PROPERTIES, Depth="1", Content_Type="application/xml")


class NextcloudDialect(DavDialect):
    """Ours by WebDAV, with what Nextcloud's clients have besides."""

    def bulk(self, folder: str, files: dict[str, bytes]) -> Request:
        """Many small files in one request."""
        parts = []
        for path, data in files.items():
            head = f"--{BOUNDARY}\r\nX-File-Path: {folder}/{path}\r\nContent-Length: {len(data)}\r\n\r\n"
            parts += [head.encode(), data, b"\r\n"]
        parts.append(f"--{BOUNDARY}--\r\n".encode())
        content_type = f"multipart/related; boundary={BOUNDARY}"
        return self._request("POST", "/remote.php/dav/bulk", b"".join(parts), Content_Type=content_type)


class RestDialect(Dialect):
    """Our own API. A token is the password."""

    def put(self, path: str, body: bytes = b"") -> Request:
        return self._request("PUT", f"/api/v1/content{path}", body)

    def get(self, path: str) -> Request:
        return self._request("GET", f"/api/v1/content{path}")

    def make_folder(self, path: str) -> Request:
        return self._json("/api/v1/folders", path=path)

    def move(self, source: str, target: str) -> Request:
        return self._json("/api/v1/move", from_path=source, to_path=target)

    def copy(self, source: str, target: str) -> Request:
        return self._json("/api/v1/copy", from_path=source, to_path=target)

    def delete(self, path: str) -> Request:
        return self._json("/api/v1/trash", paths=[path])

    def trash(self) -> Request:
        return self._request("GET", "/api/v1/trash?limit=1000")

    def restore(self, item_id: str) -> Request:
        return self._json("/api/v1/trash/restore", ids=[item_id])

    def listing(self, path: str, cursor: str | None) -> Request:
        position = f"&cursor={cursor}" if cursor else ""
        return self._request("GET", f"/api/v1/folders?path={path}&limit=1000{position}")

    def next_cursor(self, page: bytes) -> str | None:
        """It is the last member, so that nobody needs to parse the rest."""
        _, _, end = page[-600:].partition(b'"next_cursor":')
        value: str | None = json.loads(end.strip()[:-1])
        return value

    def bulk(self, folder: str, files: dict[str, bytes]) -> Request:
        """Many small files in one request."""
        parts = []
        for path, data in files.items():
            head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{path}"; filename="f"\r\n\r\n'
            parts += [head.encode(), data, b"\r\n"]
        parts.append(f"--{BOUNDARY}--\r\n".encode())
        content_type = f"multipart/form-data; boundary={BOUNDARY}"
        return self._request("POST", f"/api/v1/bulk?path={folder}", b"".join(parts), Content_Type=content_type)
