"""Who gets a thread: one line after the other, each at most its share, and few who begin at the same moment."""

from dropbox_clone.admission.turns import AGED, CROWD, FEW, PRESENT, YOUNG, Line, Turns

A, B, C = Line("a"), Line("b"), Line("c")
ANNA, BERT = Line("person 1", known=True), Line("person 2", known=True)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def turns_of(places: int = 10, share: int = 4, beginners: int = 100) -> tuple[Turns[str], Clock]:
    clock = Clock()
    return Turns[str](places=places, share=share, beginners=beginners, clock=clock), clock


def next_of(turns: Turns[str]) -> str | None:
    found = turns.next()
    return None if found is None else found[1]


def test_a_line_has_its_share_and_the_others_theirs() -> None:
    turns, _ = turns_of(places=8, share=4)
    assert [turns.ask(A, f"a{number}") for number in range(6)] == [True] * 4 + [False] * 2
    assert turns.ask(B, "b0")
    assert next_of(turns) is None, "whoever waits has its share already"


def test_two_who_take_all_they_may_leave_threads_for_a_third() -> None:
    turns, clock = turns_of(places=16, share=8)
    for line in (ANNA, BERT):
        for number in range(20):
            turns.ask(line, f"{line.name} {number}")
            clock.now += YOUNG
            turns.next()
    assert turns.free == 4
    cleo = Line("person 3", known=True)
    for number in range(FEW):
        clock.now += YOUNG
        assert turns.ask(cleo, str(number))
    clock.now += YOUNG
    assert not turns.ask(cleo, "one more")


def test_strangers_of_many_addresses_never_have_all_threads() -> None:
    turns, clock = turns_of(places=16, share=8)
    for number in range(100):
        turns.ask(Line(f"address {number}"), str(number))
        clock.now += YOUNG
        turns.next()
    assert turns.free == 4
    assert turns.ask(ANNA, "anna")


def test_those_who_wait_go_in_turns_whatever_their_number() -> None:
    turns, _ = turns_of(places=1, share=1)
    assert turns.ask(A, "a0")
    for item in ("b0", "b1", "b2"):
        assert not turns.ask(B, item)
    assert not turns.ask(C, "c0")
    order, last = [], (A, "a0")
    for _ in range(4):
        turns.leave(*last)
        found = turns.next()
        assert found is not None
        order.append(found[1])
        last = found
    assert order == ["b0", "c0", "b1", "b2"]


def test_nobody_of_a_line_overtakes_those_who_wait() -> None:
    turns, _ = turns_of(places=1, share=1)
    assert turns.ask(A, "first")
    assert not turns.ask(B, "second")
    turns.leave(A, "first")
    assert not turns.ask(B, "third")
    assert next_of(turns) == "second"


def test_few_begin_at_a_time_and_more_when_those_only_wait() -> None:
    turns, clock = turns_of(share=10, beginners=2)
    assert [turns.ask(A, "1"), turns.ask(A, "2"), turns.ask(B, "3")] == [True, True, False]
    assert next_of(turns) is None
    clock.now += YOUNG
    assert next_of(turns) == "3"


def test_one_alone_may_have_all_beginners() -> None:
    turns, _ = turns_of(places=100, share=100, beginners=8)
    assert sum(turns.ask(ANNA, str(number)) for number in range(20)) == 8


def test_beside_somebody_else_a_line_begins_a_few_at_a_time() -> None:
    turns, clock = turns_of(places=100, share=100, beginners=8)
    assert turns.ask(BERT, "b")
    turns.leave(BERT, "b")
    assert sum(turns.ask(ANNA, str(number)) for number in range(20)) == CROWD
    assert turns.ask(BERT, "b again"), "who comes back soon need not wait"
    turns.leave(BERT, "b again")
    clock.now += PRESENT + YOUNG  # Bert has gone
    begun = 0
    while turns.next() is not None:
        begun += 1
    assert begun == 8


def test_strangers_leave_half_of_the_beginnings_to_persons() -> None:
    turns, _ = turns_of(places=100, share=100, beginners=8)
    begun = sum(turns.ask(Line(f"address {number}"), str(number)) for number in range(50))
    assert begun == 4
    assert turns.ask(ANNA, "anna")


def test_every_other_turn_is_a_persons() -> None:
    turns, _ = turns_of(places=1, share=1)
    assert turns.ask(A, "first")
    for number in range(3):
        turns.ask(Line(f"stranger {number}"), f"s{number}")
        turns.ask(ANNA, f"anna{number}")
    order, last = [], (A, "first")
    for _ in range(6):
        turns.leave(*last)
        found = turns.next()
        assert found is not None
        order.append(found[1])
        last = found
    assert order == ["anna0", "s0", "anna1", "s1", "anna2", "s2"]


def test_who_turns_out_to_be_a_person_waits_in_their_line() -> None:
    turns, _ = turns_of(places=1, share=1)
    assert turns.ask(A, "first")
    for item in ("anna1", "other", "anna2"):
        turns.ask(B, item)
    turns.ask(C, "anna3")
    for line in turns.strangers():
        turns.move(lambda item: item.startswith("anna"), line, ANNA)
    assert turns.strangers() == [B]
    seen, last = [], (A, "first")
    for _ in range(4):
        turns.leave(*last)
        found = turns.next()
        assert found is not None
        seen.append(found)
        last = found
    assert seen == [(ANNA, "anna1"), (B, "other"), (ANNA, "anna2"), (ANNA, "anna3")]
    turns.leave(*last)
    assert (turns.free, turns.waiting) == (1, 0)


def test_whoever_waited_long_enough_is_told() -> None:
    turns, _ = turns_of(places=1)
    assert turns.ask(A, "x")
    for item in ("old1", "old2", "new"):
        assert not turns.ask(B, item)
    assert turns.give_up(lambda item: item.startswith("old")) == ["old1", "old2"]
    turns.leave(A, "x")
    assert (next_of(turns), turns.waiting) == ("new", 0)


def test_every_place_is_free_in_the_end() -> None:
    turns, _ = turns_of(places=3, share=2)
    taken = [(line, f"{line.name}{number}") for number in range(5) for line in (A, B, ANNA)]
    busy = [pair for pair in taken if turns.ask(*pair)]
    while busy:
        turns.leave(*busy.pop())
        while (found := turns.next()) is not None:
            busy.append(found)
    assert (turns.free, turns.waiting) == (3, 0)


def test_not_all_who_take_long_are_taken_for_waiting() -> None:
    """On a machine that is busy they compute."""
    turns, clock = turns_of(places=100, share=100, beginners=20)
    for number in range(60):
        turns.ask(A, str(number))
    clock.now += 10 * YOUNG
    begun = 0
    while turns.next() is not None:
        begun += 1
    assert begun == AGED
    clock.now += YOUNG
    assert turns.next() is not None
