"""sharing.queries.activity_groups: which lines are one, and what a line is shown as."""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

import pytest

from accounts.models import User
from common.clock import now
from files.models import Change, ChangeKind, NodeKind
from sharing.queries.activity_groups import ActivityKind, Groups, Item, Line, item_of, kind_of
from sharing.queries.activity_reading import Key


def line(at: datetime, path: str = "/in/a.txt", kind: ActivityKind = ActivityKind.ADD, who: int = 1) -> Line:
    item = Item(1, False, path.rpartition("/")[2], path)
    return Line(
        Key(at, 1, 1), kind, item, 0, 1, None, User(pk=who, email="a@example.com"), "user", None, 7, "Files", "1-1"
    )


def counts(lines: list[Line], limit: int = 10) -> list[int]:
    groups = Groups(limit)
    for one in lines:
        groups.take(one)
    return [group.count for group in groups]


def test_one_person_one_kind_one_folder_and_soon() -> None:
    moment = now()
    soon, late = moment - timedelta(minutes=9), moment - timedelta(minutes=30)
    assert counts([line(moment), line(soon)]) == [2]
    assert counts([line(moment), line(late)]) == [1, 1]
    assert counts([line(moment), line(soon, who=2)]) == [1, 1]
    assert counts([line(moment), line(soon, kind=ActivityKind.EDIT)]) == [1, 1]
    assert counts([line(moment), line(soon, "/other/b.txt")]) == [1, 1]
    assert counts([line(moment), replace(line(soon), principal="system:retention")]) == [1, 1]
    assert counts([line(moment), replace(line(soon), link_id=3)]) == [1, 1]
    assert counts([line(moment), replace(line(soon), source=1)]) == [1, 1]


def test_others_in_between_do_not_part_them() -> None:
    moment = now()
    lines = [line(moment - timedelta(seconds=number), who=number % 2) for number in range(6)]
    assert counts(lines) == [3, 3]


def test_no_group_is_longer_than_some_hours() -> None:
    moment = now()
    assert counts([line(moment - timedelta(minutes=9 * number)) for number in range(80)]) == [41, 39]


def test_one_act_is_one_group_wherever_it_was() -> None:
    batch = uuid4()
    lines = [replace(line(now() - timedelta(hours=number), f"/d{number}/f.txt"), batch=batch) for number in range(9)]
    groups = Groups(10)
    for one in lines:
        assert groups.take(one)
    (group,) = groups
    assert (group.count, group.folder, group.folder_id, len(group.items), group.more) == (9, None, None, 5, 4)
    assert counts([*lines, replace(lines[0], batch=uuid4())]) == [9, 1]


def test_a_full_list_takes_what_belongs_to_it() -> None:
    groups, moment = Groups(1), now()
    assert groups.take(line(moment))
    assert not groups.take(line(moment, kind=ActivityKind.EDIT))
    assert groups.take(line(moment))
    assert groups.take(line(moment, kind=ActivityKind.EDIT), beyond_limit=True)


@pytest.mark.parametrize(
    ("kind", "before", "after", "shown"),
    [
        (ChangeKind.CREATE, None, 1, ActivityKind.ADD),
        (ChangeKind.MOVE, 1, 1, ActivityKind.RENAME),
        (ChangeKind.MOVE, 1, 2, ActivityKind.MOVE),
        (ChangeKind.MOVE, None, 2, ActivityKind.ADD),
        (ChangeKind.MOVE, 1, None, ActivityKind.REMOVE),
        (ChangeKind.MOVE_OUT, 1, None, ActivityKind.REMOVE),
        (ChangeKind.MOVE_IN, None, 1, ActivityKind.ADD),
        (ChangeKind.TRASH, 1, None, ActivityKind.DELETE),
    ],
)
def test_what_a_line_is_shown_as(kind: ChangeKind, before: int | None, after: int | None, shown: ActivityKind) -> None:
    change = Change(kind=kind, node_id=9, node_kind=NodeKind.FILE, before_parent_id=before, after_parent_id=after)
    assert kind_of(change) is shown
    change.before_path, change.after_path = "/old/a", "/new/b"
    change.before_name, change.after_name = "a", "b"
    item = item_of(change, "/Mount")
    assert (item.name, item.path) == (("b", "/Mount/new/b") if after else ("a", "/Mount/old/a"))
    assert item.before == ("/Mount/old/a" if before and after else "")


def test_every_kind_of_the_journal_has_one() -> None:
    for kind in ChangeKind:
        assert kind_of(Change(kind=kind, before_parent_id=1, after_parent_id=2))
    assert kind_of(Change(kind=ChangeKind.CREATE, target_id=4)) is ActivityKind.MOUNT
    assert kind_of(Change(kind=ChangeKind.TRASH, target_id=4)) is ActivityKind.UNMOUNT
