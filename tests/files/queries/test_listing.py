"""files.queries.listing: pages of a folder, each entry once, whatever the order and wherever a page ends."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts.actor import Actor
from files import errors
from files.actions.create_folder import create_folder
from files.actions.move import move_node, rename_node
from files.actions.write_file import WriteOptions
from files.models import Node
from files.queries import listing
from files.queries.listing import COLUMNS, ORDERS, list_folder, list_rows, list_whole
from files.queries.target import Target
from files.queries.tree import LocatedNode, locate, locate_path
from files.sql_rows import aware
from tests.support.trees import put

pytestmark = pytest.mark.django_db
WHEN = datetime(2020, 2, 29, 12, tzinfo=UTC)
SIZES = {"a": 3, "b": 1, "c": 2, "d": 1, "e": 1}  # and "a" to "c" are of one time
FOLDERS = ["y", "z"]


@pytest.fixture
def folder(actor: Actor) -> LocatedNode:
    for number, (name, size) in enumerate(SIZES.items()):
        put(actor, f"f/{name}", b"x" * size, WriteOptions(modified_at=WHEN + timedelta(days=max(0, number - 2))))
    for name in FOLDERS:
        create_folder(actor, target=Target(f"f/{name}"))
    Node.objects.filter(name__in=FOLDERS).update(modified_at=WHEN)
    return locate_path(actor, "f")


def _by_models(*arguments: Any, **named: Any) -> tuple[list[str], list[Any] | None]:
    page = list_folder(*arguments, **named)
    return [node.name for node in page.entries], page.after


def _by_rows(*arguments: Any, **named: Any) -> tuple[list[str], list[Any] | None]:
    page = list_rows(*arguments, **named)
    return [row[COLUMNS.index("n.name")] for row in page.entries], page.after


both = pytest.mark.parametrize("names", [_by_models, _by_rows])
Names = Callable[..., tuple[list[str], list[Any] | None]]


@both
@pytest.mark.parametrize(
    ("order", "files"),
    [("name", "abcde"), ("-name", "edcba"), ("size", "bdeca"), ("-size", "acbde"), ("modified", "abcde"),
     ("-modified", "edabc")],
)  # fmt: skip
def test_every_order_in_pages_of_every_size(
    actor: Actor, folder: LocatedNode, names: Names, order: str, files: str
) -> None:
    whole = [*(reversed(FOLDERS) if order == "-name" else FOLDERS), *files]
    for limit in range(1, len(whole) + 2):
        found: list[str] = []
        after: list[Any] | None = None
        for _ in range(len(whole)):
            page, after = names(actor, folder, order=order, after=after, limit=limit)
            found += page
            assert len(page) == min(limit, len(whole) - len(found) + len(page))
            if after is None:
                break
            after = json.loads(json.dumps(after))  # as it goes through a cursor
        assert (found, after) == (whole, None), limit


@both
def test_one_query_and_bounds(
    actor: Actor, folder: LocatedNode, names: Names, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    for after in (None, [1, "b", 10**9]):
        with django_assert_num_queries(1):
            names(actor, folder, after=after)
    assert names(actor, folder, limit=0)[0] == names(actor, folder, limit=-5)[0] == ["y"]
    monkeypatch.setattr(listing, "MAXIMUM_PAGE", 3)
    assert names(actor, folder, limit=10**6)[0] == ["y", "z", "a"]


@both
def test_refuses(actor: Actor, outsider: Actor, folder: LocatedNode, names: Names) -> None:
    with pytest.raises(errors.NotFound):
        names(outsider, folder)
    with pytest.raises(errors.NotAFolder):
        names(actor, locate_path(actor, "f/a"))
    with pytest.raises(errors.InvalidRequest) as refused:
        names(actor, folder, order="colour")
    assert refused.value.detail["allowed"] == sorted(ORDERS)
    for after in ([], [1, "b"], [1, "b", 2, 3]):
        with pytest.raises(errors.InvalidCursor):
            names(actor, folder, after=after)


def test_plain_values_are_those_of_the_models(actor: Actor, folder: LocatedNode) -> None:
    nodes = list_folder(actor, folder).entries
    for node, row in zip(nodes, list_rows(actor, folder).entries, strict=True):
        values = dict(zip(COLUMNS, row, strict=True))
        content = node.version.content if node.version else None
        assert (values["n.id"], values["n.kind"], values["n.name"]) == (node.pk, node.kind, node.name)
        assert (values["n.size"], values["n.seq"], values["n.version_id"]) == (node.size, node.seq, node.version_id)
        assert aware(values["n.modified_at"]) == node.modified_at
        assert values["c.content_hash"] == (content and content.content_hash)


def test_the_whole_tells_what_is_renamed_meanwhile_and_not_what_left(
    actor: Actor, folder: LocatedNode, django_assert_num_queries: Any
) -> None:
    def name(row: tuple[Any, ...]) -> Any:
        return row[COLUMNS.index("n.name")]

    with django_assert_num_queries(5):  # four pages, and the ids behind the first
        assert [[name(row) for row in page] for page in list_whole(actor, folder, limit=2)] == [
            ["y", "z"], ["a", "b"], ["c", "d"], ["e"],
        ]  # fmt: skip
    with django_assert_num_queries(1):
        assert len(list(list_whole(actor, folder, limit=7))) == 1
    pages = list_whole(actor, folder, limit=2)
    told = [*next(pages), *next(pages)]
    ids = {entry.name: entry.pk for entry in list_folder(actor, folder).entries}
    rename_node(actor, node_id=ids["e"], name="0")  # to before where the pages are
    rename_node(actor, node_id=ids["a"], name="zz")  # told already
    move_node(actor, node_id=ids["c"], target=Target("c"))
    told += [row for page in pages for row in page]
    assert [name(row) for row in told] == ["y", "z", "a", "b", "d", "0"]
    assert locate(actor, ids["c"]).path == "/c"
