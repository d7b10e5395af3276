"""files.actions.bulk_write.check_bulk: a bulk write that cannot succeed is refused before its body is read."""

import pytest

from accounts.actor import Actor
from accounts.models import User
from files import errors
from files.actions.bulk_write import MAXIMUM_BODY, check_bulk
from files.queries.target import Target
from tests.files.actions.rights import refuses_others
from tests.support.trees import home_of, journal_of, put


def test_the_largest_body(actor: Actor) -> None:
    check_bulk(actor, folder=Target(), length=MAXIMUM_BODY)
    check_bulk(actor, folder=Target(), length=None)
    with pytest.raises(errors.TooLarge):
        check_bulk(actor, folder=Target(), length=MAXIMUM_BODY + 1)
    assert journal_of(actor) == []


def test_who_may(user: User, actor: Actor) -> None:
    space = home_of(user).pk
    refuses_others(actor, lambda a: check_bulk(a, folder=Target(space_id=space), length=1))


def test_the_folder_must_be_one(actor: Actor) -> None:
    file = put(actor, "file").node
    with pytest.raises(errors.NotAFolder):
        check_bulk(actor, folder=Target(parent_id=file.pk), length=1)
    with pytest.raises(errors.NotFound):
        check_bulk(actor, folder=Target(parent_id=10**9), length=1)
