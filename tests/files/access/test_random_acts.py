"""Random acts of people in random worlds of teams, groups, shares, mounts, links, policies, comments and locks.

Of each act is known before whether it may be done, by the rules of the world (acting_world), which ask nothing of the
product. It succeeds or is refused accordingly, changes what it is about and nothing else; a refused one changes
nothing. After each, what is decided for some people and links is what is explained, and what those rules say.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts.models import User
from files.access.compute import SpaceAccess, facts_of
from files.access.explain import Reach, SubjectKind, who_reaches
from files.access.rights import NO_RIGHTS, Right, Role, names_of
from files.actions.mounts import reconcile_all
from tests.files.access.acting_world import ActingWorld, acting_world
from tests.files.access.acts import OF_TREES, Act, Person, Tried, some_node
from tests.files.access.acts_of_teams import OF_TEAMS, ask_for_second_factor
from tests.files.access.test_agreement import ACTS, MOUNTED, Asked
from tests.files.access.test_agreement import Act as Tries
from tests.files.access.visits import visit
from tests.support.clients import body_of

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(3000)]
ACTS_OF_ALL = 100_000
PARTS = 10  # that run side by side
GATE = 500  # acts
IN_ONE_WORLD = 1_000
BETWEEN_MOUNTS, THROUGH_MOUNTS = 50, 6  # after so many acts what is mounted is settled, and so many go through it
BETWEEN_FACTORS, FACTOR_ON, FACTOR_OFF = 100, 60, 75  # acts
GOOD = range(200, 300)
LASTING: dict[str, tuple[Act, int]] = {**OF_TREES, **OF_TEAMS}


class Life:
    """What happens in one world."""

    def __init__(self, seed: int) -> None:
        self.world: ActingWorld = acting_world(seed)
        self.people: dict[int, Person] = {}
        self.asked: dict[int, Asked] = {}
        self.revoked: dict[str, int] = {}
        self.counts: Counter[tuple[str, bool]] = Counter()

    def go_on(self, acts: int) -> None:
        for number in range(acts):
            if number % BETWEEN_MOUNTS == 0:
                reconcile_all()
                self.asked.clear()  # who knows what is mounted
            act = partial(self._endpoint, MOUNTED) if number % BETWEEN_MOUNTS < THROUGH_MOUNTS else self._act
            if number % BETWEEN_FACTORS in (FACTOR_ON, FACTOR_OFF):
                act = partial(self._ask_for_factor, asked=number % BETWEEN_FACTORS == FACTOR_ON)
            while not act():
                pass

    def _act(self) -> bool:
        """Whether there was something to try."""
        dice = self.world.dice
        kind = dice.random()
        if kind < 0.02:
            self._end_something()
        if kind < 0.62:
            return self._lasting()
        if kind < 0.78:
            return self._taken_back("visit", lambda: visit(self.world, self.revoked))
        if kind < 0.88:
            return self._explained()
        return self._endpoint(ACTS)

    # --- acts that last ----------------------------------------------------------------------------------------------
    def _lasting(self) -> bool:
        (name,) = self.world.dice.choices(list(LASTING), [weight for _, weight in LASTING.values()])
        return self._last(name, self._somebody(), LASTING[name][0])

    def _ask_for_factor(self, *, asked: bool) -> bool:
        """For a while those who have none get nowhere."""
        return self._last("second factor", self._person(self.world.owner), partial(ask_for_second_factor, asked=asked))

    def _last(self, name: str, who: Person, act: Act) -> bool:
        world, links = self.world, dict(self.world.links)
        tried = act(who)
        if tried is None:
            return False
        lacks = world.lacks_factor(who.user)
        what = (name, who.user.email, tried.answer.status_code, tried.answer.content[:400])
        changed = world.read()
        done = tried.answer.status_code in GOOD
        assert done is (tried.expected and not lacks), what
        if done:
            assert changed <= tried.touches, (what, changed)
            assert tried.is_done is None or tried.is_done(), what
        else:
            assert not changed, (what, changed)
            assert lacks or tried.seen or tried.answer.status_code in (404, 409), f"{what}: it says that it is there"
        for link in links.values():
            if link.id not in world.links:
                self.revoked[link.token] = link.node_id
        if "members" in changed:
            self._forget_people()
        self._count(name, done)
        self._compare()
        return True

    def _somebody(self) -> Person:
        world = self.world
        return self._person(world.dice.choice([user for user in world.users if world.members[user.pk][2]]))

    def _person(self, user: User) -> Person:
        if user.pk not in self.people:
            self.people[user.pk] = Person(self.world, user)
        return self.people[user.pk]

    def _forget_people(self) -> None:
        """Their tokens are worth nothing any more, once they were stopped."""
        self.people.clear()
        self.asked.clear()
        for user in self.world.users:
            user.refresh_from_db()

    def _end_something(self) -> None:
        """Time goes by: what was to end has ended."""
        self.world.end_something()
        self.world.read()
        self._compare()

    def _count(self, name: str, done: bool) -> None:
        self.counts[name, done] += 1

    # --- what is decided, and explained ------------------------------------------------------------------------------
    def _compare(self) -> None:
        """For some people and links at some nodes."""
        world = self.world
        links = [world.actor_of_link(link) for link in sorted(world.links.values())]
        actors = [*world.actors.values(), *world.dice.sample(links, min(2, len(links)))]
        for node_id in world.dice.sample(sorted(world.chains), 1):
            space, chain = world.space_of(node_id), world.chains[node_id]
            reached = who_reaches(space, chain)
            for actor in world.dice.sample(actors, min(4, len(actors))):
                decided = SpaceAccess(actor, facts_of(space)).along(chain).rights
                what = (actor.principal, actor.role, [world.nodes[pk].name for pk in chain])
                assert decided == world.rights(actor, node_id), what
                assert decided == world.said_to_reach(reached, actor, node_id), what

    def _explained(self) -> bool:
        """What the endpoint says of oneself and of others."""
        world, who, node_id = self.world, self._somebody(), some_node(self.world)
        answer = who.api.get(f"/nodes/{node_id}/access")
        sees = who.may(Right.VIEW, node_id) and not world.lacks_factor(who.user)
        assert (answer.status_code == 200) is sees, (who.user.email, node_id, answer.content)
        if sees:
            told, mine = answer.json(), world.rights(who.actor, node_id)
            assert told["rights"] == names_of(mine)
            held = world.granted_along(who.actor, world.chains[node_id])
            assert (told["reached_by"] is not None) is bool(held & (Right.SHARE | Right.MANAGE))
            reached = [_reach(row) for row in told["reached_by"] or ()]
            for actor in world.actors.values() if reached else ():
                assert world.said_to_reach(reached, actor, node_id) == world.rights(actor, node_id), actor
        self._count("explain", sees)
        return True

    # --- acts that are taken back ------------------------------------------------------------------------------------
    def _endpoint(self, table: Mapping[str, Tries]) -> bool:
        """One of those of test_agreement, by an id or through a mount."""
        world, who = self.world, self._somebody()
        asked = self.asked.get(who.user.pk) or Asked(world, who.user)
        self.asked[who.user.pk] = asked
        name, node_id = world.dice.choice(sorted(table)), world.dice.choice(sorted(world.chains))
        if world.is_locked(who.actor, node_id):
            return False
        lacks = world.lacks_factor(who.user)
        if lacks and name.startswith("page"):
            return False  # which lead there; see tests/accounts/web
        with transaction.atomic():
            found = table[name](asked, world.nodes[node_id])
            transaction.set_rollback(True)
        if found is None:
            return False
        expected, answer = found
        done = answer if isinstance(answer, bool) else answer.status_code in GOOD
        if getattr(answer, "streaming", False):
            body_of(answer)  # a zip that nobody reads keeps its place
        what = (name, who.user.email, asked.path(world.nodes[node_id]), getattr(answer, "content", answer))
        assert done is (expected and not lacks), what
        self._count(name, done)
        return True

    def _taken_back(self, name: str, act: Callable[[], Tried | None]) -> bool:
        with transaction.atomic():
            tried = act()
            transaction.set_rollback(True)
        if tried is None:
            return False
        done = tried.answer.status_code in GOOD
        assert done is tried.expected, (name, tried.answer.status_code, tried.answer.content[:2000])
        self._count(name, done)
        return True


def _reach(row: dict[str, object]) -> Reach:
    rights = NO_RIGHTS
    for name in row["rights"]:  # type: ignore[attr-defined]
        rights |= Right[str(name).upper()]
    kind, role = SubjectKind(str(row["kind"])), Role(str(row["role"]))
    return Reach(kind, int(str(row["id"])), "", role, rights, 0, None, None)


def live(settings: Settings, acts: int, seeds: range) -> Counter[tuple[str, bool]]:
    settings.STORAGE_URL = f"memory://acts-{seeds[0]}"
    done: Counter[tuple[str, bool]] = Counter()
    for seed in seeds:
        left = min(IN_ONE_WORLD, acts - sum(done.values()))
        with transaction.atomic():
            life = Life(seed)
            life.go_on(left)
            transaction.set_rollback(True)
        done += life.counts
        if sum(done.values()) == acts:
            break
    assert sum(done.values()) == acts
    return done


def test_some_acts(settings: Settings) -> None:
    live(settings, GATE, range(1, 2))


@pytest.mark.long
@pytest.mark.parametrize("part", range(PARTS))
def test_a_hundred_thousand_acts(settings: Settings, part: int) -> None:
    worlds = ACTS_OF_ALL // PARTS // IN_ONE_WORLD
    counts = live(settings, ACTS_OF_ALL // PARTS, range(1_000 + part * worlds, 1_000 + (part + 1) * worlds))
    for name in (*LASTING, "visit", "explain"):
        assert counts[name, True] > 0, f"{name} never succeeded"
        assert counts[name, False] > 0, f"{name} was never refused"
