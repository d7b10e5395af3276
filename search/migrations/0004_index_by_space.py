"""The index knows the space of each entry: rights are looked up in it, not after it. It is filled again by the jobs."""

from django.db import migrations

CREATE = {
    "sqlite": "CREATE VIRTUAL TABLE search_fts USING fts5(space, name, text, content='', tokenize='ascii', prefix='2 3')",
    "postgresql": "DELETE FROM search_fts",
}


def create(apps, schema_editor):
    vendor = schema_editor.connection.vendor
    if vendor == "sqlite":
        schema_editor.execute("DROP TABLE search_fts")
    schema_editor.execute(CREATE[vendor])
    for table in ("search_document", "search_foldervisit", "search_searchcursor"):
        schema_editor.execute(f"DELETE FROM {table}")


class Migration(migrations.Migration):
    dependencies = [("search", "0003_searchcursor_steps")]
    operations = [migrations.RunPython(create, migrations.RunPython.noop)]
