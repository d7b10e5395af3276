import common.ids
import django.db.models.deletion
from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):

    dependencies = [
        ('sharing', '0001_links'),
    ]

    operations = [
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(default=common.ids.new_id, primary_key=True, serialize=False)),
                ('secret', models.CharField(editable=False, max_length=40)),
                ('sender', models.CharField(blank=True, db_default='', default='', max_length=60, verbose_name='sender')),
                ('created_at', models.DateTimeField(db_default=Now(), verbose_name='begun')),
                ('link', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='sharing.link')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'constraints': [models.UniqueConstraint(models.F('link'), models.F('secret'), name='delivery_once')],
            },
        ),
        migrations.CreateModel(
            name='DeliveredFile',
            fields=[
                ('id', models.BigAutoField(default=common.ids.new_id, primary_key=True, serialize=False)),
                ('node_id', models.BigIntegerField()),
                ('name', models.CharField(max_length=255, verbose_name='name')),
                ('size', models.BigIntegerField(verbose_name='size')),
                ('is_late', models.BooleanField(db_default=False, default=False, verbose_name='late')),
                ('at', models.DateTimeField(verbose_name='arrived')),
                ('delivery', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name='files', to='sharing.delivery')),
            ],
            options={
                'verbose_name': 'delivered file',
                'verbose_name_plural': 'delivered files',
            },
        ),
    ]
