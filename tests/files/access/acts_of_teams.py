"""Acts on links, on a team and its policies in a random world: of each whether it may be done, by the rules of the
world alone.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from common.clock import now
from files.access.rights import Right
from files.models import SpaceKind
from tests.files.access.acting_world import ActingWorld, LinkFact
from tests.files.access.acts import HOUR, Act, Person, Tried, some_node

PASSWORD = "sea and sand"  # of all links that have one
DAY = timedelta(days=1)


# --- links -----------------------------------------------------------------------------------------------------------
def make_link(who: Person) -> Tried | None:
    world, dice, node_id = who.world, who.world.dice, some_node(who.world)
    until = dice.choice([None, None, now() + HOUR, now() + 5 * DAY, now() + 50 * DAY])
    link = LinkFact(
        *(0, "", node_id, dice.choice(["viewer", "viewer", "editor", "uploader"]), dice.random() < 0.8),
        *(dice.choice(["", PASSWORD]), until, dice.choice(["anyone", "anyone", "signed_in", "team"])),
        *(who.user.pk, now()),
    )
    fields = {
        "node_id": str(node_id),
        "role": link.role,
        "allow_download": link.allow_download,
        "password": link.password or None,
        "audience": link.audience,
        "expires_at": None if until is None else until.isoformat(),
    }
    may = _may_link(who, link) and not world.breaks(_with_end(world, link))
    answer = who.api.post("/links", fields)
    is_done = lambda: int(answer.json()["id"]) in world.links  # noqa: E731
    return Tried(may, answer, frozenset({"links", "grants"}), is_done, seen=who.may(Right.VIEW, node_id))


def _with_end(world: ActingWorld, link: LinkFact) -> LinkFact:
    """With the one that the team gives to a new one for others."""
    days = world.policy.get("link_default_days") or world.policy.get("link_longest_days")
    if link.expires_at is not None or days is None or not link.is_external:
        return link
    return link._replace(expires_at=link.created_at + days * DAY)


def _may_link(who: Person, link: LinkFact) -> bool:
    """What it gives, to be given by them."""
    world = who.world
    if link.node_id not in world.chains:
        return False
    node = world.nodes[link.node_id]
    if node.parent_id is None and world.space_of(node.pk).kind == SpaceKind.HOME:
        return False
    mine = world.rights(who.actor, node.pk)
    return not (link.rights | Right.SHARE) & ~mine and (link.role != "uploader" or node.is_folder)


def change_link(who: Person) -> Tried | None:
    world, dice = who.world, who.world.dice
    link = _some_link(who)
    if link is None:
        return None
    changes: dict[str, Any] = dice.choice(
        [
            *({"password": None}, {"password": PASSWORD}, {"audience": "anyone"}, {"audience": "team"}),
            *({"role": "editor"}, {"role": "viewer"}, {"role": "uploader"}, {"allow_download": False}),
            *({"allow_download": True}, {"expires_at": None}, {"expires_at": now() + 20 * DAY}, {"take_over": True}),
        ]
    )
    values = {name: value for name, value in changes.items() if name != "take_over"} | {
        "created_by_id": who.user.pk if "take_over" in changes else link.created_by_id
    }
    if "password" in values:
        values["password"] = values["password"] or ""
    after = link._replace(**values)
    mine = world.rights(who.actor, link.node_id)
    may = is_theirs(who, link) and _may_link(who, after)
    may = may and not world.breaks(after) - world.breaks(link)
    if link.created_by_id != who.user.pk and "take_over" in changes:
        may = may and Right.MANAGE in mine
    sent = {name: value.isoformat() if name == "expires_at" and value else value for name, value in changes.items()}
    answer = who.api.patch(f"/links/{link.id}", sent)

    def is_done() -> bool:
        found = world.links[link.id]
        same = found._replace(password=after.password, expires_at=None) == after._replace(expires_at=None)
        return same and bool(found.password) is bool(after.password)

    return Tried(may, answer, frozenset({"links", "grants"}), is_done, seen=is_theirs(who, link))


def _some_link(who: Person) -> LinkFact | None:
    """Mostly one of theirs."""
    links = sorted(link for link in who.world.links.values() if link.node_id in who.world.chains)
    if who.world.dice.random() < 0.7:
        links = [link for link in links if link.created_by_id == who.user.pk] or links
    return who.world.dice.choice(links) if links else None


def is_theirs(who: Person, link: LinkFact) -> bool:
    """Whether they made it, or manage what it leads to."""
    return link.created_by_id == who.user.pk or Right.MANAGE in who.world.granted_along(
        who.actor, who.world.chains[link.node_id]
    )


def revoke_link(who: Person) -> Tried | None:
    world = who.world
    link = _some_link(who)
    if link is None:
        return None
    answer = who.api.delete(f"/links/{link.id}")
    is_done = lambda: link.id not in world.links  # noqa: E731
    may = is_theirs(who, link)
    return Tried(may, answer, frozenset({"links", "grants"}), is_done, seen=may)


# --- the team --------------------------------------------------------------------------------------------------------
def set_policy(who: Person) -> Tried | None:
    """What it ends is what its preview says."""
    world, dice = who.world, who.world.dice
    if who.actor.team_id != world.team_id:
        return None  # those of another team are another row
    changes: dict[str, Any] = dice.choice(
        [
            *({"external_links": value} for value in ("everybody", "everybody", "admins", "nobody")),
            *({"link_password_required": value} for value in (True, False)),
            *({"link_expiry_required": value} for value in (True, False)),
            {"link_longest_days": dice.choice([1, 10, 40]), "link_default_days": None},
            {"link_longest_days": None, "link_default_days": dice.choice([None, 3])},
        ]
    )
    return change_policy(who, changes)


def ask_for_second_factor(who: Person, *, asked: bool) -> Tried:
    """Of everybody, at once."""
    return change_policy(who, {"second_factor_required": asked, "second_factor_grace_days": 0})


def change_policy(who: Person, changes: dict[str, Any]) -> Tried:
    world = who.world
    ended = {"links_paused": _paused_by(world, changes), "people": _locked_out_by(world, changes)}
    ended = {kind: number for kind, number in ended.items() if number}
    answer = who.api.patch("/team/policies", changes)
    if answer.status_code == 409:
        told = answer.json()
        assert {kind: told["endings"].get(kind) for kind in ended} == ended, (told, ended)
        answer = who.api.patch("/team/policies", {**changes, "confirmation": told["confirmation"]})
    elif answer.status_code == 200:
        assert ended == {}
    is_done = lambda: all(world.policy.get(name) == value for name, value in changes.items())  # noqa: E731
    return Tried(world.manages_team(who.actor), answer, frozenset({"policy"}), is_done)


def _paused_by(world: ActingWorld, changes: dict[str, Any]) -> int:
    """Links that open as far as policies go, and would not any more."""
    before = [link for link in world.links.values() if not (world.is_over(link) or world.is_paused(link))]
    policy, world.policy = world.policy, {**world.policy, **changes}
    after = sum(link.is_external and world.is_paused(link) for link in before)
    world.policy = policy
    return after


def _locked_out_by(world: ActingWorld, changes: dict[str, Any]) -> int:
    """People without a second factor, when one is asked for."""
    if not changes.get("second_factor_required") or world.policy["second_factor_required"]:
        return 0
    lacking = [user for user in world.users if user not in world.with_factor]
    return sum(world.members[user.pk][0] == world.team_id and world.members[user.pk][2] for user in lacking)


def change_member(who: Person) -> Tried | None:
    """Another role; stopped, removed, let in again. What is stopped has no token that is worth anything."""
    world, dice = who.world, who.world.dice
    user = dice.choice([*world.users[:4], *([world.owner] if dice.random() < 0.1 else [])])
    team_id, _, is_active = world.members[user.pk]
    is_owner, path, itself = user == world.owner, f"/team/members/{user.pk}", user == who.user
    may = world.manages_team(who.actor) and (not is_owner or who.actor.role == "owner")
    touches = frozenset({"members", "groups"})
    if not is_active:
        answer = who.api.patch(path, {"active": True})
        return Tried(may, answer, touches, lambda: world.members[user.pk][2])
    if dice.random() < 0.6:
        new = dice.choice(["member", "member", "admin"])
        answer = who.api.patch(path, {"role": new})
        return Tried(may and not is_owner, answer, touches, lambda: world.members[user.pk] == (team_id, new, True))
    may = may and not itself and not is_owner
    if dice.random() < 0.5:
        answer = who.api.delete(path)
        return Tried(may, answer, touches, lambda: not any(pk == user.pk for _, pk in world.in_groups))
    answer = who.api.patch(path, {"active": False})
    return Tried(may, answer, touches, lambda: not world.members[user.pk][2])


def change_group(who: Person) -> Tried | None:
    world, dice = who.world, who.world.dice
    group_id, user = dice.choice(world.groups), dice.choice(world.users)
    method, adds = dice.choice([("PUT", True), ("DELETE", False)])
    may = world.manages_team(who.actor) and world.members[user.pk][0] == world.team_id
    answer = who.api.request(method, f"/team/groups/{group_id}/members/{user.pk}")
    is_done = lambda: ((group_id, user.pk) in world.in_groups) is adds  # noqa: E731
    return Tried(may, answer, frozenset({"groups"}), is_done)


def change_space(who: Person) -> Tried | None:
    """Opened, closed, archived and taken back from there."""
    world, dice = who.world, who.world.dice
    space = dice.choice(world.spaces)
    root_id, may = space.root_id or 0, False
    if space.kind == SpaceKind.TEAM:
        may = world.manages_team(who.actor) or Right.MANAGE in world.granted_along(who.actor, [root_id])
    name, value = dice.choice([("open", True), ("open", False), ("archived", True), *[("archived", False)] * 3])
    answer = who.api.patch(f"/spaces/{space.pk}", {name: value})

    def is_done() -> bool:
        found = world.space_of(root_id)
        return (found.is_open if name == "open" else found.archived_at is not None) is value

    return Tried(may, answer, frozenset({"spaces", "grants"}), is_done)


OF_TEAMS: dict[str, tuple[Act, int]] = {
    "make a link": (make_link, 12),
    "change a link": (change_link, 10),
    "revoke a link": (revoke_link, 3),
    "set a policy": (set_policy, 5),
    "change a member": (change_member, 5),
    "change a group": (change_group, 4),
    "change a space": (change_space, 5),
}
