"""Who may do what, for every route: nobody, a stranger with another tenant's ids, a token that is too narrow.

A route or a method that is added and not listed here fails `test_every_route_is_listed`.
"""

import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.actor import ADMIN, READ, SHARE, WRITE, Actor
from accounts.models import User
from common.clock import now
from files.api.schema import DocumentationView, SchemaView
from files.api.views.problems import ProblemsView
from files.models import Brake, Change, CopyJob, Grant, Mount, Node, Upload
from files.queries.tree import locate_path
from sharing.actions.comments import add_comment
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import create_link
from sharing.actions.reminders import set_reminder
from sharing.actions.transfers import offer_transfer
from sharing.actions.webhooks import Place, WebhookSettings, create_webhook, send_test
from sharing.models import Link, Webhook, WebhookDelivery
from tests.files.api.test_bulk import form
from tests.support.clients import Api, problem
from tests.support.mounts import mounted_space
from tests.support.people import actor_of, make_member
from tests.support.trees import put

FORM, FORM_TYPE = form(("a.txt", b"x"))
PUBLIC = {SchemaView, DocumentationView, ProblemsView}


@dataclass(frozen=True)
class Call:
    """`path` and `body` have {node}, {folder}, … of the owner in them; `scope` is what the method needs."""

    route: str
    method: str
    path: str
    scope: str
    body: Any = None
    kind: str = "application/json"

    @property
    def takes_ids(self) -> bool:
        return bool(re.search(r"\{\w+\}", f"{self.path} {self.body}"))

    def run(self, api: Api, ids: dict[str, str]) -> Any:
        body = self.body if isinstance(self.body, bytes | None) else filled(self.body, ids)
        return api.request(self.method, self.path.format(**ids), body, Content_Type=self.kind)


def filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: filled(item, ids) for name, item in value.items()}
    if isinstance(value, list):
        return [filled(item, ids) for item in value]
    return value.format(**ids) if isinstance(value, str) else value


def call(route: str, method: str, scope: str, body: Any = None, *, path: str | None = None, kind: str = "") -> Call:
    default = route
    for parameter, name in (
        ("<int:node_id>/children", "{folder}/children"),
        ("<int:node_id>/rewind", "{folder}/rewind"),
        ("<int:node_id>", "{node}"),
        ("<int:version_id>", "{version}"),
        ("<int:brake_id>", "{brake}"),
        ("<uuid:upload_id>", "{upload}"),
        ("<uuid:copy_id>", "{copy}"),
        ("<int:link_id>", "{link}"),
        ("<int:comment_id>", "{comment}"),
        ("<int:reminder_id>", "{reminder}"),
        ("<int:offset>", "0"),
        ("<path:path>", "a/b.txt"),
        ("<anypath:path>", "a/b.txt"),
    ):
        default = default.replace(parameter, name)
    return Call(route, method, f"/{default}" if path is None else path, scope, body, kind or "application/json")


