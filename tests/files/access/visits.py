"""Visits of links in a random world, on their pages and over WebDAV: of each whether it opens and what may be done
there, by the rules of the world alone. What a visitor does is taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from django.test import Client

from accounts.models import User
from files.access.rights import Right
from sharing.models import Link
from sharing.queries.link_access import proof_of
from tests.files.access.acting_world import ActingWorld, LinkFact
from tests.files.access.acts import Tried
from tests.files.access.acts_of_teams import PASSWORD
from tests.support.clients import HttpClient, basic, body_of
from tests.support.people import sign_in


def visit(world: ActingWorld, revoked: Mapping[str, int]) -> Tried | None:
    """`revoked`: tokens of links that were there, and what they led to."""
    dice = world.dice
    if revoked and dice.random() < 0.1:
        token = dice.choice(sorted(revoked))
        return Tried(False, Client().get(f"/s/{token}", REMOTE_ADDR=_address(world)))
    if not world.links:
        return None
    links = sorted(world.links.values())
    if dice.random() < 0.4:
        links = [link for link in links if _is_paused_for_maker(world, link)] or links
    link = dice.choice(links)
    knows = not link.password or dice.random() < 0.85
    if dice.random() < 0.5:
        user = dice.choice([None, None, *(user for user in world.users if world.members[user.pk][2])])
        return _on_pages(world, link, user, knows=knows)
    return _over_dav(world, link, knows=knows)


def _is_paused_for_maker(world: ActingWorld, link: LinkFact) -> bool:
    """Nothing else keeps it from opening."""
    would_open = not world.is_over(link) and not world.is_paused(link) and link.node_id in world.chains
    return would_open and not world.opens(link, world.owner)


def _address(world: ActingWorld) -> str:
    """Of a network that has not guessed before."""
    return f"10.{world.dice.randrange(250)}.{world.dice.randrange(250)}.{world.dice.randrange(1, 250)}"


def _on_pages(world: ActingWorld, link: LinkFact, user: User | None, *, knows: bool) -> Tried:
    client = Client()
    if user is not None:
        sign_in(client, user)
    if link.password and knows:
        client.cookies["link"] = proof_of(Link.objects.get(pk=link.id))
    visitor = None if user is not None and world.lacks_factor(user) else user
    opens = knows and world.opens(link, visitor)
    node_id = world.dice.choice([link.node_id, *sorted(world.chains)])
    if node_id == link.node_id and world.dice.random() < 0.5:
        return Tried(opens, client.get(f"/s/{link.token}", REMOTE_ADDR=_address(world)))
    opens, actor = opens and link.role != "uploader", world.actor_of_link(link)
    if node_id not in world.chains or world.nodes[node_id].is_folder:
        answer = client.get(f"/s/{link.token}/{node_id}", REMOTE_ADDR=_address(world))
        return Tried(opens and world.may(actor, Right.VIEW, node_id), answer)
    answer = client.get(f"/s/{link.token}/{node_id}/download", REMOTE_ADDR=_address(world))
    if answer.status_code == 200:
        body_of(answer)
    return Tried(opens and world.may(actor, Right.DOWNLOAD, node_id), answer)


def _over_dav(world: ActingWorld, link: LinkFact, *, knows: bool) -> Tried:
    client = HttpClient()
    client.headers["Authorization"] = basic(link.token, PASSWORD if knows else "")
    opens, actor, dice = knows and world.opens(link, None), world.actor_of_link(link), world.dice

    def send(method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        url = f"/public.php/webdav/{quote(path)}"
        return client.send(method, url, body, environ={"REMOTE_ADDR": _address(world), "RAW_URI": url}, **headers)

    if link.node_id not in world.chains:
        return Tried(False, send("PROPFIND", "", depth="0"))
    if link.role == "uploader":
        return Tried(opens and world.may(actor, Right.CREATE, link.node_id), send("PUT", "sent.txt", b"sent"))
    below = world.below(link.node_id)
    node_id = dice.choice(below)
    way = world.chains[node_id][world.chains[node_id].index(link.node_id) + 1 :]
    is_file = not world.nodes[node_id].is_folder
    names = [world.nodes[pk].name for pk in (way or ([link.node_id] if is_file else []))]
    opens = opens and all(world.may(actor, Right.VIEW, pk) for pk in way)
    if dice.random() < 0.3:
        return Tried(opens, send("PROPFIND", "/".join(names), depth="0"))
    if is_file and dice.random() < 0.5:
        answer = send("GET", "/".join(names))
        if answer.status_code == 200:
            body_of(answer)
        return Tried(opens and world.may(actor, Right.DOWNLOAD, node_id), answer)
    if is_file:
        may = world.may(actor, Right.EDIT, node_id) and node_id not in world.locks
        return Tried(opens and may, send("PUT", "/".join(names), b"of a visitor"))
    may = world.may(actor, Right.CREATE, node_id)
    return Tried(opens and may, send("MKCOL", "/".join([*names, "of a visitor"])))
