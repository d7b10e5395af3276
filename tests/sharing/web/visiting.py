"""Visitors of links: a plain client of Django's, without scripts, from an address of its own."""

import re
from html import unescape
from typing import Any

from django.test import Client

from sharing.models import Link


class Visitor:
    """`get` and `post` are below the address of the link. Checks of CSRF are on, as in the product."""

    def __init__(self, link: Link | str, address: str = "203.0.113.9", client: Client | None = None) -> None:
        self.slug = link if isinstance(link, str) else link.token
        self.client = client or Client(enforce_csrf_checks=True)
        self.extra: dict[str, Any] = {"REMOTE_ADDR": address}

    def get(self, path: str = "", **headers: Any) -> Any:
        return self.client.get(f"/s/{self.slug}{path}", headers=headers or None, **self.extra)

    def post(self, path: str, data: Any = None, **headers: Any) -> Any:
        return self.client.post(f"/s/{self.slug}{path}", data or {}, headers=headers or None, **self.extra)

    def unlock(self, password: str) -> Any:
        return self.post("/password", {"password": password})

    def send(self, *files: tuple[str, bytes], path: str = "/send", **fields: str) -> Any:
        """As the form of the page does: its fields first, then the files."""
        parts = [
            f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        for name, content in files:
            head = f'--b\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
            parts.append(head.encode() + content + b"\r\n")
        body = b"".join([*parts, b"--b--\r\n"])
        return self.client.generic(
            "POST", f"/s/{self.slug}{path}", body, "multipart/form-data; boundary=b", **self.extra
        )


def code_of(response: Any) -> str:
    """The stable code that a page of a link shows."""
    found = re.search(r'data-code="(\w+)"', response.content.decode())
    return found[1] if found else ""


def text_of(response: Any) -> str:
    """What a person reads."""
    text = re.sub(r"<script.*?</script>|<[^>]+>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(text).split())


def links_in(response: Any) -> list[str]:
    return [unescape(found) for found in re.findall(r'(?:href|action)="([^"]+)"', response.content.decode())]
