"""files.actions.annotations.set_properties: dead properties and times, all of the changes or none."""

from datetime import UTC, datetime

import pytest

from accounts.actor import Actor
from files import errors
from files.actions import annotations as module
from files.actions.annotations import PropertyChange, set_properties
from files.models import NodeProperty, Version
from files.queries.tree import locate_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import journal_of, put

WHEN = datetime(2020, 2, 29, 12, tzinfo=UTC)


def properties() -> dict[tuple[str, str], str]:
    return {(row.namespace, row.name): row.value for row in NodeProperty.objects.all()}


def test_in_their_order_and_not_in_the_journal(actor: Actor) -> None:
    node = put(actor, "a").node
    before = (journal_of(actor), node.etag)
    set_properties(
        actor,
        node_id=node.pk,
        changes=[
            PropertyChange("n", "x", "1"),
            PropertyChange("n", "x", "2"),
            PropertyChange("", "x", "3"),
            PropertyChange("n", "gone", "4"),
            PropertyChange("n", "gone", None),
            PropertyChange("n", "never", None),
        ],
    )
    assert properties() == {("n", "x"): "2", ("", "x"): "3"}
    node.refresh_from_db()
    assert (journal_of(actor), node.etag) == before


def test_the_time_of_a_file_is_journalled_and_its_version_stays(actor: Actor) -> None:
    node = put(actor, "d/a").node
    folder = locate_path(actor, "d").node
    for _ in range(2):  # the second time nothing changes
        set_properties(actor, node_id=node.pk, modified_at=WHEN)
    changed = locate_path(actor, "d/a").node
    assert (changed.modified_at, changed.version_id, changed.etag) == (WHEN, node.version_id, node.etag)
    assert Version.objects.get(pk=node.version_id).modified_at == WHEN
    assert journal_of(actor)[2:] == [("write", "/d/a")]
    assert locate_path(actor, "d").node.etag != folder.etag
    set_properties(actor, node_id=folder.pk, modified_at=WHEN)
    assert locate_path(actor, "d").node.modified_at == WHEN
    assert len(journal_of(actor)) == 3


def test_limits_at_the_edge(actor: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAXIMUM_PROPERTIES", 2)
    monkeypatch.setattr(module, "MAXIMUM_BYTES", 6)
    node = put(actor, "a").node.pk
    for changes, error in (
        ([PropertyChange("", str(number), "") for number in range(3)], errors.TooMany),
        ([PropertyChange("", "a", "üüü"), PropertyChange("", "b", "x")], errors.TooLarge),
        ([PropertyChange("", "n" * 256, "")], errors.InvalidRequest),
        ([PropertyChange("n" * 501, "a", "")], errors.InvalidRequest),
    ):
        with pytest.raises(error):
            set_properties(actor, node_id=node, changes=changes, modified_at=WHEN)
    assert properties() == {}
    most = [PropertyChange("n" * 500, "n" * 255, "üü"), PropertyChange("", "b", "xx")]
    set_properties(actor, node_id=node, changes=most)
    assert len(properties()) == 2


def test_all_or_none(actor: Actor) -> None:
    node = put(actor, "a").node

    def fails(place: object) -> None:
        raise errors.Busy

    with pytest.raises(errors.Busy):
        set_properties(actor, node_id=node.pk, changes=[PropertyChange("", "x", "1")], modified_at=WHEN, also=[fails])
    with pytest.raises(errors.PreconditionFailed):
        set_properties(
            actor, node_id=node.pk, changes=[PropertyChange("", "x", "1")], conditions={"if-match": '"other"'}
        )
    refuses_others(actor, lambda a: set_properties(a, node_id=node.pk, changes=[PropertyChange("", "x", "1")]))
    assert properties() == {}
    assert len(journal_of(actor)) == 1
