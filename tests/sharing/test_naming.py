"""What a file is called that somebody sends."""

import pytest

from files.errors import InvalidName, InvalidRequest
from sharing.models import Link, LinkRole, Naming
from sharing.models.delivery import MAXIMUM_SENDER
from sharing.naming import clean_sender, name_from_sender


def test_kept() -> None:
    assert name_from_sender(Link(naming=Naming.KEEP), "a.txt", "Ada") == "a.txt"
    with pytest.raises(InvalidName):
        name_from_sender(Link(), "a/b", "")


def test_with_the_sender_in_front() -> None:
    link = Link(naming=Naming.SENDER, role=LinkRole.UPLOADER)
    assert name_from_sender(Link(naming=Naming.SENDER, role=LinkRole.EDITOR), "a.txt", "") == "a.txt"
    assert name_from_sender(link, "a.txt", " Ada \n") == "Ada - a.txt"
    for nobody in ("", "  ", "/", "\n"):
        with pytest.raises(InvalidRequest):
            name_from_sender(link, "a.txt", nobody)


@pytest.mark.parametrize(
    ("typed", "clean"),
    [("Ada Lovelace", "Ada Lovelace"), ("../etc", ".. etc"), ("a\\b\x00c", "a b c"), ("x" * 100, "x" * MAXIMUM_SENDER)],
)
def test_what_people_call_themselves(typed: str, clean: str) -> None:
    assert clean_sender(typed) == clean
