"""Paths above what somebody was granted come out nowhere: every ancestor has the name of a canary, every address of the
product is asked, and no answer, header, error, line of a journal, entry of a zip or hit of a search sings.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from accounts.models import Group, User
from common.clock import now
from files.access.rights import Role
from files.actions.lock import LockOptions, lock_node
from files.actions.trash import purge_items, trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.queries.target import Target
from search.indexing import following
from tests.isolation.canaries import COLLEAGUES, OFFERED, CanaryWorld, canaries_in, canary_world, marked, without_pauses
from tests.isolation.everything import Asker, Question, mounted, questions, route_of, routes
from tests.support.people import actor_of
from tests.support.trees import put

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(900)]
# Who, with which role on which node, and what of the canaries they are told by right: who may share a node is told who
# reaches it.
EYES: dict[str, tuple[Role | None, str, set[str]]] = {
    "editor": (Role.EDITOR, "shared", COLLEAGUES),
    "viewer": (Role.VIEWER, "shared", set()),
    "manager": (Role.MANAGER, "shared", COLLEAGUES),
    "of a file": (Role.EDITOR, "report.txt", COLLEAGUES),
    "uploader": (Role.UPLOADER, "shared", set()),
    "nothing": (None, "", set()),
}
IN_THE_GATE = ("editor",)
# What those have in their home, and where the folder is in it: they are asked through that, too.
MOUNTED = {"editor": "shared", "viewer": "shared", "manager": "shared", "of a file": "report.txt"}


@pytest.fixture
def world(db: None, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> CanaryWorld:
    without_pauses(monkeypatch)
    settings.STORAGE_URL = "memory://canaries"
    return canary_world()


def ids_of(world: CanaryWorld, user: User) -> dict[str, str]:
    upload = open_upload(actor_of(user), wanted=UploadOptions(Target("arriving.bin"), length=5))
    other = User.objects.get(email="canary-person@example.com")
    group = Group.objects.get(name="canary-group")
    own = {"user": str(user.pk), "other": str(other.pk), "group": str(group.pk), "own_upload": str(upload.pk)}
    return {**world.ids, **own, "team": str(user.membership.team_id), **mounted(user, world.space)}


@pytest.mark.parametrize(
    "eyes", [eyes if eyes in IN_THE_GATE else pytest.param(eyes, marks=pytest.mark.long) for eyes in EYES]
)
def test_nothing_of_what_is_above_is_told(world: CanaryWorld, eyes: str) -> None:
    role, on, told = EYES[eyes]
    user = world.person(role, on)
    marked(user, world, sees=role not in (None, Role.UPLOADER))
    ids = ids_of(world, user)
    assert ids.get("top") == MOUNTED.get(eyes)
    following.INDEX.follow_all(seconds=60)
    asker, sung, reached = Asker(user), list[str](), set[str]()
    good: defaultdict[str, int] = defaultdict(int)

    def look(question: Question, answer: Any, data: bytes) -> None:
        found = canaries_in(answer, data) - told - (COLLEAGUES if OFFERED.search(question.url) else set())
        if found:
            sung.append(f"{sorted(found)} from {question}: {answer.status_code}")
        assert answer.status_code != 500, f"{question}"
        route = route_of(question)
        reached.add(route)
        good[route] += answer.status_code < 300 and not getattr(answer, "redirect_chain", None)

    for question in questions(user, ids):
        asker.ask(question, look)
    assert not sung, "\n".join(sung)
    assert set(routes()) - reached == set(), "there is no recipe for these"
    if eyes == "editor":
        assert {route for route in USED if not good[route]} == set(), "the questions are no good any more"


USED = (
    *(
        f"api/v1/nodes/<int:node_id>{rest}"
        for rest in ("", "/children", "/history", "/versions", "/access", "/content")
    ),
    *("api/v1/zip", "api/v1/move", "api/v1/copy", "api/v1/trash", "api/v1/uploads", "api/v1/bulk", "api/v1/folders"),
    *("api/v1/search", "api/v1/nodes/<int:node_id>/grants", "tus/", "dav/<anypath:path>"),
    *("files/<int:node_id>/", "picker/<int:node_id>/", "files/<int:node_id>/download", "search/"),
    "remote.php/dav/versions/<str:user_id>/<anypath:path>",
)


@pytest.mark.long
def test_a_lock_above_stands_in_the_way_without_a_name(world: CanaryWorld) -> None:
    """And one beside it, which the act of a manager meets."""
    user = world.person(Role.EDITOR)
    marked(user, world)
    lock_node(world.actor, node_id=world.node("canary-deeper").pk, options=LockOptions(is_deep=True))
    ids, asker = ids_of(world, user), Asker(user)
    refused = list[int]()

    def look(question: Question, answer: Any, data: bytes) -> None:
        assert canaries_in(answer, data) - COLLEAGUES == set(), f"{question}: {data[:500]!r}"
        refused.append(answer.status_code)

    for question in questions(user, ids):
        if question.by in ("api", "page", "tus") and question.method in ("POST", "PUT", "PATCH", "DELETE"):
            asker.ask(question, look)
    assert refused.count(423) > 10


def test_a_rewind_names_what_is_lost_from_its_folder_on(world: CanaryWorld) -> None:
    user = world.person(Role.MANAGER)
    lost = put(world.actor, "canary-above/canary-deeper/shared/sub/lost.txt", b"x", space_id=world.space.pk).node
    shared = world.node("shared")
    (item,) = trash_nodes(world.actor, node_ids=[lost.pk])
    purge_items(world.actor, item_ids=[item.pk])
    answer = Asker(user).clients["api"].send("POST", f"/api/v1/nodes/{shared.pk}/rewind", {"seq": shared.seq})
    assert answer.json()["lost"] == ["/sub/lost.txt"]


def test_uploaders_above_see_no_name_on_the_way(world: CanaryWorld) -> None:
    """Who may put things into a folder above sees nothing there: their paths begin where they see."""
    user = world.person(Role.VIEWER)
    root = world.space.root_id or 0
    world.grant(user, root, Role.UPLOADER)
    answer = Asker(user).clients["api"].send("GET", f"/api/v1/nodes/{world.ids['report']}")
    assert answer.json()["path"] == "/report.txt"


def test_what_ends_is_seen_no_more(world: CanaryWorld) -> None:
    user = world.person(None)
    grant = world.grant(user, int(world.ids["above"]), Role.VIEWER)
    grant.expires_at = now() - timedelta(seconds=1)
    grant.save()
    answer = Asker(user).clients["api"].send("GET", f"/api/v1/nodes/{world.ids['report']}")
    assert answer.status_code == 404
