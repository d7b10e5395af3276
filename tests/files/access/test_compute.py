"""The rule of access against a second, slow statement of it: 200,000 random questions."""

import random
from datetime import UTC, datetime, timedelta

import pytest

from accounts.actor import ALL_SCOPES, Actor, Principal, PrincipalKind, principal_of, system
from accounts.errors import ScopeMissing
from files.access.compute import NO_ACCESS, Access, Granted, SpaceAccess, SpaceFacts, fold
from files.access.rights import ALL_RIGHTS, NO_RIGHTS, RIGHTS, SCOPES, Right, Role, names_of, rights_of
from files.errors import Forbidden, NotFound
from files.models import SpaceKind

CASES, RIGHTS_ASKED = 25_000, len(Right)  # each case asks for all rights: 200,000 questions
CLOSED = SpaceFacts(1, SpaceKind.TEAM, None, 7, False)
OPEN = CLOSED._replace(is_open=True)
HOME = SpaceFacts(2, SpaceKind.HOME, 5, 7, True)
ADA = Actor(principal_of(5), 7, "member", ALL_SCOPES)


def expected(
    actor: Actor, space: SpaceFacts, chain: list[int], granted: dict[int, list[Granted]], restricted: set[int]
) -> tuple[Right, int | None]:
    """Right by right and grant by grant, with nothing kept from one to the next."""
    rights, tops = at_the_end(actor, space, chain, granted, restricted)
    if Right.VIEW not in rights:
        return rights, chain[min(tops)] if tops else None
    top = len(chain) - 1
    while top > 0 and Right.VIEW in at_the_end(actor, space, chain[:top], granted, restricted)[0]:
        top -= 1
    return rights, chain[top]


def at_the_end(
    actor: Actor, space: SpaceFacts, chain: list[int], granted: dict[int, list[Granted]], restricted: set[int]
) -> tuple[Right, list[int]]:
    """And the places in the chain that the rights come from."""
    rights, tops = NO_RIGHTS, []
    everything = [(0, grant) for grant in implicit(actor, space, chain[0])]
    everything += [(at, grant) for at, node_id in enumerate(chain) for grant in granted.get(node_id, [])]
    for at, grant in everything:
        cut = any(chain[later] in restricted for later in range(max(at + 1, 1), len(chain)))
        if cut and not (at == 0 and grant.role == "manager"):
            continue
        for right in Right:
            may = right in RIGHTS.get(grant.role, NO_RIGHTS)
            if may and not (right is Right.DOWNLOAD and not grant.can_download):
                rights |= right
                tops.append(at)
    return rights, tops


def implicit(actor: Actor, space: SpaceFacts, root_id: int) -> list[Granted]:
    if not space.is_open or actor.team_id != space.team_id:
        return []
    return [Granted(0, root_id, "manager" if actor.role in ("owner", "admin") else "editor")]


def random_case(
    dice: random.Random,
) -> tuple[Actor, SpaceFacts, list[int], dict[int, list[Granted]], set[int]]:
    actor = Actor(principal_of(5), dice.choice([7, 7, 8]), dice.choice(["member", "owner", "admin"]), ALL_SCOPES)
    chain = dice.sample(range(1, 40), dice.randint(1, 7))
    granted: dict[int, list[Granted]] = {}
    for number in range(dice.choice([0, 1, 1, 2, 3, 5])):
        node_id = dice.choice([*chain, dice.randint(40, 50)])
        role = dice.choice([*Role, "unheard of"])
        granted.setdefault(node_id, []).append(Granted(number + 1, node_id, role, dice.random() < 0.8))
    restricted = {node_id for node_id in [*chain, 45, 46] if dice.random() < 0.2}
    return actor, dice.choice([CLOSED, CLOSED, OPEN]), chain, granted, restricted


