"""Locks on pages: seen, told of, and removed."""

from files.actions.lock import LockOptions, lock_node
from files.models import NodeLock
from tests.files.web.conftest import Person
from tests.support.trees import put


def test_a_locked_file_is_shown_and_unlocked(ada: Person) -> None:
    node = put(ada.actor, "a.txt").node
    assert "Locked" not in ada.client.get("/").content.decode()
    lock_node(ada.actor, node_id=node.pk, options=LockOptions())
    assert "Locked" in ada.client.get("/").content.decode()
    details = ada.client.get(f"/files/{node.pk}/").content.decode()
    assert "Locked by ada@example.com until" in details
    assert f'action="/files/{node.pk}/unlock"' in details
    told = ada.client.post("/files/trash", {"node": node.pk}, follow=True).content.decode()
    assert "ada@example.com has locked “/a.txt” until" in told
    answer = ada.client.post(f"/files/{node.pk}/unlock", {"next": f"/files/{node.pk}/"}, follow=True)
    assert "The lock is removed." in answer.content.decode()
    assert not NodeLock.objects.exists()


def test_a_locked_folder(ada: Person, eve: Person) -> None:
    node = put(ada.actor, "f/a.txt").node
    lock_node(ada.actor, node_id=node.parent_id or 0, options=LockOptions(is_deep=True))
    assert "Locked by" in ada.client.get(f"/files/{node.parent_id}/").content.decode()
    inherited = ada.client.get(f"/files/{node.pk}/").content.decode()
    assert "The lock is on a folder above." in inherited
    assert "/unlock" not in inherited
    assert eve.client.post(f"/files/{node.parent_id}/unlock").status_code == 404


def test_a_person_locks_a_file_for_themselves(ada: Person, eve: Person) -> None:
    node = put(ada.actor, "a.txt").node
    page = f"/files/{node.pk}/"
    assert f'action="{page}lock"' in ada.client.get(page).content.decode()
    done = ada.client.post(f"{page}lock", {"hours": "24", "next": page}, follow=True).content.decode()
    assert "The file is locked: only you can change it." in done
    assert "Locked by you until" in done
    assert f'action="{page}lock"' not in done
    put(ada.actor, "a.txt", b"new")
    assert ada.client.post(f"{page}unlock", {"next": page}).status_code == 302
    assert not NodeLock.objects.exists()
    for hours in ("", "x", "9999"):
        assert ada.client.post(f"{page}lock", {"hours": hours}).status_code == 400
    assert eve.client.post(f"{page}lock", {"hours": "1"}).status_code == 404
