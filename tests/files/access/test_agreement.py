"""One function decides: what it says, what the explanation says, and what each endpoint does are the same.

Random worlds: teams, groups, grants of every role that nest and end, restricted folders, open and closed spaces, homes
of which something is shared, people who have left, links.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import Settings

from accounts.models import User
from files.access.compute import SpaceAccess, facts_of
from files.access.explain import who_reaches
from files.access.rights import NO_RIGHTS, Right
from files.actions.mounts import reconcile_all
from files.errors import NotFound
from files.models import Mount, Node, SpaceKind
from files.queries.tree import locate
from protocols.dav.properties.standard import STANDARD
from protocols.dav.resources import AddressRoot, Dialect
from protocols.nextcloud.home import NEXTCLOUD
from search.indexing import following
from search.queries import search
from tests.files.access.random_worlds import RandomWorld, random_world
from tests.isolation.canaries import without_pauses
from tests.support.clients import Api, Dav, HttpClient, Nextcloud, Tus, body_of, metadata
from tests.support.people import sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(3000)]
CHECKS = 200_000  # of the long run: actor, node and right
GATE = 6_000


def in_memory(settings: Settings, name: str) -> None:
    settings.STORAGE_URL = f"memory://{name}"


@pytest.mark.parametrize("checks", [GATE, pytest.param(CHECKS, marks=pytest.mark.long)])
def test_the_explanation_is_the_decision(settings: Settings, checks: int) -> None:
    """And both are what the slow statement of the rule says."""
    in_memory(settings, "agreement")
    done, seed = 0, 0
    while done < checks:
        with transaction.atomic():
            done += _compare(random_world(seed))
            transaction.set_rollback(True)
        seed += 1


def _compare(world: RandomWorld) -> int:
    rules = {
        (name, space.pk): SpaceAccess(actor, facts_of(space))
        for name, actor in world.actors.items()
        for space in world.spaces
    }
    compared = 0
    for node_id, chain in world.chains.items():
        space = world.space_of(node_id)
        reached = who_reaches(space, chain)
        for name, actor in world.actors.items():
            decided = rules[name, space.pk].along(chain).rights
            assert decided == world.said_to_reach(reached, actor, node_id), (name, node_id)
            assert decided == world.rights(actor, node_id), (name, node_id)
            compared += len(Right)
    for name, actor in world.actors.items():
        for node_id in world.dice.sample(sorted(world.chains), 5):
            assert located(actor, node_id) == seen(world.rights(actor, node_id)), (name, node_id)
    return compared


def located(actor: Any, node_id: int) -> Right:
    try:
        return locate(actor, node_id).access.rights
    except NotFound:
        return NO_RIGHTS


def seen(rights: Right) -> Right:
    return rights if Right.VIEW in rights else NO_RIGHTS


# --- what the endpoints do -------------------------------------------------------------------------------------------
class Asked:
    """One person and one node of a world, by every endpoint. What is done is taken back."""

    def __init__(self, world: RandomWorld, user: User) -> None:
        self.world, self.user = world, user
        self.actor = world.actors[user.email]
        self.api, self.tus, self.cloud = Api(user), Tus(user), Nextcloud(user)
        self.page = Client()
        sign_in(self.page, user)
        rows = Mount.objects.filter(user=user, node__isnull=False).select_related("node")
        self.mounts = {row.target_id: row.node.name for row in rows if row.node is not None}

    def rights(self, node_id: int) -> Right:
        return self.world.rights(self.actor, node_id)

    def may(self, right: Right, node_id: int) -> bool:
        return right in self.rights(node_id)

    def all_below(self, node: Node, right: Right) -> bool:
        """The right in all of the tree, as far as it is a right of the folder."""
        below = [pk for pk, chain in self.world.chains.items() if node.pk in chain]
        return all(self.may(right, pk) for pk in below)

    def sees_way(self, node_id: int) -> bool:
        return all(self.may(Right.VIEW, pk) for pk in self.world.chains[node_id])

    def path(self, node: Node) -> str:
        return "/".join(self.world.nodes[pk].name for pk in self.world.chains[node.pk][1:])


Act = Callable[[Asked, Node], "tuple[bool, Any] | None"]  # what is expected, and the answer; None: makes no sense
GOOD = range(200, 300)


def rest_view(asked: Asked, node: Node) -> Any:
    return asked.may(Right.VIEW, node.pk), asked.api.get(f"/nodes/{node.pk}")


def rest_listing(asked: Asked, node: Node) -> Any:
    if not node.is_folder:
        return None
    answer = asked.api.get(f"/nodes/{node.pk}/children")
    if answer.status_code == 200:
        told = {int(item["id"]) for item in answer.json()["items"]}
        children = [child.pk for child in asked.world.nodes.values() if child.parent_id == node.pk]
        assert told == {pk for pk in children if asked.may(Right.VIEW, pk)}
    return asked.may(Right.VIEW, node.pk), answer


def rest_download(asked: Asked, node: Node) -> Any:
    if node.is_folder:
        return None
    return asked.may(Right.DOWNLOAD, node.pk), asked.api.get(f"/nodes/{node.pk}/content")


def rest_create(asked: Asked, node: Node) -> Any:
    if not node.is_folder:
        return None
    answer = asked.api.post("/folders", {"parent_id": str(node.pk), "name": "quite new"})
    return asked.may(Right.CREATE, node.pk), answer


def rest_edit(asked: Asked, node: Node) -> Any:
    if node.is_folder:
        return None
    answer = asked.api.put(f"/nodes/{node.pk}/content", b"other", Content_Type="text/plain")
    return asked.may(Right.EDIT, node.pk), answer


def rest_delete(asked: Asked, node: Node) -> Any:
    if node.parent_id is None:
        return None
    may = asked.all_below(node, Right.DELETE) and asked.may(Right.VIEW, node.parent_id)  # what is shared alone stays
    return may, asked.api.delete(f"/nodes/{node.pk}")


def rest_rename(asked: Asked, node: Node) -> Any:
    """Its folder gets another name in it."""
    if node.parent_id is None:
        return None
    may = asked.all_below(node, Right.EDIT) and asked.may(Right.CREATE, node.parent_id)
    return may, asked.api.patch(f"/nodes/{node.pk}", {"name": "renamed"})


def rest_share(asked: Asked, node: Node) -> Any:
    if node.parent_id is None:
        return None
    team = str(asked.world.space_of(node.pk).team_id)
    before = [grant for grant in asked.world.grants if grant.node_id == node.pk and grant.team_id is not None]
    if before:
        return None  # what others gave needs more
    # Nobody gives for longer than they have: until the first of their own grants ends.
    space = facts_of(asked.world.space_of(node.pk))
    end = SpaceAccess(asked.actor, space).along(asked.world.chains[node.pk]).expires_at
    until = None if end is None else end.isoformat()
    answer = asked.api.post(f"/nodes/{node.pk}/grants", {"team_id": team, "role": "uploader", "expires_at": until})
    return asked.may(Right.SHARE, node.pk), answer


def rest_zip(asked: Asked, node: Node) -> Any:
    answer = asked.api.get("/zip", ids=str(node.pk))
    if answer.status_code == 200 and node.is_folder:
        _compare_zip(asked, node, body_of(answer))
    return asked.may(Right.DOWNLOAD, node.pk), answer


def _compare_zip(asked: Asked, top: Node, data: bytes) -> None:
    """Everything below that may be downloaded, and is reached by what may be."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        told = {name.rstrip("/") for name in archive.namelist()}
    expected, prefix = set(), "" if top.parent_id is None else f"{top.name}/"
    for pk, chain in asked.world.chains.items():
        if top.pk in chain and pk != top.pk:
            below = chain[chain.index(top.pk) + 1 :]
            if all(asked.may(Right.DOWNLOAD, step) for step in below):
                expected.add(prefix + "/".join(asked.world.nodes[step].name for step in below))
    if prefix:
        expected.add(top.name)
    assert told == expected


