"""An answer without what is random by right: numbers, times, keys of one use. Everything else must be equal."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from tests.support.clients import body_of

_NUMBER = r"(?<![0-9])[0-9]{15,19}(?![0-9])"
_UUID = r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}(?![0-9a-f])"
_NAMED = re.compile(f"{_NUMBER}|{_UUID}")
_TIMES = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}(Z|\+00:00)|[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT"
    r"|(?<![0-9a-f])1[78][0-9]{8}(?![0-9a-f])"
    r"|<time[^>]*>[^<]*</time>|[0-9]{1,2}/[0-9]{1,2}/[0-9]{4} [0-9:]+ [ap]\.m\."
)
# Shares have random numbers for programs of Nextcloud (sharing/actions/numbers.py).
_ONCE = re.compile(
    r'(?P<before>"(?:next_)?cursor": ?"|[?&;](?:cursor|after)=|name="(?:undo|csrfmiddlewaretoken)" value="|nonce[-=]"?|'
    r'"secret": ?"|"token": ?"|/s/|<code>dbx_|"hint": ?"|"request_id": ?"|X-CSRFToken[^A-Za-z]+|boundary=|'
    r'"instance": ?"|<token>|<id>(?=[0-9]{6,10}</id>)|"id": ?"(?=[0-9]{6,10}"))[^"&;\s<>]+'
)
_TOKENS = re.compile(r'(?P<before>"id": ?"?|tokens/)[0-9]+')
_UNEQUAL = {"date", "x-request-id", "content-length", "server-timing", "set-cookie"}


class Names:
    """Of each random number the place in which it was first told: `#7`. Those that were known before have names."""

    def __init__(self, known: dict[str, str]) -> None:
        self._names = dict(known)
        self._count = 0

    def name(self, text: str) -> str:
        key = text.replace("-", "")
        if key not in self._names:
            self._count += 1
            self._names[key] = f"#{self._count}"
        return self._names[key]


def named(text: str, names: Names) -> str:
    return _NAMED.sub(lambda found: names.name(found[0]), text)


def normal(response: Any, names: Names, *, tokens: bool = False) -> dict[str, Any]:
    """Status, headers and body, by name. `tokens`: ids of tokens, which accounts still count, are told in it."""
    plain = _plain(names, tokens)
    headers = {name: plain(value) for name, value in response.items() if name.lower() not in _UNEQUAL}
    cookies = sorted(response.cookies)
    return {"status": response.status_code, "headers": headers, "cookies": cookies, "body": _body(response, plain)}


def _plain(names: Names, tokens: bool) -> Callable[[str], str]:
    def plain(text: str) -> str:
        text = _ONCE.sub(lambda found: f"{found['before']}<once>", text)
        if tokens:
            text = _TOKENS.sub(lambda found: f"{found['before']}<token>", text)
        text = _TIMES.sub("<time>", text)
        return named(text, names)

    return plain


def _body(response: Any, plain: Callable[[str], str]) -> Any:
    data = body_of(response)
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(info.filename, info.file_size, archive.read(info)) for info in archive.infolist()]
    text = data.decode("latin-1")
    boundary = re.match(r"\r?\n?--([0-9a-f]{16,})", text)
    return plain(text.replace(boundary[1], "<boundary>") if boundary else text)
