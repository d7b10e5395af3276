"""Forms of the pages: set-up, tokens and devices."""

from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.contrib.auth.password_validation import password_validators_help_text_html, validate_password
from django.core.exceptions import ValidationError
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext_lazy as _

from accounts.actions.tokens import SCOPE_ORDER
from accounts.models import Role, User
from accounts.support import LONGEST, LONGEST_REASON, SHORTEST


class _PersonForm(forms.Form):
    """Somebody who gets an account: a name, and a password that fits them."""

    name = forms.CharField(
        label=_("Name"), max_length=150, required=False, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=4096,
        help_text=password_validators_help_text_html,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def address(self) -> str:
        """Theirs, for the rules of passwords; "" when it is not known yet."""
        raise NotImplementedError

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "password" in data:
            try:
                validate_password(data["password"], User(email=self.address(), name=data.get("name", "")))
            except ValidationError as error:
                self.add_error("password", error)
        return data


class SetupForm(_PersonForm):
    """The first administrator."""

    email = forms.EmailField(
        label=_("E-mail address"), max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    field_order = ("email", "name", "password")

    def address(self) -> str:
        return str(self.cleaned_data.get("email", ""))


class TokenForm(forms.Form):
    """A new access token."""

    name = forms.CharField(label=_("Name"), max_length=100, help_text=_("What it is for, such as “laptop”."))
    scopes = forms.MultipleChoiceField(
        label=_("May"),
        choices=list(
            zip(
                SCOPE_ORDER,
                [_("read files"), _("change files"), _("share"), _("administer the account")],
                strict=True,
            )
        ),
        initial=["read", "write"],
        widget=forms.CheckboxSelectMultiple,
    )
    expires = forms.TypedChoiceField(
        label=_("Expires"),
        choices=[("7", _("in 7 days")), ("30", _("in 30 days")), ("365", _("in a year")), ("", _("never"))],
        coerce=lambda days: timedelta(days=int(days)),
        empty_value=None,
        required=False,
        initial="365",
    )


class DeviceForm(forms.Form):
    """A new app password, made by hand."""

    name = forms.CharField(
        label=_("Name of the device"), max_length=100, help_text=_("Such as “phone” or “backup of the office server”.")
    )


class NewPersonForm(_PersonForm):
    """Who accepts an invitation without an account: the address is known."""

    def __init__(self, *arguments: Any, email: str, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.email = email

    def address(self) -> str:
        return self.email


class _WithRole(forms.Form):
    """Only owners see the role of an owner."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.MEMBER)

    def __init__(self, *arguments: Any, may_own: bool, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if not may_own:
            self.fields["role"].choices = [  # type: ignore[attr-defined]
                choice for choice in Role.choices if choice[0] != Role.OWNER
            ]


class InviteForm(_WithRole):
    """Who is invited to the team, and as what."""

    email = forms.EmailField(label=_("E-mail address"), max_length=254)
    field_order = ("email", "role")


class RoleForm(_WithRole):
    """The new role of somebody in the team."""


class TeamNameForm(forms.Form):
    """The new name of the team."""

    name = forms.CharField(label=_("Name of the team"), max_length=100)


class EventFilterForm(forms.Form):
    """Which acts of the log somebody looks for. Days are whole ones of the server's time zone."""

    kind = forms.CharField(
        label=_("What"),
        max_length=50,
        required=False,
        help_text=_("As the log writes it, such as sign_in.failed; or the beginning, such as token."),
    )
    target = forms.CharField(label=_("Whom or what"), max_length=200, required=False)
    person = forms.EmailField(label=_("Who (e-mail address)"), max_length=254, required=False)
    address = forms.GenericIPAddressField(label=_("From the address"), required=False)
    since = forms.DateField(
        label=_("First day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def clean_since(self) -> datetime | None:
        return _midnight(self.cleaned_data["since"])

    def clean_until(self) -> datetime | None:
        """The first moment after that day."""
        last = self.cleaned_data["until"]
        if last == date.max:
            return None
        return _midnight(None if last is None else last + timedelta(days=1))


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime(day.year, day.month, day.day, tzinfo=get_current_timezone())


class GroupNameForm(forms.Form):
    """The name of a group, new or changed."""

    name = forms.CharField(label=_("Name of the group"), max_length=100)


class GroupMemberForm(forms.Form):
    """Who is put into a group."""

    email = forms.EmailField(label=_("E-mail address of somebody in the team"), max_length=254)


class SupportForm(forms.Form):
    """Asking to act as a person."""

    email = forms.EmailField(label=_("E-mail address of the person"), max_length=254)
    reason = forms.CharField(
        label=_("Reason"), max_length=LONGEST_REASON, help_text=_("The person reads it, and it stays in the record.")
    )
    minutes = forms.IntegerField(label=_("For how many minutes"), min_value=SHORTEST, max_value=LONGEST, initial=30)
    may_write = forms.BooleanField(
        label=_("Change files too"), required=False, help_text=_("Otherwise you may only look.")
    )
