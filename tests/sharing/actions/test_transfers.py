"""sharing.actions.transfers: an offer, and a folder that becomes somebody else's with all that hangs on it."""

from typing import Any

import pytest

from accounts.actions.members import remove_member
from accounts.errors import QuotaExceeded, ScopeMissing
from accounts.models import QuotaAccount
from common.errors import CodedError
from files import errors
from files.access.rights import Role
from files.actions.mounts import reconcile_all
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.models import Change, Grant, Mount
from files.queries.tree import locate_path
from files.queries.versions import list_versions
from sharing.actions.transfers import accept_transfer, end_transfer, offer_transfer
from sharing.models import Transfer
from sharing.queries.shares import share_of
from sharing.queries.transfers import transfers_of
from tests.files.actions.conftest import _books_are_right  # noqa: F401  (fsck after each test)
from tests.sharing.team import Team
from tests.support.clients import Api, items, problem
from tests.support.people import actor_of, make_user
from tests.support.trees import bytes_at, home_of, ledger, put


def refused(error: type[CodedError], act: Any) -> None:
    with pytest.raises(error):
        act()


def offered(team: Team, **more: Any) -> int:
    """Ada's `Photos` to Bob."""
    return int(offer_transfer(team.actor, node_id=team.node().pk, to_user_id=team.bob.pk, **more).pk)


def test_it_becomes_the_receivers_with_its_shares_and_versions(team: Team) -> None:
    put(team.actor, "Photos/sea.jpg", b"another picture")
    to_bob, to_carl = team.share(team.bob, Role.EDITOR), team.share(team.carl)
    before, folder = ledger(team.ada).live, team.node().pk
    transfer = offered(team, keeps=Role.VIEWER)
    place = accept_transfer(actor_of(team.bob), transfer_id=transfer)
    assert (place.path, place.node.pk, place.space) == ("/Photos", folder, home_of(team.bob))
    reconcile_all()
    bob = actor_of(team.bob)
    assert bytes_at(bob, "Photos/sea.jpg") == b"another picture"
    assert len(list_versions(locate_path(bob, "Photos/sea.jpg"))) == 2
    assert ledger(team.bob).live == before
    assert ledger(team.ada).live == 0
    assert bytes_at(actor_of(team.carl), "Photos/sea.jpg") == b"another picture"
    assert share_of(bob, share_id=to_carl.id).place.space.owner == team.bob
    assert not Grant.objects.filter(pk=to_bob.id).exists()
    assert bytes_at(team.actor, "Photos/sea.jpg") == b"another picture"  # she looks at it now
    refused(errors.Forbidden, lambda: put(team.actor, "Photos/sea.jpg", b"no"))
    assert not Transfer.objects.exists()
    assert not Mount.objects.filter(user=team.bob).exists()
    kinds = [change.kind for change in Change.objects.filter(node_id=folder).order_by("pk")]
    assert kinds[-2:] == ["move_out", "move_in"]


def test_without_a_role_the_giver_has_nothing_left(team: Team) -> None:
    accept_transfer(actor_of(team.bob), transfer_id=offered(team))
    reconcile_all()
    refused(errors.NotFound, lambda: locate_path(team.actor, "Photos"))


def test_a_name_that_is_taken(team: Team) -> None:
    put(actor_of(team.bob), "Photos/own.jpg")
    assert accept_transfer(actor_of(team.bob), transfer_id=offered(team)).path == "/Photos (2)"


def test_a_file(team: Team) -> None:
    offer = offer_transfer(team.actor, node_id=team.node("/Photos/sea.jpg").pk, to_user_id=team.bob.pk)
    accept_transfer(actor_of(team.bob), transfer_id=offer.pk)
    assert bytes_at(actor_of(team.bob), "sea.jpg") == b"picture"


def test_the_receiver_must_have_room(team: Team) -> None:
    QuotaAccount.objects.filter(user=team.bob).update(limit_bytes=3)
    transfer = offered(team)
    refused(QuotaExceeded, lambda: accept_transfer(actor_of(team.bob), transfer_id=transfer))
    assert bytes_at(team.actor, "Photos/sea.jpg") == b"picture"