def tus_create(asked: Asked, node: Node) -> Any:
    if not node.is_folder:
        return None
    answer = asked.tus.create(5, b"bytes", meta=metadata(filename="quite new", parent=str(node.pk)))
    return asked.may(Right.CREATE, node.pk), answer


def page_view(asked: Asked, node: Node) -> Any:
    return asked.may(Right.VIEW, node.pk), asked.page.get(f"/files/{node.pk}/")


def page_download(asked: Asked, node: Node) -> Any:
    if node.is_folder:
        return None
    return asked.may(Right.DOWNLOAD, node.pk), asked.page.get(f"/files/{node.pk}/download")


def page_delete(asked: Asked, node: Node) -> Any:
    """The answer is a notice either way; whether it is gone tells."""
    if node.parent_id is None:
        return None
    asked.page.post("/files/trash", {"node": str(node.pk)})
    gone = Node.objects.get(pk=node.pk).parent_id is None
    return asked.all_below(node, Right.DELETE) and asked.may(Right.VIEW, node.parent_id), gone


def page_create(asked: Asked, node: Node) -> Any:
    if not node.is_folder or not asked.may(Right.VIEW, node.pk):
        return None
    asked.page.post(f"/files/{node.pk}/folders", {"name": "quite new"})
    return asked.may(Right.CREATE, node.pk), Node.objects.filter(parent_id=node.pk, name="quite new").exists()