BYTES = "application/octet-stream"
HOOK, MOMENT = "https://example.com/hook", "2026-01-01T00:00:00Z"
REPLAYED = "deliveries/<int:delivery_id>/replay"
PIECE = {"offset": 0, "length": 1, "sha256": "0" * 64}
CALLS = [
    call("content/", "GET", READ, path="/content/?space={space}"),
    call("content/<anypath:path>", "GET", READ, path="/content/a/b.txt?space={space}"),
    call("content/<anypath:path>", "HEAD", READ, path="/content/a/b.txt?space={space}"),
    call("content/<anypath:path>", "PUT", WRITE, b"x", path="/content/a/new.txt?space={space}", kind=BYTES),
    call("content/<anypath:path>", "DELETE", WRITE, path="/content/a/b.txt?space={space}"),
    call("nodes/<int:node_id>/content", "GET", READ),
    call("nodes/<int:node_id>/content", "HEAD", READ),
    call("nodes/<int:node_id>/content", "PUT", WRITE, b"x", kind=BYTES),
    call("nodes/<int:node_id>/content", "DELETE", WRITE),
    call("nodes/<int:node_id>/versions/<int:version_id>/content", "GET", READ),
    call("zip", "GET", READ, path="/zip?ids={node},{folder}"),
    call("zip", "GET", READ, path="/zip?paths=/a&space={space}"),
    call("zip", "POST", READ, {"ids": ["{node}"]}),
    call("nodes/<int:node_id>", "GET", READ),
    call("nodes/<int:node_id>", "PATCH", WRITE, {"name": "new"}),
    call("nodes/<int:node_id>", "PATCH", WRITE, {"parent_id": "{folder}"}),
    call("nodes/<int:node_id>", "DELETE", WRITE),
    call("nodes/<int:node_id>/children", "GET", READ),
    call("nodes/<int:node_id>/children", "GET", READ, path="/nodes/{folder}/children?at=2099-01-01T00:00:00Z"),
    call("metadata", "GET", READ, path="/metadata?path=/a/b.txt&space={space}"),
    call("folders", "GET", READ, path="/folders?path=/a&space={space}"),
    call("folders", "GET", READ, path="/folders?at=2099-01-01T00:00:00Z&space={space}"),
    call("folders", "POST", WRITE, {"path": "/new", "space": "{space}"}),
    call("folders", "POST", WRITE, {"name": "new", "parent_id": "{folder}"}),
    call("move", "POST", WRITE, {"ids": ["{node}"], "to": {"path": "/"}}),
    call("move", "POST", WRITE, {"paths": ["/own.txt"], "to": {"parent_id": "{folder}"}}),
    call("move", "POST", WRITE, {"paths": ["/own.txt"], "to": {"path": "/", "space": "{space}"}}),
    call("move", "POST", WRITE, {"paths": ["/a/b.txt"], "space": "{space}", "to": {"path": "/", "space": "home"}}),
    call("move", "POST", WRITE, {"from_id": "{node}", "to_path": "/new"}),
    call("move", "POST", WRITE, {"from_path": "/own.txt", "to_path": "/new", "to_space": "{space}"}),
    call("copy", "POST", WRITE, {"ids": ["{node}"], "to": {"path": "/"}}),
    call("copy", "POST", WRITE, {"paths": ["/own.txt"], "to": {"parent_id": "{folder}"}}),
    call("copy", "POST", WRITE, {"from_id": "{node}", "to_path": "/new"}),
    call("copy", "POST", WRITE, {"from_path": "/own.txt", "to_path": "/new", "to_space": "{space}"}),
    call("trash", "GET", READ, path="/trash?space={space}"),
    call("trash", "POST", WRITE, {"ids": ["{node}"]}),
    call("trash", "POST", WRITE, {"paths": ["/a/b.txt"], "space": "{space}"}),
    call("trash/restore", "POST", WRITE, {"ids": ["{item}"]}),
    call("trash/purge", "POST", WRITE, {"ids": ["{item}"]}),
    call("trash/empty", "POST", WRITE, {"space": "{space}"}),
    call("nodes/<int:node_id>/lock", "POST", WRITE, {"expires_at": "{tomorrow}"}),
    call("nodes/<int:node_id>/unlock", "POST", WRITE),
    call("nodes/<int:node_id>/versions", "GET", READ),
    call("nodes/<int:node_id>/versions/<int:version_id>", "DELETE", WRITE),
    call("nodes/<int:node_id>/versions/<int:version_id>/restore", "POST", WRITE),
    call("nodes/<int:node_id>/rewind", "POST", WRITE, {"seq": 1}),
    call("nodes/<int:node_id>/history", "GET", READ),
    call("journal", "GET", READ, path="/journal?space={space}"),
    call("changes", "GET", READ, path="/changes?space={space}"),
    call("changes/cursor", "GET", READ, path="/changes/cursor?space={space}"),
    call("uploads", "GET", WRITE),
    call("uploads", "POST", WRITE, {"path": "/new", "length": 1, "space": "{space}"}),
    call("uploads", "POST", WRITE, {"name": "new", "length": 1, "parent_id": "{folder}"}),
    call("uploads/<uuid:upload_id>", "GET", WRITE),
    call("uploads/<uuid:upload_id>", "DELETE", WRITE),
    call("uploads/<uuid:upload_id>/pieces/<int:offset>", "PUT", WRITE, b"x", kind=BYTES),
    call("copies", "GET", READ),
    call("copies/<uuid:copy_id>", "GET", READ),
    call("copies/<uuid:copy_id>", "DELETE", WRITE),
    call("reservations", "GET", WRITE),
    call("reservations/<uuid:upload_id>", "DELETE", WRITE),
    call("uploads/<uuid:upload_id>/finish", "POST", WRITE, {}),
    call("uploads/<uuid:upload_id>/direct", "POST", WRITE, {"pieces": [PIECE]}),
    call("uploads/<uuid:upload_id>/direct/complete", "POST", WRITE, {"tokens": ["x"]}),
    call("bulk", "POST", WRITE, FORM, path="/bulk?parent_id={folder}", kind=FORM_TYPE),
    call("bulk", "POST", WRITE, FORM, path="/bulk?space={space}", kind=FORM_TYPE),
    call("bulk", "POST", WRITE, FORM, path="/bulk?space={space}&path=/a", kind=FORM_TYPE),
    call("spaces", "GET", READ),
    call("spaces", "POST", ADMIN, {"name": "New"}),
    call("spaces/<int:space_id>", "PATCH", WRITE, {"name": "Other"}, path="/spaces/{space}"),
    call("spaces/<int:space_id>", "DELETE", ADMIN, path="/spaces/{space}?name=x"),
    call("spaces/deleted", "GET", ADMIN),
    call("spaces/<int:space_id>/restore", "POST", ADMIN, {}, path="/spaces/{space}/restore"),
    call("spaces/<int:space_id>/moved", "GET", WRITE, path="/spaces/{space}/moved"),
    call("spaces/<int:space_id>/moved/<int:seq>/undo", "POST", WRITE, path="/spaces/{space}/moved/1/undo"),
    call("team/members/<int:user_id>/handover", "POST", ADMIN, {"to_user_id": "1"}, path="/team/members/1/handover"),
    call("nodes/<int:node_id>/access", "GET", READ),
    call("nodes/<int:node_id>/grants", "POST", SHARE, {"team_id": "{team}", "role": "viewer"}),
    call("nodes/<int:node_id>/restriction", "PUT", SHARE, path="/nodes/{folder}/restriction"),
    call("nodes/<int:node_id>/restriction", "DELETE", SHARE, path="/nodes/{folder}/restriction"),
    call("grants/<int:grant_id>", "DELETE", SHARE, path="/grants/{grant}"),
    call("links", "GET", SHARE),
    call("links", "GET", SHARE, path="/links?node_id={folder}"),
    call("links", "GET", SHARE, path="/links?space_id={space}"),
    call("links", "POST", SHARE, {"node_id": "{folder}", "role": "viewer"}),
    call("links", "POST", SHARE, {"path": "/a"}),
    call("links/<int:link_id>", "GET", SHARE),
    call("links/<int:link_id>", "PATCH", SHARE, {"title": "Other"}),
    call("links/<int:link_id>", "DELETE", SHARE),
    call("links/all", "GET", ADMIN),
    call("links/all/<int:link_id>", "DELETE", ADMIN, path="/links/all/1"),  # for administrators of the installation
    call("shares", "GET", READ, path="/shares?node_id={node}"),
    call("shares", "POST", SHARE, {"node_id": "{node}", "grantee": {"team_id": "{team}"}, "role": "viewer"}),
    call("shares/preview", "GET", SHARE, path="/shares/preview?node_id={node}&team_id={team}"),
    call("shares/<int:share_id>", "GET", READ, path="/shares/{grant}"),
    call("shares/<int:share_id>", "PATCH", SHARE, {"role": "editor"}, path="/shares/{grant}"),
    call("shares/<int:share_id>", "DELETE", SHARE, path="/shares/{grant}"),
    call("shared-with-me", "GET", READ),
    call("shared-by-me", "GET", READ),
    call("transfers", "GET", READ),
    call("transfers", "POST", SHARE, {"node_id": "{node}", "to_user_id": "{member}"}),
    call("transfers/<int:transfer_id>", "DELETE", SHARE, path="/transfers/{transfer}"),
    call("transfers/<int:transfer_id>/accept", "POST", WRITE, path="/transfers/{received}/accept"),
    call("mounts", "GET", READ),
    call("mounts/<int:mount_id>/bring-back", "POST", WRITE, path="/mounts/{mount}/bring-back"),
    call("brakes", "GET", READ),
    call("brakes/bounds", "GET", ADMIN),
    call("brakes/bounds", "PUT", ADMIN, {"on": True}),
    call("brakes/<int:brake_id>", "GET", READ),
    call("brakes/<int:brake_id>/changes", "GET", READ),
    call("brakes/<int:brake_id>/accept", "POST", WRITE),
    call("brakes/<int:brake_id>/revert", "POST", WRITE, {}),
    call("usage", "GET", ""),
    call("activity", "GET", READ),
    call("nodes/<int:node_id>/activity", "GET", READ),
    call("nodes/<int:node_id>/activity", "GET", READ, path="/nodes/{folder}/activity"),
    call("spaces/<int:space_id>/activity", "GET", READ, path="/spaces/{space}/activity"),
    call("nodes/<int:node_id>/comments", "GET", READ),
    call("nodes/<int:node_id>/comments", "POST", WRITE, {"text": "Nice"}),
    call("comments/<int:comment_id>", "GET", READ),
    call("comments/<int:comment_id>", "PATCH", WRITE, {"text": "Better"}),
    call("comments/<int:comment_id>", "DELETE", WRITE),
    call("nodes/<int:node_id>/reminders", "POST", WRITE, {"at": "{tomorrow}"}),
    call("nodes/<int:node_id>/tags", "GET", READ),
    call("nodes/<int:node_id>/tags", "PUT", WRITE, {"tags": ["draft"]}),
    call("tags", "GET", READ),
    call("tagged", "GET", READ, path="/tagged?tag=draft"),
    call("reminders", "GET", READ),
    call("reminders/<int:reminder_id>", "GET", READ),
    call("reminders/<int:reminder_id>", "DELETE", WRITE),
    call("notifications", "GET", READ),
    call("notifications/read", "POST", WRITE, {"all": True}),
    call("notification-preferences", "GET", READ),
    call("notification-preferences", "PATCH", WRITE, {"mail": {"share": "off"}}),
    call("webhooks", "GET", SHARE),
    call("webhooks", "GET", SHARE, path="/webhooks?space_id={space}"),
    call("webhooks", "POST", SHARE, {"url": HOOK, "space_id": "{space}"}),
    call("webhooks/<int:webhook_id>", "GET", SHARE, path="/webhooks/{webhook}"),
    call("webhooks/<int:webhook_id>", "PATCH", SHARE, {"description": "x"}, path="/webhooks/{webhook}"),
    call("webhooks/<int:webhook_id>", "DELETE", SHARE, path="/webhooks/{webhook}"),
    call("webhooks/<int:webhook_id>/secret", "POST", SHARE, path="/webhooks/{webhook}/secret"),
    call("webhooks/<int:webhook_id>/test", "POST", SHARE, path="/webhooks/{webhook}/test"),
    call("webhooks/<int:webhook_id>/replay", "POST", SHARE, {"since": MOMENT}, path="/webhooks/{webhook}/replay"),
    call("webhooks/<int:webhook_id>/deliveries", "GET", SHARE, path="/webhooks/{webhook}/deliveries"),
    call(
        f"webhooks/<int:webhook_id>/{REPLAYED}", "POST", SHARE, path="/webhooks/{webhook}/deliveries/{delivery}/replay"
    ),
]


