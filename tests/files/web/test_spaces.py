"""Pages of a team's spaces: making, naming, opening and closing them, and their members."""

import pytest

from accounts.models import Group
from accounts.models import Role as TeamRole
from files.actions.grants import change_space
from files.actions.spaces import create_team_space
from files.models import Grant, Space, SpaceKind
from tests.files.web.conftest import Person, sign_in
from tests.support.people import make_member


@pytest.fixture
def bob(ada: Person) -> Person:
    ada.user.membership.team.seats = 10
    ada.user.membership.team.save()
    return sign_in(make_member(ada.user, email="bob@example.com"))


@pytest.fixture
def closed(ada: Person) -> Space:
    space = create_team_space(ada.actor, name="Plans")
    return change_space(ada.actor, space_id=space.pk, is_open=False)


def test_who_manages_the_team_makes_spaces(ada: Person, bob: Person) -> None:
    assert "Create space" in ada.client.get("/spaces/").content.decode()
    html = ada.client.post("/spaces/new", {"name": "Plans"}, follow=True).content.decode()
    assert "The space “Plans” is there for your whole team." in html
    assert "Open to the whole team" in html
    assert "Plans" in bob.client.get("/spaces/").content.decode()
    assert "Create space" not in bob.client.get("/spaces/").content.decode()
    bob.client.post("/spaces/new", {"name": "Mine"})
    assert Space.objects.filter(kind=SpaceKind.TEAM).count() == 1


def test_closing_adding_and_removing(ada: Person, bob: Person) -> None:
    space = create_team_space(ada.actor, name="Plans")
    page = f"/spaces/{space.pk}/"
    assert bob.client.get(page).status_code == 200
    html = ada.client.post(f"{page}change", {"open": "0"}, follow=True).content.decode()
    assert "Only its members may use “Plans” now." in html
    assert bob.client.get(page).status_code == 404
    assert "Plans" not in bob.client.get("/spaces/").content.decode()
    ada.client.post(f"{page}members", {"email": " BOB@example.com", "role": "viewer"})
    html = bob.client.get(page).content.decode()
    assert "Members of “Plans”" in html
    assert "Rename" not in html
    ada.client.post(f"{page}members", {"email": "bob@example.com", "role": "editor"})
    grant = Grant.objects.get(user=bob.user)
    assert grant.role == "editor"
    assert "ada@example.com" in bob.client.get(page).content.decode()
    html = bob.client.post(f"{page}members/remove", {"grant": grant.pk, "myself": "1"}, follow=True).content.decode()
    assert "The members of the space have changed." in html
    assert bob.client.get(page).status_code == 404


def test_groups_and_wrong_input(ada: Person, bob: Person, closed: Space) -> None:
    group = Group.objects.create(team=ada.user.membership.team, name="Builders")
    page = f"/spaces/{closed.pk}/"
    assert "Builders" in ada.client.get(page).content.decode()
    ada.client.post(f"{page}members", {"group": group.pk, "role": "viewer"})
    assert Grant.objects.get(group=group).role == "viewer"
    assert ada.client.post(f"{page}members", {"email": "nobody@example.com", "role": "viewer"}).status_code == 404
    assert ada.client.post(f"{page}members", {"email": "bob@example.com", "role": "king"}).status_code == 400
    (mine,) = Grant.objects.filter(user=ada.user)
    html = ada.client.post(f"{page}members/remove", {"grant": mine.pk}, follow=True).content.decode()
    assert "A space keeps at least one manager." in html
    html = ada.client.post(f"{page}change", {"name": "  "}, follow=True).content.decode()
    assert "A name cannot be empty." in html
    html = ada.client.post(f"{page}change", {"name": "Other plans"}, follow=True).content.decode()
    assert "The space is called “Other plans” now." in html


def test_who_manages_the_team_finds_spaces_that_they_are_not_in(ada: Person, bob: Person, closed: Space) -> None:
    second = sign_in(make_member(ada.user, role=TeamRole.ADMIN, email="admin@example.com"))
    assert "Plans" in second.client.get("/spaces/").content.decode()
    page = f"/spaces/{closed.pk}/"
    assert "Add a member" in second.client.get(page).content.decode()
    assert second.client.get(f"/files/{closed.root_id}/").status_code == 404
    second.client.post(f"{page}members", {"email": "admin@example.com", "role": "manager"})
    assert second.client.get(f"/files/{closed.root_id}/").status_code == 200


def test_strangers(ada: Person, eve: Person, closed: Space) -> None:
    page = f"/spaces/{closed.pk}/"
    assert eve.client.get(page).status_code == 404
    for path, body in (("change", {"name": "x"}), ("members", {"email": "eve@example.com", "role": "manager"})):
        assert eve.client.post(f"{page}{path}", body).status_code == 404
    assert eve.client.get("/spaces/999/").status_code == 404
