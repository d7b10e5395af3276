"""Whatever people do with mounts at random, sums and ledgers add up, and nobody gets by a mount what they have no right
to (fsck runs after the test: conftest.py).
"""

import random
from contextlib import suppress

import pytest

from accounts.actor import Actor
from accounts.models import User
from common.errors import CodedError
from files.access.compute import access_along
from files.access.explain import SubjectKind
from files.access.rights import Right, Role
from files.actions.copy import copy_node
from files.actions.create_folder import create_folder
from files.actions.grants import Subject, change_space, set_grant
from files.actions.mounts import bring_back, reconcile_all
from files.actions.move import move_node
from files.actions.trash import restore_items, trash_nodes
from files.maintenance.fsck import run_fsck
from files.models import Grant, Mount, Node, Pool, Space, SpaceKind, TrashItem
from files.queries.listing import list_folder
from files.queries.mount_list import list_mounts
from files.queries.target import Target
from files.queries.tree import LocatedNode, ancestors_of, locate, locate_path
from tests.support.mounts import mounted_space
from tests.support.people import actor_of, make_member, make_user
from tests.support.trees import put

ROUNDS = 120


def everything(actor: Actor) -> list[LocatedNode]:
    """All that the actor sees from their home on, by listings and paths, as a client walks it."""
    found, waiting = [], [locate_path(actor, "/")]
    while waiting:
        place = waiting.pop()
        found.append(place)
        if place.node.is_folder and len(found) < 400:
            base = place.path.rstrip("/")
            waiting += [locate_path(actor, f"{base}/{node.name}") for node in list_folder(actor, place).entries]
    return found


def check(actor: Actor) -> None:
    """What is shown may be seen, also when it is asked for by its id; every mount leads where its owner may be, and no
    path in a circle.
    """
    for place in everything(actor):
        inner = place.entered
        chain = [*(step.id for step in ancestors_of([inner.node.pk])[inner.node.pk]), inner.node.pk]
        assert Right.VIEW in access_along(actor, Space.objects.get(pk=inner.space.pk), chain).rights
        assert locate(actor, place.node.pk).node.pk == place.node.pk
        assert (inner.space.owner_id == actor.user_id) == (inner.mount is None)
        assert len(set(inner.chain_ids)) == len(inner.chain_ids)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 5))])
def test_random_acts(pool: Pool, seed: int) -> None:
    chance = random.Random(seed)
    owner = make_user()
    owner.membership.team.seats = 20
    owner.membership.team.save()
    people = [owner, *(make_member(owner) for _ in range(2))]
    boss = actor_of(owner)
    spaces = [mounted_space(boss, f"Space {number}", is_open=number == 0) for number in range(3)]
    for number in range(6):
        put(boss, f"f{number % 2}/t{number}.txt", b"x" * number, space_id=spaces[number % 3].pk)
    for round_number in range(ROUNDS):
        user = chance.choice(people)
        actor = actor_of(user)
        with suppress(CodedError):  # most of what is tried is not allowed
            act(chance, actor, boss, spaces, people)
        if chance.random() < 0.3:
            reconcile_all()
        if round_number % 10 == 0:
            check(actor)
    reconcile_all()
    for user in people:
        check(actor_of(user))
    homes = Space.objects.filter(kind=SpaceKind.HOME).values_list("pk", flat=True)
    for node in Node.objects.exclude(target_id=None):
        assert node.space_id in homes
        assert Mount.objects.filter(node=node, target_id=node.target_id, user_id=node.space.owner_id).exists()
    found: list[object] = []
    run_fsck(on_finding=found.append)
    assert found == []


def act(chance: random.Random, actor: Actor, boss: Actor, spaces: list[Space], people: list[User]) -> None:
    places = everything(actor)
    place = chance.choice(places)
    folder = chance.choice([found for found in places if found.node.is_folder])
    target = Target(f"{folder.path.rstrip('/')}/n{chance.randrange(5)}")
    kind = chance.randrange(10)
    if kind == 0:
        path = target.path if place.node.is_folder else place.path
        put(actor, path, chance.randbytes(chance.randrange(50)))
    elif kind == 1:
        create_folder(actor, target=target, autorename=True)
    elif kind in (2, 3):
        move_node(actor, node_id=place.node.pk, target=target, overwrite=chance.random() < 0.3)
    elif kind == 4:
        overwrite = chance.random() < 0.3
        copy_node(actor, node_id=place.node.pk, target=target, overwrite=overwrite, autorename=not overwrite)
    elif kind == 5:
        trash_nodes(actor, node_ids=[place.node.pk])
    elif kind == 6:
        item = TrashItem.objects.order_by("?").first()
        if item is not None:
            restore_items(actor, item_ids=[item.pk])
    elif kind == 7:
        hidden = [entry for entry in list_mounts(actor) if entry.place is None]
        if hidden:
            bring_back(actor, mount_id=chance.choice(hidden).row.pk)
    elif kind == 8:
        share_something(chance, actor, chance.choice([folder, place]), people)
    else:
        space = chance.choice(spaces)
        if chance.random() < 0.3:
            change_space(boss, space_id=space.pk, is_open=chance.random() < 0.5)
        else:
            user = chance.choice(people[1:])
            Grant.objects.filter(node_id=space.root_id, user=user).delete()
            if chance.random() < 0.7:
                role = chance.choice([Role.VIEWER, Role.EDITOR, Role.MANAGER])
                Grant.objects.create(node_id=space.root_id, space=space, user=user, role=role)


def share_something(chance: random.Random, actor: Actor, place: LocatedNode, people: list[User]) -> None:
    """A folder or a file with somebody, or with them no more."""
    node, user = place.entered.node, chance.choice(people)
    if node.parent_id is None:
        return
    if chance.random() < 0.3:
        Grant.objects.filter(node=node, user=user).delete()
    else:
        role = chance.choice([Role.VIEWER, Role.EDITOR, Role.MANAGER])
        set_grant(actor, node_id=node.pk, subject=Subject(SubjectKind.USER, user.pk), role=role)
