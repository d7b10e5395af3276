"""Rows by hand are those of the ORM."""

import uuid
from typing import Any

import pytest
from django.db import models

from common.clock import now
from files import sql_rows
from files.models import Blob, Change, Content, Extent, Node, Pool, Space, Version
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put

MODELS: list[type[models.Model]] = [Blob, Change, Content, Extent, Node, Pool, Space, Version]


def values_of(instance: models.Model) -> dict[str, Any]:
    return {field.attname: getattr(instance, field.attname) for field in instance._meta.concrete_fields}


@pytest.fixture
def world(db: None) -> None:
    user = make_user()
    put(actor_of(user, client="x" * 300), "a/ü.txt", b"some text")
    put(actor_of(user), "a/empty", b"")


@pytest.mark.parametrize("model", MODELS)
def test_loaded_as_the_orm_loads(model: type[models.Model], world: None) -> None:
    alias = model._meta.db_table
    found = sql_rows.select(model, f'SELECT {sql_rows.columns(model, alias)} FROM "{alias}" ORDER BY id', [])
    assert found
    expected = list(model._default_manager.order_by("pk"))
    assert [values_of(row) for row in found] == [values_of(row) for row in expected]
    assert all(not row._state.adding and row._state.db == "default" for row in found)


@pytest.mark.parametrize("model", MODELS)
def test_made_with_the_defaults_of_the_model(model: type[models.Model], world: None) -> None:
    taken = values_of(model._default_manager.latest("pk"))
    needed = {field.attname for field in model._meta.concrete_fields if not field.has_default()}
    given = {name: value for name, value in taken.items() if name in needed}
    made, expected = values_of(sql_rows.make(model, **given)), values_of(model(**given))
    if model._meta.concrete_fields[0].has_default():
        assert made.pop("id") != expected.pop("id"), "each has a number of its own"
    assert made == expected


def test_made_ones_share_nothing() -> None:
    first, second = sql_rows.make(Content), sql_rows.make(Content)
    first.checksums["md5"] = "x"
    assert second.checksums == {}
    sql_rows.relate(first, "pool", Pool())
    assert "pool" not in second._state.fields_cache


@pytest.mark.postgresql
@pytest.mark.django_db
def test_inserted_with_ids_in_order() -> None:
    user = make_user()
    space, at, batch = home_of(user), now(), uuid.uuid4()
    changes = [
        sql_rows.make(
            Change, space_id=space.pk, seq=100 + n, kind="create", node_id=n, node_kind=1, at=at,
            batch=batch, address="2001:db8::1",
        )
        for n in range(130)
    ]  # fmt: skip
    sql_rows.insert(Change, changes)
    stored = {change.pk: change for change in Change.objects.filter(batch=batch)}
    assert [values_of(stored[change.pk]) for change in changes] == [values_of(change) for change in changes]
    assert not changes[0]._state.adding


def test_a_number_that_somebody_has_is_replaced(world: None) -> None:
    """Two processes may take the same in one millisecond (common/ids.py)."""
    node = Node.objects.latest("pk")
    fields = {
        "space_id": node.space_id,
        "parent_id": node.parent_id,
        "kind": 0,
        "created_at": now(),
        "modified_at": now(),
    }
    taken = sql_rows.make(Node, id=node.pk, name="x", name_key="x", **fields)
    free = sql_rows.make(Node, name="y", name_key="y", **fields)
    sql_rows.insert(Node, [taken, free])
    assert taken.pk != node.pk
    assert list(Node.objects.filter(name__in="xy").order_by("name")) == [taken, free]
    assert Node.objects.get(pk=node.pk).name == node.name
