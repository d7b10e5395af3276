"""Files in people's homes, written by the actions themselves, and what is there afterwards."""

from accounts.actor import Actor
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from files.actions.write_file import WriteOptions, Written, write_file
from files.blobs import reader
from files.models import Change, Space
from files.queries.target import Target
from files.queries.tree import locate_path


def home_of(user: User) -> Space:
    return Space.objects.get(owner=user)


def put(actor: Actor, path: str, data: bytes = b"hello", options: WriteOptions | None = None, **target: int) -> Written:
    """A file at a path of the actor's home (or of `space_id`, or below `parent_id`)."""
    return write_file(actor, target=Target(path, **target), chunks=[data], length=len(data), options=options)


def bytes_at(actor: Actor, path: str) -> bytes:
    """What the file at a path of the actor's home holds."""
    version = locate_path(actor, path).shown.version
    assert version is not None
    return reader.read_bytes(version.content)


def ledger(user: User) -> Charge:
    """What the account is charged."""
    lines = ("live_bytes", "versions_bytes", "trash_bytes", "uploads_bytes")
    return Charge(*QuotaAccount.objects.values_list(*lines).get(user=user))


def journal_of(actor: Actor) -> list[tuple[str, str]]:
    """The journal of the actor's home: what was done, and where that is now (or was)."""
    changes = Change.objects.filter(space__owner_id=actor.user_id).order_by("seq")
    return [(change.kind, change.after_path or change.before_path) for change in changes]
