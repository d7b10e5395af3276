import accounts.models.audit
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0012_grant_of_audit_event'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditAnchor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.BigIntegerField(unique=True)),
                ('at', models.DateTimeField(default=accounts.models.audit.this_millisecond)),
                ('position', models.BigIntegerField()),
                ('digest', models.CharField(max_length=64)),
                ('key_number', models.PositiveIntegerField()),
                ('signature', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='AuditHead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('chain', models.CharField(max_length=32)),
                ('began_at', models.DateTimeField(default=accounts.models.audit.this_millisecond)),
                ('position', models.BigIntegerField(default=0)),
                ('digest', models.CharField(blank=True, default='', max_length=64)),
                ('cut_position', models.BigIntegerField(default=0)),
                ('cut_digest', models.CharField(blank=True, default='', max_length=64)),
                ('first_anchor', models.BigIntegerField(default=1)),
                ('last_anchor', models.BigIntegerField(default=0)),
                ('key_number', models.PositiveIntegerField(default=1)),
                ('signature', models.CharField(blank=True, default='', max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='AuditKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(unique=True)),
                ('first_position', models.BigIntegerField()),
                ('sealed', models.TextField()),
                ('created_at', models.DateTimeField(default=accounts.models.audit.this_millisecond)),
            ],
        ),
        migrations.AddField(
            model_name='auditevent',
            name='mark',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=100),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='position',
            field=models.BigIntegerField(blank=True, null=True, unique=True, verbose_name='position'),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='digest',
            field=models.CharField(blank=True, db_default='', default='', max_length=64, verbose_name='digest'),
        ),
        migrations.AddField(
            model_name='auditevent',
            name='origin',
            field=models.CharField(blank=True, choices=[('ours', 'written by the product'), ('earlier', 'written by the release before'), ('foreign', 'not written by the product')], db_default='', default='', max_length=10, verbose_name='origin'),
        ),
        # Only who sets it is another one: the column stays as it is.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name='auditevent',
                    name='at',
                    field=models.DateTimeField(db_index=True, default=accounts.models.audit.this_millisecond, verbose_name='time'),
                ),
            ],
        ),
    ]
