"""A principal that is made from nothing sees nothing: in every query and every action, found by their signatures.

So does a link that nobody made and a user who is not there. Whoever adds a query or an action with a parameter of a new
name is told to teach this test what to ask with.
"""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.db.models import Model, Q, QuerySet, Sum
from pytest_django import Settings

import accounts.actions
import files.actions
import files.queries
import sharing.actions
import sharing.queries
from accounts.actions.groups import create_group
from accounts.actions.invite import invite
from accounts.actions.support import request_support
from accounts.actor import ALL_SCOPES, Actor, Principal, PrincipalKind, principal_of
from accounts.models import QuotaAccount
from common.clock import now
from common.errors import CodedError
from files.access.explain import SubjectKind
from files.access.rights import Right, Role
from files.actions.brake import OwnBounds
from files.actions.bulk_write import SmallFile
from files.actions.chunks import Chunk
from files.actions.direct_upload import DirectPiece
from files.actions.grants import Given, Subject, set_grant
from files.actions.lock import LockOptions, lock_node
from files.actions.numbered_chunks import NumberedChunk
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_piece import PieceOptions
from files.blobs.ingest import Stored
from files.models import Brake, CopyJob, Mount, Pool, Space
from files.queries.feed import Position
from files.queries.target import Target
from files.queries.tree import get_space, locate_path
from files.tree.writing import WriteOptions
from sharing.actions.comments import add_comment
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import create_link
from sharing.actions.reminders import set_reminder
from sharing.actions.shares import share
from sharing.actions.transfers import offer_transfer
from sharing.actions.webhooks import Place, WebhookSettings, create_webhook, send_test
from sharing.models import MailChoice, NotificationKind
from sharing.queries.deliveries import Sender
from sharing.queries.link_administration import LinksAsked
from tests.support.mounts import mounted_space
from tests.support.people import PASSWORD, actor_of, make_member, make_token, make_user
from tests.support.trees import home_of, put

PACKAGES = (accounts.actions, files.actions, files.queries, sharing.actions, sharing.queries)
MODULES = ("accounts.queries", "files.access.spaces", "search.queries")
NOBODIES = {
    "nobody": Actor(),
    "nobody, with all scopes": Actor(scopes=ALL_SCOPES, client="tests"),
    "a link that nobody made": Actor(Principal(PrincipalKind.LINK, 7), scopes=ALL_SCOPES),
    "a user who is not there": Actor(principal_of(10**12), scopes=ALL_SCOPES),
}
# What somebody has found before, by the rights that they have, is no question of who asks.
FOUND = re.compile(
    r"\b(LocatedNode|Access|UnitOfWork|SpaceUnitOfWork|NodeLock|Locks|TrashItem|Change|Room|Upload|Link|SharedNode"
    r"|SupportAccess|Webhook|Comment)\b"
)
# What visitors may do, and parts of actions and queries, which ask before or after.
FOR_VISITORS = {"sign_up", "start_login_flow", "open_link", "try_password", "report_link"}
PARTS = {
    "insert_account",
    "giving_way",
    "stored_whole",
    "record_whole",
    "capped",
    "cover_roots",
    "way_to",
    "own_id",
    "seen_by",
}
OPTIONAL = {"space_id", "team_id", "user_id", "user"}  # given as well where they are not required
# Said before anything is looked up, or by somebody's right to what is named: nothing that tells of what is there.
SAYS_NOTHING = {
    *("not_found", "parent_not_found", "upload_not_found", "subject_not_found", "lock_token_mismatch"),
    *("not_authenticated", "invalid_credentials", "reauthentication_required", "scope_missing", "not_allowed"),
    *("account_not_found", "token_not_found", "login_flow_not_found", "invitation_not_found", "setup_closed"),
    *("support_not_found", "support_needs_session"),
    *("group_not_found", "team_not_found", "invalid_request", "unknown_role", "link_not_found"),
}
# For users, or for the system: `forbidden`, whatever is named.
REFUSED_OUTRIGHT = {"claim", "lock_node", "lock_file", "clear", "purge_space"}