def all_patterns(resolver: URLResolver, prefix: str = "") -> list[tuple[str, URLPattern]]:
    found = []
    for pattern in resolver.url_patterns:
        here = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            found += all_patterns(pattern, here)
        else:
            found.append((here, pattern))
    return found


def routes() -> set[tuple[str, str]]:
    """Every route and method of files and sharing under /api/v1/; a view that is a function counts with GET."""
    found = set()
    for route, pattern in all_patterns(get_resolver()):
        view = getattr(pattern.callback, "view_class", None)
        is_ours = pattern.callback.__module__.startswith(("files.", "sharing."))
        if not route.startswith("api/v1/") or not is_ours or view in PUBLIC:
            continue
        methods = [name.upper() for name in ("get", "post", "put", "patch", "delete") if hasattr(view, name)]
        found |= {(route.removeprefix("api/v1/"), method) for method in methods or ["GET"]}
    return found


def test_every_route_is_listed() -> None:
    listed = {(entry.route, entry.method) for entry in CALLS}
    assert len(listed) > 40
    assert routes() - listed == set()


@pytest.mark.django_db
def test_nobody_gets_anything_from_any_route_of_the_api() -> None:
    """Also the routes of other apps under /api/."""
    asked = 0
    for route, pattern in all_patterns(get_resolver()):
        if not route.startswith("api/") or getattr(pattern.callback, "view_class", None) in PUBLIC:
            continue
        path = "/" + route.replace("<uuid:upload_id>", "0" * 8 + "-0000-4000-8000-" + "0" * 12)
        path = path.replace("<uuid:copy_id>", "0" * 8 + "-0000-4000-8000-" + "0" * 12)
        for name in re.findall(r"<int:(\w+)>", path):
            path = path.replace(f"<int:{name}>", "1")
        path = path.replace("<path:path>", "a/b").replace("<anypath:path>", "a/b")
        assert "<" not in path, f"{path}: teach this test the new parameter"
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            response = Client().generic(method, path, b"{}", content_type="application/json")
            assert response.status_code == 401, (method, path, response.status_code)
            assert response["WWW-Authenticate"].startswith("Bearer"), (method, path)
            asked += 1
    assert asked > 100


