"""One person has so much under way at the same time; the others are served as before."""

from collections.abc import Iterator

import pytest

from accounts import at_once
from accounts.actor import Actor, Principal, PrincipalKind, principal_of
from accounts.at_once import Places, Streamed, Threads
from accounts.errors import TooManyRequests
from tests.support.people import SYSTEM


def actor(user_id: int) -> Actor:
    return Actor(principal_of(user_id))


def test_a_person_at_the_limit_is_told_and_others_are_not() -> None:
    places = Places(lambda: 2)
    places.enter(1)
    places.enter(1)
    with pytest.raises(TooManyRequests) as raised:
        places.enter(1)
    assert raised.value.detail == {"limit": 2, "retry_after": at_once.RETRY_AFTER}
    places.enter(2)
    places.leave(1)
    places.enter(1)


def test_a_place_is_given_back_when_the_work_fails() -> None:
    places = Places(lambda: 1)
    with pytest.raises(ZeroDivisionError), places.one(actor(1)):
        _ = 1 / 0
    with places.one(actor(1)), pytest.raises(TooManyRequests):
        places.enter(1)
    assert places._taken == {}


def test_all_visitors_of_a_link_count_as_one_and_no_person_with_them() -> None:
    places = Places(lambda: 1)
    link = Actor(Principal(PrincipalKind.LINK, 1))
    with places.one(link), places.one(actor(1)), places.one(Actor(Principal(PrincipalKind.LINK, 2))):
        for same in (Actor(Principal(PrincipalKind.LINK, 1), address="192.0.2.7"), actor(1)):
            with pytest.raises(TooManyRequests), places.one(same):
                pass
    assert places._taken == {}


def test_the_system_needs_no_place() -> None:
    places = Places(lambda: 0)
    with places.one(SYSTEM):
        pass


def test_an_answer_gives_its_place_back_once_even_when_nobody_reads_it() -> None:
    places = Places(lambda: 1)

    def parts() -> Iterator[bytes]:
        yield b"x"

    places.enter(1)
    answer = Streamed(places, actor(1), parts())
    answer.close()
    answer.close()
    places.enter(1)


def test_a_thread_counts_once_for_whoever_it_works_for() -> None:
    threads = Threads()
    threads.on = True
    threads._places = Places(lambda: 1)
    threads.begin(1)
    threads.begin(1)  # asked twice in one request
    threads.begin(2)
    threads._places.enter(1)  # that of the first is free again
    threads.end()
    threads.end()
    threads._places.enter(2)
    with pytest.raises(TooManyRequests):
        threads.begin(1)


def test_outside_of_the_web_server_nothing_is_counted() -> None:
    threads = Threads()
    threads._places = Places(lambda: 0)
    threads.begin(1)
