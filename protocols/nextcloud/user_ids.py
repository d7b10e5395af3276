"""What a person is called in addresses: `/remote.php/dav/files/<id>/`.

The id is the number of the account, which never changes; a client keeps it for years. People who type an address type
their e-mail address, and that is taken too (docs/decisions/0015).
"""

from accounts.actor import Actor
from accounts.queries import email_of, own_id
from files.errors import NotFound


def user_id_of(actor: Actor) -> str:
    return str(own_id(actor))


def require_own(actor: Actor, segment: str) -> None:
    """NotFound for everybody else's: whether they exist is nobody's business. A query only for an e-mail address."""
    if segment == str(actor.user_id):
        return
    if "@" not in segment or segment.strip().casefold() != email_of(actor).casefold():
        raise NotFound