@pytest.fixture
def ids(user: User, actor: Actor, api: Api) -> dict[str, str]:
    """Of the owner: a file with two versions, its folder, a deleted file, an upload, the space."""
    node = put(actor, "a/b.txt", b"one").node
    version = node.version_id
    put(actor, "a/b.txt", b"two")
    put(actor, "gone.txt"), put(actor, "own.txt")
    item = api.post("/trash", {"paths": ["/gone.txt"]}).json()["items"][0]["id"]
    upload = api.post("/uploads", {"path": "/u.bin", "length": 1}).json()["id"]
    space = str(locate_path(actor, "/").space.pk)
    times = {"created_at": now(), "updated_at": now()}
    copy = CopyJob.objects.create(user=user, space_id=int(space), total=0, targets=[node.pk], **times)
    grant = Grant.objects.create(node_id=node.parent_id, space_id=int(space), team_id=actor.team_id, role="viewer")
    mounted_space(actor, "Shared")
    link = create_link(actor, node_id=node.pk, settings=LinkSettings())
    user.membership.team.seats = 10
    user.membership.team.save()
    member = make_member(user)
    theirs = put(actor_of(member), "given.txt").node.pk
    transfer = offer_transfer(actor, node_id=node.parent_id or 0, to_user_id=member.pk).pk
    received = offer_transfer(actor_of(member), node_id=theirs, to_user_id=user.pk).pk
    hook = create_webhook(actor, place=Place(), settings=WebhookSettings(url=HOOK)).webhook.pk
    times = {"began_at": now(), "held_at": now()}
    brake = Brake.objects.create(space_id=int(space), user=user, client="token:0", **times)
    return {
        "link": str(link.pk),
        "webhook": str(hook),
        "delivery": str(send_test(actor, webhook_id=hook).pk),
        "member": str(member.pk),
        "transfer": str(transfer),
        "received": str(received),
        "tomorrow": (now() + timedelta(days=1)).isoformat(),
        "reminder": str(set_reminder(actor, node_id=node.pk, at=now() + timedelta(days=1)).pk),
        "comment": str(add_comment(actor, node_id=node.pk, text="zebra").pk),
        "brake": str(brake.pk),
        "mount": str(Mount.objects.get(user=user).pk),
        "node": str(node.pk),
        "folder": str(node.parent_id),
        "version": str(version),
        "item": item,
        "upload": upload,
        "copy": str(copy.pk),
        "space": space,
        "team": str(actor.team_id),
        "grant": str(grant.pk),
    }


