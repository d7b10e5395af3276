"""People of one team in a running product, and their space, which is mounted in their homes: all by REST."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.clients.nextcloud.client import NextcloudCmd
from tests.clients.trees import FOLDER, Remote, Tree

# Prints `{email: [id, token]}` of several teams. The first of each is its owner, the others are its members.
PEOPLE = """
import json, sys
from accounts.actions.create_account import create_account
from accounts.actions.tokens import create_token
from accounts.actor import ALL_SCOPES, system
from accounts.models import Team, User
actor, found, given = system("tests"), {}, json.loads(sys.stdin.read())
for emails in given["teams"]:
    team = None
    for email in emails:
        user = User.objects.filter(email=email).first()
        if user is None:
            own = {} if team is None else {"team": team, "role": "member"}
            user = create_account(actor, email=email, password=given["password"], quota_bytes=None, **own)
        if team is None:
            team = user.membership.team
            Team.objects.filter(pk=team.pk).update(seats=50)
        found[email] = [user.pk, create_token(actor, user=user, name="test", scopes=ALL_SCOPES).secret]
print("PEOPLE " + json.dumps(found))
"""
GONE = (502, 503, 504)
PATIENCE = 180.0  # seconds in which a job must have brought homes in line: a clock of a minute starts it
Manage = Callable[[str], str]  # runs PEOPLE with this input, and gives what it prints


@dataclass(frozen=True)
class Member:
    """One of the team. `remote` is what they do in the browser."""

    email: str
    token: str
    user_id: int
    remote: Remote

    def device(self, place: Path, url: str) -> NextcloudCmd:
        return NextcloudCmd(place, url, self.email, self.token)

    def names(self, folder: str = "") -> set[str]:
        return {node["name"] for node in self.remote.listing(folder)}

    def wait_for(self, name: str, *, there: bool = True, folder: str = "") -> None:
        wait_until(lambda: (name in self.names(folder)) is there, f"{name} of {self.email}: there is {there}")

    def ask(self, method: str, path: str, **arguments: Any) -> Any:
        """Below /api/v1. Again where nobody answers, under the same key. Raises AssertionError for what is refused."""
        end, headers = time.monotonic() + PATIENCE, {"Idempotency-Key": uuid.uuid4().hex}
        while True:
            try:
                answer = self.remote.session.request(
                    method, f"{self.remote.url}/{path}", timeout=60, headers=headers, **arguments
                )
            except requests.ConnectionError:
                assert time.monotonic() < end, (method, path)
                time.sleep(0.5)
                continue
            if answer.status_code in GONE and time.monotonic() < end:
                time.sleep(0.5)
                continue
            assert answer.status_code < 300, (method, path, answer.status_code, answer.text[:300])
            return answer.json() if answer.content else None


def people(manage: Manage, url: str, *emails: str) -> list[Member]:
    """New accounts in the team of the first one, who owns it and may exist already."""
    return teams(manage, url, [list(emails)], password="correct horse battery staple")[0]


def teams(manage: Manage, url: str, emails: list[list[str]], *, password: str | None = None) -> list[list[Member]]:
    """Many of them at once; without a password they have tokens alone, and are made quickly."""
    printed = manage(json.dumps({"teams": emails, "password": password}))
    line = next(line for line in printed.splitlines() if line.startswith("PEOPLE "))
    found: dict[str, list[Any]] = json.loads(line.removeprefix("PEOPLE "))
    members = {
        email: Member(email, token, user_id, Remote(url, {"Authorization": f"Bearer {token}"}))
        for email, (user_id, token) in found.items()
    }
    return [[members[email] for email in team] for team in emails]


@dataclass
class TeamSpace:
    """A closed space that `owner` manages, and which a job mounts; `grants` are the ids by member."""

    owner: Member
    id: str
    root_id: str
    grants: dict[str, str]

    @classmethod
    def make(cls, owner: Member, name: str) -> TeamSpace:
        made = owner.ask("POST", "spaces", json={"name": name})
        owner.ask("PATCH", f"spaces/{made['id']}", json={"open": False})
        return cls(owner, made["id"], made["root_id"], {})

    def add(self, member: Member, role: str) -> None:
        given = {"user_id": str(member.user_id), "role": role}
        grant = self.owner.ask("POST", f"nodes/{self.root_id}/grants", json=given)
        self.grants[member.email] = grant["id"]

    def remove(self, member: Member) -> None:
        self.owner.ask("DELETE", f"grants/{self.grants.pop(member.email)}")

    def rename(self, name: str) -> None:
        self.owner.ask("PATCH", f"spaces/{self.id}", json={"name": name})


def wait_until(true: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.1)


def below(tree: Tree, folder: str) -> Tree:
    """What a tree holds in one of its folders, by paths from there."""
    return {path.removeprefix(f"{folder}/"): value for path, value in tree.items() if path.startswith(f"{folder}/")}


def outside(tree: Tree, folder: str) -> Tree:
    return {path: value for path, value in tree.items() if path != folder and not path.startswith(f"{folder}/")}


def files_in(tree: Tree) -> Tree:
    return {path: value for path, value in tree.items() if value != FOLDER}
