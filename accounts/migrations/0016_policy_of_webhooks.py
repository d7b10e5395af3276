from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_support_access"),
    ]

    operations = [
        migrations.AddField(
            model_name="teampolicy",
            name="webhooks",
            field=models.CharField(
                choices=[
                    ("everybody", "Everybody in the team"),
                    ("admins", "Owners and administrators"),
                    ("nobody", "Nobody"),
                ],
                db_default="everybody",
                default="everybody",
                max_length=10,
                verbose_name="webhooks",
            ),
        ),
    ]
