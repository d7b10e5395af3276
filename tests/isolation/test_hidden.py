"""Of a restricted folder nobody is told anything who does not see it: every address of the product is asked, and
neither a name of it comes out nor a number that has it in it.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Group, User
from files.access.rights import Role
from files.actions.uploads import UploadOptions, open_upload
from files.models import Mount, Space
from files.queries.target import Target
from search.indexing import following
from tests.isolation.canaries import COLLEAGUES, OFFERED, canaries_in, without_pauses
from tests.isolation.everything import Asker, Question, mounted, questions
from tests.isolation.hidden import HiddenWorld, hidden_world
from tests.support.people import actor_of
from tests.support.trees import put

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]
EYES: dict[str, tuple[Role | None, str]] = {
    "member": (None, ""),
    "viewer": (Role.VIEWER, ""),
    "editor of the folder above": (Role.EDITOR, "shared"),
    "manager of the folder above": (Role.MANAGER, "shared"),
}


@pytest.fixture
def world(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> HiddenWorld:
    without_pauses(monkeypatch)
    settings.STORAGE_URL = "memory://hidden"
    return hidden_world()


def ids_of(world: HiddenWorld, user: User) -> dict[str, str]:
    put(actor_of(user), "own.txt", b"of my own"), put(actor_of(user), "taken.txt", b"of my own")
    upload = open_upload(actor_of(user), wanted=UploadOptions(Target("arriving.bin"), length=5))
    other = User.objects.get(email="canary-person@example.com")
    own = {"user": str(user.pk), "other": str(other.pk), "own_upload": str(upload.pk), **mounted(user, world.space)}
    group = Group.objects.get(name="canary-group")
    return {**world.ids, **own, "group": str(group.pk), "team": str(user.membership.team_id)}


def untold(world: HiddenWorld, ids: dict[str, str]) -> set[str]:
    """And what the entity tag of the mount would be."""
    return world.untold() | {f"{ids['mounted']}-{Mount.objects.get(pk=ids['mount']).target.seq}"}


def seq_of(world: HiddenWorld) -> int:
    return Space.objects.values_list("seq", flat=True).get(pk=world.space.pk)


@pytest.mark.long
@pytest.mark.parametrize("eyes", EYES)
def test_nothing_of_what_is_restricted_is_told(world: HiddenWorld, eyes: str) -> None:
    user = world.person(*EYES[eyes])
    ids = ids_of(world, user)
    following.INDEX.follow_all(seconds=60)
    asker, sung, good = Asker(user), list[str](), 0
    before, seq = untold(world, ids), seq_of(world)
    assert ids["inside"] == ("/shared" if eyes in ("member", "viewer") else "")

    def look(question: Question, answer: Any, data: bytes) -> None:
        nonlocal good
        found = canaries_in(answer, data) - (COLLEAGUES if OFFERED.search(question.url) else set())
        text = f"{dict(answer.items())} {data.decode('latin-1')}"
        text = text.replace(answer.get("X-Request-ID", ""), "")  # random digits, which may be any number
        numbers = before if seq_of(world) == seq else before | untold(world, ids)
        found |= {number for number in numbers if number in text and re.search(rf"(?<!\d){number}(?!\d)", text)}
        if found:
            sung.append(f"{sorted(found)} from {question}: {answer.status_code}")
        good += answer.status_code < 300

    for question in questions(user, ids):
        asker.ask(question, look)
    assert not sung, "\n".join(sung)
    assert good > 200
