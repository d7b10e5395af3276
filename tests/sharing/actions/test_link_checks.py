"""sharing.actions.link_checks: fsck finds grants of links that are gone, and takes away nothing else."""

import pytest

from common.clock import now
from files.maintenance.fsck import Finding, run_fsck
from files.models import Grant
from sharing.actions.link_checks import row_checks
from sharing.actions.links import revoke_link
from sharing.models import Link
from tests.sharing.linked import Linked, opened
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def found(*, repair: bool = False) -> list[Finding]:
    findings: list[Finding] = []
    run_fsck(repair=repair, on_finding=findings.append)
    return [one for one in findings if one.code == "grant.link"]


def test_grants_of_links_that_are_gone(world: Linked) -> None:
    kept, gone, revoked, elsewhere = (world.link() for _ in range(4))
    revoke_link(world.actor, link_id=world.link().pk)
    others = set(Grant.objects.filter(link_id=None)) | {Grant.objects.get(link_id=kept.pk)}
    assert found() == []
    Link.objects.filter(pk=gone.pk).delete()
    Link.objects.filter(pk=revoked.pk).update(revoked_at=now())
    other = put(world.actor, "elsewhere.txt").node
    Link.objects.filter(pk=elsewhere.pk).update(node=other)
    of = {link.pk: Grant.objects.get(link_id=link.pk) for link in (gone, revoked, elsewhere)}
    said = {one.subject: one.detail for one in found()}
    assert set(said) == {f"grant {grant.pk}" for grant in of.values()}
    assert f"link {gone.pk} is gone; node {gone.node_id}" in said[f"grant {of[gone.pk].pk}"]
    assert f"link {revoked.pk} is revoked" in said[f"grant {of[revoked.pk].pk}"]
    assert f"link {elsewhere.pk} leads to node {other.pk}" in said[f"grant {of[elsewhere.pk].pk}"]
    assert [one.repaired for one in found(repair=True)] == [True] * 3
    assert found() == []
    assert set(Grant.objects.all()) == others
    assert opened(kept).link == kept


def test_it_removes_no_grant_of_people(world: Linked) -> None:
    """Whatever it is asked."""
    world.link(world.plans, world.editor)
    (check,) = row_checks()
    grant = Grant.objects.filter(link_id=None).first()
    assert (grant is not None, check.mend is not None) == (True, True)
    if grant is not None and check.mend is not None:
        assert not check.mend(grant.pk)
        assert Grant.objects.filter(pk=grant.pk).exists()
