"""Mounts on pages: in the listing, above what lies in them, removed after a question, brought back."""

import re

import pytest

from files.actions.create_folder import create_folder
from files.models import Mount, Node, Space, TrashItem
from files.queries.target import Target
from tests.files.web.conftest import Person, sign_in
from tests.files.web.test_browse import names
from tests.support.mounts import NAME, MountedSpace, make_mounted_space
from tests.support.shared_folders import mount_to, shared_folder
from tests.support.trees import put

CRUMB = re.compile(r'data-drop-folder="(\d+)">([^<]*)</a>')


@pytest.fixture
def world(db: None) -> MountedSpace:
    return make_mounted_space()


@pytest.fixture
def editor(world: MountedSpace) -> Person:
    return sign_in(world.editor)


@pytest.fixture
def viewer(world: MountedSpace) -> Person:
    return sign_in(world.viewer)


def page(person: Person, url: str) -> str:
    answer = person.client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


def test_a_listing_says_whose_it_is(world: MountedSpace, editor: Person, viewer: Person) -> None:
    put(editor.actor, "own.txt")
    html = page(editor, "/")
    assert names(html) == [NAME, "own.txt"]
    assert f"Team space of {world.space.team.name}" in html
    mount = world.mount_of(world.editor)
    assert f'data-drop-folder="{mount.pk}"' in html
    closed = f'data-drop-folder="{world.mount_of(world.viewer).pk}"'
    assert closed not in page(viewer, "/"), "nothing can be put into it"


def test_breadcrumbs_lead_through_the_mount(world: MountedSpace, viewer: Person) -> None:
    mount = world.mount_of(world.viewer)
    html = page(viewer, f"/files/{mount.pk}/")
    assert names(html) == ["notes", "budget.txt"]
    assert f">{NAME}</h1>" in html
    assert CRUMB.findall(html) == [(str(viewer.root_id), "Files")]
    deep = world.place("notes/deep").node
    notes = world.place("notes").node
    html = page(viewer, f"/files/{deep.pk}/")
    assert CRUMB.findall(html) == [(str(viewer.root_id), "Files"), (str(mount.pk), NAME), (str(notes.pk), "notes")]
    assert ">deep</h1>" in html
    assert f">{NAME}</h1>" in page(viewer, f"/files/{world.root_id}/")
    assert CRUMB.findall(page(viewer, f"/files/{world.place('budget.txt').node.pk}/"))[-1] == (str(mount.pk), NAME)


def test_what_is_not_allowed_is_not_offered(world: MountedSpace, editor: Person, viewer: Person) -> None:
    for person, user, offered in ((editor, world.editor, True), (viewer, world.viewer, False)):
        html = page(person, f"/files/{world.mount_of(user).pk}/")
        for what in (
            'data-dialog="new-folder-dialog"',
            'data-upload="files"',
            'data-command="rename"',
            'data-command="trash"',
        ):
            assert (what in html) is offered, what
        assert 'data-command="copy"' in html
        assert 'data-command="rename"' in page(person, "/"), "the mount itself is theirs"


def test_acts_in_a_mount(world: MountedSpace, editor: Person) -> None:
    mount = world.mount_of(world.editor)
    put(editor.actor, "own.txt")
    own = Node.objects.get(name="own.txt")
    editor.client.post(f"/files/{mount.pk}/folders", {"name": "new"})
    assert world.names() == {"budget.txt", "notes", "new"}
    editor.client.post("/files/move", {"node": own.pk, "target": mount.pk})
    assert "own.txt" in world.names()
    editor.client.post("/files/copy", {"node": mount.pk, "target": editor.root_id})
    assert names(page(editor, "/")) == [NAME, f"{NAME} (2)"]
    html = page(editor, f"/picker/{editor.root_id}/")
    assert "Team space of" in html
    html = page(editor, f"/picker/{mount.pk}/")
    assert "Move here" in html
    assert ">notes" in html.replace(" ", "")


def test_a_viewer_renames_the_mount(world: MountedSpace, viewer: Person) -> None:
    mount = world.mount_of(world.viewer)
    viewer.client.post("/files/rename", {"node": mount.pk, "name": "Ours"})
    assert names(page(viewer, "/")) == ["Ours"]
    assert NAME in names(page(sign_in(world.editor), "/"))


