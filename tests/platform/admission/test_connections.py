"""Who gives way when there are too many connections."""

from types import SimpleNamespace
from typing import Any

from dropbox_clone.admission.connections import Connections


def connection(address: str, *, trusted: bool = False) -> Any:
    class One(SimpleNamespace):
        __hash__ = object.__hash__
        __eq__ = object.__eq__

    return One(address=address, trusted=trusted, held=0)


def filled(connections: Connections, address: str, count: int, *, trusted: bool = False) -> list[Any]:
    made = [connection(address, trusted=trusted) for _ in range(count)]
    for one in made:
        connections.add(one)
        connections.idle(one)
    return made


def test_the_oldest_idle_one_of_an_address_that_has_too_many() -> None:
    connections = Connections(most=100, most_of_address=3)
    first, second, _ = filled(connections, "a", 3)
    connections.busy(first)
    newcomer = connection("a")
    connections.add(newcomer)
    assert connections.is_over(newcomer)
    assert connections.who_gives_way(newcomer) is second
    connections.remove(second)
    assert not connections.is_over(newcomer)


def test_others_are_not_touched_by_a_greedy_address() -> None:
    connections = Connections(most=100, most_of_address=2)
    filled(connections, "good", 2)
    for one in filled(connections, "bad", 2):
        connections.busy(one)
    newcomer = connection("bad")
    connections.add(newcomer)
    assert connections.is_over(newcomer)
    assert connections.who_gives_way(newcomer) is None


def test_a_full_process_takes_from_whoever_has_most() -> None:
    connections = Connections(most=5, most_of_address=100)
    filled(connections, "a", 1)
    bad = filled(connections, "b", 4)
    newcomer = connection("c")
    connections.add(newcomer)
    assert connections.who_gives_way(newcomer) is bad[0]


def test_a_trusted_proxy_brings_many_people() -> None:
    connections = Connections(most=100, most_of_address=2)
    filled(connections, "proxy", 50, trusted=True)
    newcomer = connection("proxy", trusted=True)
    connections.add(newcomer)
    assert not connections.is_over(newcomer)


def test_nothing_is_kept_of_who_has_gone() -> None:
    connections = Connections(most=5, most_of_address=5)
    for one in filled(connections, "a", 5):
        connections.remove(one)
    assert (connections.count, connections.all_idle()) == (0, [])
    assert connections._of_address == {} == connections._idle
