"""sharing.queries.activity_texts: activity in words."""

from typing import Any

import pytest

from accounts.models import Group as PeopleGroup
from accounts.models import User
from common.clock import now
from sharing.queries.activity_groups import ActivityKind, Group, Item, Line
from sharing.queries.activity_reading import Key
from sharing.queries.activity_texts import subjects_of, summary, who

ADA = User(pk=1, email="ada@example.com", name="Ada")


def group(kind: ActivityKind, path: str = "/in/a.txt", count: int = 1, **line: Any) -> Group:
    item = Item(1, bool(line.pop("is_folder", False)), path.rpartition("/")[2], path, line.pop("before", ""))
    values: dict[str, Any] = {
        "actor": ADA,
        "principal": "user",
        "link_id": None,
        "folder_id": 1,
        "root": "Files",
        "ref": "1-1",
        **line,
    }
    one = Line(Key(now(), 1, 1), kind, item, 0, 1, None, **values)
    made = Group.of(one)
    for _ in range(count - 1):
        made.add(one)
    return made


def test_sentences() -> None:
    assert summary(group(ActivityKind.MOVE, count=12), {}) == "Ada moved 12 files to “in”"
    assert summary(group(ActivityKind.ADD, "/a.txt"), {}) == "Ada added “a.txt” to “Files”"
    assert summary(group(ActivityKind.ADD, is_folder=True, count=2), {}) == "Ada added 2 folders to “in”"
    assert summary(group(ActivityKind.RENAME, before="/in/b.txt"), {}) == "Ada renamed “b.txt” to “a.txt”"
    assert summary(group(ActivityKind.RENAME, before="/in/b.txt", count=2), {}) == "Ada renamed 2 files"
    assert summary(group(ActivityKind.ADD, "/in/%(who)s 100%"), {}) == "Ada added “%(who)s 100%” to “in”"


def test_every_kind_has_a_sentence() -> None:
    for kind in ActivityKind:
        for count in (1, 3):
            assert "%(" not in summary(group(kind, count=count), {})


def test_who_did_it() -> None:
    assert who(group(ActivityKind.ADD, actor=None, principal="system:retention")) == "The system"
    assert who(group(ActivityKind.ADD, actor=None)) == "Somebody who is gone"
    assert who(group(ActivityKind.READ, actor=None, principal="link", link_id=3)) == "Somebody with a link"
    ada = User(email="ada@example.com", name="Ada")
    assert who(group(ActivityKind.ADD, actor=ada, principal="user")) == "Ada"
    assert who(group(ActivityKind.ADD, actor=ada, principal="user:support:7")) == "An administrator in place of Ada"


@pytest.mark.django_db
def test_with_whom(user: User) -> None:
    team = user.membership.team
    people = PeopleGroup.objects.create(team=team, name="Editors")
    groups = [
        group(ActivityKind.SHARE, detail={"subject": kind, "id": pk, "role": "viewer"})
        for kind, pk in (("user", user.pk), ("group", people.pk), ("team", team.pk), ("user", 10**9), ("link", 3))
    ]
    subjects = subjects_of(groups)
    assert [summary(one, subjects).partition(" with ")[2] for one in groups] == [
        user.get_full_name(),
        "Editors",
        team.name,
        "somebody",
        "whoever has a link",
    ]
