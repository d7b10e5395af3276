"""An app password: a token for one device, which may do with the files what its owner may, and nothing else."""

from accounts.actions.create_token import NewToken, create_token
from accounts.actor import READ, SHARE, WRITE, Actor
from accounts.models import TokenKind

SCOPES = frozenset({READ, WRITE, SHARE})  # never admin: a device that is lost makes no tokens and changes no account
MAXIMUM_NAME = 100


def create_app_password(actor: Actor, *, name: str, client: str = "") -> NewToken:
    """For the actor's own account. Raises InvalidName, ScopeMissing, AccountNotFound."""
    return create_token(actor, name=name, scopes=SCOPES, kind=TokenKind.APP_PASSWORD, client=client)


def device_name(client: str) -> str:
    """The name of a device after how its program names itself, as in a User-Agent header."""
    printable = "".join(character for character in client if character.isprintable())
    return " ".join(printable.split())[:MAXIMUM_NAME].strip() or "unknown"
