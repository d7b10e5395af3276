"""The end of a person's tokens, for the actions that bring it about in their own transactions."""

from django.utils import timezone

from accounts.actor import Actor
from accounts.audit import record
from accounts.models import AccessToken, LoginFlow, User


def end_tokens(actor: Actor, user_id: int, kind: str) -> int:
    """All tokens and app passwords, and sign-ins of clients that wait for one. `kind` is what the audit calls it.

    Under the lock of the person's row (accounts.unit_of_work.changing_person). Returns how many there were.
    """
    email, team_id = User.objects.values_list("email", "membership__team_id").get(pk=user_id)
    count = AccessToken.objects.filter(user_id=user_id, revoked_at=None).update(revoked_at=timezone.now())
    LoginFlow.objects.filter(user_id=user_id).delete()
    record(actor, kind, email, of_team=team_id, user=user_id, tokens=count)
    return count
