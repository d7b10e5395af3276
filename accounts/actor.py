"""Who acts. Endpoints make an Actor; actions and queries take one and never look at a request."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

READ, WRITE, SHARE, ADMIN = "read", "write", "share", "admin"
ALL_SCOPES = frozenset({READ, WRITE, SHARE, ADMIN})


class PrincipalKind(StrEnum):
    """What kind of principal it is."""

    USER = "user"
    LINK = "link"
    SYSTEM = "system"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Principal:
    """Whose rights count: a user's, a link's, or the system's. One that is made of nothing sees nothing.

    `id` is that of the user or the link; `name` that of the job or command for which the system acts.
    """

    kind: PrincipalKind = PrincipalKind.NOBODY
    id: int | None = None
    name: str = ""

    def __post_init__(self) -> None:
        has_id = self.kind in (PrincipalKind.USER, PrincipalKind.LINK)
        if has_id != (self.id is not None) or (self.kind == PrincipalKind.SYSTEM) != bool(self.name):
            raise ValueError(f"no such principal: {self}")

    def __str__(self) -> str:
        """As the records keep it: `user`, `link`, `nobody`, or `system:retention`."""
        return f"{self.kind}:{self.name}" if self.name else str(self.kind)


NOBODY = Principal()


def principal_of(user_id: int) -> Principal:
    """That of a user."""
    return Principal(PrincipalKind.USER, user_id)


@dataclass(frozen=True, slots=True)
class SupportSession:
    """An administrator acts as the person of an actor (accounts/support.py): by which access, who they are themselves,
    and until when.
    """

    access_id: int
    by: "Actor"
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """A principal, by which client, with which scopes, for one request or job.

    What it may do is what the database said when the request began; an action reads it again
    (accounts/unit_of_work.py).
    """

    principal: Principal = NOBODY
    team_id: int | None = None
    role: str = ""
    scopes: frozenset[str] = frozenset()
    client: str = ""
    address: str | None = None
    is_staff: bool = False
    token_id: int | None = None  # the access token that was shown, if one was
    # What ends with a password change or with all sessions (accounts/tokens.py); None for who showed a token.
    epoch: str | None = field(default=None, repr=False)
    session_key: str | None = field(default=None, repr=False)  # of the session that was shown, if one was
    proved_recently: bool = True  # False: of a session whose person typed a password or a code too long ago
    lock_tokens: frozenset[str] = frozenset()  # of locks (files.models.NodeLock) that the client says it holds
    # Who comes by a link that is not for everybody: the person, who may lose what lets them.
    behind: "Actor | None" = field(default=None, repr=False)
    support: SupportSession | None = field(default=None, repr=False)  # who acts is an administrator in their place

    @property
    def user_id(self) -> int | None:
        """None for a principal that is no user: never a sign of more rights."""
        return self.principal.id if self.principal.kind is PrincipalKind.USER else None

    @property
    def link_id(self) -> int | None:
        return self.principal.id if self.principal.kind is PrincipalKind.LINK else None

    @property
    def counted_as(self) -> int | None:
        """Under what at_once.py counts what is under way: one person, or all visitors of one link together."""
        return self.user_id if self.link_id is None else -self.link_id

    @property
    def credential(self) -> str:
        """A name for what the client has shown, by which its acts are counted and undone: a token, a session, the
        password of a person, a link, a support access. It reveals no secret, and a client cannot choose it. Empty for
        system and nobody.
        """
        if self.support is not None:
            return f"support:{self.support.access_id}"
        if self.token_id is not None:
            return f"token:{self.token_id}"
        if self.session_key is not None:
            return f"session:{hashlib.sha256(self.session_key.encode()).hexdigest()[:32]}"
        if self.principal.kind in (PrincipalKind.USER, PrincipalKind.LINK):
            kind = "password" if self.principal.kind is PrincipalKind.USER else "link"
            return f"{kind}:{self.principal.id}"
        return ""

    @property
    def recorded_as(self) -> str:
        """The principal as the records keep it; where an administrator acts as a person, with the administrator's id:
        `user:support:7`.
        """
        return str(self.principal) if self.support is None else f"{self.principal}:support:{self.support.by.user_id}"

    @property
    def is_system(self) -> bool:
        return self.principal.kind is PrincipalKind.SYSTEM

    def may(self, scope: str) -> bool:
        return scope in self.scopes


def is_support(principal: str) -> bool:
    """Whether a principal, as the records keep it, is an administrator in somebody else's place."""
    return principal.startswith(f"{PrincipalKind.USER}:support:")


def system(name: str) -> Actor:
    """The system itself, for a job or a command of this name; tests/architecture/test_principals.py lists them."""
    return Actor(Principal(PrincipalKind.SYSTEM, name=name), role="system", scopes=ALL_SCOPES, client=name)
