"""Accounts with homes, and files in them, for tests."""

from accounts.actor import ALL_SCOPES, Actor
from accounts.models import Membership, QuotaAccount, Role, Team, User
from files.actions.spaces import ensure_home
from files.actions.write_file import Wish, Written, write_file
from files.models import Space
from files.queries.target import Target


def make_user(email: str = "ada@example.com", *, team: Team | None = None, quota: int | None = None) -> User:
    """An account with a home; a team of one unless a team is given. `quota` in bytes."""
    user = User.objects.create_user(email, "correct horse battery")
    role = Role.OWNER if team is None else Role.MEMBER
    if team is None:
        team = Team.objects.create(name=email)
        QuotaAccount.objects.create(team=team)
    Membership.objects.create(user=user, team=team, role=role)
    QuotaAccount.objects.create(user=user, limit_bytes=quota)
    ensure_home(user)
    return user


def actor_of(user: User, *, scopes: frozenset[str] = ALL_SCOPES, client: str = "test") -> Actor:
    return Actor(user.pk, user.membership.team_id, user.membership.role, scopes, client, "127.0.0.1")


def home_of(user: User) -> Space:
    return Space.objects.get(owner=user)


def put(actor: Actor, path: str, data: bytes = b"hello", wish: Wish | None = None, **target: int) -> Written:
    """A file at a path of the actor's home (or of `space_id`, or below `parent_id`)."""
    return write_file(actor, target=Target(path, **target), chunks=[data], length=len(data), wish=wish)
