from django.conf import settings
from django.db import migrations, models
import django.db.models.deletion


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('files', '0019_follower_position'),
    ]

    operations = [
        migrations.AddField(
            model_name='upload',
            name='link_id',
            field=models.BigIntegerField(null=True, verbose_name='link'),
        ),
        migrations.AddIndex(
            model_name='upload',
            index=models.Index(models.F('link_id'), condition=models.Q(('link_id__isnull', False)), name='upload_of_link'),
        ),
        migrations.AddField(
            model_name='nodelock',
            name='link_id',
            field=models.BigIntegerField(null=True, verbose_name='link'),
        ),
        migrations.AlterField(
            model_name='nodelock',
            name='holder',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='file_locks', to=settings.AUTH_USER_MODEL, verbose_name='holder'),
        ),
    ]
