import common.ids
import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0013_audit_chain"),
    ]

    operations = [
        migrations.CreateModel(
            name="TeamPolicy",
            fields=[
                ("id", models.BigAutoField(default=common.ids.new_id, primary_key=True, serialize=False)),
                (
                    "external_links",
                    models.CharField(
                        choices=[
                            ("everybody", "Everybody in the team"),
                            ("admins", "Owners and administrators"),
                            ("nobody", "Nobody"),
                        ],
                        db_default="everybody",
                        default="everybody",
                        max_length=10,
                        verbose_name="links for others than the team",
                    ),
                ),
                (
                    "link_password_required",
                    models.BooleanField(db_default=False, default=False, verbose_name="links need a password"),
                ),
                (
                    "link_expiry_required",
                    models.BooleanField(db_default=False, default=False, verbose_name="links need an end"),
                ),
                (
                    "link_default_days",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="a link without an end ends after (days)",
                    ),
                ),
                (
                    "link_longest_days",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="every link ends after (days)",
                    ),
                ),
                (
                    "second_factor_required",
                    models.BooleanField(db_default=False, default=False, verbose_name="a second factor is needed"),
                ),
                (
                    "second_factor_grace_days",
                    models.PositiveIntegerField(
                        db_default=14,
                        default=14,
                        validators=[django.core.validators.MaxValueValidator(365)],
                        verbose_name="clients of who has none are let in for (days)",
                    ),
                ),
                ("second_factor_due_at", models.DateTimeField(blank=True, editable=False, null=True)),
                (
                    "tokens_per_person",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(1000),
                        ],
                        verbose_name="devices and tokens of one person",
                    ),
                ),
                (
                    "invitation_domains",
                    models.JSONField(blank=True, default=list, verbose_name="domains of those who are invited"),
                ),
                (
                    "trash_days",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="trash is kept for (days)",
                    ),
                ),
                (
                    "version_days",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(3650),
                        ],
                        verbose_name="earlier versions are kept for (days)",
                    ),
                ),
                ("changed_at", models.DateTimeField(auto_now=True, verbose_name="changed")),
                (
                    "team",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="policy",
                        to="accounts.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "policy of a team",
                "verbose_name_plural": "policies of teams",
            },
        ),
    ]