def state() -> tuple[int, ...]:
    links = Link.objects.count(), Link.objects.filter(revoked_at=None, title="").count()
    hooks = Webhook.objects.count(), WebhookDelivery.objects.count(), Webhook.objects.filter(description="").count()
    return Change.objects.count(), Node.objects.count(), Upload.objects.count(), *links, *hooks


def names(entry: Call) -> str:
    return f"{entry.method} {entry.path} {'' if entry.body is None else json.dumps(str(entry.body)[:60])}"


@pytest.mark.django_db
@pytest.mark.parametrize("entry", [entry for entry in CALLS if entry.takes_ids], ids=names)
def test_another_tenants_ids_do_not_exist(entry: Call, ids: dict[str, str], stranger: User) -> None:

    put(actor_of(stranger), "own.txt")
    before = state()
    response = entry.run(Api(stranger), ids)
    if entry.method == "HEAD":
        assert response.status_code == 404
    else:
        status, code = problem(response)
        assert (status, code) in {
            (404, "not_found"),
            (404, "parent_not_found"),
            (404, "upload_not_found"),
            (404, "link_not_found"),
        }
        body = json.dumps(response.json())
        assert not any(secret in body for secret in ("b.txt", "ada", "gone", "zebra"))
    assert state() == before


@pytest.mark.django_db
@pytest.mark.parametrize("entry", [entry for entry in CALLS if entry.scope], ids=names)
def test_narrow_tokens(entry: Call, ids: dict[str, str], user: User) -> None:
    """All scopes but the one that the call needs."""
    before = state()
    response = entry.run(Api(user, *({READ, WRITE, SHARE, ADMIN} - {entry.scope})), ids)
    if entry.method == "HEAD":
        assert response.status_code == 403
    else:
        assert problem(response) == (403, "scope_missing")
    assert state() == before


