"""files.queries.kept_veils: what is told of folders above something hidden is not made again while nothing changes."""

from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from files.access.rights import Role
from files.actions.grants import Subject, SubjectKind, set_grant
from files.actions.mounts import reconcile_all
from files.actions.restrictions import restrict
from files.models import Node
from files.queries import kept_veils
from files.queries.kept_veils import Kept, kept
from files.queries.veil import cover, veil_for
from tests.files.queries.restricted import Restricted
from tests.support.clients import Nextcloud

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_veils, "_KEPT", Kept())


@dataclass
class Heavy:
    weight: int


def shown(world: Restricted, name: str = "f") -> tuple[int, int | str]:
    node = world.node(name)
    cover([(node, world.root.access)])
    return node.size, node.state


def queries_of(act: Any) -> int:
    with CaptureQueriesContext(connection) as queries:
        act()
    return len(queries)


def test_what_was_made_is_asked_for_by_one_query(
    world: Restricted, django_assert_num_queries: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    access, first, again = world.root.access, world.node("f"), world.node("f")
    monkeypatch.setattr(kept_veils, "_KEPT", Kept())
    with django_assert_num_queries(3):
        cover([(first, access)])
    with django_assert_num_queries(1):
        cover([(again, access)])
    assert (again.size, again.descendants, again.state) == (first.size, first.descendants, first.state)
    assert first.size == 7


def test_every_change_of_the_space_makes_it_new(world: Restricted) -> None:
    """Of what is seen it tells, of what is hidden not."""
    before = shown(world)
    world.put("f/closed/c.txt", 5)
    assert shown(world) == before
    world.put("f/g/new.txt", 2)
    size, state = shown(world)
    assert (size, state != before[1]) == (9, True)
    restrict(world.manager, node_id=world.node("g").pk)
    assert shown(world)[0] == 3


def test_each_sees_their_own(world: Restricted) -> None:
    before = shown(world)
    set_grant(
        world.manager,
        node_id=world.node("closed").pk,
        subject=Subject(SubjectKind.USER, world.member.pk),
        role=Role.VIEWER,
    )
    assert (before[0], shown(world)[0]) == (7, 107)


def test_nothing_is_kept_in_a_transaction(world: Restricted, django_assert_num_queries: Any) -> None:
    """What it has changed is there for nobody else, and perhaps never will be."""
    before, access = shown(world), world.root.access
    with transaction.atomic():
        world.put("f/g/new.txt", 2)
        assert shown(world)[0] == 9
        node = world.node("f")
        with django_assert_num_queries(2):
            cover([(node, access)])
        transaction.set_rollback(True)
    assert shown(world) == before
    world.put("f/g/new.txt", 3)  # gets the number that the other change would have had
    assert shown(world)[0] == 10


def test_it_is_forgotten_with_time_and_by_weight(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_veils, "MAXIMUM_WEIGHT", 10)
    store, keys = Kept(), [(((1, seq),), frozenset({7})) for seq in range(4)]
    store.put(keys[0], Heavy(4))
    store.put(keys[1], Heavy(4))
    assert store.get(keys[0]) == Heavy(4)
    store.put(keys[2], Heavy(4))
    assert [store.get(key) is not None for key in keys] == [True, False, True, False], "the one asked for longest ago"
    store.put(keys[2], Heavy(5))
    assert store.get(keys[2]) == Heavy(5)
    store.put(keys[3], Heavy(11))
    assert [store.get(key) for key in keys] == [None] * 4, "what is too heavy is not kept, and the sum is right"
    store.put(keys[0], Heavy(10))
    assert store.get(keys[0]) == Heavy(10)
    monkeypatch.setattr(kept_veils, "SECONDS", -1.0)
    assert store.get(keys[0]) is None


def test_two_spaces_have_two_numbers(world: Restricted) -> None:
    made: list[int] = []

    def make() -> Heavy:
        made.append(len(made))
        return Heavy(len(made))

    hidden, spaces = frozenset({world.node("closed").pk}), [world.space.pk, world.space.pk + 1]
    assert [kept(hidden, spaces, make).weight for _ in range(2)] == [1, 1]
    assert kept(hidden, spaces[:1], make).weight == 1, "the other one is not there"
    world.put("f/x.txt", 1)
    assert kept(hidden, spaces, make).weight == 2
    assert kept(frozenset({1}), spaces, make).weight == 3


@pytest.mark.timeout(600)
def test_a_large_folder_costs_as_many_queries_as_a_small_one(world: Restricted) -> None:
    """Through the mount, as sync clients ask, and fewer when nothing has changed."""
    reconcile_all()
    client = Nextcloud(world.member)
    url = f"/remote.php/dav/files/{world.member.pk}/Plans/many/"

    def asked() -> int:
        answer: list[Any] = []
        number = queries_of(lambda: answer.append(client.send("PROPFIND", url, b"", depth="1")))
        assert answer[0].status_code == 207
        body = b"".join(answer[0].streaming_content) if answer[0].streaming else answer[0].content
        assert body.count(b"<d:response>") + body.count(b"<D:response>") > 1
        assert b"secret" not in body
        return number

    def fill(numbers: range) -> None:
        for number in numbers:
            world.put(f"many/{number}/secret/x", 1)
            secret = Node.objects.get(name="secret", parent__name=str(number))
            restrict(world.manager, node_id=secret.pk)

    world.put("many/0/seen", 1)
    asked()  # the token has been used from now on
    fill(range(2))
    small = asked(), asked()
    fill(range(2, 12))
    large = asked(), asked()
    assert large == small
    assert large[1] < large[0]


def test_a_veil_knows_its_weight(world: Restricted) -> None:
    veil = veil_for(world.root.access, world.space.pk)
    assert veil is not None
    assert veil.weight == len(veil.above) + 1
