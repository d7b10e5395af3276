"""A client of the content door: a token's owner who sends raw bodies."""

from typing import Any

from django.test import Client

from accounts.actor import ALL_SCOPES
from accounts.models import User
from tests.accounts.factories import make_token


def token_of(user: User, *scopes: str) -> str:
    return make_token(user, set(scopes) or ALL_SCOPES)[1]


class ContentClient:
    """`client.put("a.txt", b"...")`: paths are below /api/v1/content/ unless they begin with a slash."""

    def __init__(self, token: str = "") -> None:
        self._client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    def request(self, method: str, path: str, data: bytes = b"", **options: Any) -> Any:
        url = path if path.startswith("/") else f"/api/v1/content/{path}"
        headers = {**self._headers, **options.pop("headers", {})}
        return self._client.generic(
            method, url, data, content_type="application/octet-stream", headers=headers, **options
        )

    def put(self, path: str, data: bytes, **headers: str) -> Any:
        return self.request("PUT", path, data, headers=_named(headers))

    def get(self, path: str, **headers: str) -> Any:
        return self.request("GET", path, headers=_named(headers))

    def head(self, path: str, **headers: str) -> Any:
        return self.request("HEAD", path, headers=_named(headers))

    def delete(self, path: str, **headers: str) -> Any:
        return self.request("DELETE", path, headers=_named(headers))


def body_of(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def _named(headers: dict[str, str]) -> dict[str, str]:
    """if_match → If-Match."""
    return {name.replace("_", "-").title(): value for name, value in headers.items()}
