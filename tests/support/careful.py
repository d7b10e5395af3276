"""Clients that look through every answer for names which nobody may read there: for tests of what somebody shares out
of the middle of their home, with canaries in the folders above it.
"""

from typing import Any

from tests.isolation.canaries import canaries_in
from tests.support.clients import Api, Dav, HttpClient, Nextcloud


class Careful(HttpClient):
    """To be put before the class of a dialect."""

    def send(self, method: str, url: str = "", body: Any = b"", /, **more: Any) -> Any:
        response = super().send(method, url, body, **more)
        if not response.streaming:
            assert canaries_in(response, response.content) == set(), f"{method} {url}: {response.content!r}"
        return response


class CarefulApi(Careful, Api):
    """REST."""


class CarefulDav(Careful, Dav):
    """WebDAV."""


class CarefulNextcloud(Careful, Nextcloud):
    """Nextcloud's addresses."""
