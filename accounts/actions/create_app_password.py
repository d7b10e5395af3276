"""An app password: a token for one device, which may do with the files what its owner may, and nothing else."""

import re

from accounts.actions.create_token import NewToken, create_token
from accounts.actor import READ, SHARE, WRITE, Actor
from accounts.models import TokenKind

SCOPES = frozenset({READ, WRITE, SHARE})  # never admin: a device that is lost makes no tokens and changes no account
MAXIMUM_NAME, MAXIMUM_CLIENT = 100, 200
DESKTOP = "Nextcloud desktop"
_VERSION = r"/(\d[\w.]{0,20})"
_PROGRAMS = (
    (re.compile("mirall" + _VERSION), DESKTOP),
    (re.compile("Nextcloud-android" + _VERSION, re.IGNORECASE), "Nextcloud for Android"),
    (re.compile("Nextcloud-iOS" + _VERSION, re.IGNORECASE), "Nextcloud for iOS"),
)
_SYSTEM = re.compile(r"\((Linux|Windows|Macintosh|FreeBSD)\b")
_SYSTEMS = {"Macintosh": "macOS"}


def create_app_password(actor: Actor, *, name: str, client: str = "") -> NewToken:
    """For the actor's own account. Raises InvalidName, ScopeMissing, AccountNotFound."""
    return create_token(actor, name=name, scopes=SCOPES, kind=TokenKind.APP_PASSWORD, client=client)


def clean_client(client: str) -> str:
    """How a program names itself, in a User-Agent header: printable, on one line, not too long."""
    printable = "".join(character for character in client if character.isprintable())
    return " ".join(printable.split())[:MAXIMUM_CLIENT].strip() or "unknown"


def device_name(client: str) -> str:
    """The same as people would say it: `Nextcloud desktop 3.15.3, Linux`. What is unknown stays as it is."""
    cleaned = clean_client(client)
    for pattern, name in _PROGRAMS:
        found = pattern.search(cleaned)
        if found is not None:
            system = _SYSTEM.search(cleaned) if name == DESKTOP else None
            return f"{name} {found[1]}" + (f", {_SYSTEMS.get(system[1], system[1])}" if system else "")
    return cleaned[:MAXIMUM_NAME].strip()
