"""Who acts. Endpoints make an Actor; actions and queries take one and never look at a request."""

from dataclasses import dataclass, field

READ, WRITE, SHARE, ADMIN = "read", "write", "share", "admin"
ALL_SCOPES = frozenset({READ, WRITE, SHARE, ADMIN})


@dataclass(frozen=True, slots=True)
class Actor:
    """A user, by which client, with which scopes. `user_id` None is the system itself (jobs).

    What it may do is what the database said when the request began; an act asks again (accounts/unit_of_work.py).
    """

    user_id: int | None
    team_id: int | None
    role: str = "member"
    scopes: frozenset[str] = ALL_SCOPES
    client: str = ""
    address: str | None = None
    is_staff: bool = False
    token_id: int | None = None  # the access token that was shown, if one was
    # What ends with a password change or with all sessions (accounts/epoch.py); None for who showed a token.
    epoch: str | None = field(default=None, repr=False)
    session_key: str | None = field(default=None, repr=False)  # of the session that was shown, if one was
    proved_recently: bool = True  # False: of a session whose person typed a password or a code too long ago
    lock_tokens: frozenset[str] = frozenset()  # of locks (files.models.NodeLock) that the client says it holds

    def may(self, scope: str) -> bool:
        return scope in self.scopes

    @property
    def is_system(self) -> bool:
        return self.user_id is None


SYSTEM = Actor(user_id=None, team_id=None, role="system", client="system")
