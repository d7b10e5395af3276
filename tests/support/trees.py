"""Files in people's homes, written by the actions themselves, and what is there afterwards."""

from accounts.actor import Actor
from accounts.models import User
from files.actions.write_file import Wish, Written, write_file
from files.models import Space
from files.queries.target import Target


def home_of(user: User) -> Space:
    return Space.objects.get(owner=user)


def put(actor: Actor, path: str, data: bytes = b"hello", wish: Wish | None = None, **target: int) -> Written:
    """A file at a path of the actor's home (or of `space_id`, or below `parent_id`)."""
    return write_file(actor, target=Target(path, **target), chunks=[data], length=len(data), wish=wish)
