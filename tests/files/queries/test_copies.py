"""files.queries.copies: one's own large copies, latest first."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.clock import now
from files import errors
from files.models import CopyJob
from files.queries.copies import get_copy, list_copies
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of


def test_own_ones_only(user: User, actor: Actor) -> None:
    jobs = [
        CopyJob.objects.create(user=user, space_id=home_of(user).pk, total=1, created_at=now(), updated_at=now())
        for _ in range(2)
    ]
    assert list(list_copies(actor)) == jobs[::-1]
    assert get_copy(actor, jobs[0].pk) == jobs[0]
    other = actor_of(make_user())
    assert not list_copies(other).exists()
    with pytest.raises(errors.NotFound):
        get_copy(other, jobs[0].pk)
    with pytest.raises(errors.ScopeMissing):
        list_copies(actor_of(user, scopes=frozenset({"write"})))
