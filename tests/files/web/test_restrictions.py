"""The control of a restricted folder on its page."""

from files.actions.spaces import create_team_space
from files.models import Node, Space
from tests.files.web.conftest import Person, sign_in
from tests.support.people import make_member
from tests.support.trees import put


def folder_of(ada: Person) -> tuple[Space, Node]:
    space = create_team_space(ada.actor, name="Plans")
    put(ada.actor, "above/folder/a.txt", b"x", space_id=space.pk)
    return space, Node.objects.get(space=space, name="folder")


def colleague(ada: Person) -> Person:
    ada.user.membership.team.seats = 5
    ada.user.membership.team.save()
    return sign_in(make_member(ada.user, email="bob@example.com"))


def test_managers_restrict_and_open_a_folder(ada: Person) -> None:
    space, folder = folder_of(ada)
    bob, url = colleague(ada), f"/files/{folder.pk}/"
    assert b"Restrict this folder" in ada.client.get(url).content
    assert b"Restrict this folder" not in bob.client.get(url).content
    answer = ada.client.post(f"{url}restriction", {"restricted": "1", "next": url}, follow=True)
    assert b"Restricted: only the managers" in answer.content
    assert bob.client.get(url).status_code == 404
    assert f"/files/{folder.pk}/".encode() not in bob.client.get(f"/files/{folder.parent_id}/").content
    assert str(folder.pk).encode() not in bob.client.get(f"/picker/{folder.parent_id}/").content
    assert b"Restrict this folder" not in ada.client.get(f"/files/{space.root_id}/").content
    ada.client.post(f"{url}restriction", {"restricted": "0", "next": url})
    assert bob.client.get(url).status_code == 200


def test_others_may_not(ada: Person, eve: Person) -> None:
    _, folder = folder_of(ada)
    bob = colleague(ada)
    for person, status in ((bob, 403), (eve, 404)):
        assert person.client.post(f"/files/{folder.pk}/restriction", {"restricted": "1"}).status_code == status
    home = ada.client.get("/")
    assert b"Restrict this folder" not in home.content
