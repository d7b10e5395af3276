"""files.queries.usage: what one space holds is what its account is charged."""

import pytest

from accounts.actor import Actor
from accounts.models import QuotaAccount
from accounts.quotas import Charge
from files.actions.annotations import PropertyChange, set_properties
from files.actions.spaces import create_team_space
from files.actions.trash import trash_nodes
from files.actions.uploads import UploadOptions, open_upload
from files.maintenance.fsck.ledger import stored_lines
from files.queries.target import Target
from files.queries.usage import lines_of_space
from tests.support.trees import put

pytestmark = pytest.mark.django_db


def test_every_line(actor: Actor) -> None:
    space, other = create_team_space(actor, name="One"), create_team_space(actor, name="Other")
    assert lines_of_space(space.pk) == Charge()
    put(actor, "not of it", b"12345", space_id=other.pk)
    put(actor, "a/b", b"1", space_id=space.pk)
    node = put(actor, "a/b", b"22", space_id=space.pk).node
    trash_nodes(actor, node_ids=[put(actor, "c/d", b"4444", space_id=space.pk).node.parent_id or 0])
    open_upload(actor, wanted=UploadOptions(Target("e", space_id=space.pk), length=8))
    set_properties(actor, node_id=node.pk, changes=[PropertyChange("urn:x", "p", "value")])
    assert lines_of_space(space.pk) == Charge(live=2, versions=1, trash=4, uploads=8, nodes=4, properties=11)
    assert stored_lines(QuotaAccount.objects.get(space_id=space.pk)) == lines_of_space(space.pk)
