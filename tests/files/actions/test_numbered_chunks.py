"""files.actions.numbered_chunks: pieces in any order make the file once, and say the same about it."""

import itertools

import pytest

from accounts.actor import Actor
from accounts.models import User
from accounts.quotas import Charge
from files import errors
from files.actions.numbered_chunks import Assembled, NumberedChunk, write_numbered_chunk
from files.models import Upload
from files.queries.target import Target
from files.tree.writing import Mode, WriteOptions
from tests.files.actions.rights import refuses_others
from tests.support.trees import bytes_at, home_of, journal_of, ledger, put

PIECES = [b"one", b"two", b"three"]


def send(actor: Actor, index: int, data: bytes | None = None, *, path: str = "f", **chunk: object) -> Assembled | None:
    given = NumberedChunk(**{"transfer": "7", "count": 3, "index": index, **chunk})  # type: ignore[arg-type]
    chunks = [PIECES[index] if data is None else data]
    return write_numbered_chunk(
        actor, target=Target(path), options=WriteOptions(Mode.OVERWRITE), chunk=given, chunks=chunks
    )


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_last_that_was_missing_makes_the_file(user: User, actor: Actor, order: tuple[int, ...]) -> None:
    answers = [send(actor, index) for index in order]
    assert answers[:2] == [None, None]
    assert answers[2] is not None
    assert not answers[2].keeps_time
    assert bytes_at(actor, "f") == b"onetwothree"
    assert ledger(user) == Charge(live=11)
    assert journal_of(actor) == [("create", "/f")]


def test_a_piece_again_takes_the_place_of_the_one_before(user: User, actor: Actor) -> None:
    send(actor, 0, b"wrong and long")
    send(actor, 0)
    send(actor, 1)
    assert ledger(user).uploads == 6
    assert send(actor, 2) is not None
    assert bytes_at(actor, "f") == b"onetwothree"


def test_two_transfers_do_not_mix(actor: Actor) -> None:
    send(actor, 0)
    send(actor, 1, transfer="8")
    send(actor, 2, path="g")
    assert Upload.objects.count() == 3


def test_what_cannot_be(actor: Actor) -> None:
    for index, count, error in ((3, 3, errors.InvalidRequest), (0, 0, errors.TooMany), (0, 10**9, errors.TooMany)):
        with pytest.raises(error):
            send(actor, index, b"x", count=count)
    send(actor, 0, total=11)
    with pytest.raises(errors.InvalidRequest):
        send(actor, 1, total=12)
    put(actor, "file", b"x")
    with pytest.raises(errors.FileError):
        send(actor, 0, path="file/below")


def test_who_may_not_write_leaves_nothing(user: User, actor: Actor) -> None:
    target = Target("f", space_id=home_of(user).pk)

    def act(who: Actor) -> Assembled | None:
        return write_numbered_chunk(
            who, target=target, options=WriteOptions(), chunk=NumberedChunk("7", 1, 0), chunks=[b"x"]
        )

    refuses_others(actor, act)
    assert not Upload.objects.exists()
