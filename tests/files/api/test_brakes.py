"""REST: clients that are held, letting them go on, undoing what they did; and that a held one changes nothing."""

from typing import Any

import pytest
from pytest_django import Settings

from accounts.actor import Actor
from accounts.models import AccessToken, User
from common.clock import now
from files.models import Brake, Change, Node, Upload
from files.queries.tree import locate_path
from tests.files.api.test_access import CALLS, Call, ids, names  # noqa: F401
from tests.support.clients import Api, items, problem
from tests.support.people import make_member
from tests.support.trees import bytes_at, home_of, put

pytestmark = pytest.mark.django_db
# What changes no file: uploads and copies under way, rights, and what the brake itself is asked.
FREE = {
    ("zip", "POST"),
    ("nodes/<int:node_id>/lock", "POST"),
    ("nodes/<int:node_id>/unlock", "POST"),
    ("nodes/<int:node_id>/comments", "POST"),
    ("nodes/<int:node_id>/reminders", "POST"),
    ("nodes/<int:node_id>/tags", "PUT"),
    ("uploads", "POST"),
    ("uploads/<uuid:upload_id>", "DELETE"),
    ("uploads/<uuid:upload_id>/pieces/<int:offset>", "PUT"),
    ("uploads/<uuid:upload_id>/direct", "POST"),
    ("uploads/<uuid:upload_id>/direct/complete", "POST"),
    ("uploads/<uuid:upload_id>/finish", "POST"),  # nothing has arrived yet; see below
    ("reservations/<uuid:upload_id>", "DELETE"),
    ("copies/<uuid:copy_id>", "DELETE"),
    ("spaces", "POST"),
    ("nodes/<int:node_id>/grants", "POST"),
    ("nodes/<int:node_id>/restriction", "PUT"),
    ("nodes/<int:node_id>/restriction", "DELETE"),
    ("grants/<int:grant_id>", "DELETE"),
    ("mounts/<int:mount_id>/bring-back", "POST"),  # it is there
    ("team/members/<int:user_id>/handover", "POST"),
}
# It is there already.
NOTHING_TO_DO = {
    ("nodes/<int:node_id>", "{'parent_id': '{folder}'}"),
    ("move", "{'paths': ['/own.txt'], 'to': {'path': '/', 'space': '{space}'}}"),
}
# Of a team's space, while here it is a home; and of what is shared, which changes rights and no files.
OTHERS = ("spaces/", "brakes", "links", "shares", "transfers", "notification", "webhooks", "comments", "reminders")
CHANGING = [
    entry
    for entry in CALLS
    if entry.method not in ("GET", "HEAD")
    and (entry.route, entry.method) not in FREE
    and not entry.route.startswith(OTHERS)
]


def hold(user: User, token: AccessToken | None = None) -> Brake:
    """The newest token of the person."""
    token = token or AccessToken.objects.filter(user=user).latest("pk")
    return Brake.objects.create(
        space=home_of(user),
        user=user,
        client=f"token:{token.pk}",
        client_name="tests",
        began_at=now(),
        held_at=now(),
        changes=400,
        bound=300,
    )


@pytest.fixture
def program(user: User) -> Api:
    return Api(user)


@pytest.mark.parametrize("entry", CHANGING, ids=names)
def test_a_held_client_changes_nothing(entry: Call, ids: dict[str, str], user: User, program: Api) -> None:  # noqa: F811
    brake = hold(user)
    before = Change.objects.count(), Node.objects.count()
    response = entry.run(program, ids)
    if (entry.route, str(entry.body)) not in NOTHING_TO_DO:
        assert problem(response) == (423, "changes_held"), entry
        assert response.json()["brake"] == str(brake.pk)
    assert (Change.objects.count(), Node.objects.count()) == before


def test_nor_by_an_upload_in_pieces(user: User, program: Api) -> None:
    upload = program.post("/uploads", {"path": "/u.bin", "length": 1}).json()["id"]
    sent = program.request("PUT", f"/uploads/{upload}/pieces/0", b"x", Content_Type="application/octet-stream")
    assert sent.status_code in (200, 201, 204)
    hold(user)
    assert problem(program.post(f"/uploads/{upload}/finish", {})) == (423, "changes_held")
    assert Upload.objects.get().finished_at is None


def test_reading_goes_on(user: User, program: Api, actor: Actor) -> None:
    put(actor, "a.txt", b"abc")
    hold(user)
    assert program.get("/folders", path="/").status_code == 200
    assert program.get("/changes").status_code == 200


