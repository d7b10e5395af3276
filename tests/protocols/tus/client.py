"""A bare client of the tus door: what is sent is what the test says, and nothing else."""

import base64
from typing import Any

from django.test import Client

from accounts.models import User
from tests.accounts.factories import make_token

PIECE = "application/offset+octet-stream"


def metadata(**values: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in values.items())


class Tus:
    def __init__(self, user: User | None, *scopes: str) -> None:
        self._client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.headers = {"Tus-Resumable": "1.0.0"}
        if user is not None:
            secret = make_token(user, set(scopes) or {"read", "write"})[1]
            self.headers["Authorization"] = f"Bearer {secret}"

    def send(self, method: str, url: str = "/tus/", data: bytes = b"", **headers: str | None) -> Any:
        """Header names with underscores; None leaves one of the usual headers out."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        kind = named.pop("Content-Type", None) or ""
        sent = {name: value for name, value in {**self.headers, **named}.items() if value is not None}
        return self._client.generic(method, url, data, headers=sent, CONTENT_TYPE=kind)

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
