"""The pages of held clients: the notice on every page, the list, and the two buttons."""

import pytest
from pytest_django import Settings

from accounts.models import User
from common.clock import now
from files.actions.trash import trash_nodes
from files.errors import ChangesHeld
from files.models import Brake, BrakePolicy, BrakeState
from files.queries.tree import locate_path
from http_kit.forms import PAGE_SIZE
from tests.files.web.conftest import Person, sign_in
from tests.support.people import actor_of, make_member, make_token
from tests.support.trees import bytes_at, put


@pytest.fixture(autouse=True)
def _strict(settings: Settings) -> None:
    settings.BRAKE_FLOOR = settings.BRAKE_MOST = settings.BRAKE_STRICT = 20
    settings.BRAKE_SHARE = 1


def held(person: Person) -> Brake:
    """A program of theirs has deleted 20 files, and wants to delete 5 more."""
    program = actor_of(person.user, token_id=make_token(person.user)[0].pk)
    ids = [put(program, f"d/{number:02}.txt", b"%d" % number).node.pk for number in range(25)]
    trash_nodes(program, node_ids=ids[:20])
    with pytest.raises(ChangesHeld):
        trash_nodes(program, node_ids=ids[20:])
    return Brake.objects.get()


def text(person: Person, url: str) -> str:
    response = person.client.get(url)
    assert response.status_code == 200, response.content[:500]
    return str(response.content.decode())


def test_the_notice_is_on_every_page(ada: Person, eve: Person) -> None:
    assert "held-changes" not in text(ada, "/")
    brake = held(ada)
    for url in ("/", "/trash/", "/spaces/", "/held/"):
        page = text(ada, url)
        assert f'href="/held/{brake.pk}/"' in page
        assert "wanted to change or delete 25 files" in page
    assert "held-changes" not in text(eve, "/")


def test_undoing_it(ada: Person) -> None:
    brake = held(ada)
    page = text(ada, f"/held/{brake.pk}/")
    assert "/d/19.txt" in page
    assert f'action="/held/{brake.pk}/revert"' in page
    response = ada.client.post(f"/held/{brake.pk}/revert", {"since": ""}, follow=True)
    assert "What it did was undone." in response.content.decode()
    assert bytes_at(ada.actor, "d/07.txt") == b"7"
    page = text(ada, f"/held/{brake.pk}/")
    assert "Restored: 20" in page
    assert "It is still stopped." in page
    ada.client.post(f"/held/{brake.pk}/accept")
    assert "It may change files again." in text(ada, f"/held/{brake.pk}/")
    assert "held-changes" not in text(ada, "/")


def test_a_moment_that_is_none(ada: Person) -> None:
    brake = held(ada)
    response = ada.client.post(f"/held/{brake.pk}/revert", {"since": "yesterday"}, follow=True)
    assert response.status_code == 400
    ada.client.post(f"/held/{brake.pk}/revert", {"since": "2026-01-01T10:00"})
    brake.refresh_from_db()
    assert brake.state == BrakeState.REVERTED


def test_a_person_who_deletes_a_large_folder_is_asked(ada: Person) -> None:
    for number in range(40):
        put(ada.actor, f"old/{number:02}")
    folder = locate_path(ada.actor, "old").node.pk
    response = ada.client.post("/files/trash", {"node": folder}, follow=True)
    page = response.content.decode()
    brake = Brake.objects.get()
    assert brake.client.startswith("session:")
    assert "has deleted, overwritten or renamed very many files" in page
    assert f'href="/held/{brake.pk}/"' in page
    assert locate_path(ada.actor, "old").node.pk == folder
    ada.client.post(f"/held/{brake.pk}/accept")
    response = ada.client.post("/files/trash", {"node": folder}, follow=True)
    assert "1 item moved to the trash." in response.content.decode()


def test_progress_of_a_large_one(ada: Person) -> None:
    brake = held(ada)
    Brake.objects.filter(pk=brake.pk).update(state=BrakeState.REVERTING, plan=[["rename", 1]] * 10, done=3)
    page = text(ada, f"/held/{brake.pk}/")
    assert "Being undone: 3 of 10 steps." in page
    assert '<progress max="10" value="3">' in page
    assert "/accept" not in page
    Brake.objects.filter(pk=brake.pk).update(state=BrakeState.FAILED, error_code="quota_exceeded")
    assert "Undoing it stopped with an error (quota_exceeded)" in text(ada, f"/held/{brake.pk}/")


def test_who_may_not_decide(ada: Person) -> None:
    ada.user.membership.team.seats = 5
    ada.user.membership.team.save()
    member = sign_in(make_member(ada.user))
    space = sign_in(ada.user).home
    brake = Brake.objects.create(space=space, user=member.user, client="token:0", began_at=now(), held_at=now())
    assert member.client.get(f"/held/{brake.pk}/").status_code == 200
    page = text(member, f"/held/{brake.pk}/")
    assert "decides on it" in page
    assert "/revert" not in page
    assert member.client.post(f"/held/{brake.pk}/accept").status_code == 403
    assert member.client.post("/held/bounds", {"on": "1"}).status_code == 403
    brake.user = ada.user
    brake.save()
    assert member.client.get(f"/held/{brake.pk}/").status_code == 404


def test_the_bounds_of_a_team(ada: Person) -> None:
    assert 'action="/held/bounds"' in text(ada, "/held/")
    ada.client.post("/held/bounds", {"on": "1", "floor": "100", "share": "", "most": "", "strict": ""})
    policy = BrakePolicy.objects.get()
    assert (policy.is_on, policy.floor, policy.share) == (True, 100, None)
    for wrong in ("5", "-1", "many"):
        response = ada.client.post("/held/bounds", {"on": "1", "floor": wrong}, follow=True)
        assert "too small or too large" in response.content.decode()
    ada.client.post("/held/bounds", {})
    policy.refresh_from_db()
    assert policy.is_on is False


def test_many_pages(ada: Person) -> None:
    times = {"began_at": now(), "held_at": now(), "released_at": now()}
    brakes = [Brake(space=ada.home, client=f"token:{number}", **times) for number in range(PAGE_SIZE + 1)]
    Brake.objects.bulk_create(brakes)
    assert "?page=2" in text(ada, "/held/")
    assert User.objects.count() == 1
