"""Who gets a thread: one address after the other, each at most its share, and few who begin at the same moment."""

from dropbox_clone.admission.turns import AGED, YOUNG, Turns


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def turns_of(places: int = 10, share: int = 4, beginners: int = 100) -> tuple[Turns[str], Clock]:
    clock = Clock()
    return Turns[str](places=places, share=share, beginners=beginners, clock=clock), clock


def test_an_address_has_its_share_and_the_others_theirs() -> None:
    turns, _ = turns_of(places=8, share=4)
    assert [turns.ask("bad", f"b{number}") for number in range(6)] == [True] * 4 + [False] * 2
    assert turns.ask("good", "g0")
    assert turns.next() is None, "whoever waits has its share already"
    turns.leave("bad", "b0")
    assert turns.next() == "b4"
    assert turns.next() is None
    assert turns.waiting == 1


def test_those_who_wait_go_in_turns_whatever_their_number() -> None:
    turns, _ = turns_of(places=1, share=1)
    assert turns.ask("a", "a0")
    for item in ("b0", "b1", "b2"):
        assert not turns.ask("b", item)
    assert not turns.ask("c", "c0")
    order, last = [], ("a", "a0")
    for _ in range(4):
        turns.leave(*last)
        item = turns.next()
        assert item is not None
        order.append(item)
        last = (item[0], item)
    assert order == ["b0", "c0", "b1", "b2"]


def test_nobody_of_an_address_overtakes_those_who_wait() -> None:
    turns, _ = turns_of(places=1, share=1)
    assert turns.ask("a", "first")
    assert not turns.ask("b", "second")
    turns.leave("a", "first")
    assert not turns.ask("b", "third")
    assert turns.next() == "second"


def test_few_begin_at_a_time_and_more_when_those_only_wait() -> None:
    turns, clock = turns_of(share=10, beginners=2)
    assert [turns.ask("a", "1"), turns.ask("a", "2"), turns.ask("b", "3")] == [True, True, False]
    assert turns.next() is None
    clock.now += YOUNG
    assert turns.next() == "3"
    turns.leave("a", "1")
    assert turns.ask("a", "4")
    assert not turns.ask("a", "5")
    turns.leave("a", "4")
    assert turns.next() == "5"


def test_whoever_waited_long_enough_is_told() -> None:
    turns, _ = turns_of(places=1)
    assert turns.ask("a", "x")
    for item in ("old1", "old2", "new"):
        assert not turns.ask("b", item)
    assert turns.give_up(lambda item: item.startswith("old")) == ["old1", "old2"]
    turns.leave("a", "x")
    assert (turns.next(), turns.waiting) == ("new", 0)


def test_every_place_is_free_in_the_end() -> None:
    turns, _ = turns_of(places=3, share=2)
    taken = [(address, f"{address}{number}") for number in range(5) for address in "abc"]
    busy = [pair for pair in taken if turns.ask(*pair)]
    while busy:
        turns.leave(*busy.pop())
        while (item := turns.next()) is not None:
            busy.append((item[0], item))
    assert (turns.free, turns.waiting) == (3, 0)


def test_not_all_who_take_long_are_taken_for_waiting() -> None:
    """On a machine that is busy they compute."""
    turns, clock = turns_of(places=100, share=100, beginners=20)
    for number in range(60):
        turns.ask("a", str(number))
    clock.now += 10 * YOUNG
    begun = 0
    while turns.next() is not None:
        begun += 1
    assert begun == AGED
    clock.now += YOUNG
    assert turns.next() is not None
