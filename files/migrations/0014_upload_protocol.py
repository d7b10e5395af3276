from django.db import migrations, models


class Migration(migrations.Migration):
    """The field has a better name; its column keeps the one that the release before reads."""

    dependencies = [("files", "0013_copy_jobs")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField("upload", "door", "protocol"),
                migrations.AlterField(
                    "upload", "protocol", models.CharField(db_column="door", default="api", max_length=20)
                ),
            ]
        ),
    ]
