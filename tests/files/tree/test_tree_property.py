"""Random lives of a tree against a model of plain dictionaries: what is there, what it adds up to, what it was."""

import os
import uuid

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount
from common.paths import folded, split_path
from files import errors
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.move import move_node
from files.actions.rewind import rewind
from files.actions.trash import purge_items, remove_purged_rows, restore_items, trash_nodes
from files.actions.versions import delete_versions
from files.blobs import reader
from files.models import Change, ChangeKind, Node, TrashItem, Version
from files.queries.journal import children_at
from files.queries.target import Target
from files.queries.tree import locate_path
from files.tree.keys import long_key
from tests.support.people import actor_of, make_user
from tests.support.trees import home_of, put

LIMIT = 300
PLAIN, ALIKE = ["a", "A", "b", "c"], ["ß", "ss", "SS", "ﬁ", "fi", "ς", "σ", "I", "ı"]
ONE_IN_NFC = ["ü", "U\u0308", "u\u0308", "K", "\u212a"]
NAMES = st.sampled_from([*PLAIN, *ALIKE, *ONE_IN_NFC])
PATHS = st.lists(NAMES, min_size=1, max_size=4)
REFUSED = (errors.FileError, QuotaExceeded)


class Tree(RuleBasedStateMachine):
    """`self.model` maps the keys of a path to (spelling of its last name, bytes or None for a folder)."""

    def __init__(self) -> None:
        super().__init__()
        self.user = make_user(f"{uuid.uuid4().hex}@example.com", quota_bytes=LIMIT)
        self.actor, self.space = actor_of(self.user), home_of(self.user)
        self.history: list[tuple[int, dict[tuple[str, ...], bytes | None]]] = []

    def observe(self) -> dict[tuple[str, ...], bytes | None]:
        found: dict[tuple[str, ...], bytes | None] = {}

        def visit(parent_id: int, above: tuple[str, ...]) -> None:
            for node in Node.objects.select_related("version__content__pool").filter(parent_id=parent_id):
                path = (*above, node.name)
                if node.is_folder:
                    found[path] = None
                    visit(node.pk, path)
                else:
                    assert node.version is not None
                    found[path] = reader.read_bytes(node.version.content)

        visit(self.space.root_id or 0, ())
        return found

    @rule(path=PATHS, data=st.binary(max_size=60))
    def write(self, path: list[str], data: bytes) -> None:
        before = self.observe()
        try:
            written = put(self.actor, "/".join(path), data)
        except REFUSED:
            assert self.observe() == before
            return
        assert locate_path(self.actor, "/".join(path)).node.pk == written.node.pk
        after = self.observe()
        names = tuple(written.place.path.strip("/").split("/"))
        assert names == tuple(split_path("/".join(path)))
        assert after[names] == data
        assert {p: d for p, d in after.items() if p != names and d is not None} == {
            p: d for p, d in before.items() if p != names and d is not None
        }

    @rule(path=PATHS)
    def folder(self, path: list[str]) -> None:
        try:
            made, _ = create_folder(self.actor, target=Target("/".join(path)))
        except REFUSED:
            return
        assert made.path.strip("/").split("/") == split_path("/".join(path))
        assert locate_path(self.actor, "/".join(path)).node.is_folder

    @rule(source=PATHS, to=PATHS, overwrite=st.booleans(), autorename=st.booleans(), copying=st.booleans())
    def move_or_copy(self, source: list[str], to: list[str], overwrite: bool, autorename: bool, copying: bool) -> None:
        before = self.observe()
        act = copy_node if copying else move_node
        try:
            place = locate_path(self.actor, "/".join(source))
            done = act(
                self.actor,
                node_id=place.node.pk,
                target=Target("/".join(to)),
                overwrite=overwrite,
                autorename=autorename,
            )
        except REFUSED:
            assert self.observe() == before
            return
        new = done.path if copying else done.place.path  # type: ignore[union-attr]
        old, new = tuple(place.path.strip("/").split("/")), tuple(new.strip("/").split("/"))
        after = self.observe()
        below = {p[len(old) :]: d for p, d in before.items() if p[: len(old)] == old}
        assert {p[len(new) :]: d for p, d in after.items() if p[: len(new)] == new} == below

    @rule(path=PATHS)
    def trash(self, path: list[str]) -> None:
        try:
            place = locate_path(self.actor, "/".join(path))
        except errors.FileError:
            return
        before = self.observe()
        (item,) = trash_nodes(self.actor, node_ids=[place.node.pk])
        old = tuple(place.path.strip("/").split("/"))
        assert self.observe() == {p: d for p, d in before.items() if p[: len(old)] != old}
        assert item.path == place.path

    @rule(index=st.integers(0, 5), purge=st.booleans())
    def from_trash(self, index: int, purge: bool) -> None:
        items = list(TrashItem.objects.filter(space=self.space, purging=False).order_by("pk"))
        if not items:
            return
        item = items[index % len(items)]
        if purge:
            purge_items(self.actor, item_ids=[item.pk])
            remove_purged_rows()
            return
        (place,) = restore_items(self.actor, item_ids=[item.pk])
        assert locate_path(self.actor, place.path).node.pk == item.node_id

    @rule(index=st.integers(0, 5))
    def forget_versions(self, index: int) -> None:
        nodes = list(
            Node.objects.filter(space=self.space, kind=1, versions_size__gt=0, parent__isnull=False).order_by("pk")
        )
        if nodes:
            node = nodes[index % len(nodes)]
            old = list(Version.objects.filter(node=node).exclude(pk=node.version_id).values_list("pk", flat=True))
            try:
                delete_versions(self.actor, node_id=node.pk, version_ids=old)
            except errors.NotFound:
                return  # the file is in a deleted folder

    @rule()
    def remember(self) -> None:
        self.space.refresh_from_db()
        self.history.append((self.space.seq, self.observe()))

    @precondition(lambda self: self.history)
    @rule(index=st.integers(0, 5))
    def go_back(self, index: int) -> None:
        seq, then = self.history[index % len(self.history)]
        before = self.observe()
        try:
            result = rewind(self.actor, node_id=self.space.root_id or 0, seq=seq)
        except QuotaExceeded:
            assert self.observe() == before
            return
        if not result.lost:
            assert self.observe() == then

    @precondition(lambda self: self.history)
    @rule(index=st.integers(0, 5))
    def look_back(self, index: int) -> None:
        """The past is listed as it was, but for what has been permanently removed since."""
        seq, then = self.history[index % len(self.history)]
        found: dict[tuple[str, ...], int | None] = {}

        def visit(parent_id: int, above: tuple[str, ...]) -> None:
            for entry in children_at(self.space, parent_id, seq):
                path = (*above, entry.name)
                if entry.is_folder:
                    visit(entry.node_id, path)
                if not entry.purged:
                    found[path] = None if entry.is_folder else entry.size

        visit(self.space.root_id or 0, ())
        wanted = {path: None if data is None else len(data) for path, data in then.items()}
        lost = Change.objects.filter(space=self.space, seq__gt=seq, kind__in=[ChangeKind.PURGE, ChangeKind.EXPIRE])
        assert found.items() <= wanted.items() if lost.exists() else found == wanted

    @invariant()
    def everything_adds_up(self) -> None:
        assert not transaction.get_connection().needs_rollback
        self.space.refresh_from_db()
        seqs = list(Change.objects.filter(space=self.space).order_by("seq").values_list("seq", flat=True))
        assert seqs == list(range(1, self.space.seq + 1))
        root = Node.objects.get(pk=self.space.root_id)
        tops = [root, *(item.node for item in TrashItem.objects.filter(space=self.space, purging=False))]
        for top in tops:
            check_sums(top)
        quota = QuotaAccount.objects.get(user=self.user)
        assert (quota.live_bytes, quota.versions_bytes) == (root.size, root.versions_size)
        assert quota.trash_bytes == sum(top.size + top.versions_size for top in tops[1:])
        assert quota.uploads_bytes == 0
        assert quota.used_bytes <= LIMIT


