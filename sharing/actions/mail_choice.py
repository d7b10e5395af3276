"""Whether somebody gets mails about what is shared with them."""

from accounts.actor import WRITE, Actor
from accounts.models import User
from accounts.permissions import require_scope
from accounts.queries import own_id
from accounts.unit_of_work import Lock, unit_of_work
from sharing.mails import person_behind
from sharing.models import ShareMailStop


def stop_mails(actor: Actor, *, token: str) -> None:
    """By the link in a mail. `actor` is whoever has it: a visitor, too. Twice is the same as once. Raises NotFound."""
    user_id = person_behind(token)
    with unit_of_work(actor, Lock(User, user_id)):
        ShareMailStop.objects.get_or_create(user_id=user_id)


def choose_mails(actor: Actor, *, wanted: bool) -> None:
    """One's own. Raises ScopeMissing, AccountNotFound."""
    require_scope(actor, WRITE)
    with unit_of_work(actor, Lock(User, own_id(actor))) as actor:
        require_scope(actor, WRITE)
        if wanted:
            ShareMailStop.objects.filter(user_id=own_id(actor)).delete()
        else:
            ShareMailStop.objects.get_or_create(user_id=own_id(actor))
