"""Names are alone in their folder as they are, no longer as they fold (decision 20).

Beside the release before: it writes and finds rows by `name_key` and keeps its unique index, which our keys respect too
(files/tree/keys.py). What it writes fits the new index: two names of one folder that fold differently are different.
PostgreSQL makes both indexes while rows are read and written.
"""

from django.db import migrations, models
from django.db.models.expressions import RawSQL

ALONE = models.UniqueConstraint("parent", "name", name="node_name_alone")
LONG_KEY = models.Index(
    "parent",
    RawSQL("REPLACE(name_key, '/' || name, '')", ()),
    condition=models.Q(name_key__contains="/"),
    name="node_long_key",
)


def make(apps, schema_editor):
    drop(apps, schema_editor)  # what an interrupted run has left
    node = apps.get_model("files", "Node")
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {ALONE.name} ON files_node (parent_id, name)")
        schema_editor.add_index(node, LONG_KEY, concurrently=True)
    else:
        schema_editor.add_constraint(node, ALONE)
        schema_editor.add_index(node, LONG_KEY)


def drop(apps, schema_editor):
    how = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
    for name in (ALONE.name, LONG_KEY.name):
        schema_editor.execute(f"DROP INDEX {how}IF EXISTS {name}")


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("files", "0008_locks_and_properties")]
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(make, drop)],
            state_operations=[migrations.AddIndex("node", LONG_KEY), migrations.AddConstraint("node", ALONE)],
        )
    ]
