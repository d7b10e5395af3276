"""A client of the REST door: JSON in, JSON out, one person's token."""

import json
from typing import Any

from django.test import Client

from accounts.actor import ALL_SCOPES
from accounts.models import User
from tests.accounts.factories import make_token

API = "/api/v1"


class Api:
    """`api.get("/nodes/1")`: the answer of Django's test client; the body of a write is JSON."""

    def __init__(
        self, user: User | None = None, scopes: "frozenset[str] | set[str]" = ALL_SCOPES, **headers: str
    ) -> None:
        self.client = Client()
        self.headers = dict(headers)
        if user is not None:
            self.headers["Authorization"] = f"Bearer {make_token(user, scopes)[1]}"

    def request(self, method: str, path: str, body: Any = None, /, **headers: str) -> Any:
        sent = {**self.headers, **{name.replace("_", "-"): value for name, value in headers.items()}}
        raw = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = sent.pop("Content-Type", "application/json")
        return self.client.generic(method, f"{API}{path}", raw, content_type=kind, headers=sent)

    def get(self, path: str, /, **query: Any) -> Any:
        return self.client.get(f"{API}{path}", query, headers=self.headers)

    def post(self, path: str, body: Any = None, /, **headers: str) -> Any:
        return self.request("POST", path, body, **headers)

    def patch(self, path: str, body: Any = None, /, **headers: str) -> Any:
        return self.request("PATCH", path, body, **headers)

    def put(self, path: str, body: Any = None, /, **headers: str) -> Any:
        return self.request("PUT", path, body, **headers)

    def delete(self, path: str, /, **headers: str) -> Any:
        return self.request("DELETE", path, None, **headers)


def problem(response: Any) -> tuple[int, str]:
    """Status and code of a problem, after checking that it is one."""
    assert response["Content-Type"] == "application/problem+json", (response.status_code, response.content[:300])
    body = response.json()
    assert body["status"] == response.status_code
    assert {"type", "title", "status", "code", "detail"} <= body.keys()
    return response.status_code, body["code"]


def items(response: Any) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.content[:500]
    found: list[dict[str, Any]] = response.json()["items"]
    return found
