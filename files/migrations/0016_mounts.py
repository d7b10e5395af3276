import common.ids
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0015_access'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='change',
            name='target_id',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='target'),
        ),
        migrations.AddField(
            model_name='node',
            name='target_id',
            field=models.BigIntegerField(blank=True, editable=False, null=True, verbose_name='target'),
        ),
        migrations.AddField(
            model_name='space',
            name='mounts',
            field=models.IntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.CreateModel(
            name='Mount',
            fields=[
                ('id', models.BigAutoField(default=common.ids.new_id, primary_key=True, serialize=False)),
                ('hidden_at', models.DateTimeField(blank=True, null=True, verbose_name='hidden')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='since')),
                ('node', models.OneToOneField(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mount', to='files.node')),
                ('space', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='files.space')),
                ('target', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='files.node')),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'mount',
                'verbose_name_plural': 'mounts',
                'constraints': [models.UniqueConstraint(models.F('user'), models.F('target'), name='mount_once')],
            },
        ),
    ]
