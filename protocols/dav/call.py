"""One request on its way through the endpoint."""

from dataclasses import dataclass

from django.http import HttpRequest

from accounts.actor import Actor
from common import etags
from files import errors
from files.queries.target import Target
from files.queries.tree import LocatedNode
from http_kit.parameters import write_conditions_of
from protocols.dav.marked_etags import without_marks
from protocols.dav.resources import AddressRoot


@dataclass(slots=True)
class Call:
    """`path` is decoded, below the root; with a slash at its end where the client has sent one.

    `chunk`: the body is one of a file's chunks (protocols/dav/methods/chunked.py), and `path` is the file's.
    `etag_in_if`: the entity tag that the resource must have by its `If` header, where that is as simple as an If-Match.
    """

    request: HttpRequest
    actor: Actor
    root: AddressRoot
    path: str
    etag_in_if: str | None = None
    chunk: tuple[str, int, int] | None = None

    @property
    def conditions(self) -> dict[str, str]:
        """The If-* headers of HTTP (RFC 9110 section 13) that matter to a method that changes something."""
        found = write_conditions_of(self.request)
        if self.etag_in_if is not None:
            found.setdefault("if-match", self.etag_in_if)
        return without_marks(found)

    def require_conditions(self, place: LocatedNode | None) -> None:
        """For methods whose action takes no conditions. None: there is nothing. Raises PreconditionFailed."""
        conditions = self.conditions
        if not conditions:
            return
        etag, modified = (None, None) if place is None else (place.etag, place.shown.modified_at)
        outcome = etags.evaluate(conditions, method=self.request.method or "", etag=etag, modified=modified)
        if outcome is not etags.Outcome.PROCEED:
            raise errors.PreconditionFailed

    @property
    def target(self) -> Target:
        """Where something is to be put."""
        return self.root.target(self.path)

    def href_of(self, place: LocatedNode) -> str:
        """The address of what is at the path, in the normal form that the client has sent: to owncloudcmd another one
        is no answer to its question, and it waits for ever.
        """
        names = [name for name in self.path.split("/") if name]
        return self.root.href("/" + "/".join(names), is_folder=place.node.is_folder)

    def place(self) -> LocatedNode:
        """What is at the path. Raises NotFound."""
        return self.root.locate(self.actor, self.path)