def cloud_versions(asked: Asked, node: Node) -> Any:
    if node.is_folder:
        return None
    url = f"/remote.php/dav/versions/{asked.cloud.id}/versions/{node.pk}"
    return asked.may(Right.VIEW, node.pk), asked.cloud.send("PROPFIND", url, depth="1")


def cloud_download(asked: Asked, node: Node) -> Any:
    if node.is_folder:
        return None
    url = f"/remote.php/dav/versions/{asked.cloud.id}/versions/{node.pk}/{node.version_id}"
    return asked.may(Right.DOWNLOAD, node.pk), asked.cloud.send("GET", url)


def cloud_restore(asked: Asked, node: Node) -> Any:
    if node.is_folder:
        return None
    base = f"/remote.php/dav/versions/{asked.cloud.id}"
    url = f"{base}/versions/{node.pk}/{node.version_id}"
    return asked.may(Right.EDIT, node.pk), asked.cloud.send("MOVE", url, destination=f"{base}/restore/x")


def by_path(method: str, right: Right, *, of: str, body: bytes = b"", new: str = "", whole: bool = False) -> Act:
    """WebDAV at the root of a space: only who sees all of the way gets there."""

    def act(asked: Asked, node: Node) -> Any:
        if (of == "file" and node.is_folder) or (of == "folder" and not node.is_folder) or node.parent_id is None:
            return None
        space, dialect = asked.world.space_of(node.pk), asked.world.dice.choice([Dialect(STANDARD), NEXTCLOUD])
        path = asked.path(node) + (f"/{new}" if new else "")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("protocols.dav.urls._ROOT", AddressRoot("/dav/", dialect, space.pk))
            client: HttpClient = Dav(asked.user)
            answer = client.send(method, path, body, depth="0" if method == "PROPFIND" else None)
        may = asked.all_below(node, right) if whole else asked.may(right, node.pk)
        return asked.sees_way(node.pk) and may, answer

    return act


ACTS: dict[str, Act] = {
    "REST view": rest_view,
    "REST listing": rest_listing,
    "REST download": rest_download,
    "REST create": rest_create,
    "REST edit": rest_edit,
    "REST delete": rest_delete,
    "REST rename": rest_rename,
    "REST share": rest_share,
    "zip": rest_zip,
    "tus create": tus_create,
    "page view": page_view,
    "page download": page_download,
    "page create": page_create,
    "page delete": page_delete,
    "Nextcloud view": cloud_versions,
    "Nextcloud download": cloud_download,
    "Nextcloud edit": cloud_restore,
    "DAV view": by_path("PROPFIND", Right.VIEW, of="any"),
    "DAV download": by_path("GET", Right.DOWNLOAD, of="file"),
    "DAV create": by_path("MKCOL", Right.CREATE, of="folder", new="quite new"),
    "DAV edit": by_path("PUT", Right.EDIT, of="file", body=b"other"),
    "DAV delete": by_path("DELETE", Right.DELETE, of="any", whole=True),
}