@pytest.mark.django_db
@pytest.mark.parametrize("entry", [entry for entry in CALLS if entry.scope != ADMIN], ids=names)
def test_wide_enough_tokens(entry: Call, ids: dict[str, str], user: User) -> None:
    """The calls of this table are good ones: it is the right that makes the difference."""
    response = entry.run(Api(user, *({READ, WRITE, entry.scope} - {""})), ids)
    expected = {
        "spaces/<int:space_id>": 404,  # of a team; this is a home
        "spaces/<int:space_id>/moved": 404,
        "spaces/<int:space_id>/moved/<int:seq>/undo": 404,
        "content/": 409,
        "nodes/<int:node_id>/unlock": 409,  # nothing is locked
        "uploads/<uuid:upload_id>/finish": 409,
        "uploads/<uuid:upload_id>/direct": 409,  # past the rights, the pool of the tests takes none
        "uploads/<uuid:upload_id>/direct/complete": {400, 409},
        "move": {200, 409},
        "nodes/<int:node_id>/restriction": {204, 400},  # of a team's space only
    }.get(entry.route, {200, 201, 204})
    assert response.status_code in (expected if isinstance(expected, set) else {expected}), response.content


@pytest.mark.django_db
def test_a_person_sees_only_their_own_uploads_and_spaces(ids: dict[str, str], stranger: User) -> None:
    other = Api(stranger)
    assert other.get("/uploads").json()["items"] == []
    assert [space["id"] for space in other.get("/spaces").json()["items"]] != [ids["space"]]


@pytest.mark.django_db
def test_cursors_do_not_open_another_tenants_listing(ids: dict[str, str], api: Api, stranger: User) -> None:
    cursor = api.get("/changes/cursor").json()["cursor"]
    assert problem(Api(stranger).get("/changes", cursor=cursor)) == (404, "not_found")


@pytest.mark.django_db
def test_a_session_needs_the_csrf_token(user: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    assert client.get("/api/v1/metadata").status_code == 200
    response = client.post("/api/v1/folders", json.dumps({"path": "/a"}), content_type="application/json")
    assert problem(response) == (403, "csrf_failed")
    assert problem(client.post("/api/v1/bulk", FORM, content_type=FORM_TYPE)) == (403, "csrf_failed")
