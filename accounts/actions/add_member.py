"""A new person in a team."""

from accounts.actions.create_account import create_account
from accounts.actor import Actor
from accounts.models import Role, Team, User
from accounts.permissions import is_administrator, require_own_team


def add_member(
    actor: Actor, *, email: str, name: str = "", role: str = Role.MEMBER, password: str | None = None
) -> User:
    """Makes an account in the actor's own team, with the default quota.

    For its owners and administrators; only an owner adds an owner. The address is verified by its owner at
    the first sign-in, unless an administrator of the installation vouches for it, and gets a mail. Where mail is sent,
    an invitation is the better way: it asks the person. Raises TeamFull and whatever create_account does.
    """
    team_id = require_own_team(actor)
    return create_account(
        actor,
        email=email,
        password=password,
        name=name,
        team=Team.objects.get(pk=team_id),
        role=role,
        email_verified=is_administrator(actor),
    )
