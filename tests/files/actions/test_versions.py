"""files.actions.versions: an earlier one comes back, or goes."""

from datetime import UTC, datetime

import pytest

from accounts.actor import Actor
from accounts.errors import QuotaExceeded
from accounts.models import QuotaAccount, User
from accounts.quotas import Charge
from files import errors
from files.actions.versions import delete_versions, restore_version
from files.actions.write_file import WriteOptions
from files.models import Node, Version
from files.queries.tree import locate_path
from tests.files.actions.rights import refuses_others
from tests.support.trees import bytes_at, journal_of, ledger, put

WHEN = datetime(2020, 2, 29, 12, tzinfo=UTC)


def history(actor: Actor) -> tuple[Node, list[int]]:
    """Of /d/a: three versions of 1, 2 and 3 bytes."""
    versions = [put(actor, "d/a", b"x" * size, WriteOptions(modified_at=WHEN)).version.pk for size in (1, 2, 3)]
    return locate_path(actor, "d/a").node, versions


def test_an_earlier_one_becomes_a_new_one(user: User, actor: Actor) -> None:
    node, versions = history(actor)
    restored = restore_version(actor, node_id=node.pk, version_id=versions[0])
    assert bytes_at(actor, "d/a") == b"x"
    assert restored.version is not None
    assert (restored.version.pk in versions, restored.version.modified_at) == (False, WHEN)
    assert Version.objects.filter(node=node).count() == 4
    assert ledger(user) == Charge(live=1, versions=6)
    assert journal_of(actor)[-1] == ("write", "/d/a")


def test_removed_ones_are_given_back(user: User, actor: Actor) -> None:
    node, versions = history(actor)
    assert delete_versions(actor, node_id=node.pk, version_ids=[versions[1], versions[1]]) == 1
    assert ledger(user) == Charge(live=3, versions=1)
    assert journal_of(actor)[-1] == ("expire", "/d/a")
    assert locate_path(actor, "d").node.versions_size == 1


def test_the_current_one_stays_and_all_or_none_go(actor: Actor) -> None:
    node, versions = history(actor)
    other = put(actor, "other").version.pk
    for wanted, error in (
        ([versions[0], versions[2]], errors.InvalidRequest),
        ([versions[0], other], errors.NotFound),
        ([versions[0], 2**63], errors.NotFound),
    ):
        with pytest.raises(error):
            delete_versions(actor, node_id=node.pk, version_ids=wanted)
    assert Version.objects.filter(node=node).count() == 3


def test_refuses(user: User, actor: Actor) -> None:
    node, versions = history(actor)
    folder, other = locate_path(actor, "d").node, put(actor, "other").version.pk
    for node_id, version_id, error in (
        (folder.pk, versions[0], errors.NotAFile),
        (node.pk, other, errors.NotFound),
        (10**9, versions[0], errors.NotFound),
    ):
        with pytest.raises(error):
            restore_version(actor, node_id=node_id, version_id=version_id)
    refuses_others(actor, lambda a: restore_version(a, node_id=node.pk, version_id=versions[0]))
    refuses_others(actor, lambda a: delete_versions(a, node_id=node.pk, version_ids=versions[:1]))
    QuotaAccount.objects.filter(user=user).update(limit_bytes=ledger(user).total)
    with pytest.raises(QuotaExceeded):
        restore_version(actor, node_id=node.pk, version_id=versions[0])
    assert bytes_at(actor, "d/a") == b"xxx"
