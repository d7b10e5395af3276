"""What a person fills in about a webhook."""

from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from files.models import Space
from sharing.actions.webhooks import Place, WebhookSettings
from sharing.errors import InvalidRequest
from sharing.models import Webhook
from sharing.models.webhook import MAXIMUM_DESCRIPTION, MAXIMUM_URL
from sharing.queries.activity_groups import ActivityKind
from sharing.receivers import receiver_of

HOME, TEAM = "home", "team"
HOURS = {"1": _("of the last hour"), "24": _("of the last day"), "168": _("of the last 7 days")}


class WebhookForm(forms.Form):
    """A webhook that is there: where it is sent, and what."""

    url = forms.CharField(
        label=_("Address of the receiver"),
        max_length=MAXIMUM_URL,
        help_text=_("It begins with https:// and is reached from the internet."),
        widget=forms.URLInput(attrs={"autocomplete": "off", "inputmode": "url"}),
    )
    description = forms.CharField(
        label=_("Description"), max_length=MAXIMUM_DESCRIPTION, required=False, help_text=_("What it is for.")
    )
    kinds = forms.MultipleChoiceField(
        label=_("Events"),
        choices=ActivityKind.choices,
        required=False,
        help_text=_("None of them means all."),
        widget=forms.CheckboxSelectMultiple,
    )

    def clean_url(self) -> str:
        try:
            receiver_of(self.cleaned_data["url"])
        except InvalidRequest as error:
            raise ValidationError(str(error)) from error
        return str(self.cleaned_data["url"])

    @property
    def settings(self) -> WebhookSettings:
        data = self.cleaned_data
        return WebhookSettings(data["url"], data["description"], data["kinds"])

    @classmethod
    def of(cls, webhook: Webhook) -> "WebhookForm":
        return cls(initial={"url": webhook.url, "description": webhook.description, "kinds": webhook.kinds})


class NewWebhookForm(WebhookForm):
    """A new one: of what, too."""

    place = forms.ChoiceField(label=_("Events of"))
    field_order = ("place", "url", "description", "kinds")

    def __init__(self, *args: Any, spaces: list[Space], of_team: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        team = [(TEAM, _now("All spaces of my team that I see"))] if of_team else []
        own = [(str(space.pk), space.name) for space in spaces]
        home = [(HOME, _now("My files, and what is shared with me there"))]
        self.fields["place"] = forms.ChoiceField(label=_("Events of"), choices=[*home, *own, *team], initial=HOME)

    @property
    def chosen(self) -> Place:
        place = self.cleaned_data["place"]
        if place == TEAM:
            return Place(of_team=True)
        return Place(None if place == HOME else int(place))


class ReplayForm(forms.Form):
    """Since when everything is sent again."""

    hours = forms.ChoiceField(label=_("Send everything again"), choices=list(HOURS.items()))

    @property
    def time(self) -> timedelta:
        return timedelta(hours=int(self.cleaned_data["hours"]))
