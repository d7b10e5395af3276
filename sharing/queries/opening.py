"""What a share would open to somebody, before it is made: what they reach already, and what is new."""

from collections.abc import Sequence
from dataclasses import dataclass

from accounts.actor import Actor
from accounts.authentication import actor_from_user
from accounts.models import Group, GroupMember, Membership, User
from accounts.models import Role as TeamRole
from accounts.names import clean_email
from files.access.compute import SpaceAccess, facts_of
from files.access.explain import Reach, SubjectKind, who_reaches
from files.access.rights import NO_RIGHTS, Right
from files.actions.grants import Given, Subject
from files.errors import SubjectNotFound
from files.models import Node, Restriction
from files.queries import veil
from files.queries.tree import LocatedNode, ancestors_of, locate
from sharing.queries.people import person_in_team


@dataclass(frozen=True, slots=True)
class Opening:
    """`rights` are those of the share. `items` and `size` (bytes) are what it reaches: the node and all below, but for
    `restricted` folders, which stay closed. Of a person, `items_before` and `rights_before` say what they have already;
    of a group or a team, `people_before` how many of its `people` reach it. All of it as the actor sees it. `waits`:
    nobody in the team has the address.
    """

    rights: Right
    rights_before: Right
    items: int
    size: int
    items_before: int
    people: int
    people_before: int
    restricted: int
    waits: bool = False

    @property
    def rights_new(self) -> Right:
        return self.rights & ~self.rights_before

    @property
    def items_new(self) -> int:
        return self.items - self.items_before


@dataclass(frozen=True, slots=True)
class _Reached:
    """What a share of a node reaches; `closed` are the restricted folders below, hidden ones too."""

    items: int
    size: int
    restricted: int
    closed: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Before:
    rights: Right = NO_RIGHTS
    items: int = 0
    people: int = 1
    reach: int = 0


def opening(actor: Actor, *, node_id: int, to: Subject | str, given: Given) -> Opening:
    """For who may share it. A constant number of queries. Raises NotFound, Forbidden, ScopeMissing, SubjectNotFound,
    InvalidEmail.
    """
    place = locate(actor, node_id).entered
    place.require(Right.SHARE)
    reached = _reached(place)
    person = person_in_team(place.space.team_id, clean_email(to)) if isinstance(to, str) else None
    if isinstance(to, str) and person is None:
        before = _Before()
    elif person is not None:
        before = _of_person(place, person, reached)
    else:
        assert isinstance(to, Subject)
        before = _of_subject(place, to, reached)
    return Opening(
        given.rights,
        before.rights,
        reached.items,
        reached.size,
        min(before.items, reached.items),
        before.people,
        before.reach,
        reached.restricted,
        waits=isinstance(to, str) and person is None,
    )


def _reached(place: LocatedNode) -> _Reached:
    """Less than the sums of the folder, as the actor sees them, where restricted folders that they see lie in it."""
    node = place.node
    items, size = (node.descendants + 1 if node.is_folder else 1), node.size
    all_closed = list(Restriction.objects.filter(space_id=place.space.pk).values_list("node_id", flat=True))
    above = {pk: [step.id for step in steps] for pk, steps in ancestors_of(all_closed).items()}
    closed = {pk for pk in all_closed if place.node.pk in above[pk]}
    tops = [pk for pk in closed if closed.isdisjoint(above[pk])]
    seen = list(Node.objects.filter(pk__in=[pk for pk in tops if pk not in place.access.hidden]))
    veil.cover((folder, place.access) for folder in seen)
    items -= sum(folder.descendants + 1 for folder in seen)
    size -= sum(folder.size for folder in seen)
    return _Reached(items, size, len(seen), frozenset(closed))


def _of_subject(place: LocatedNode, to: Subject, reached: _Reached) -> _Before:
    if to.kind is SubjectKind.USER:
        return _of_person(place, to.id, reached)
    members = Membership.objects.filter(team_id=place.space.team_id, user__is_active=True)
    if to.kind is SubjectKind.GROUP:
        if not Group.objects.filter(pk=to.id, team_id=place.space.team_id).exists():
            raise SubjectNotFound
        members = members.filter(user__groups_of_team__group_id=to.id)
    elif to.kind is not SubjectKind.TEAM or to.id != place.space.team_id:
        raise SubjectNotFound
    roles = dict(members.values_list("user_id", "role"))
    reaches = [reach for reach in who_reaches(place.space, place.chain_ids) if Right.VIEW in reach.rights]
    rights = NO_RIGHTS
    for reach in reaches:
        if reach.kind is SubjectKind.TEAM or (reach.kind is to.kind and reach.subject_id == to.id):
            rights |= reach.rights
    items = reached.items if Right.VIEW in rights else 0
    return _Before(rights, items, len(roles), len(_people_of(reaches, roles)))


def _people_of(reaches: Sequence[Reach], roles: dict[int, str]) -> set[int]:
    """Who of these people, by their roles in the team, reach it."""
    found: set[int] = set()
    groups = [reach.subject_id for reach in reaches if reach.kind is SubjectKind.GROUP]
    for reach in reaches:
        if reach.kind is SubjectKind.TEAM:
            return set(roles)
        if reach.kind is SubjectKind.MANAGERS:
            found |= {pk for pk, role in roles.items() if role in (TeamRole.OWNER, TeamRole.ADMIN)}
        elif reach.kind in (SubjectKind.OWNER, SubjectKind.USER):
            found.add(reach.subject_id)
    if groups:
        found |= set(GroupMember.objects.filter(group_id__in=groups).values_list("user_id", flat=True))
    return found & roles.keys()


def _of_person(place: LocatedNode, user_id: int, reached: _Reached) -> _Before:
    user = User.objects.select_related("membership").filter(pk=user_id, membership__team_id=place.space.team_id).first()
    person = None if user is None else actor_from_user(user)
    if person is None:
        raise SubjectNotFound
    rules, root_id = SpaceAccess(person, facts_of(place.space)), place.chain_ids[0]
    rights = rules.along(place.chain_ids).rights
    if Right.VIEW in rights:
        return _Before(rights, reached.items, 1, 1)
    return _Before(rights, _seen_below(place, rules.marks(root_id)[0], reached))


def _seen_below(place: LocatedNode, seen: frozenset[int], reached: _Reached) -> int:
    """How much of what lies in the folder somebody sees already, by what was granted on it."""
    above = {pk: {step.id for step in steps} for pk, steps in ancestors_of(seen).items()}
    inside = {pk for pk, ids in above.items() if place.node.pk in ids and ids.isdisjoint(reached.closed)}
    tops = [pk for pk in inside - reached.closed if above[pk].isdisjoint(inside)]
    return sum(node.descendants + 1 if node.is_folder else 1 for node in Node.objects.filter(pk__in=tops))
