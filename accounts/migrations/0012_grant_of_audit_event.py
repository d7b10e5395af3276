from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0011_quotas_of_spaces'),
    ]

    operations = [
        migrations.AddField(
            model_name='auditevent',
            name='grant_id',
            field=models.BigIntegerField(blank=True, null=True, verbose_name='grant'),
        ),
    ]
