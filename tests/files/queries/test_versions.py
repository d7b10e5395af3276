"""files.queries.versions: those of one file, latest first, and of no other."""

from typing import Any

import pytest

from accounts.actor import Actor
from files import errors
from files.queries.tree import locate_path
from files.queries.versions import get_version, list_versions
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def test_latest_first_with_content_and_author(actor: Actor, django_assert_num_queries: Any) -> None:
    written = [put(actor, "a", b"x" * size).version.pk for size in (1, 2, 3)]
    put(actor, "b")
    place = locate_path(actor, "a")
    with django_assert_num_queries(1):
        found = [(v.pk, v.content.size, v.author and v.author.pk) for v in list_versions(place)]
    assert found == [(pk, size, actor.user_id) for pk, size in zip(written[::-1], (3, 2, 1), strict=True)]
    assert place.node.version_id == found[0][0]


def test_one_of_this_file(actor: Actor, django_assert_num_queries: Any) -> None:
    first = put(actor, "a", b"1").version.pk
    put(actor, "a", b"2")
    other = put(actor, "b").version.pk
    place = locate_path(actor, "a")
    with django_assert_num_queries(1):
        version = get_version(place, first)
        assert (version.pk, version.content.size) == (first, 1)
    for version_id in (other, 0, -1, 2**63, 10**9):
        with pytest.raises(errors.NotFound):
            get_version(place, version_id)


def test_a_folder_has_none(actor: Actor) -> None:
    version = put(actor, "d/a").version.pk
    place = locate_path(actor, "d")
    with pytest.raises(errors.NotAFile):
        list_versions(place)
    with pytest.raises(errors.NotFound):
        get_version(place, version)
