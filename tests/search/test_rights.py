"""Nobody finds what they may not see, also in the moments before the index has followed."""

import pytest

from accounts.actor import READ, WRITE, Actor
from files import errors
from files.actions.move import move_node
from files.actions.spaces import create_team_space
from files.actions.trash import restore_items, trash_nodes
from files.models import Space
from files.queries.target import Target
from files.queries.tree import locate_path
from search.indexing import following
from search.models import Document
from search.queries import Wanted, search
from tests.search.conftest import find, index
from tests.support.people import SYSTEM, actor_of, make_member, make_user
from tests.support.trees import home_of, put


def test_another_tenant_finds_nothing(ada: Actor, eve: Actor) -> None:
    put(ada, "secret plan.txt", b"the treasure is buried here")
    put(eve, "mine.txt", b"treasure map")
    index()
    assert find(eve, "treasure") == ["/mine.txt"]
    assert find(eve, "secret") == find(eve, "buried") == find(eve, "ext:txt plan") == []
    assert find(ada, "treasure") == ["/secret plan.txt"]
    assert sorted(find(SYSTEM, "treasure")) == ["/mine.txt", "/secret plan.txt"]


def test_the_same_content_of_two_tenants(ada: Actor, eve: Actor) -> None:
    put(ada, "hers.txt", b"the very same bytes")
    put(eve, "theirs.txt", b"the very same bytes")
    index()
    assert find(ada, "very same") == ["/hers.txt"]
    assert find(eve, "very same") == ["/theirs.txt"]


def test_another_tenants_ids(ada: Actor, eve: Actor) -> None:
    written = put(ada, "folder/f.txt", b"words")
    index()
    space = written.node.space_id
    with pytest.raises(errors.NotFound):
        search(eve, "words", wanted=Wanted(space_id=space))
    with pytest.raises(errors.NotFound):
        search(eve, "words", wanted=Wanted(under=written.node.parent_id))
    for odd in (0, -1, 2**63, 10**30):
        with pytest.raises(errors.NotFound):
            search(eve, "words", wanted=Wanted(space_id=odd))
        with pytest.raises(errors.NotFound):
            search(eve, "words", wanted=Wanted(under=odd))


@pytest.mark.django_db
def test_members_of_the_team_find_what_is_in_its_space() -> None:
    owner = make_user("owner@example.com")
    member = make_member(owner, email="member@example.com")
    space = create_team_space(actor_of(owner), name="Team")
    put(actor_of(owner), "shared.txt", b"common words", space_id=space.pk)
    put(actor_of(owner), "private.txt", b"common words")
    index()
    assert find(actor_of(member), "common") == ["/shared.txt"]
    assert sorted(find(actor_of(owner), "common")) == ["/private.txt", "/shared.txt"]


@pytest.mark.django_db
def test_a_token_without_the_scope() -> None:
    user = make_user()
    put(actor_of(user), "f.txt", b"words")
    index()
    with pytest.raises(errors.ScopeMissing):
        search(actor_of(user, scopes=frozenset({WRITE})), "words")
    assert search(actor_of(user, scopes=frozenset({READ})), "words").total == 1


def test_trash_is_not_found_before_the_index_has_followed(ada: Actor) -> None:
    put(ada, "tree/a/b/f.txt", b"words")
    put(ada, "other.txt", b"words")
    index()
    (item,) = trash_nodes(ada, node_ids=[locate_path(ada, "tree").node.pk])
    assert find(ada, "words") == ["/other.txt"]  # `find` compares the total as well
    assert find(ada, "tree") == []
    following.INDEX.step(item.space_id)  # the line of the journal is done, the walk is not
    assert Document.objects.count() > 1
    assert find(ada, "words") == ["/other.txt"]
    index()
    assert find(ada, "words") == ["/other.txt"]
    restore_items(ada, item_ids=[item.pk])
    assert find(ada, "words") == ["/other.txt"]


@pytest.mark.django_db
def test_moved_out_is_not_found_before_the_index_has_followed() -> None:
    owner = make_user("owner@example.com")
    member = make_member(owner, email="member@example.com")
    space = create_team_space(actor_of(owner), name="Team")
    put(actor_of(owner), "tree/a/f.txt", b"common words", space_id=space.pk)
    index()
    assert find(actor_of(member), "common") == ["/tree/a/f.txt"]
    folder = locate_path(actor_of(owner), "tree", space_id=space.pk).node.pk
    move_node(actor_of(owner), node_id=folder, target=Target("tree", parent_id=home_of(owner).root_id))
    assert find(actor_of(member), "common") == find(actor_of(member), "tree") == []
    index()
    assert find(actor_of(member), "common") == []
    assert find(actor_of(owner), "common") == ["/tree/a/f.txt"]


def test_a_wrong_document_shows_nothing(ada: Actor, eve: Actor) -> None:
    """Even if the index put a node into the wrong space, the tree decides."""
    put(ada, "f.txt", b"words")
    put(eve, "g.txt", b"other")
    index()
    Document.objects.filter(space_id=home_of_actor(ada)).update(space_id=home_of_actor(eve))
    assert find(eve, "words") == []


def home_of_actor(actor: Actor) -> int:
    return Space.objects.get(owner_id=actor.user_id).pk
