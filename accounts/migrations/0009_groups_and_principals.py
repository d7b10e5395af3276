import common.ids
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0008_nodes_and_properties'),
    ]

    operations = [
        migrations.AddField(
            model_name='auditevent',
            name='principal',
            field=models.CharField(blank=True, db_default='', default='', max_length=60, verbose_name='principal'),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='link_id',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='link'),
        ),
        migrations.CreateModel(
            name='Group',
            fields=[
                ('id', models.BigAutoField(default=common.ids.new_id, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=100, verbose_name='name')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('team', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='groups', to='accounts.team')),
            ],
            options={
                'verbose_name': 'group',
                'verbose_name_plural': 'groups',
                'constraints': [models.UniqueConstraint(fields=('team', 'name'), name='group_name_unique_in_team')],
            },
        ),
        migrations.CreateModel(
            name='GroupMember',
            fields=[
                ('id', models.BigAutoField(default=common.ids.new_id, primary_key=True, serialize=False)),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='added')),
                ('group', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='members', to='accounts.group')),
                ('user', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='groups_of_team', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'member of a group',
                'verbose_name_plural': 'members of groups',
                'constraints': [models.UniqueConstraint(fields=('group', 'user'), name='group_member_once')],
            },
        ),
    ]
