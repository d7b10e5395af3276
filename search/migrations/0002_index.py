"""The full-text table, of the database's own kind; see search/engine/sqlite.py and search/engine/postgresql.py."""

from django.db import migrations

CREATE = {
    "sqlite": [
        "CREATE VIRTUAL TABLE search_fts USING fts5(name, text, content='', tokenize='ascii', prefix='2 3')",
    ],
    "postgresql": [
        "CREATE TABLE search_fts (node_id bigint PRIMARY KEY, vector tsvector NOT NULL)",
        "CREATE INDEX search_fts_vector ON search_fts USING gin (vector)",
    ],
}


def create(apps, schema_editor):
    for statement in CREATE[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    schema_editor.execute("DROP TABLE search_fts")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial"), ("files", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
