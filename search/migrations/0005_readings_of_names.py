"""Names are found by their parts, texts are read further: names and texts are read again, by the jobs."""

from django.db import migrations

EMPTY = {
    "sqlite": "INSERT INTO search_fts (search_fts) VALUES ('delete-all')",
    "postgresql": "DELETE FROM search_fts",
}


def empty(apps, schema_editor):
    schema_editor.execute(EMPTY[schema_editor.connection.vendor])
    for table in ("search_document", "search_foldervisit", "search_searchcursor", "search_contenttext"):
        schema_editor.execute(f"DELETE FROM {table}")
    schema_editor.execute("UPDATE files_content SET text_state = 'pending' WHERE text_state <> 'pending'")


class Migration(migrations.Migration):
    dependencies = [("search", "0004_index_by_space"), ("files", "0001_initial")]
    operations = [migrations.RunPython(empty, migrations.RunPython.noop)]
