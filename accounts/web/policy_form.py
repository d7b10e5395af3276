"""The form of a team's policies."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Outside, TeamPolicy
from accounts.models.policy import LONGEST_DAYS, LONGEST_GRACE, MAXIMUM_DOMAINS, MAXIMUM_TOKENS
from accounts.policies import MAXIMUM_DOMAIN, SETTINGS, values_of


class _Days(forms.IntegerField):
    """A number of days, or none."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=1, max_value=LONGEST_DAYS, required=False, **options)


class PolicyForm(forms.Form):
    """Its fields are the settings of accounts.policies."""

    external_links = forms.ChoiceField(
        label=_("Who may make links for others than the team"),
        choices=Outside.choices,
        widget=forms.RadioSelect,
        help_text=_("Links that only people of the team open are for everybody, and none of this is asked of them."),
    )
    link_password_required = forms.BooleanField(label=_("Such links need a password"), required=False)
    link_expiry_required = forms.BooleanField(label=_("Such links need an end"), required=False)
    link_default_days = _Days(
        label=_("A link that is made without an end ends after (days)"), help_text=_("Empty: it does not end.")
    )
    link_longest_days = _Days(label=_("Every such link ends after (days)"), help_text=_("Empty: no limit."))
    webhooks = forms.ChoiceField(
        label=_("Who may have webhooks"),
        choices=Outside.choices,
        widget=forms.RadioSelect,
        help_text=_("They send names of files, and who did what with them, to programs outside of this server."),
    )
    second_factor_required = forms.BooleanField(
        label=_("Everybody needs a second factor"),
        required=False,
        help_text=_("Who has none is led to set one up by the next page."),
    )
    second_factor_grace_days = forms.IntegerField(
        label=_("Devices and tokens of who has none work for (days)"), min_value=0, max_value=LONGEST_GRACE
    )
    tokens_per_person = forms.IntegerField(
        label=_("Devices and tokens of one person at most"),
        required=False,
        min_value=1,
        max_value=MAXIMUM_TOKENS,
        help_text=_("Empty: no limit."),
    )
    invitation_domains = forms.CharField(
        label=_("Only people with addresses of these domains are invited"),
        required=False,
        max_length=MAXIMUM_DOMAINS * (MAXIMUM_DOMAIN + 1),
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One in a line, such as example.com. Empty: all."),
    )
    trash_days = _Days(
        label=_("Trash is kept for (days)"), help_text=_("Empty, or longer than this server keeps it: as long as that.")
    )
    version_days = _Days(
        label=_("Earlier versions are kept for (days)"),
        help_text=_("Empty, or longer than this server keeps them: as long as that."),
    )

    support_by_two_admins = forms.BooleanField(
        label=_("Two administrators together may decide that one of them acts as a person"),
        required=False,
        help_text=_(
            "Otherwise the person or another owner has to agree. The person is told in any case, and can end it."
        ),
    )

    def __init__(self, data: Any = None, *, policy: TeamPolicy, **options: Any) -> None:
        super().__init__(data, initial=_shown(values_of(policy)), **options)

    def clean_invitation_domains(self) -> list[str]:
        return str(self.cleaned_data["invitation_domains"]).split()

    def changes(self) -> dict[str, Any]:
        """What somebody has changed, and nothing that another one has changed meanwhile."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in SETTINGS}


def _shown(values: dict[str, Any]) -> dict[str, Any]:
    """As the controls show them."""
    return {**values, "invitation_domains": "\n".join(values["invitation_domains"])}
