import datetime

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models

import common.ids
import sharing.models.link


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('files', '0019_follower_position'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Link',
            fields=[
                ('id', models.BigAutoField(default=common.ids.new_id, primary_key=True, serialize=False)),
                ('token', models.CharField(default=sharing.models.link.new_token, editable=False, max_length=32, unique=True)),
                ('address', models.CharField(blank=True, max_length=64, null=True, unique=True, verbose_name='own address')),
                ('role', models.CharField(choices=[('viewer', 'View'), ('editor', 'Edit'), ('uploader', 'Upload only')], max_length=20, verbose_name='role')),
                ('password', models.CharField(blank=True, db_default='', default='', editable=False, max_length=200)),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='until')),
                ('max_downloads', models.PositiveIntegerField(blank=True, null=True, verbose_name='downloads at most')),
                ('allow_download', models.BooleanField(db_default=True, default=True, verbose_name='may download')),
                ('audience', models.CharField(choices=[('anyone', 'Anyone with the link'), ('signed_in', 'Anyone who is signed in'), ('team', 'People of the team')], db_default='anyone', default='anyone', max_length=10)),
                ('title', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='title')),
                ('message', models.CharField(blank=True, db_default='', default='', max_length=4000, verbose_name='message')),
                ('label', models.CharField(blank=True, db_default='', default='', max_length=100, verbose_name='label')),
                ('deadline', models.DateTimeField(blank=True, null=True, verbose_name='deadline')),
                ('grace', models.DurationField(db_default=datetime.timedelta(0), default=datetime.timedelta(0), verbose_name='accepted late for')),
                ('naming', models.CharField(choices=[('keep', 'As the sender called them'), ('sender', "With the sender's name in front")], db_default='keep', default='keep', max_length=10)),
                ('visits', models.PositiveBigIntegerField(db_default=0, default=0, verbose_name='visits')),
                ('downloads', models.PositiveBigIntegerField(db_default=0, default=0, verbose_name='downloads')),
                ('uploads', models.PositiveBigIntegerField(db_default=0, default=0, verbose_name='uploads')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='since')),
                ('changed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='changed')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked')),
                ('created_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('node', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='files.node')),
            ],
            options={
                'verbose_name': 'link',
                'verbose_name_plural': 'links',
            },
        ),
        migrations.CreateModel(
            name='LinkUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('node_id', models.BigIntegerField()),
                ('what', models.CharField(max_length=80)),
                ('visitor', models.CharField(max_length=40)),
                ('at', models.DateTimeField()),
                ('link', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sharing.link')),
            ],
            options={
                'verbose_name': 'use of a link',
                'verbose_name_plural': 'uses of links',
                'indexes': [models.Index(fields=['at'], name='link_use_at')],
                'constraints': [models.UniqueConstraint(models.F('link'), models.F('node_id'), models.F('what'), models.F('visitor'), name='link_use_once')],
            },
        ),
    ]
