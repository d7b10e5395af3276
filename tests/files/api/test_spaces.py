"""REST: states and limits of a team's spaces, taking back, handing over; and bodies with keys that nobody knows."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest

from accounts.actions.members import remove_member
from accounts.actor import WRITE, Actor
from accounts.models import User
from common.clock import now
from files.access.rights import Role as SpaceRole
from files.actions.spaces import create_team_space
from files.models import Brake, Change, Grant, Node, NodeLock, NodeProperty, Space, Upload, Version
from files.queries.tree import locate_path
from sharing.actions.comments import add_comment
from sharing.actions.link_settings import LinkSettings
from sharing.actions.links import create_link
from sharing.actions.reminders import set_reminder
from sharing.actions.webhooks import Place, WebhookSettings, create_webhook, send_test
from sharing.models import Comment, NodeTag
from tests.files.api.test_access import CALLS, HOOK, REPLAYED, Call, names
from tests.support.clients import Api, problem
from tests.support.people import actor_of, make_member
from tests.support.trees import put


@pytest.fixture
def space(actor: Actor) -> Space:
    return create_team_space(actor, name="Plans")


@pytest.fixture
def bob(user: User) -> User:
    return make_member(user, email="bob@example.com")


@pytest.fixture
def ids(actor: Actor, api: Api, space: Space) -> dict[str, str]:
    """As in test_access, in a space of the team."""
    node = put(actor, "a/b.txt", b"one", space_id=space.pk).node
    version = node.version_id
    put(actor, "a/b.txt", b"two", space_id=space.pk)
    put(actor, "gone.txt", space_id=space.pk), put(actor, "own.txt")
    item = api.post("/trash", {"paths": ["/gone.txt"], "space": str(space.pk)}).json()["items"][0]["id"]
    upload = api.post("/uploads", {"path": "/u.bin", "length": 1, "space": str(space.pk)}).json()["id"]
    grant = Grant.objects.create(node_id=node.parent_id, space=space, team_id=actor.team_id, role="viewer")
    link = create_link(actor, node_id=node.pk, settings=LinkSettings())
    taken = put(actor, "taken.txt", space_id=space.pk).node
    api.post("/move", {"from_id": str(taken.pk), "to_path": "/taken.txt"})
    times = {"began_at": now(), "held_at": now()}
    hook = create_webhook(actor, place=Place(), settings=WebhookSettings(url=HOOK)).webhook.pk
    return {
        "webhook": str(hook),
        "delivery": str(send_test(actor, webhook_id=hook).pk),
        "brake": str(Brake.objects.create(space=space, client="token:0", **times).pk),
        "node": str(node.pk),
        "folder": str(node.parent_id),
        "version": str(version),
        "item": item,
        "upload": upload,
        "copy": "00000000-0000-4000-8000-000000000000",
        "space": str(space.pk),
        "team": str(actor.team_id),
        "grant": str(grant.pk),
        "link": str(link.pk),
        "tomorrow": (now() + timedelta(days=1)).isoformat(),
        "reminder": str(set_reminder(actor, node_id=node.pk, at=now() + timedelta(days=1)).pk),
        "comment": str(add_comment(actor, node_id=node.pk, text="zebra").pk),
        "member": str(actor.user_id),
    }


def contents(space: Space) -> tuple[Any, ...]:
    rows = (
        Change.objects.filter(space=space),
        Node.objects.filter(space=space),
        Version.objects.filter(node__space=space),
        NodeProperty.objects.filter(node__space=space),
        Grant.objects.filter(space=space),
        Upload.objects.filter(space=space),
        Comment.objects.filter(node__space=space),
        NodeTag.objects.filter(node__space=space),
        NodeLock.objects.filter(space=space),
    )
    return tuple(sorted(row.items()) for found in rows for row in found.order_by("pk").values())


# What gives something back or reads only, and what is about the space and not about what is in it.
ALLOWED = {
    ("uploads/<uuid:upload_id>", "DELETE"),
    ("reservations/<uuid:upload_id>", "DELETE"),
    ("spaces/<int:space_id>", "PATCH"),
    ("spaces/<int:space_id>", "DELETE"),
    ("spaces/<int:space_id>/restore", "POST"),
    ("copies/<uuid:copy_id>", "DELETE"),
    ("mounts/<int:mount_id>/bring-back", "POST"),  # changes the home
    ("links/<int:link_id>", "DELETE"),  # nobody keeps a way in that its maker wants to close
    ("transfers", "POST"),  # of what lies in a home alone
    ("transfers/<int:transfer_id>", "DELETE"),
    ("transfers/<int:transfer_id>/accept", "POST"),
    ("nodes/<int:node_id>/reminders", "POST"),  # one's own
    ("reminders/<int:reminder_id>", "DELETE"),
    ("zip", "POST"),
    ("brakes/<int:brake_id>/accept", "POST"),
    *(("webhooks", "POST"), ("webhooks/<int:webhook_id>", "PATCH"), ("webhooks/<int:webhook_id>", "DELETE")),
    *((f"webhooks/<int:webhook_id>/{act}", "POST") for act in ("secret", "test", "replay", REPLAYED)),
}
WRITES = [
    entry
    for entry in CALLS
    if entry.method not in ("GET", "HEAD") and entry.takes_ids and (entry.route, entry.method) not in ALLOWED
]


@pytest.mark.django_db
@pytest.mark.parametrize("entry", WRITES, ids=names)
def test_no_endpoint_changes_what_is_in_an_archived_space(
    entry: Call, ids: dict[str, str], api: Api, space: Space
) -> None:
    if "/moved/" in entry.path:
        seq = Change.objects.filter(space=space, kind="move_out").get().seq
        entry = Call(entry.route, entry.method, entry.path.replace("/1/", f"/{seq}/"), entry.scope)
    assert api.patch(f"/spaces/{space.pk}", {"archived": True}).json()["archived_at"]
    before = contents(space)
    response = entry.run(api, ids)
    assert contents(space) == before
    if entry.route == "copy" and "own.txt" not in str(entry.body) and "{space}" not in str(entry.body):
        assert response.status_code in (200, 409)  # out of the space, or within it
    else:
        assert problem(response) == (409, "space_archived")


def test_archiving_and_bringing_back(api: Api, bob: User, space: Space) -> None:
    path = f"/spaces/{space.pk}"
    assert problem(Api(bob).patch(path, {"archived": True})) == (403, "forbidden")
    assert api.patch(path, {"archived": True, "name": "Old plans"}).json()["name"] == "Old plans"
    assert [item["archived_at"] is None for item in Api(bob).get("/spaces").json()["items"]] == [True, False]
    node = api.get("/metadata", space=space.pk).json()
    assert node["rights"] == ["view", "download"]
    access = api.get(f"/nodes/{space.root_id}/access").json()
    assert {"right": "edit", "reason": "archived"} in access["missing"]
    assert all(set(reach["rights"]) <= {"view", "download"} for reach in access["reached_by"])
    assert api.patch(path, {"archived": False}).json()["archived_at"] is None
    assert api.put(f"/content/new?space={space.pk}", b"x", Content_Type="text/plain").status_code == 201


def test_a_limit(api: Api, bob: User, space: Space) -> None:
    path = f"/spaces/{space.pk}"
    assert api.get("/spaces").json()["items"][1]["quota_bytes"] is None
    assert api.patch(path, {"quota_bytes": 5}).json()["quota_bytes"] == 5
    answer = Api(bob).put(f"/content/f?space={space.pk}", b"123456", Content_Type="text/plain")
    assert problem(answer) == (507, "quota_exceeded")
    assert answer.json()["whose"] == "space"
    assert problem(Api(bob).patch(path, {"quota_bytes": None})) == (403, "forbidden")
    assert api.patch(path, {"quota_bytes": None}).json()["quota_bytes"] is None
    for wrong in (-1, 2**63, "many", True, 1.5):
        assert problem(api.patch(path, {"quota_bytes": wrong}))[0] == 400, wrong
    assert problem(api.patch(path, {})) == (400, "invalid_request")


def test_deleting_and_restoring(api: Api, bob: User, space: Space) -> None:
    path = f"/spaces/{space.pk}"
    for wrong in ("", "?name=", "?name=plans"):
        assert problem(api.request("DELETE", path + wrong)) == (400, "invalid_request")
    assert problem(Api(bob).request("DELETE", f"{path}?name=Plans")) == (403, "forbidden")
    assert api.request("DELETE", f"{path}?name=Plans").json()["deleted_at"]
    assert problem(api.request("DELETE", f"{path}?name=Plans")) == (404, "not_found")
    assert problem(api.get("/metadata", space=space.pk)) == (404, "not_found")
    assert problem(Api(bob).get("/spaces/deleted")) == (403, "forbidden")
    assert [item["id"] for item in api.get("/spaces/deleted").json()["items"]] == [str(space.pk)]
    api.post("/spaces", {"name": "Plans"})
    assert problem(api.post(f"{path}/restore", {})) == (409, "name_taken")
    assert api.post(f"{path}/restore", {"name": "Plans again"}).json()["deleted_at"] is None
    assert problem(api.post(f"{path}/restore", {})) == (404, "not_found")


def test_no_content_of_a_deleted_space_is_read(api: Api, ids: dict[str, str], space: Space) -> None:
    """Every GET of the table, which all find something before. The webhook is that of a home; of a reminder
    one's own note is left.
    """
    api.request("DELETE", f"/spaces/{space.pk}?name=Plans")
    for entry in CALLS:
        if entry.method == "GET" and entry.takes_ids and not re.search("{(copy|webhook|reminder)}", entry.path):
            assert problem(entry.run(api, ids))[0] == 404, entry.path


def test_moving_out_and_taking_back(api: Api, user: User, bob: User, space: Space) -> None:
    his, path = Api(bob), f"/spaces/{space.pk}/moved"
    node = his.put(f"/content/a/f?space={space.pk}", b"one", Content_Type="text/plain").json()["id"]
    his.post("/move", {"from_id": node, "to_path": "/mine"})
    (line,) = api.get(path).json()["items"]
    assert (line["kind"], line["state"], line["before"]["path"]) == ("move_out", "elsewhere", "/a/f")
    assert "mine" not in json.dumps(line)  # where people keep things is theirs
    assert problem(his.get(path)) == (403, "forbidden")
    assert problem(his.post(f"{path}/{line['seq']}/undo")) == (403, "forbidden")
    assert api.post(f"{path}/{line['seq']}/undo").json()["path"] == "/a/f"
    assert problem(his.get("/metadata", path="/mine")) == (404, "not_found")
    assert api.get(path).json()["items"][0]["state"] == "back"
    assert problem(api.post(f"{path}/{line['seq']}/undo")) == (400, "invalid_request")
    his.post("/move", {"from_id": node, "to_path": "/mine"})
    his.post("/trash", {"ids": [node]}), his.post("/trash/empty", {})
    (line, _) = api.get(path).json()["items"]
    assert line["state"] == "gone"
    assert problem(api.post(f"{path}/{line['seq']}/undo")) == (410, "moved_file_gone")
    assert problem(api.post(f"{path}/999/undo")) == (404, "not_found")


def test_versions_go_along_when_their_owner_says_so(api: Api, bob: User, space: Space) -> None:
    his = Api(bob)
    made = []
    for name in ("kept", "shared", "by change"):
        for text in (b"one", b"two"):
            node = his.put(f"/content/{name.replace(' ', '%20')}", text, Content_Type="text/plain").json()["id"]
        made.append(node)
    his.post("/move", {"ids": made[:1], "to": {"path": "/", "space": str(space.pk)}})
    his.post("/move", {"from_id": made[1], "to_path": "/s", "to_space": str(space.pk), "share_versions": True})
    his.patch(f"/nodes/{made[2]}", {"parent_id": str(space.root_id), "share_versions": True})
    counts = [len(api.get(f"/nodes/{node}/versions").json()["items"]) for node in made]
    assert counts == [1, 2, 2]
    answer = his.post("/copy", {"ids": made, "to": {"path": "/"}, "share_versions": True})
    assert problem(answer) == (400, "invalid_request")


def test_handing_over(api: Api, actor: Actor, bob: User, user: User) -> None:
    put(actor_of(bob), "plan.txt", b"12345")
    path = f"/team/members/{bob.pk}/handover"
    assert problem(api.post(path, {"to_user_id": str(user.pk)})) == (409, "member_not_removed")
    remove_member(actor, user_id=bob.pk)
    assert problem(api.post(path, {"to_user_id": str(bob.pk)})) == (404, "subject_not_found")
    assert problem(api.post(path, {})) == (400, "invalid_request")
    handed = api.post(path, {"to_user_id": str(user.pk), "name": "Bob's"}).json()
    assert (handed["path"], handed["size"]) == ("/Bob's", 5)
    assert locate_path(actor, "Bob's/plan.txt").node.size == 5
    assert api.get("/team/events").json()["items"][0]["kind"] == "member.hand_over"
    assert problem(api.post(path, {"to_user_id": str(user.pk)})) == (409, "home_empty")


WITH_BODY = [entry for entry in CALLS if isinstance(entry.body, dict)]


@pytest.mark.django_db
@pytest.mark.parametrize("entry", WITH_BODY, ids=names)
def test_a_body_with_a_key_that_nobody_knows_is_refused(
    entry: Call, ids: dict[str, str], api: Api, space: Space
) -> None:
    before = contents(space)
    changed = Call(entry.route, entry.method, entry.path, entry.scope, {**entry.body, "parent": "x"})
    answer = changed.run(api, ids)
    assert problem(answer) == (400, "invalid_request"), answer.content
    assert "parent" in json.dumps(answer.json())
    assert contents(space) == before


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/move", {"ids": ["1"], "to": {"path": "/", "pathh": "/x"}}),
        ("/uploads/{upload}/direct", {"pieces": [{"offset": 0, "length": 1, "sha256": "0" * 64, "size": 1}]}),
    ],
)
def test_also_in_bodies_within_bodies(path: str, body: dict[str, Any], ids: dict[str, str], api: Api) -> None:
    assert problem(api.post(path.format(**ids), body)) == (400, "invalid_request")


def test_and_in_the_manifest_of_a_bulk_upload(api: Api) -> None:
    for manifest in (
        {"files": [{"path": "a", "modified": "2026-01-01T00:00:00Z"}]},
        {"files": [{"path": "a"}], "mode": "update"},
    ):
        parts = (("manifest", json.dumps(manifest).encode()), ("file", b"x"))
        body = b"".join(
            b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (name.encode(), data)
            for name, data in parts
        )
        answer = api.post("/bulk?manifest=true", body + b"--b--\r\n", Content_Type="multipart/form-data; boundary=b")
        assert problem(answer)[0] == 400
    assert not Node.objects.filter(name="a").exists()


def test_a_manager_of_a_closed_space_needs_no_more_than_to_write(api: Api, bob: User, space: Space) -> None:
    api.patch(f"/spaces/{space.pk}", {"open": False})
    body = {"user_id": str(bob.pk), "role": SpaceRole.MANAGER.value}
    api.post(f"/nodes/{space.root_id}/grants", body)
    his = Api(bob, "read", WRITE)
    assert his.patch(f"/spaces/{space.pk}", {"archived": True}).status_code == 200
    assert his.patch(f"/spaces/{space.pk}", {"archived": False}).status_code == 200
