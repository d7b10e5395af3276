"""Opening a link for somebody whom nobody knows."""

from dataclasses import replace

import pytest

from accounts.errors import TooManyAttempts
from accounts.models import SignInThrottle
from sharing.errors import LinkNotFound
from sharing.guesses import FREE, open_for
from tests.sharing.linked import VISITOR, Linked

pytestmark = pytest.mark.django_db


def test_a_right_one_writes_nothing(world: Linked) -> None:
    link = world.link()
    assert open_for(VISITOR, link.token).link == link
    assert SignInThrottle.objects.count() == 0


def test_wrong_ones_are_counted_for_their_network_alone(world: Linked) -> None:
    link = world.link(address="our-summer")
    for number in range(FREE + 1):
        with pytest.raises(LinkNotFound):
            open_for(VISITOR, f"guess-{number}")
    with pytest.raises(TooManyAttempts):
        open_for(VISITOR, "our-summer")
    assert open_for(replace(VISITOR, address="192.0.2.77"), "our-summer").link == link
    assert open_for(replace(VISITOR, address=None), "our-summer").link == link  # through a Unix socket
    assert not SignInThrottle.objects.filter(key__startswith="address:1").exists()  # nobody who signs in waits