def test_removing_asks_first_and_says_how_to_bring_it_back(world: MountedSpace, viewer: Person) -> None:
    put(viewer.actor, "own.txt")
    own, mount = Node.objects.get(name="own.txt"), world.mount_of(world.viewer)
    sent = {"node": [mount.pk, own.pk], "next": "/"}
    answer = viewer.client.post("/files/trash", sent)
    html = answer.content.decode()
    assert answer.status_code == 200
    assert "Remove from your files?" in html
    assert "nothing of it is deleted" in html
    assert "Removed shares" in html
    assert "1 other selected item moves to the trash." in html
    assert f"/{NAME}</strong>" in html
    assert names(page(viewer, "/")) == [NAME, "own.txt"], "nothing has happened yet"
    html = viewer.client.post("/files/trash", {**sent, "remove_mounts": "1"}, follow=True).content.decode()
    assert f"“{NAME}” is removed from your files. You find it under Trash, Removed shares." in html
    assert "1 item moved to the trash." in html
    assert names(html) == []
    assert world.names() == {"budget.txt", "notes"}
    assert [item.node_id for item in TrashItem.objects.all()] == [own.pk]


def test_bringing_back(world: MountedSpace, viewer: Person) -> None:
    assert "You have not removed anything that is shared." in page(viewer, "/removed/")
    assert 'href="/removed/"' in page(viewer, "/trash/")
    viewer.client.post("/files/trash", {"node": world.mount_of(world.viewer).pk, "remove_mounts": "1"})
    html = page(viewer, "/removed/")
    assert NAME in html
    assert "Team space of" in html
    row = Mount.objects.get(user=world.viewer)
    html = viewer.client.post("/removed/show", {"mount": row.pk}, follow=True).content.decode()
    assert f"“{NAME}” is among your files again." in html
    assert names(html) == ["notes", "budget.txt"]
    assert names(page(viewer, "/")) == [NAME]


def test_undo_brings_it_back(world: MountedSpace, viewer: Person) -> None:
    html = viewer.client.post(
        "/files/trash", {"node": world.mount_of(world.viewer).pk, "remove_mounts": "1", "next": "/"}, follow=True
    ).content.decode()
    (key,) = re.findall(r'name="undo" value="([^"]+)"', html)
    html = viewer.client.post("/files/undo", {"undo": key, "next": "/"}, follow=True).content.decode()
    assert "Undone." in html
    assert names(html) == [NAME]


def test_a_folder_that_holds_a_mount_asks_too(world: MountedSpace, viewer: Person) -> None:
    folder = create_folder(viewer.actor, target=Target("work"))[0].node
    viewer.client.post("/files/move", {"node": world.mount_of(world.viewer).pk, "target": folder.pk})
    html = viewer.client.post("/files/trash", {"node": folder.pk}).content.decode()
    assert f"/work/{NAME}</strong>" in html
    viewer.client.post("/files/trash", {"node": folder.pk, "remove_mounts": "1"})
    assert names(page(viewer, "/")) == []
    assert NAME in page(viewer, "/removed/")


def test_strangers_bring_nothing_back(world: MountedSpace, viewer: Person, eve: Person) -> None:
    viewer.client.post("/files/trash", {"node": world.mount_of(world.viewer).pk, "remove_mounts": "1"})
    page(viewer, "/")  # which shows the notice
    row = Mount.objects.get(user=world.viewer)
    assert eve.client.post("/removed/show", {"mount": row.pk}).status_code == 404
    assert eve.client.post("/removed/show", {"mount": "x"}).status_code == 400
    assert eve.client.get("/removed/").status_code == 200
    assert NAME not in page(eve, "/removed/")
    world.end(world.viewer)
    assert NAME not in page(viewer, "/removed/")
    assert viewer.client.post("/removed/show", {"mount": row.pk}).status_code == 404


def test_a_mount_that_cannot_be_opened_is_a_page_of_its_own(world: MountedSpace, viewer: Person) -> None:
    Space.objects.filter(pk=world.space.pk).update(root=None)
    assert viewer.client.get("/").status_code == 503


def test_a_folder_that_somebody_shares(db: None) -> None:
    """By its own name, with whose it is; the way to it begins at the mount, and so does that of its removal."""
    shared = shared_folder()
    viewer = sign_in(shared.viewer)
    html = page(viewer, "/")
    assert names(html) == ["Photos"]
    assert "Shared by Olga Owner" in html
    mount = mount_to(shared.viewer, shared.folder)
    trips = shared.node("trips")
    html = page(viewer, f"/files/{trips.pk}/")
    crumbs = [(str(viewer.root_id), "Files"), (str(mount.pk), "Photos"), (str(shared.node("2026").pk), "2026")]
    assert CRUMB.findall(html) == crumbs
    assert "canary" not in html
    viewer.client.post("/files/trash", {"node": str(mount.pk), "remove_mounts": "1"})
    assert names(page(viewer, "/")) == []
    html = page(viewer, "/removed/")
    assert "Photos" in html
    assert "Shared by Olga Owner" in html
    row = Mount.objects.get(user=shared.viewer)
    viewer.client.post("/removed/show", {"mount": str(row.pk)})
    assert names(page(viewer, "/")) == ["Photos"]
