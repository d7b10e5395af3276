"""Contents belong to a team, checksums to a version, numbers of rows are no longer counted by the database, and it is known
since when a pack has bytes that nobody needs.
"""

import django.db.models.deletion
from django.db import migrations, models

import common.ids


def own_numbers(model: str) -> migrations.AlterField:
    field = models.BigAutoField(default=common.ids.new_id, primary_key=True, serialize=False)
    return migrations.AlterField(model_name=model, name="id", field=field)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_login_flow"), ("files", "0009_exact_names")]

    operations = [
        migrations.AddField(
            model_name="content",
            name="team",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contents",
                to="accounts.team",
            ),
        ),
        migrations.AddField(model_name="version", name="checksums", field=models.JSONField(null=True)),
        migrations.AddField(model_name="blob", name="dead_since", field=models.DateTimeField(null=True)),
        migrations.AddIndex(
            model_name="blob",
            index=models.Index(
                condition=models.Q(("dead_since__isnull", False)), fields=["dead_since"], name="blob_dead"
            ),
        ),
        # The database goes on counting for a release that does not bring numbers along: the column stays as it is.
        migrations.SeparateDatabaseAndState(
            state_operations=[own_numbers(model) for model in ("node", "space", "trashitem", "uploadpiece", "version")]
        ),
        migrations.AddConstraint(
            model_name="content",
            constraint=models.UniqueConstraint("pool", "content_hash", "team", name="content_of_team_unique"),
        ),
        migrations.RemoveConstraint(model_name="content", name="content_hash_unique"),
    ]
