from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_quotas_of_spaces'),
        ('files', '0016_mounts'),
    ]

    operations = [
        migrations.AddField(
            model_name='space',
            name='archived_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='archived'),
        ),
        migrations.AddField(
            model_name='space',
            name='deleted_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='deleted'),
        ),
        migrations.AddField(
            model_name='space',
            name='purge_began_at',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='space',
            name='purged_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='purged'),
        ),
        migrations.AddField(
            model_name='version',
            name='kept_in',
            field=models.BigIntegerField(editable=False, null=True),
        ),
    ]