def functions() -> dict[str, Callable[..., Any]]:
    """By `files.queries.tree.locate` every query and action that is told who asks."""
    names = [
        f"{package.__name__}.{found.name}" for package in PACKAGES for found in pkgutil.iter_modules(package.__path__)
    ]
    result = {}
    for name in (*names, *MODULES):
        for own, function in inspect.getmembers(importlib.import_module(name), inspect.isfunction):
            if function.__module__ == name and not own.startswith("_") and _asker(function) is not None:
                result[f"{name}.{own}"] = function
    return result


def _annotation(parameter: inspect.Parameter) -> str:
    return str(inspect.formatannotation(parameter.annotation)).strip("'\"")


def _asker(function: Callable[..., Any]) -> str | None:
    for parameter in inspect.signature(function).parameters.values():
        if _annotation(parameter).rpartition(".")[2] == "Actor":
            return parameter.name
    return None


def is_asked(function: Callable[..., Any]) -> bool:
    found = any(FOUND.search(_annotation(parameter)) for parameter in inspect.signature(function).parameters.values())
    return not found and function.__name__ not in FOR_VISITORS | PARTS


@dataclass(frozen=True)
class World:
    """`values` are what may be asked with, by the name of the parameter, or of the function and the parameter."""

    values: Mapping[str, Sequence[Any]]

    def calls(self, function: Callable[..., Any]) -> Iterator[dict[str, Any]]:
        """As many as the longest list of values has."""
        asker, given = _asker(function), {}
        for name, parameter in inspect.signature(function).parameters.items():
            further = parameter.kind in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
            if name == asker or further or (parameter.default is not parameter.empty and name not in OPTIONAL):
                continue
            own = self.values.get(f"{function.__name__}.{name}", self.values.get(name))
            assert own is not None, f"teach this test the parameter {name!r} of {function.__name__}"
            given[name] = own
        for number in range(max(map(len, given.values()), default=1)):
            yield {name: values[number % len(values)] for name, values in given.items()}


@pytest.fixture
def world(db: None, settings: Settings) -> World:
    settings.STORAGE_URL = "memory://nobody"
    user = make_user("owner@example.com")
    user.membership.team.seats = 10
    user.membership.team.save()
    actor = actor_of(user)
    other = make_member(user)
    file = put(actor, "docs/zebra.txt", b"zebra").node
    put(actor, "docs/zebra.txt", b"zebra again")
    put(actor, "gone.txt"), put(actor, "locked.txt")
    folder, home = locate_path(actor, "docs").node, home_of(user)
    locked = locate_path(actor, "locked.txt").node
    lock_node(actor, node_id=locked.pk, options=LockOptions())
    (item,) = trash_nodes(actor, node_ids=[locate_path(actor, "gone.txt").node.pk])
    space = mounted_space(actor, "Plans")
    shared = put(actor, "shared.txt", b"zebra", space_id=space.pk).node
    grant = set_grant(actor, node_id=folder.pk, subject=Subject(SubjectKind.USER, other.pk), role=Role.VIEWER)
    waiting = share(actor, node_id=file.pk, to="waits@example.com", given=Given(Role.VIEWER))
    upload = open_upload(actor, wanted=UploadOptions(Target("arriving.bin"), length=5, name="named"))
    times = {"created_at": now(), "updated_at": now()}
    copy = CopyJob.objects.create(user=user, space_id=home.pk, total=0, targets=[file.pk], **times)
    nodes, spaces = [file.pk, folder.pk, home.root_id, shared.pk, space.root_id, locked.pk], [home.pk, space.pk]
    targets = [
        Target("docs/new.txt", space_id=home.pk),
        Target("new.txt", parent_id=folder.pk),
        Target("new.txt", space_id=space.pk),
        Target("docs/zebra.txt", space_id=home.pk),
        Target("docs/zebra.txt"),
    ]
    pool = Pool.objects.get()
    hooked = create_webhook(actor, place=Place(), settings=WebhookSettings(url="https://example.com/")).webhook
    ids = {
        "node_id": nodes,
        "node_ids": [[node] for node in nodes],
        "parent_id": [folder.pk, space.root_id],
        "folder_id": [folder.pk],
        "file_id": [file.pk, shared.pk],
        "version_id": [file.version_id],
        "version_ids": [[file.version_id]],
        "item_ids": [[item.pk]],
        "space_id": spaces,
        "space": [get_space(actor, None), space],
        "spaces": [[home, space]],
        "upload_id": [upload.pk, str(upload.pk)],
        "part_ids": [[upload.pk]],
        "copy_id": [copy.pk, uuid.uuid4()],
        "brake_id": [Brake.objects.create(space=home, user=user, client="token:0", began_at=now(), held_at=now()).pk],
        "grant_id": [grant.pk],
        "link_id": [create_link(actor, node_id=folder.pk, settings=LinkSettings()).pk],
        "share_id": [grant.pk, waiting],
        "share_ids": [[grant.pk, waiting]],
        "reminder_id": [set_reminder(actor, node_id=file.pk, at=now() + timedelta(days=1)).pk],
        "comment_id": [add_comment(actor, node_id=file.pk, text="zebra").pk],
        "transfer_id": [offer_transfer(actor, node_id=folder.pk, to_user_id=other.pk).pk],
        "to": [Subject(SubjectKind.USER, other.pk), "new@example.com", other.email],
        "webhook_id": [hooked.pk],
        "delivery_id": [send_test(actor, webhook_id=hooked.pk).pk],
        "mount_id": [Mount.objects.get(user=user).pk],
        "pool_id": [pool.pk],
        "group_id": [create_group(actor, name="group").pk],
        "invitation_id": [invite(actor, email="invited@example.com").pk],
        "access_id": [request_support(actor, user_id=other.pk, reason="Help", minutes=5).pk],
        "token_id": [make_token(user)[0].pk],
        "team_id": [user.membership.team_id],
        "user_id": [user.pk, other.pk],
        "user": [user],
        "to_user_id": [other.pk],
        "subject": [Subject(SubjectKind.USER, other.pk), Subject(SubjectKind.TEAM, user.membership.team_id)],
        "target": targets,
        "folder": targets[:3],
        "position": [Position(None), *(Position(pk, mounted={}) for pk in spaces)],
        "stored": [Stored(pool, user.membership.team_id, None, 5, "c" * 64, {})],
        "open_upload.wanted": [UploadOptions(target, length=5) for target in targets],
    }
    return World({**PLAIN, **ids})


