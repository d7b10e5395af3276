"""files.queries.target: what of a target's way exists, and who may write there."""

from dataclasses import replace
from typing import Any

import pytest

from accounts.actor import READ, Actor
from accounts.models import User
from common.paths import MAXIMUM_DEPTH
from files import errors
from files.actions.create_folder import create_folder
from files.actions.trash import trash_nodes
from files.queries.target import Target, base_place, resolve, space_of_target, writable_target
from files.queries.tree import locate_path
from tests.support.trees import home_of, put

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(actor: Actor) -> int:
    put(actor, "d/e/a")
    return locate_path(actor, "d").node.pk


@pytest.mark.parametrize("by_id", [False, True])
@pytest.mark.parametrize(
    ("path", "base", "folders"),
    [("e/a", "/d/e", ()), ("e/x", "/d/e", ()), ("e/x/y/z", "/d/e", ("x", "y")), ("e", "/d", ()), ("x/y", "/d", ("x",))],
)
def test_how_much_of_the_way_exists(
    actor: Actor, folder: int, path: str, base: str, folders: tuple[str, ...], by_id: bool
) -> None:
    found = resolve(actor, Target(path, parent_id=folder) if by_id else Target(f"d/{path}"))
    assert (found.base.path, found.folders, found.name) == (base, folders, path.split("/")[-1])
    assert found.path == f"/d/{path}"
    assert found.base.ancestors == locate_path(actor, base).ancestors
    there = path in ("e/a", "e")
    assert (found.existing and found.existing.pk) == (locate_path(actor, f"d/{path}").node.pk if there else None)
    strict = replace(Target(f"d/{path}"), make_folders=False)
    if folders:
        with pytest.raises(errors.ParentNotFound):
            resolve(actor, strict)
    else:
        assert resolve(actor, strict).path == found.path


def test_no_way_leads_through_a_file(actor: Actor, folder: int) -> None:
    for target in (Target("d/e/a/x"), Target("d/e/a/x/y"), Target("e/a/x", parent_id=folder)):
        with pytest.raises(errors.NotAFolder):
            resolve(actor, target)
    file = locate_path(actor, "d/e/a").node.pk
    with pytest.raises(errors.NotAFolder):
        resolve(actor, Target("x", parent_id=file))
    for path in ("", "/", "a/..", "a\0"):
        for parent in (None, folder):
            with pytest.raises(errors.InvalidName):
                resolve(actor, Target(path, parent_id=parent))


def test_queries_of_an_upload(user: User, actor: Actor, folder: int, django_assert_num_queries: Any) -> None:
    home = home_of(user)
    with django_assert_num_queries(1):
        resolve(actor, Target("d/x/y"), home)
    with django_assert_num_queries(2):
        resolve(actor, Target("d/x/y"))
    with django_assert_num_queries(0):
        assert writable_target(actor, Target("/d//x"), home) == (home, ["d", "x"])
    with django_assert_num_queries(4):
        resolve(actor, Target("x/y", parent_id=folder))


def test_depth_counts_from_the_root(actor: Actor) -> None:
    deep, _ = create_folder(actor, target=Target("/".join("d" * (MAXIMUM_DEPTH - 2))))
    assert resolve(actor, Target("x/y", parent_id=deep.node.pk)).folders == ("x",)
    with pytest.raises(errors.TooDeep):
        resolve(actor, Target("x/y/z", parent_id=deep.node.pk))


def test_where_it_starts(user: User, actor: Actor, folder: int) -> None:
    home = home_of(user)
    for target, path in (
        (Target("x", parent_id=folder), "/d"),
        (Target("x"), "/"),
        (Target("x", space_id=home.pk), "/"),
    ):
        assert base_place(actor, target).path == path
        assert space_of_target(actor, target) == home


def test_who_may_write(user: User, actor: Actor, outsider: Actor, folder: int) -> None:
    targets = [Target("x", parent_id=folder), Target("x", space_id=home_of(user).pk)]
    for target in targets:
        for ask in (resolve, base_place, space_of_target):
            with pytest.raises(errors.NotFound):
                ask(outsider, target)
        with pytest.raises(errors.ScopeMissing):
            resolve(replace(actor, scopes=frozenset({READ})), target)
    trash_nodes(actor, node_ids=[folder])
    with pytest.raises(errors.NotFound):
        resolve(actor, targets[0])
    for odd in (0, -1, 2**63):
        with pytest.raises(errors.NotFound):
            resolve(actor, Target("x", parent_id=odd))
