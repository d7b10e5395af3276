"""Pages: archiving, limiting, deleting and restoring a space; what was moved out of it; handing over a home."""

import pytest

from accounts.actions.members import remove_member
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.models import Change, Space
from files.queries.target import Target
from files.queries.tree import locate
from files.queries.versions import list_versions
from tests.files.web.conftest import Person, sign_in
from tests.support.people import make_member
from tests.support.people import sign_in as proved
from tests.support.trees import put


@pytest.fixture
def bob(ada: Person) -> Person:
    ada.user.membership.team.seats = 10
    ada.user.membership.team.save()
    return sign_in(make_member(ada.user, email="bob@example.com"))


@pytest.fixture
def space(ada: Person) -> Space:
    return create_team_space(ada.actor, name="Plans")


def test_archiving_and_bringing_back(ada: Person, bob: Person, space: Space) -> None:
    page = f"/spaces/{space.pk}/"
    html = ada.client.post(f"{page}archive", {"archived": "1"}, follow=True).content.decode()
    assert "Archived since" in html
    assert "Bring back from the archive" in html
    folder = f"/files/{space.root_id}/"
    assert bob.client.get(folder).status_code == 200
    assert "archived" in bob.client.get("/spaces/").content.decode()
    html = bob.client.post(f"{folder}folders", {"name": "x"}, follow=True).content.decode()
    assert "This space is archived" in html
    assert bob.client.post(f"{page}archive", {"archived": "0"}).status_code == 403
    html = ada.client.post(f"{page}archive", {"archived": "0"}, follow=True).content.decode()
    assert "can be changed again" in html


def test_a_limit(ada: Person, bob: Person, space: Space) -> None:
    page = f"/spaces/{space.pk}/"
    html = ada.client.post(f"{page}limit", {"limit": "5 KB"}, follow=True).content.decode()
    assert 'value="5000B"' in html
    html = ada.client.post(f"{page}limit", {"limit": "a lot"}, follow=True).content.decode()
    assert "is not a size" in html
    assert bob.client.post(f"{page}limit", {"limit": "none"}).status_code == 403
    assert 'value="none"' in ada.client.post(f"{page}limit", {"limit": "none"}, follow=True).content.decode()


def test_deleting_asks_for_the_name(ada: Person, bob: Person, space: Space) -> None:
    page = f"/spaces/{space.pk}/"
    assert "type its name: Plans" in ada.client.get(f"{page}delete").content.decode()
    assert bob.client.get(f"{page}delete").status_code == 403
    assert bob.client.post(f"{page}delete", {"name": "Plans"}).status_code == 403
    html = ada.client.post(f"{page}delete", {"name": "plan"}, follow=True).content.decode()
    assert "That is not the name of the space." in html
    html = ada.client.post(f"{page}delete", {"name": "Plans"}, follow=True).content.decode()
    assert "Deleted spaces" in html
    assert "Deleted spaces" not in bob.client.get("/spaces/").content.decode()
    assert ada.client.get(page).status_code == bob.client.get(f"/files/{space.root_id}/").status_code == 404
    create_team_space(ada.actor, name="Plans")
    html = ada.client.post(f"{page}restore", {}, follow=True).content.decode()
    assert "There is already something with that name." in html
    html = ada.client.post(f"{page}restore", {"name": "Old plans"}, follow=True).content.decode()
    assert "“Old plans” is there again." in html


def test_what_was_moved_out_is_taken_back(ada: Person, bob: Person, space: Space) -> None:
    node = put(bob.actor, "a/f", space_id=space.pk).node
    move_node(bob.actor, node_id=node.pk, target=Target("kept at home"))
    page = f"/spaces/{space.pk}/moved"
    html = ada.client.get(page).content.decode()
    assert "/a/f" in html
    assert "kept at home" not in html
    assert bob.client.get(page).status_code == 403
    seq = Change.objects.get(space=space, kind="move_out").seq
    assert bob.client.post(f"{page}/undo", {"seq": seq}).status_code == 403
    html = ada.client.post(f"{page}/undo", {"seq": seq}, follow=True).content.decode()
    assert "“/a/f” is in the space again." in html
    assert "in the space again" in html
    assert locate(ada.actor, node.pk).path == "/a/f"


def test_moving_asks_about_earlier_versions(ada: Person, bob: Person, space: Space) -> None:
    plain = put(bob.actor, "plain").node
    for text in (b"one", b"two"):
        kept, shared = (put(bob.actor, name, text).node for name in ("kept", "shared"))
    target = {"target": space.root_id, "next": "/"}
    response = bob.client.post("/files/move", {"node": plain.pk, **target})
    assert response.status_code == 302
    html = bob.client.post("/files/move", {"node": kept.pk, **target}).content.decode()
    assert "Should those who use “Plans” see them?" in html
    assert locate(bob.actor, kept.pk).space.pk == bob.home.pk
    for node, versions, count in ((kept, "keep", 1), (shared, "share", 2)):
        bob.client.post("/files/move", {"node": node.pk, "versions": versions, **target})
        assert list_versions(locate(ada.actor, node.pk)).count() == count
    bob.client.post("/files/move", {"node": kept.pk, "target": bob.root_id, "next": "/"})  # home: nobody is asked
    assert list_versions(locate(bob.actor, kept.pk)).count() == 2


def test_a_home_is_handed_over(ada: Person, bob: Person) -> None:
    carl = sign_in(make_member(ada.user, email="carl@example.com"))
    put(bob.actor, "plan.txt")
    proved(ada.client, ada.user)
    page, member = f"/team/members/{bob.user.pk}/files", f"/team/members/{bob.user.pk}/"
    assert "Hand over" not in ada.client.get(member).content.decode()
    remove_member(ada.actor, user_id=bob.user.pk)
    assert page in ada.client.get(member).content.decode()
    assert "carl@example.com" in ada.client.get(page).content.decode()
    assert carl.client.get(page).status_code == carl.client.post(page, {"email": "carl@example.com"}).status_code == 403
    assert ada.client.post(page, {"email": "nobody@example.com"}).status_code == 404
    html = ada.client.post(page, {"email": "carl@example.com", "as": "folder"}, follow=True).content.decode()
    assert "Files of bob@example.com" in html
    assert "Files of bob@example.com" in carl.client.get("/").content.decode()
    html = ada.client.post(page, {"email": "carl@example.com"}, follow=True).content.decode()
    assert "There are no files" in html
