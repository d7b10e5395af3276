"""What the state of a space leaves of the rights in it, on random cases of the rule."""

import random

import pytest

from accounts.actor import Actor, system
from files.access.compute import NO_ACCESS, SpaceAccess, fold
from files.access.explain import Reason, missing_rights
from files.access.rights import ALL_RIGHTS, READING, Right
from files.errors import Forbidden, NotFound, SpaceArchived
from tests.files.access.test_compute import ADA, OPEN, random_case


@pytest.mark.parametrize("seed", range(3))
def test_an_archived_space_withholds_what_is_not_reading_and_gives_it_back(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(2_000):
        actor, space, chain, granted, restricted = random_case(dice)
        before = fold(actor, space, chain, granted, restricted)
        found = fold(actor, space._replace(is_archived=True), chain, granted, restricted)
        assert found.rights == before.rights & READING
        assert found.rights | found.withheld == before.rights
        for right in Right:
            if right in before.rights and right not in READING:
                with pytest.raises(SpaceArchived):
                    found.require(right)
                assert missing_rights(found)[right] is Reason.ARCHIVED
            elif right not in before.rights:
                with pytest.raises((Forbidden, NotFound)):
                    found.require(right)


def test_a_deleted_space_is_the_systems_alone() -> None:
    gone = OPEN._replace(is_deleted=True)
    for actor in (ADA, Actor()):
        assert SpaceAccess(actor, gone).along([1, 2]) == NO_ACCESS
        assert not SpaceAccess(actor, gone).has_any(1)
    assert SpaceAccess(system("tests"), gone._replace(is_archived=True)).along([1, 2]).rights == ALL_RIGHTS
