"""A tree that goes to another space: one row, and the rows below it by one statement for each table."""

from django.db import connection

from accounts.quotas import Charge
from files.models import ChangeKind
from files.queries.properties import size_below
from files.queries.tree import LocatedNode
from files.tree import restricted
from files.tree.folders import Chain, chain_path
from files.tree.relocating import attach
from files.tree.unit_of_work import NodeLocation, SpaceUnitOfWork

_BELOW = (
    "WITH RECURSIVE below(id) AS (SELECT CAST(%s AS bigint) UNION ALL "
    "SELECT n.id FROM files_node n JOIN below ON n.parent_id = below.id) "
)


def relocate(source: SpaceUnitOfWork, target: SpaceUnitOfWork, place: LocatedNode, chain: Chain, name: str) -> None:
    """To the folder at the end of `chain`, where the name is free: of the same space or of another one."""
    node = place.node
    _record(source, target, place, chain, name)
    if source is not target:
        with restricted.leaving(source.space.pk, target.space.pk):
            move_rows_to_space(node.pk, target.space.pk)
        node.space = target.space
    attach(node, chain[-1].id, name)


def _record(source: SpaceUnitOfWork, target: SpaceUnitOfWork, place: LocatedNode, chain: Chain, name: str) -> None:
    """Journal, sums and ledger on both sides. The node's own stamp goes with its row."""
    node = place.node
    before = NodeLocation(node.parent_id or 0, node.name, place.path_in_space, node.version_id)
    after = NodeLocation(chain[-1].id, name, chain_path(chain, name), node.version_id)
    old, new = place.ancestor_ids, [step.id for step in chain]
    if source is target:
        node.seq = source.record(ChangeKind.MOVE, node, before=before, after=after)
    else:
        source.record(ChangeKind.MOVE_OUT, node, before=before)
        node.seq = target.record(ChangeKind.MOVE_IN, node, after=after)
        properties = size_below(node.pk)
        charge = Charge(live=node.size, versions=node.versions_size, nodes=node.descendants + 1, properties=properties)
        source.charge += -charge
        target.charge += charge
    count = 0 if node.is_mount else node.descendants + 1
    source.touch(old, size=-node.size, versions_size=-node.versions_size, descendants=-count)
    target.touch(new, size=node.size, versions_size=node.versions_size, descendants=count, height=node.height + 1)


def move_rows_to_space(node_id: int, space_id: int) -> None:
    """The rows below a node, and what is granted on them: one statement for each table. Their stamps are numbers of the
    old space, so they take the new one's.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_BELOW}UPDATE files_node SET space_id = %s, seq = (SELECT seq FROM files_space WHERE id = %s) + 1 "
            "WHERE id IN (SELECT id FROM below)",
            [node_id, space_id, space_id],
        )
        for table in ("files_grant", "files_restriction"):
            cursor.execute(
                f"{_BELOW}UPDATE {table} SET space_id = %s WHERE node_id IN (SELECT id FROM below)",
                [node_id, space_id],
            )


def keep_versions(node_id: int, space_id: int) -> None:
    """The earlier versions of a tree that has left the space stay that space's own (decision 38): nobody elsewhere is
    shown them, unless it is their own home. They go along, are charged where the file is, and thin out with age.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_BELOW}UPDATE files_version SET kept_in = %s FROM files_node n WHERE n.id = files_version.node_id "
            "AND n.id IN (SELECT id FROM below) AND files_version.kept_in IS NULL AND files_version.id <> n.version_id",
            [node_id, space_id],
        )


def share_versions(node_id: int, space_id: int) -> None:
    """Those that the space has kept for itself are shown wherever the file is; those of other spaces stay theirs."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_BELOW}UPDATE files_version SET kept_in = NULL WHERE kept_in = %s AND node_id IN (SELECT id FROM below)",
            [node_id, space_id],
        )
