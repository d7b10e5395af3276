"""A bare client of Nextcloud's addresses: what is sent is what the test says, and nothing else."""

import base64
from typing import Any

from django.test import Client

from accounts.models import User
from tests.accounts.factories import make_token


def basic(username: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()


class Nextcloud:
    """Signed in as a person by a token, unless None; `id` is the person's in addresses."""

    def __init__(self, user: User | None, *scopes: str, agent: str = "tests") -> None:
        self._client = Client(enforce_csrf_checks=True, raise_request_exception=False)
        self.headers = {"User-Agent": agent}
        self.id = str(user.pk) if user is not None else ""
        if user is not None:
            secret = make_token(user, set(scopes) or {"read", "write", "share"})[1]
            self.headers["Authorization"] = basic(user.email, secret)

    def send(self, method: str, url: str, data: bytes | str = b"", **headers: str | None) -> Any:
        """Header names with underscores; None leaves one of the usual headers out."""
        named = {name.replace("_", "-").title(): value for name, value in headers.items()}
        kind = named.pop("Content-Type", None) or ""
        sent = {name: value for name, value in {**self.headers, **named}.items() if value is not None}
        body = data.encode() if isinstance(data, str) else data
        return self._client.generic(method, url, body, headers=sent, CONTENT_TYPE=kind)

    def ocs(self, url: str, method: str = "GET", version: int = 2, **headers: str | None) -> Any:
        """`url` below /ocs/v<version>.php/, answered in JSON."""
        headers.setdefault("ocs_apirequest", "true")
        sign = "&" if "?" in url else "?"
        return self.send(method, f"/ocs/v{version}.php/{url}{sign}format=json", **headers)
