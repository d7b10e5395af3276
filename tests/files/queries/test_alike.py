"""files.queries.alike: what a folder holds under another spelling of a name."""

import pytest

from accounts.actor import Actor
from files import errors
from files.queries.alike import alike
from tests.support.trees import home_of, put


@pytest.fixture
def root(user: object, actor: Actor) -> int:
    put(actor, "README")
    put(actor, "Maße")
    put(actor, "other")
    root = home_of(user).root_id  # type: ignore[arg-type]
    assert root is not None
    return root


def told(actor: Actor, root: int, *names: str, but: int | None = None) -> dict[str, str]:
    return {name: node.name for name, node in alike(actor, parent_id=root, names=names, but=but).items()}


def test_another_case_and_another_spelling(actor: Actor, root: int) -> None:
    assert told(actor, root, "readme", "MASSE", "new") == {"readme": "README", "MASSE": "Maße"}


def test_the_very_name_is_no_other_spelling(actor: Actor, root: int) -> None:
    put(actor, "readme")
    assert told(actor, root, "readme", "README") == {}
    assert told(actor, root, "ReadMe") == {"ReadMe": "README"}, "the oldest of several"


def test_the_node_that_is_renamed_does_not_count(actor: Actor, root: int) -> None:
    (found,) = alike(actor, parent_id=root, names=["readme"]).values()
    assert told(actor, root, "readme", but=found.pk) == {}


def test_a_stranger_is_told_nothing(outsider: Actor, root: int) -> None:
    with pytest.raises(errors.NotFound):
        alike(outsider, parent_id=root, names=["readme"])
