"""What is under way by a share ends with it: a download, a zip, a long poll, a mount, a write."""

import pytest

from dropbox_clone.web_server.watched_responses import RightsGone
from files import errors
from files.access.rights import Role
from files.actions.mounts import reconcile_all
from files.actions.uploads import UploadOptions, open_upload
from files.actions.write_file import write_file
from files.models import Mount
from files.queries.target import Target
from files.queries.tree import locate_path
from http_kit import long_requests
from sharing.actions.shares import change_share, end_share
from tests.sharing.team import Team
from tests.support.clients import Api, ContentClient, Dav, Nextcloud, problem
from tests.support.people import actor_of
from tests.support.trees import put

LARGE = b"x" * (3 * 1024 * 1024)


@pytest.fixture
def shared(team: Team, monkeypatch: pytest.MonkeyPatch) -> int:
    """The id of the share of `Photos` with Bob, who is looked at again with every piece."""
    monkeypatch.setattr(long_requests, "EVERY", -1.0)
    put(team.actor, "Photos/large.bin", LARGE)
    return team.share(team.bob, Role.EDITOR).id


WAYS = {
    "REST": lambda user: ContentClient(user).get("Photos/large.bin"),
    "several ranges": lambda user: ContentClient(user).get("Photos/large.bin", range="bytes=0-2000000,2000002-3000000"),
    "zip": lambda user: Api(user).get("/zip", paths="/Photos"),
    "WebDAV": lambda user: Dav(user).send("GET", "Photos/large.bin"),
    "Nextcloud": lambda user: Nextcloud(user).send("GET", f"/remote.php/dav/files/{user.pk}/Photos/large.bin"),
}


@pytest.mark.parametrize("end", ["ended", "without download"])
@pytest.mark.parametrize("way", WAYS)
def test_a_running_download(team: Team, shared: int, way: str, end: str) -> None:
    answer = WAYS[way](team.bob)
    assert answer.streaming
    pieces = iter(answer.streaming_content)
    begun = len(next(pieces))
    if end == "ended":
        end_share(team.actor, share_id=shared)
    else:
        change_share(team.actor, share_id=shared, can_download=False)
    with pytest.raises(RightsGone):
        begun += sum(len(piece) for piece in pieces)
    assert begun < len(LARGE)
    answer.close()


@pytest.mark.parametrize("way", WAYS)
def test_its_owner_and_who_may_go_on(team: Team, shared: int, way: str) -> None:
    answers = [WAYS[way](person) for person in (team.ada, team.bob)]
    change_share(team.actor, share_id=shared, role=Role.VIEWER)
    for answer in answers:
        assert sum(len(piece) for piece in answer.streaming_content) > 2_900_000


def test_the_mount_leads_nowhere_at_once_in_every_protocol(team: Team, shared: int) -> None:
    end_share(team.actor, share_id=shared)
    assert problem(Api(team.bob).get("/metadata", path="/Photos")) == (404, "not_found")
    assert ContentClient(team.bob).get("Photos/sea.jpg").status_code == 404
    assert Dav(team.bob).send("GET", "Photos/sea.jpg").status_code == 404
    assert "Photos" not in Dav(team.bob).propfind(depth="1").content.decode()
    cloud = Nextcloud(team.bob)
    assert "Photos" not in cloud.send("PROPFIND", f"/remote.php/dav/files/{cloud.id}/", depth="1").content.decode()
    reconcile_all()
    assert not Mount.objects.exists()


def test_the_change_feed_says_that_it_is_gone(team: Team, shared: int) -> None:
    api = Api(team.bob)
    cursor = api.get("/changes/cursor").json()["cursor"]
    end_share(team.actor, share_id=shared)
    reconcile_all()
    put(team.actor, "Photos/secret.jpg")
    told = api.get("/changes", cursor=cursor)
    if told.status_code == 200:
        assert [(change["kind"], change["before"]["path"]) for change in told.json()["changes"]] == [
            ("trash", "/Photos")
        ]
    else:
        assert problem(told) == (410, "cursor_reset")
    assert "secret" not in told.content.decode()


def test_an_upload_that_was_begun_is_refused_at_its_end(team: Team, shared: int) -> None:
    bob = actor_of(team.bob)
    target = Target("Photos/new.bin")
    upload = open_upload(bob, wanted=UploadOptions(target, length=3))
    end_share(team.actor, share_id=shared)
    Api(team.bob).send("PUT", f"/api/v1/uploads/{upload.pk}/pieces/0", b"abc", content_type="application/octet-stream")
    assert Api(team.bob).post(f"/uploads/{upload.pk}/finish", {}).status_code in (403, 404, 409)
    with pytest.raises(errors.NotFound):
        locate_path(team.actor, "Photos/new.bin")
    with pytest.raises((errors.NotFound, errors.NameTaken)):
        write_file(bob, target=target, chunks=[b"x"], length=1)


def test_made_a_viewer_one_writes_nothing_more(team: Team, shared: int) -> None:
    change_share(team.actor, share_id=shared, role=Role.VIEWER)
    assert ContentClient(team.bob).put("Photos/sea.jpg", b"other").status_code == 403
    assert ContentClient(team.bob).get("Photos/sea.jpg").status_code == 200
