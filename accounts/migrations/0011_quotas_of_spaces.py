from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0010_invitations'),
    ]

    operations = [
        migrations.AddField(
            model_name='quotaaccount',
            name='space_id',
            field=models.BigIntegerField(blank=True, null=True, unique=True, verbose_name='space'),
        ),
        # Allows more than the one that it takes the place of.
        migrations.RemoveConstraint(
            model_name='quotaaccount',
            name='quota_of_user_or_team',
        ),
        migrations.AddConstraint(
            model_name='quotaaccount',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('space_id', None), ('team', None), ('user__isnull', False)), models.Q(('space_id', None), ('team__isnull', False), ('user', None)), models.Q(('space_id__isnull', False), ('team', None), ('user', None)), _connector='OR'), name='quota_of_one'),
        ),
    ]
