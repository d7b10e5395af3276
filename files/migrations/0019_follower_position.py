from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('files', '0017_states_of_spaces'),
    ]

    operations = [
        migrations.CreateModel(
            name='FollowerPosition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seq', models.BigIntegerField(default=0)),
                ('settled', models.BigIntegerField(default=0)),
                ('steps', models.BigIntegerField(default=0)),
                ('name', models.CharField(max_length=40)),
                ('space_id', models.BigIntegerField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('name'), models.F('space_id'), name='follower_position_unique')],
            },
        ),
    ]
