"""Folded keys while the release before may still run: it finds names by them and relies on each being alone."""

from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from accounts.actor import Actor
from common.paths import MAXIMUM_NAME_UNITS, InvalidName, clean_name, folded, numbered_name, units
from files.actions.copy import copy_node
from files.actions.move import move_node, rename_node
from files.actions.trash import trash_nodes
from files.models import Node
from files.queries.alike import alike
from files.queries.listing import list_rows
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree import keys
from tests.support.people import actor_of, make_user
from tests.support.trees import put


@pytest.fixture
def actor(db: None) -> Actor:
    return actor_of(make_user())


def root_id(actor: Actor) -> int:
    return locate_path(actor, "").node.pk


def keys_of(actor: Actor, folder: str = "") -> dict[str, str]:
    parent = locate_path(actor, folder).node.pk
    return dict(Node.objects.filter(parent_id=parent).values_list("name", "name_key"))


@pytest.mark.postgresql
def test_the_first_of_alike_names_has_the_plain_key(actor: Actor) -> None:
    put(actor, "README"), put(actor, "readme"), put(actor, "ReadMe")
    assert keys_of(actor) == {"README": "readme", "readme": "readme/readme", "ReadMe": "readme/ReadMe"}


@pytest.mark.postgresql
def test_whoever_waits_gets_the_plain_key(actor: Actor) -> None:
    first = put(actor, "README").node
    put(actor, "readme"), put(actor, "ReadMe")
    trash_nodes(actor, node_ids=[first.pk])
    assert keys_of(actor) == {"readme": "readme", "ReadMe": "readme/ReadMe"}
    rename_node(actor, node_id=locate_path(actor, "readme").node.pk, name="other")
    assert keys_of(actor) == {"other": "other", "ReadMe": "readme"}
    put(actor, "folder/README")
    move_node(actor, node_id=locate_path(actor, "ReadMe").node.pk, target=Target("folder/ReadMe"))
    assert keys_of(actor, "folder") == {"README": "readme", "ReadMe": "readme/ReadMe"}
    rename_node(actor, node_id=locate_path(actor, "folder/README").node.pk, name="readme")
    assert keys_of(actor, "folder") == {"readme": "readme", "ReadMe": "readme/ReadMe"}
    copy_node(actor, node_id=locate_path(actor, "folder").node.pk, target=Target("FOLDER"))
    assert keys_of(actor, "FOLDER") == keys_of(actor, "folder")
    assert keys_of(actor)["FOLDER"] == "folder/FOLDER"


@pytest.mark.postgresql
def test_the_database_keeps_names_alone(actor: Actor) -> None:
    node = put(actor, "a").node
    other = put(actor, "b").node
    with pytest.raises(IntegrityError), transaction.atomic():
        Node.objects.filter(pk=other.pk).update(name=node.name)
    Node.objects.filter(pk=other.pk).update(name="A")


@pytest.mark.postgresql
def test_pages_of_alike_names_go_on_where_they_ended(actor: Actor) -> None:
    names = ["README", "readme", "ReadMe", "rEADME", "a", "z"]
    for name in names:
        put(actor, name)
    place, found, after = locate_path(actor, ""), list[str](), None
    while True:
        page = list_rows(actor, place, after=after, limit=1)
        found += [row[2] for row in page.entries]
        if page.after is None:
            break
        after = page.after
    assert sorted(found) == sorted(names)


@pytest.mark.postgresql
def test_alike(actor: Actor) -> None:
    put(actor, "Masse"), put(actor, "MASSE"), put(actor, "fi"), put(actor, "other/masse")
    found = alike(actor, parent_id=root_id(actor), names=["maße", "MASSE", "ﬁ", "none"])
    assert {name: node.name for name, node in found.items()} == {"maße": "Masse", "ﬁ": "fi"}


@pytest.mark.postgresql
def test_looking_for_alike_names_uses_the_indexes(actor: Actor, django_assert_num_queries: Any) -> None:
    parent = root_id(actor)
    with django_assert_num_queries(1) as captured:
        keys.alike(parent, ["a", "b"])
    (query,) = captured.captured_queries
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute(f"EXPLAIN {query['sql'].replace('%', '%%')}", [])
        else:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql'].replace('%', '%%')}", [])
        plan = str(cursor.fetchall())
    assert "node_long_key" in plan, plan


def test_case_folding_is_not_what_makes_names_equal() -> None:
    for first, second in [("README", "readme"), ("Maße", "MASSE"), ("ﬁ", "fi"), ("ς", "σ")]:
        assert folded(first) == folded(second)
        assert clean_name(first) != clean_name(second)
    assert clean_name("\u212a") == "K"


@given(st.text(min_size=1, max_size=300), st.integers(2, 9999))
def test_names_stay_within_their_limit(text: str, number: int) -> None:
    try:
        name = clean_name(text)
    except InvalidName:
        return
    for made in (name, numbered_name(name, number)):
        assert clean_name(made) == made
        assert units(made) <= MAXIMUM_NAME_UNITS
        assert len(made.encode()) <= 1020
        assert len(folded(made)) <= 3 * len(made)
        assert len(keys.long_key(made)) <= 1024
    assert "/" not in folded(name)


@pytest.mark.parametrize(("name", "length"), [("д" * 256, 256), ("😀" * 128, 256), ("u\u0308" * 300, 300)])
def test_a_refusal_says_how_long_it_is(name: str, length: int) -> None:
    with pytest.raises(InvalidName) as caught:
        clean_name(name)
    assert (caught.value.reason, caught.value.limit, caught.value.length) == ("too_long", 255, length)