@pytest.mark.parametrize("seed", [100, 101, *(pytest.param(n, marks=pytest.mark.long) for n in range(102, 140))])
def test_each_endpoint_does_what_is_decided(settings: Settings, seed: int) -> None:
    in_memory(settings, f"endpoints-{seed}")
    world = random_world(seed)
    counts: Counter[tuple[str, bool]] = Counter()
    for user in world.users:
        asked = Asked(world, user)
        for name, node in samples(world):
            with transaction.atomic():
                found = ACTS[name](asked, node)
                transaction.set_rollback(True)
            if found is None:
                continue
            expected, answer = found
            done = answer if isinstance(answer, bool) else answer.status_code in GOOD
            what = (name, user.email, asked.path(node), asked.rights(node.pk), getattr(answer, "content", answer))
            assert done is expected, what
            if not isinstance(answer, bool) and not expected and not asked.may(Right.VIEW, node.pk):
                assert answer.status_code in (404, 409), f"{what}: it says that it is there"
            counts[name, expected] += 1
    assert {name for name, _ in counts} == set(ACTS)


def samples(world: RandomWorld) -> Iterator[tuple[str, Node]]:
    """Each act with some of the nodes."""
    for name in ACTS:
        for node_id in world.dice.sample(sorted(world.nodes), 6):
            yield name, world.nodes[node_id]


