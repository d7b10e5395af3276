"""The bytes of an act, the same on every database, and what is computed over them: the writer's mark, the digest.

Rows are read as the database has them, without Django's conversions: a value that was tampered with must not end the
proof by an error, and a million rows must not take a minute.
"""

import hmac
import json
import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Any, NamedTuple

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import connection

from accounts.models import AuditEvent

FORMAT = 1  # of the bytes; another one would need other rows
_NONCE = 16  # characters
_TEXT = "CAST(at AS TEXT)"
_TABLE = "accounts_auditevent"
_NAMES = ("actor_id", "principal", "link_id", "grant_id", "team_id", "kind", "target")


class Row(NamedTuple):
    """An act as it is in the database. `detail` is text of JSON, `at` in UTC without a zone, both as they were read."""

    id: Any
    at: Any
    actor_id: Any
    principal: Any
    link_id: Any
    grant_id: Any
    team_id: Any
    kind: Any
    target: Any
    detail: Any
    client: Any
    address: Any
    mark: Any
    origin: Any
    position: Any
    digest: Any


def read_rows(where: str, values: Sequence[Any], *, limit: int) -> list[Row]:
    """`where` is a condition and an order in SQL, with `values` for its marks."""
    on_postgresql = connection.vendor == "postgresql"
    # As text: a converter would fail at a time that is none.
    at, detail, address = ("at", "detail::text", "address::text") if on_postgresql else (_TEXT, "detail", "address")
    columns = ", ".join(("id", at, *_NAMES, detail, "client", address, "mark", "origin", "position", "digest"))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {_TABLE} WHERE {where} LIMIT %s", [*values, limit])  # noqa: S608
        found = cursor.fetchall()
    if on_postgresql:
        return [Row(row[0], _time_text(row[1]), *row[2:]) for row in found]
    return [Row(*row) for row in found]


def _time_text(at: Any) -> Any:
    """As SQLite keeps it."""
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(" ") if isinstance(at, datetime) else at


def in_milliseconds(at: Any) -> Any:
    """The same moment without what is below a millisecond, which releases before wrote."""
    if not isinstance(at, str) or "." not in at:
        return at
    seconds, _, fraction = at.partition(".")
    return seconds if fraction[:3] in ("", "000") else f"{seconds}.{fraction[:3]}000"


def digest_of(key: bytes, before: str, row: Row, position: int) -> str:
    """Of a row at its place: over the digest before it, its position, and all that it says, its origin included."""
    own = [FORMAT, position, row.id, *_said(row), row.mark, row.origin]
    return hmac.digest(key, before.encode() + b"\n" + _bytes(own), "sha256").hex()


def mark_of(event: AuditEvent) -> str:
    """By whoever writes the act: a stranger who writes into the table has no SECRET_KEY. Another one each time, so that
    a copy of a row is known as one."""
    nonce = secrets.token_hex(_NONCE // 2)
    row = Row(
        *(None, _time_text(event.at), event.actor_id, event.principal, event.link_id, event.grant_id, event.team_id),
        *(event.kind, event.target, json.dumps(event.detail), event.client, event.address, "", "", None, ""),
    )
    return nonce + _code(str(settings.SECRET_KEY), nonce, row)


def is_ours(row: Row) -> bool:
    """Whether the mark is of this row, made with SECRET_KEY or one of its fallbacks."""
    mark = str(row.mark)
    nonce, code = mark[:_NONCE], mark[_NONCE:]
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(code.encode(), _code(str(key), nonce, row).encode()) for key in keys)


def sign(key: bytes, what: str, values: Sequence[Any]) -> str:
    """Of a head or of an anchor."""
    return hmac.digest(key, _bytes([FORMAT, what, *values]), "sha256").hex()


def _said(row: Row) -> list[Any]:
    return [
        *(row.at, row.actor_id, row.principal, row.link_id, row.grant_id, row.team_id, row.kind, row.target),
        *(_detail(row.detail), row.client, _address(row.address)),
    ]


def _code(secret: str, nonce: str, row: Row) -> str:
    return hmac.digest(_mark_key(secret), nonce.encode() + b"\n" + _bytes(_said(row)), "sha256").hex()


@lru_cache(16)
def _mark_key(secret: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"accounts.chain.mark").derive(secret.encode())


def _bytes(values: list[Any]) -> bytes:
    return _encode(values).encode()


def _detail(text: Any) -> Any:
    """What the JSON says; databases write the same number and the same order of keys differently."""
    try:
        return [_decode(text)]
    except (TypeError, ValueError, RecursionError):
        return text


def _number(text: str) -> Any:
    number = float(text)
    return int(number) if number.is_integer() else number


# Made once: with options, json.dumps and json.loads make one for each call.
_encode = json.JSONEncoder(sort_keys=True, separators=(",", ":"), default=repr).encode
_decode = json.JSONDecoder(parse_float=_number).decode


@lru_cache(65_536)
def _address(text: Any) -> Any:
    """Each address has many spellings."""
    if not isinstance(text, str):
        return text
    plain = text.removesuffix("/128") if ":" in text else text.removesuffix("/32")
    try:
        return [ip_address(plain).packed.hex()]
    except ValueError:
        return text
