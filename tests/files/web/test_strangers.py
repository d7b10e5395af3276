"""Another tenant's ids do not exist, on any page."""

import pytest

from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import Change, Node
from tests.files.web.conftest import Person
from tests.support.trees import put


@pytest.fixture
def ids(ada: Person) -> dict[str, int]:
    """Of Ada's things."""
    space = create_team_space(ada.actor, name="Ours")
    file = put(ada.actor, "folder/secret.txt").node
    deleted = put(ada.actor, "deleted.txt").node
    (item,) = trash_nodes(ada.actor, node_ids=[deleted.pk])
    assert file.version_id
    assert file.parent_id
    return {
        "file": file.pk,
        "folder": file.parent_id,
        "version": file.version_id,
        "space": ada.home.pk,
        "team_space": space.pk,
        "team_root": space.root_id or 0,
        "deleted": deleted.pk,
        "item": item.pk,
    }


@pytest.mark.parametrize(
    "url",
    [
        "/files/{file}/",
        "/files/{folder}/",
        "/files/{team_root}/",
        "/files/{deleted}/",
        "/files/{file}/download",
        "/files/{file}/versions/{version}/download",
        "/picker/{folder}/",
        "/trash/{space}/",
        "/trash/{team_space}/",
        "/spaces/{team_space}/delete",
        "/spaces/{team_space}/moved",
    ],
)
def test_pages(eve: Person, ids: dict[str, int], url: str) -> None:
    response = eve.client.get(url.format(**ids))
    assert response.status_code == 404
    assert b"secret" not in response.content


def test_deleted_things_are_not_found_by_their_owner_either(ada: Person, ids: dict[str, int]) -> None:
    assert ada.client.get(f"/files/{ids['deleted']}/").status_code == 404


@pytest.mark.parametrize(
    ("url", "data"),
    [
        ("/files/{folder}/folders", {"name": "mine now"}),
        ("/files/rename", {"node": "{file}", "name": "mine now"}),
        ("/files/move", {"node": "{file}", "target": "{own}"}),
        ("/files/move", {"node": "{own_file}", "target": "{folder}"}),
        ("/files/copy", {"node": "{file}", "target": "{own}"}),
        ("/files/copy", {"node": "{own_file}", "target": "{team_root}"}),
        ("/files/trash", {"node": "{file}"}),
        ("/files/zip", {"node": "{folder}"}),
        ("/files/{file}/versions/{version}/restore", {}),
        ("/trash/restore", {"item": "{item}"}),
        ("/trash/purge", {"item": "{item}", "space": "{space}"}),
        ("/trash/{space}/empty", {}),
        ("/spaces/{team_space}/archive", {"archived": "1"}),
        ("/spaces/{team_space}/limit", {"limit": "none"}),
        ("/spaces/{team_space}/delete", {"name": "Ours"}),
        ("/spaces/{team_space}/restore", {}),
        ("/spaces/{team_space}/moved/undo", {"seq": "1"}),
    ],
)
def test_acts(eve: Person, ids: dict[str, int], url: str, data: dict[str, str]) -> None:
    ids |= {"own": eve.root_id, "own_file": put(eve.actor, "own.txt").node.pk}
    before = Change.objects.count(), Node.objects.count()
    response = eve.client.post(url.format(**ids), {key: value.format(**ids) for key, value in data.items()})
    assert response.status_code == 404
    assert (Change.objects.count(), Node.objects.count()) == before


def test_members_of_a_team_share_its_spaces(ada: Person, ids: dict[str, int]) -> None:
    from tests.files.web.conftest import sign_in
    from tests.support.people import make_user

    ben = sign_in(make_user("ben@example.com", team=ada.user.membership.team))
    assert ben.client.get(f"/files/{ids['team_root']}/").status_code == 200
    assert "Ours" in ben.client.get("/").content.decode()
    assert ben.client.get(f"/files/{ids['folder']}/").status_code == 404
