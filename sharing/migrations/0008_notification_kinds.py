from django.db import migrations, models

KINDS = [
    ("share", "Something is shared with me"),
    ("unshare", "A share has ended"),
    ("invitation", "Invitations to a team"),
    ("comment", "Comments"),
    ("mention", "Somebody mentions me"),
    ("reminder", "My reminders"),
    ("quota", "My storage is nearly full"),
    ("brake", "Many changes at once were held"),
    ("webhook", "A webhook of mine was switched off"),
    ("support", "An administrator acts as me"),
    ("transfer", "Files change hands"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("sharing", "0007_reminders_and_tags"),
    ]

    operations = [
        migrations.AlterField(
            model_name=model,
            name="kind",
            field=models.CharField(choices=KINDS, max_length=20, verbose_name="kind"),
        )
        for model in ("notification", "notificationpreference")
    ]