def check_sums(node: Node) -> tuple[int, int, int, int]:
    """Counts again what a node says of itself: size, versions_size, descendants, height."""
    if not node.is_folder:
        sizes = dict(Version.objects.filter(node=node).values_list("pk", "size"))
        current = sizes.pop(node.version_id)
        assert (node.size, node.versions_size) == (current, sum(sizes.values()))
        return node.size, node.versions_size, 0, 0
    children = list(Node.objects.filter(parent=node))
    check_keys(children)
    parts = [check_sums(child) for child in children]
    size, versions_size = sum(part[0] for part in parts), sum(part[1] for part in parts)
    descendants = sum(part[2] + 1 for part in parts)
    height = max((part[3] + 1 for part in parts), default=0)
    assert (node.size, node.versions_size, node.descendants) == (size, versions_size, descendants), node
    assert node.height >= height
    return size, versions_size, descendants, height


def check_keys(siblings: list[Node]) -> None:
    """Of those that differ by case only, one has the plain key, by which the release before finds it."""
    assert len({node.name for node in siblings}) == len(siblings)
    for key in {folded(node.name) for node in siblings}:
        alike = [node for node in siblings if folded(node.name) == key]
        plain = [node for node in alike if node.name_key == key]
        assert len(plain) == 1
        assert all(node.name_key == long_key(node.name) for node in alike if node not in plain)


@pytest.mark.django_db
@pytest.mark.parametrize("examples", [12, pytest.param(100, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_a_tree_lives_as_its_model(examples: int) -> None:
    run_state_machine_as_test(
        Tree,
        settings=settings(
            max_examples=examples,
            stateful_step_count=30,
            deadline=None,
            derandomize=bool(os.environ.get("CI")),  # a submission is not judged by another example than the last one
            suppress_health_check=list(HealthCheck),
            print_blob=True,
        ),
    )