PLAIN: dict[str, Sequence[Any]] = {
    "about": ["me", "mine", "team", "all"],
    "minutes": [30],
    "reason": ["Help"],
    "asked": [LinksAsked()],
    "bounds": [OwnBounds()],
    "changes": [{"title": "new"}],
    "chunks": [[b"bytes"]],
    "chunk": [Chunk("1", 5, 0)],
    "remove_chunk.chunk": ["1"],
    "write_numbered_chunk.chunk": [NumberedChunk("t", 1, 0)],
    "direct_uploads": [False],
    "redirect_downloads": [False],
    "email": ["owner@example.com", "new@example.com"],
    "owner": ["owner@example.com"],
    "files": [[SmallFile("x.txt", b"x", WriteOptions())]],
    "etag": ['"1.1"'],
    "is_late": [False],
    "sender": [Sender("Ada", "s" * 22)],
    "size": [5],
    "fingerprint": ["f"],
    "form": ["csv"],
    "given": [Given(Role.VIEWER)],
    "key": ["key"],
    "length": [5],
    "limit": [10],
    "limit_bytes": [10],
    "mails": [{NotificationKind.SHARE: MailChoice.OFF}],
    "login_secret": ["x" * 40],
    "poll_secret": ["x" * 40],
    "secret": ["x" * 40],
    "moment": [now()],
    "name": ["named", "Plans", "group"],
    "sent_as": ["named"],
    "names": [["docs", "zebra.txt"], ["shared.txt"], []],
    "options": [WriteOptions()],
    "overwrites": [lambda _: True, lambda _: False],
    "autorename": [True, False],
    "lock_node.options": [LockOptions()],
    "password": [PASSWORD],
    "path": ["docs/zebra.txt", "shared.txt", "", "/Plans"],
    "paths": [["docs/zebra.txt"], ["/Plans/shared.txt"]],
    "piece": [PieceOptions(0, 5)],
    "pieces": [[DirectPiece(0, 5, b"x" * 32)]],
    "protocol": ["api"],
    "region": ["eu"],
    "right": [Right.VIEW, Right.CREATE],
    "role": [Role.MANAGER],
    "change_role.role": ["admin"],
    "scopes": [["read"]],
    "seq": [1],
    "settings": [LinkSettings()],
    "create_webhook.settings": [WebhookSettings(url="https://example.com/other")],
    "change_webhook.settings": [WebhookSettings(is_on=False), WebhookSettings(description="new")],
    "place": [Place(), Place(of_team=True)],
    "since": [now() - timedelta(days=1)],
    "state": ["active"],
    "tell": [print],
    "text": ["zebra", ""],
    "tokens": [["x"]],
    "token": ["x"],
    "at": [now() + timedelta(days=1)],
    "until": [now() + timedelta(days=1)],
    "url": ["memory://other"],
    "wanted": [True],
    "with_mounts": [True, False],
}