def test_the_whole_way(user: User, actor: Actor, api: Api, program: Api, settings: Settings) -> None:
    settings.BRAKE_FLOOR = settings.BRAKE_MOST = 22
    for number in range(30):
        put(actor, f"d/{number:02}.txt", b"%d" % number)
    paths = [f"/d/{number:02}.txt" for number in range(30)]
    assert program.post("/trash", {"paths": paths[:20]}).status_code == 200
    refused = program.post("/trash", {"paths": paths[20:]})
    assert problem(refused) == (423, "changes_held")
    brake = refused.json()["brake"]
    (listed,) = items(api.get("/brakes", held="true"))
    assert (listed["id"], listed["changes"], listed["bound"], listed["state"]) == (brake, 30, 22, "held")
    assert listed["may_decide"] is True
    assert api.get(f"/brakes/{brake}").json() == listed
    done = items(api.get(f"/brakes/{brake}/changes", limit=15))
    assert [line["before"]["path"] for line in done] == [f"/d/{number:02}.txt" for number in range(19, 4, -1)]
    assert problem(program.post(f"/brakes/{brake}/revert", {})) == (403, "forbidden")
    reverted = api.post(f"/brakes/{brake}/revert", {}).json()
    assert (reverted["state"], reverted["result"]["restored"], reverted["done"]) == ("reverted", 20, reverted["total"])
    assert bytes_at(actor, "d/07.txt") == b"7"
    assert problem(program.post("/folders", {"path": "/x"})) == (423, "changes_held")
    accepted = api.post(f"/brakes/{brake}/accept").json()
    assert (accepted["state"], accepted["released_at"] is None) == ("reverted", False)
    assert items(api.get("/brakes", held="true")) == []
    assert program.post("/trash", {"paths": paths}).status_code == 200


def test_a_person_reorganises_once(user: User, actor: Actor, api: Api, program: Api, settings: Settings) -> None:
    settings.BRAKE_FLOOR = settings.BRAKE_MOST = 22
    for number in range(60):
        put(actor, f"old/{number:02}.txt", b"%d" % number)
    ways = [{"from_path": f"/old/{number:02}.txt", "to_path": f"/by number/{number}.txt"} for number in range(60)]
    answers = [program.post("/move", way) for way in ways[:23]]
    assert [answer.status_code for answer in answers] == [200] * 22 + [423]
    assert api.post(f"/brakes/{answers[-1].json()['brake']}/accept").json()["state"] == "accepted"
    assert {program.post("/move", way).status_code for way in ways[22:]} == {200}
    assert locate_path(actor, "by number").node.descendants == 60


def test_since_a_moment(user: User, actor: Actor, api: Api, program: Api) -> None:
    put(actor, "a", b"1")
    program.post("/trash", {"paths": ["/a"]})
    brake = hold(user)
    assert problem(api.post(f"/brakes/{brake.pk}/revert", {"since": "2999-01-01T00:00:00Z"})) == (
        400,
        "invalid_request",
    )
    assert problem(api.post(f"/brakes/{brake.pk}/revert", {"since": "yesterday"}))[0] == 400
    assert api.post(f"/brakes/{brake.pk}/revert", {"since": "2026-01-01T00:00:00Z"}).json()["state"] == "reverted"


def test_the_bounds_of_a_team(user: User, api: Api) -> None:
    assert api.get("/brakes/bounds").json()["own"] == []
    answer = api.put("/brakes/bounds", {"on": True, "floor": 100, "share": 10})
    assert answer.json() == {
        "on": True,
        "floor": 100,
        "most": 2000,
        "share": 10,
        "strict": 40,
        "own": ["floor", "share"],
    }
    assert problem(api.put("/brakes/bounds", {"floor": 1})) == (400, "invalid_request")
    assert api.put("/brakes/bounds", {"on": False}).json()["on"] is False
    member = Api(make_member(user))
    assert problem(member.get("/brakes/bounds"))[0] == 403
    assert problem(member.put("/brakes/bounds", {"on": False}))[0] == 403


def test_what_a_list_costs(user: User, api: Api, django_assert_max_num_queries: Any) -> None:
    for _ in range(20):
        token = AccessToken.objects.create(user=user, name="t", digest=f"{_}", hint="x")
        hold(user, token)
    with django_assert_max_num_queries(6):
        assert len(items(api.get("/brakes"))) == 20
