import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import common.ids


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_grant_of_audit_event'),
        ('files', '0021_grant_can_share'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='change',
            name='credential',
            field=models.CharField(blank=True, db_default='', default='', max_length=60),
        ),
        migrations.AddField(
            model_name='content',
            name='noise',
            field=models.BooleanField(null=True),
        ),
        migrations.CreateModel(
            name='Brake',
            fields=[
                ('id', models.BigAutoField(default=common.ids.new_id, primary_key=True, serialize=False)),
                ('client', models.CharField(max_length=60)),
                ('client_name', models.CharField(blank=True, max_length=200, verbose_name='client')),
                ('address', models.GenericIPAddressField(blank=True, null=True, verbose_name='address')),
                ('began_at', models.DateTimeField(verbose_name='since')),
                ('held_at', models.DateTimeField(verbose_name='held')),
                ('changes', models.BigIntegerField(default=0, verbose_name='changes')),
                ('suspicious', models.BigIntegerField(default=0, verbose_name='suspicious changes')),
                ('bound', models.BigIntegerField(default=0)),
                ('state', models.CharField(choices=[('held', 'held'), ('reverting', 'being undone'), ('reverted', 'undone'), ('failed', 'could not be undone'), ('accepted', 'allowed')], default='held', max_length=10, verbose_name='state')),
                ('released_at', models.DateTimeField(blank=True, null=True, verbose_name='released')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided')),
                ('since_seq', models.BigIntegerField(null=True)),
                ('until_seq', models.BigIntegerField(null=True)),
                ('plan', models.JSONField(default=list)),
                ('done', models.BigIntegerField(default=0)),
                ('result', models.JSONField(default=dict)),
                ('error_code', models.CharField(blank=True, max_length=100, verbose_name='error')),
                ('decided_by', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('space', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='files.space')),
                ('user', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'held client',
                'verbose_name_plural': 'held clients',
                'indexes': [models.Index(condition=models.Q(('released_at', None)), fields=['client'], name='brake_of_client'), models.Index(fields=['space', '-held_at'], name='brake_of_space'), models.Index(condition=models.Q(('state', 'reverting')), fields=['id'], name='brake_reverting')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('released_at', None)), fields=('space', 'client'), name='brake_held_once_in_a_space')],
            },
        ),
        migrations.CreateModel(
            name='BrakeCounter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('client', models.CharField(max_length=60)),
                ('user_id', models.BigIntegerField(null=True)),
                ('began_at', models.DateTimeField(db_index=True)),
                ('free_until', models.DateTimeField(null=True)),
                ('base', models.BigIntegerField(default=0)),
                ('changes', models.BigIntegerField(default=0)),
                ('repeats', models.BigIntegerField(default=0)),
                ('suspicious', models.BigIntegerField(default=0)),
                ('space', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='files.space')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('space', 'client'), name='brake_counter_unique')],
            },
        ),
        migrations.CreateModel(
            name='BrakePolicy',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on', models.BooleanField(db_default=True, default=True)),
                ('floor', models.IntegerField(null=True)),
                ('most', models.IntegerField(null=True)),
                ('share', models.IntegerField(null=True)),
                ('strict', models.IntegerField(null=True)),
                ('team', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.team')),
            ],
        ),
    ]