def is_nothing(value: Any) -> bool:
    """Nothing that is there, whatever shape the answer has."""
    if isinstance(value, Q):
        return not Space.objects.filter(value).exists()
    if isinstance(value, QuerySet):
        return not value.exists()
    if isinstance(value, Model):
        return False
    if is_dataclass(value):
        return all(is_nothing(getattr(value, field.name)) for field in fields(value))
    if isinstance(value, Mapping | Sequence | Iterator | set | frozenset) and not isinstance(value, str):
        return all(is_nothing(part) for part in value)
    return not value


def rows() -> tuple[Any, ...]:
    """How many of everything, and the sums that a change leaves."""
    models = [
        model for model in apps.get_models() if model._meta.app_label in ("accounts", "files", "search", "sharing")
    ]
    sums = Space.objects.aggregate(Sum("seq")), QuotaAccount.objects.aggregate(Sum("uploads_bytes"), Sum("live_bytes"))
    return (*((model.__name__, model._default_manager.count()) for model in models), *map(str, sums))


def ask(function: Callable[..., Any], given: dict[str, Any]) -> str | None:
    """What is wrong with the answer. In no transaction of ours: what an action has committed before its error stays."""
    try:
        answer = function(**given)
        if isinstance(answer, contextlib.AbstractContextManager):
            with answer as inner:
                return f"it opens {inner!r}"
        return None if is_nothing(answer) else f"it answers {answer!r}"
    except CodedError as error:
        allowed = SAYS_NOTHING | ({"forbidden"} if function.__name__ in REFUSED_OUTRIGHT else set())
        return None if error.code in allowed else f"it says {error.code}"
    except Exception as error:
        return f"it fails with {error!r}"


@pytest.mark.timeout(600)
@pytest.mark.parametrize("who", NOBODIES)
def test_nobody_sees_and_changes_anything(world: World, who: str) -> None:
    faults, asked = [], 0
    before = rows()
    for name, function in functions().items():
        if not is_asked(function):
            continue
        for given in world.calls(function):
            fault = ask(function, {**given, _asker(function) or "": NOBODIES[who]})
            if fault is not None:
                faults.append(f"{name}({given}): {fault}")
            asked += 1
        after = rows()
        if after != before:
            faults.append(f"{name}: it changes {set(after) ^ set(before)}")
            before = after
    assert not faults, "\n".join(faults)
    assert asked > 250


def test_what_somebody_sees_is_no_nothing(world: World) -> None:
    """The same questions by their owner are answered: the values are good ones."""
    owner = actor_of(world.values["user"][0])
    answered = set()
    for name, function in functions().items():
        if not is_asked(function) or not name.startswith(("files.queries", "accounts.queries", "search.queries")):
            continue
        for given in world.calls(function):
            with transaction.atomic():
                fault = ask(function, {**given, _asker(function) or "": owner})
                transaction.set_rollback(True)
            if fault is not None and fault.startswith("it answers"):
                answered.add(function.__name__)
    assert {"locate", "find", "file_at_path", "feed_since", "list_trash", "mounts_in", "get_upload"} <= answered
    assert len(answered) > 35


def test_a_leak_is_found(world: World) -> None:
    def leaking(actor: Actor, *, space_id: int) -> Space:
        return Space.objects.get(pk=space_id)

    def revealing(actor: Actor, *, node_id: int) -> None:
        raise CodedError("It is locked.")

    nobody = Actor()
    assert "it answers" in (ask(leaking, {"actor": nobody, "space_id": world.values["space_id"][0]}) or "")
    assert ask(revealing, {"actor": nobody, "node_id": 1}) == "it says operation_failed"
    assert is_nothing([None, 0, (), {}])
    assert not is_nothing([0, timedelta(1)])