@pytest.mark.parametrize("seed", range(5))
def test_it_says_what_the_slow_statement_says(seed: int) -> None:
    dice = random.Random(seed)
    for _ in range(CASES // 5):
        actor, space, chain, granted, restricted = random_case(dice)
        found = fold(actor, space, chain, granted, restricted)
        rights, top = expected(actor, space, chain, granted, restricted)
        for right in Right:
            assert (right in found.rights) is (right in rights), (chain, granted, restricted)
        assert found.root_id == top, (chain, granted, restricted)


def test_an_access_ends_with_the_first_of_its_grants() -> None:
    soon, late = datetime.now(UTC) + timedelta(hours=1), datetime.now(UTC) + timedelta(days=1)
    grants = [Granted(1, 1, "viewer", True, late), Granted(2, 1, "editor", True, soon), Granted(3, 1, "viewer")]
    assert fold(ADA, CLOSED, [1], {1: grants}, set()).expires_at == soon


def test_what_is_hidden() -> None:
    """Restricted folders further down: not those that one may see by a grant of one's own, none from a manager."""
    below = {1: [Granted(1, 1, "editor")], 21: [Granted(2, 21, "viewer")], 22: [Granted(3, 22, "uploader")]}
    assert fold(ADA, CLOSED, [1, 2], below, {20, 21, 22}).hidden == {20, 22}
    assert fold(ADA, CLOSED, [1, 2], {1: [Granted(1, 1, "manager")]}, {20, 21}).hidden == frozenset()


def test_what_is_elsewhere_is_made_once_for_many_nodes() -> None:
    """There may be a thousand restricted folders, and a thousand nodes to be asked for."""
    rules = SpaceAccess(ADA, CLOSED)
    rules.knows(({1: [Granted(1, 1, "editor")], 21: [Granted(2, 21, "viewer")]}, {20, 21, 22}))
    one, other, inside = rules.along([1, 2]), rules.along([1, 3, 4]), rules.along([1, 21, 30])
    assert one.elsewhere is other.elsewhere
    assert one.hidden is other.hidden
    assert (one.hidden, inside.hidden) == ({20, 22}, {20, 22})
    assert [pk for pk, _ in inside.elsewhere] == [20, 22]
    assert (one.rights_at(21), one.rights_at(5)) == (Right.VIEW | Right.DOWNLOAD, one.rights)
    assert one.elsewhere.seen == ((21, Right.VIEW | Right.DOWNLOAD),)


class NoQueries(SpaceAccess):
    def _rules(self) -> tuple[dict[int, list[Granted]], set[int]]:
        raise AssertionError("there is nothing to ask for")


@pytest.mark.parametrize(
    ("actor", "rights"),
    [
        (ADA, ALL_RIGHTS),
        (system("tests"), ALL_RIGHTS),
        (Actor(), NO_RIGHTS),
        (Actor(team_id=7, role="owner", scopes=ALL_SCOPES, is_staff=True), NO_RIGHTS),
    ],
)
def test_homes_cost_nothing(actor: Actor, rights: Right) -> None:
    access = NoQueries(actor, HOME)
    assert access.along([1, 2, 3]).rights == rights
    assert access.is_even(1)
    assert access.has_any(1) is bool(rights)


def test_a_principal_is_one_of_four() -> None:
    for kind, id_, name in (
        (PrincipalKind.USER, None, ""),
        (PrincipalKind.LINK, None, ""),
        (PrincipalKind.SYSTEM, None, ""),
        (PrincipalKind.SYSTEM, 1, "x"),
        (PrincipalKind.NOBODY, 1, ""),
        (PrincipalKind.USER, 1, "x"),
    ):
        with pytest.raises(ValueError, match="no such principal"):
            Principal(kind, id_, name)
    assert Actor().user_id is None
    assert not Actor().is_system
    assert [str(who.principal) for who in (Actor(), ADA, system("gc"))] == ["nobody", "user", "system:gc"]


def test_a_refusal_tells_no_more_than_is_known_already() -> None:
    viewer = Access(ADA.principal, rights_of("viewer"), 1, scopes=ALL_SCOPES)
    viewer.require(Right.DOWNLOAD)
    with pytest.raises(Forbidden):
        viewer.require(Right.EDIT)
    with pytest.raises(NotFound):
        NO_ACCESS.require(Right.VIEW)
    with pytest.raises(NotFound):  # who may only put something there does not hear that it is there
        Access(ADA.principal, rights_of("uploader"), 1, scopes=ALL_SCOPES).require(Right.EDIT)
    narrow = Access(ADA.principal, ALL_RIGHTS, 1, scopes=frozenset({"read"}))
    with pytest.raises(ScopeMissing):
        narrow.require(Right.EDIT)
    assert narrow.allows(Right.VIEW)
    assert not narrow.allows(Right.DELETE)


def test_the_table() -> None:
    """A role has what the smaller ones have; every right has a scope; withholding takes downloads alone."""
    for smaller, larger in zip(
        (Role.VIEWER, Role.COMMENTER, Role.EDITOR), (Role.COMMENTER, Role.EDITOR, Role.MANAGER), strict=True
    ):
        assert RIGHTS[smaller] & RIGHTS[larger] == RIGHTS[smaller]
    assert set(RIGHTS) == set(Role)
    assert set(SCOPES) == set(Right)
    assert rights_of("editor", can_download=False) == rights_of("editor") & ~Right.DOWNLOAD
    assert rights_of("owner of everything") == NO_RIGHTS
    assert names_of(rights_of("viewer")) == ["view", "download"]
