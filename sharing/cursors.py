"""Cursors of activity: opaque, since the time and the number of a line may be those of one that nobody may see."""

import json
from datetime import datetime

from cryptography.fernet import InvalidToken

from accounts.actor import Actor
from accounts.secret_box import secret_box
from http_kit.errors import InvalidCursor
from sharing.queries.activity import Asked
from sharing.queries.activity_reading import Key

LONGEST = 1_000  # characters


def purpose_of(actor: Actor, what: str, asked: Asked) -> str:
    """A cursor fits one person, one list and one filter."""
    kinds = ",".join(sorted(asked.kinds))
    return f"activity {actor.user_id} {what} {asked.person_id} {kinds} {asked.since} {asked.until}"


def seal(position: Key | None, *, purpose: str) -> str | None:
    """None at the end. It fits the same `purpose` alone."""
    if position is None:
        return None
    content = [purpose, position.at.isoformat(), position.rank, position.id]
    return secret_box().encrypt(json.dumps(content).encode()).decode()


def unseal(cursor: str | None, *, purpose: str) -> Key | None:
    """None without a cursor. Raises InvalidCursor for what was not made for this purpose."""
    if not cursor:
        return None
    try:
        if len(cursor) > LONGEST:
            raise InvalidCursor
        of, at, rank, number = json.loads(secret_box().decrypt(cursor.encode()))
    except (InvalidToken, ValueError, TypeError) as error:
        raise InvalidCursor from error
    if of != purpose:
        raise InvalidCursor
    return Key(datetime.fromisoformat(at), rank, number)
