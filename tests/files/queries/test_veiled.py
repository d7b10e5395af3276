"""files.queries.veiled: the listing of a folder in which something is hidden, and of one above such a folder."""

from files.models import Node
from files.queries.listing import COLUMNS, list_rows
from files.queries.tree import locate
from files.queries.veil import veil_for
from files.queries.veiled import fields, rows_sql, with_states, without_hidden
from tests.files.queries.restricted import Restricted


def test_rows_are_those_that_are_seen(world: Restricted) -> None:
    folder = locate(world.actor, world.node("f").pk)
    assert [row[2] for row in list_rows(world.actor, folder).entries] == ["g", "a.txt"]
    (row,) = list_rows(world.actor, world.root).entries
    values = dict(zip(COLUMNS, row, strict=True))
    assert (values["n.name"], values["n.size"], values["n.descendants"]) == ("f", 7, 3)


def test_the_pieces(world: Restricted) -> None:
    place = world.root
    veil = veil_for(place.access, place.space.pk)
    assert veil is not None
    f, closed = world.node("f"), world.node("closed")
    sql = rows_sql("SELECT n.size FROM files_node n WHERE n.parent_id = %s ORDER BY n.size", veil, place)
    assert f"NOT IN ({closed.pk})" in sql
    assert sql.count(f"(n.size - CASE n.id WHEN {f.pk} THEN 100 ELSE 0 END)") == 2
    rows = without_hidden(Node.objects.filter(parent_id__in=[f.pk, place.node.pk]), veil, place)
    assert {row.name: row.shown_size for row in rows} == {"f": 7, "g": 4, "a.txt": 3}  # type: ignore[attr-defined]
    assert fields(("kind", "-size", "pk")) == ("kind", "-shown_size", "pk")
    ((_, _, _, _, state, *_),) = with_states([(f.pk, 0, "f", 7, 99)], veil)
    assert state == veil.states([f.pk])[f.pk]