def test_only_ones_own_and_only_to_the_team(team: Team) -> None:
    team.share(team.bob, Role.MANAGER)
    node, space = team.node().pk, create_team_space(team.actor, name="Plans")
    in_space = put(team.actor, "a.txt", space_id=space.pk).node.pk
    for act in (
        lambda: offer_transfer(actor_of(team.bob), node_id=node, to_user_id=team.carl.pk),
        lambda: offer_transfer(team.actor, node_id=in_space, to_user_id=team.bob.pk),
    ):
        refused(errors.Forbidden, act)
    stranger = make_user("eve@example.org")
    refused(errors.NotFound, lambda: offer_transfer(actor_of(stranger), node_id=node, to_user_id=stranger.pk))
    for receiver in (stranger, team.ada):
        refused(errors.InvalidRequest, lambda to=receiver: offer_transfer(team.actor, node_id=node, to_user_id=to.pk))
    root = team.home.root_id or 0
    refused(errors.RootIsFixed, lambda: offer_transfer(team.actor, node_id=root, to_user_id=team.bob.pk))
    narrow = actor_of(team.ada, scopes=frozenset({"read", "write"}))
    refused(ScopeMissing, lambda: offer_transfer(narrow, node_id=node, to_user_id=team.bob.pk))
    assert not Transfer.objects.exists()


def test_nobody_else_answers(team: Team) -> None:
    transfer = offered(team)
    for other in (team.carl, team.ada, make_user("eve@example.org")):
        refused(errors.NotFound, lambda other=other: accept_transfer(actor_of(other), transfer_id=transfer))
    refused(errors.NotFound, lambda: end_transfer(actor_of(team.carl), transfer_id=transfer))
    assert transfers_of(actor_of(team.carl)) == []
    assert [one.is_mine for one in transfers_of(team.actor)] == [True]
    assert [one.is_mine for one in transfers_of(actor_of(team.bob))] == [False]
    end_transfer(actor_of(team.bob), transfer_id=transfer)
    assert not Transfer.objects.exists()
    end_transfer(team.actor, transfer_id=offered(team))
    assert not Transfer.objects.exists()


def test_what_is_gone_is_not_given(team: Team) -> None:
    transfer = offered(team)
    trash_nodes(team.actor, node_ids=[team.node().pk])
    refused(errors.NotFound, lambda: accept_transfer(actor_of(team.bob), transfer_id=transfer))
    assert transfers_of(actor_of(team.bob)) == []


def test_who_left_gives_nothing(team: Team) -> None:
    put(actor_of(team.bob), "Work/a.txt")
    node = locate_path(actor_of(team.bob), "Work").node.pk
    transfer = offer_transfer(actor_of(team.bob), node_id=node, to_user_id=team.carl.pk)
    remove_member(team.actor, user_id=team.bob.pk)
    refused(errors.NotFound, lambda: accept_transfer(actor_of(team.carl), transfer_id=transfer.pk))


def test_over_rest(team: Team) -> None:
    ada, bob = Api(team.ada), Api(team.bob)
    answer = ada.post("/transfers", {"path": "/Photos", "to_user_id": str(team.bob.pk), "keeps": "editor"})
    assert answer.status_code == 201, answer.content
    offer = answer.json()
    assert (offer["name"], offer["size"], offer["keeps"]) == ("Photos", 14, "editor")
    assert items(bob.get("/transfers")) == [offer]
    assert problem(ada.post(f"/transfers/{offer['id']}/accept")) == (404, "not_found")
    assert bob.post(f"/transfers/{offer['id']}/accept").json()["path"] == "/Photos"
    assert problem(bob.post(f"/transfers/{offer['id']}/accept")) == (404, "not_found")
    assert problem(ada.post("/transfers", {"path": "/", "to_user_id": str(team.bob.pk)})) == (409, "root_is_fixed")
    again = bob.post("/transfers", {"path": "/Photos", "to_user_id": str(team.carl.pk)}).json()
    assert bob.delete(f"/transfers/{again['id']}").status_code == 204
