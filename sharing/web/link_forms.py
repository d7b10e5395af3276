"""The form of a link, new or changed."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from sharing.actions.link_passwords import MAXIMUM_PASSWORD
from sharing.actions.link_settings import MAXIMUM_DOWNLOADS, MINIMUM_PASSWORD, LinkSettings, settings_of
from sharing.models import Audience, Link, LinkRole, Naming
from sharing.models.link import MAXIMUM_ADDRESS, MAXIMUM_LABEL, MAXIMUM_MESSAGE, MAXIMUM_TITLE

GRACES = [
    ("0", _("Not at all")),
    ("3600", _("For an hour, marked as late")),
    ("86400", _("For a day, marked as late")),
    ("604800", _("For a week, marked as late")),
]
OF_REQUESTS = ("deadline", "grace", "naming")


class _Moment(forms.DateTimeField):
    """Date and time as the browser's control writes them, in UTC."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"], **options)


class LinkForm(forms.Form):
    """Its fields are those of LinkSettings. `link`: the one that is changed; `is_folder`: what it leads to."""

    role = forms.ChoiceField(label=_("Visitors may"), initial=LinkRole.VIEWER, widget=forms.RadioSelect)
    audience = forms.ChoiceField(label=_("It opens for"), choices=Audience.choices, initial=Audience.ANYONE)
    password = forms.CharField(
        label=_("Password"),
        required=False,
        strip=False,
        max_length=MAXIMUM_PASSWORD,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    remove_password = forms.BooleanField(label=_("No password any more"), required=False)
    expires_at = _Moment(label=_("Expires (UTC)"), required=False, help_text=_("Empty: it does not expire."))
    allow_download = forms.BooleanField(
        label=_("Allow downloads"),
        required=False,
        initial=True,
        help_text=_("Without it visitors see names and previews only."),
    )
    max_downloads = forms.IntegerField(
        label=_("Downloads at most"),
        required=False,
        min_value=1,
        max_value=MAXIMUM_DOWNLOADS,
        help_text=_("Empty: as many as there are."),
    )
    title = forms.CharField(label=_("Title"), required=False, max_length=MAXIMUM_TITLE)
    message = forms.CharField(
        label=_("Message to visitors"),
        required=False,
        max_length=MAXIMUM_MESSAGE,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    deadline = _Moment(label=_("Files are wanted by (UTC)"), required=False)
    grace = forms.TypedChoiceField(
        label=_("Files are taken after that"),
        choices=GRACES,
        coerce=lambda seconds: timedelta(seconds=int(seconds)),
        empty_value="",
        required=False,
        initial="0",
    )
    naming = forms.ChoiceField(label=_("Files are named"), choices=Naming.choices, required=False, initial=Naming.KEEP)
    address = forms.CharField(
        label=_("Own address"),
        required=False,
        max_length=MAXIMUM_ADDRESS,
        help_text=_("Instead of random characters: 6 to 64 letters, digits and hyphens. It is easier to guess."),
    )
    label = forms.CharField(
        label=_("Label"), required=False, max_length=MAXIMUM_LABEL, help_text=_("Only you see it, in your list.")
    )

    def __init__(self, *arguments: Any, is_folder: bool, link: Link | None = None, **options: Any) -> None:
        if link is not None:
            options["initial"] = _initial_of(link)
        super().__init__(*arguments, **options)
        roles = [choice for choice in LinkRole.choices if is_folder or choice[0] != LinkRole.UPLOADER]
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        has_password = link is not None and link.has_password
        keep = _("Empty: it stays as it is.") if has_password else _("Empty: none.")
        self.fields["password"].help_text = _("At least %(count)d characters. %(keep)s") % {
            "count": MINIMUM_PASSWORD,
            "keep": keep,
        }
        if not has_password:
            del self.fields["remove_password"]
        if not is_folder:
            for name in OF_REQUESTS:
                del self.fields[name]
        elif link is not None:
            self._offer(link.grace)

    def _offer(self, grace: timedelta) -> None:
        """Also one that was chosen over REST."""
        seconds = str(int(grace.total_seconds()))
        field = self.fields["grace"]
        if seconds not in dict(GRACES):
            field.choices = [*GRACES, (seconds, str(grace))]  # type: ignore[attr-defined]

    def clean_message(self) -> str:
        """Browsers send line ends as mails do."""
        return str(self.cleaned_data["message"]).replace("\r\n", "\n")

    def changes(self) -> dict[str, Any]:
        """To LinkSettings: what was changed in the form, and what does not fit the role any more."""
        data = self.cleaned_data
        found = {name: data[name] for name in self.changed_data if name not in ("password", "remove_password")}
        for name in ("grace", "naming"):
            if not found.get(name, True) and not data[name]:
                found[name] = getattr(LinkSettings(), name)  # of a program that leaves it out
        if "address" in found:
            found["address"] = found["address"] or None
        if data.get("remove_password"):
            found["password"] = None
        elif data["password"]:
            found["password"] = data["password"]
        default = LinkSettings()
        if data["role"] == LinkRole.UPLOADER:
            return {**found, "max_downloads": None}
        return {**found, **{name: getattr(default, name) for name in OF_REQUESTS}}


def _initial_of(link: Link) -> dict[str, Any]:
    settings = settings_of(link)
    values = {name: getattr(settings, name) for name in LinkSettings.__dataclass_fields__ if name != "password"}
    for name in ("expires_at", "deadline"):  # the control knows no seconds
        values[name] = values[name] and values[name].replace(second=0, microsecond=0)
    return {**values, "grace": str(int(link.grace.total_seconds()))}