@pytest.mark.parametrize("seed", [200, *(pytest.param(n, marks=pytest.mark.long) for n in range(201, 210))])
def test_a_search_finds_what_is_seen(settings: Settings, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """In the spaces that are a person's; it counts nothing else."""
    without_pauses(monkeypatch)
    in_memory(settings, f"searching-{seed}")
    world = random_world(seed)
    following.INDEX.follow_all(seconds=60)
    for user in world.users:
        asked = Asked(world, user)
        page = search(asked.actor, "zebra", limit=100)
        seen_files = {pk for pk, node in world.nodes.items() if not node.is_folder and asked.may(Right.VIEW, pk)}
        mine = {pk for pk in seen_files if _is_searched(asked, pk)}
        assert {hit.node.pk for hit in page.hits} == mine, user.email
        assert page.total == len(mine), user.email


@pytest.mark.parametrize("seed", [220, *(pytest.param(n, marks=pytest.mark.long) for n in range(221, 230))])
def test_a_search_finds_what_is_mounted(settings: Settings, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """And whatever else is seen in a space of which something is mounted; by the path that leads there."""
    without_pauses(monkeypatch)
    in_memory(settings, f"searching-{seed}")
    world = random_world(seed)
    reconcile_all()
    following.INDEX.follow_all(seconds=60)
    for user in world.users:
        asked = Asked(world, user)
        mounted = {world.nodes[pk].space_id for pk in asked.mounts}
        page = search(asked.actor, "zebra", limit=100)
        seen_files = {pk for pk, node in world.nodes.items() if not node.is_folder and asked.may(Right.VIEW, pk)}
        mine = {pk for pk in seen_files if world.nodes[pk].space_id in mounted or _is_searched(asked, pk)}
        assert {hit.node.pk for hit in page.hits} == mine, user.email
        assert page.total == len(mine), user.email
        for hit in page.hits:
            nearest = _nearest_mount(asked, world.nodes[hit.node.pk])
            if nearest is not None and _sees(asked, nearest[1]):
                assert hit.path == "/" + "/".join([nearest[0], *(world.nodes[pk].name for pk in nearest[1])])


def _is_searched(asked: Asked, node_id: int) -> bool:
    """What is shared out of the middle of a space is not among one's spaces as long as nothing of it is mounted."""
    root_id = asked.world.chains[node_id][0]
    return asked.rights(root_id) != NO_RIGHTS


# --- through mounts --------------------------------------------------------------------------------------------------
def through_mount(
    method: str, right: Right, *, of: str, body: bytes = b"", new: str = "", whole: bool = False, rest: str = ""
) -> Act:
    """By the path through the mount in one's own home, of the space or of something in it: only who sees all of the way
    from there gets there. A mounted file is removed from the own home, whoever may delete it.
    """

    def act(asked: Asked, node: Node) -> Any:
        if (of == "file" and node.is_folder) or (of == "folder" and not node.is_folder) or node.parent_id is None:
            return None
        found = _nearest_mount(asked, node)
        if found is None:
            return None
        name, way = found
        names = [name, *(asked.world.nodes[pk].name for pk in way)]
        path = "/" + "/".join(names) + (f"/{new}" if new else "")
        may = asked.all_below(node, right) if whole else asked.may(right, node.pk)
        may = may or (method == "DELETE" and not way)
        return _sees(asked, way) and may, _send(asked, method, path, body, rest)

    return act


def _nearest_mount(asked: Asked, node: Node) -> tuple[str, list[int]] | None:
    """The name of the mount that stands for something above the node, or for a file itself, and the way from there. Of
    all on the way those are mounted, and no others, that are seen while what they are in is not.
    """
    chain, mounts = asked.world.chains[node.pk], asked.mounts
    space = asked.world.space_of(node.pk)
    is_own = space.kind == SpaceKind.HOME and space.owner_id == asked.user.pk
    nearest = None
    for index, pk in enumerate(chain):
        above = index > 0 and asked.may(Right.VIEW, chain[index - 1])
        is_top = asked.may(Right.VIEW, pk) and not above and not is_own
        assert (pk in mounts) is is_top, (asked.user.email, asked.path(node), pk)
        if pk in mounts and (index < len(chain) - 1 or not node.is_folder):
            nearest = mounts[pk], chain[index + 1 :]
    return nearest


def _sees(asked: Asked, way: list[int]) -> bool:
    return all(asked.may(Right.VIEW, pk) for pk in way)


def _send(asked: Asked, method: str, path: str, body: bytes, rest: str) -> Any:
    if rest:
        kind = "text/plain" if body else None
        return asked.api.request(method, rest.format(path=quote(path)), body or None, Content_Type=kind)
    if asked.world.dice.random() < 0.5:
        url = f"/remote.php/dav/files/{asked.cloud.id}{quote(path)}"
        return asked.cloud.send(method, url, body, depth="0" if method == "PROPFIND" else None)
    return Dav(asked.user).send(method, quote(path).lstrip("/"), body, depth="0" if method == "PROPFIND" else None)


MOUNTED: dict[str, Act] = {
    "DAV view": through_mount("PROPFIND", Right.VIEW, of="any"),
    "DAV download": through_mount("GET", Right.DOWNLOAD, of="file"),
    "DAV create": through_mount("MKCOL", Right.CREATE, of="folder", new="quite new"),
    "DAV edit": through_mount("PUT", Right.EDIT, of="file", body=b"other"),
    "DAV delete": through_mount("DELETE", Right.DELETE, of="any", whole=True),
    "REST view": through_mount("GET", Right.VIEW, of="any", rest="/metadata?path={path}"),
    "REST listing": through_mount("GET", Right.VIEW, of="folder", rest="/folders?path={path}"),
    "REST download": through_mount("GET", Right.DOWNLOAD, of="file", rest="/content{path}"),
    "REST edit": through_mount("PUT", Right.EDIT, of="file", body=b"other", rest="/content{path}"),
    "REST delete": through_mount("DELETE", Right.DELETE, of="file", rest="/content{path}"),
    "REST zip": through_mount("GET", Right.DOWNLOAD, of="any", rest="/zip?paths={path}"),
}


REFUSES = 300  # a world in which something is refused; in some everybody may do everything in what is mounted


@pytest.mark.parametrize("seed", [REFUSES, *(pytest.param(n, marks=pytest.mark.long) for n in range(301, 320))])
def test_through_mounts_the_same_is_decided(settings: Settings, seed: int) -> None:
    in_memory(settings, f"mounted-{seed}")
    world = random_world(seed)
    reconcile_all()
    counts: Counter[bool] = Counter()
    for user in world.users:
        asked = Asked(world, user)
        files = [world.nodes[pk] for pk in asked.mounts if not world.nodes[pk].is_folder]
        for name, act in MOUNTED.items():
            some = [world.nodes[node_id] for node_id in world.dice.sample(sorted(world.nodes), 8)]
            for node in (*some, *files[:2]):
                with transaction.atomic():
                    found = act(asked, node)
                    transaction.set_rollback(True)
                if found is None:
                    continue
                expected, answer = found
                what = (name, user.email, asked.path(node), asked.rights(node.pk), getattr(answer, "content", answer))
                assert (answer.status_code in GOOD) is expected, what
                if answer.streaming:
                    body_of(answer)  # a zip that nobody reads keeps its place
                nearest = _nearest_mount(asked, node)
                if nearest is not None and not _sees(asked, nearest[1]):
                    assert answer.status_code in (404, 409), f"{what}: it says that it is there"
                counts[expected] += 1
    assert counts[True] > 0
    assert counts[False] > 0 or seed != REFUSES
