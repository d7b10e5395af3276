"""People: made through the action, stopped and started again through actions, never edited or deleted."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts.actions.create_account import check_password_strength, create_account
from accounts.actions.members import activate_account, deactivate_account
from accounts.actions.tokens import revoke_everything
from accounts.console import ConsoleAdmin, SizeField, actor_of, human_size, telling
from accounts.errors import InvalidEmail, PasswordRefused
from accounts.models import User
from accounts.names import clean_email, email_is_taken


class AccountForm(forms.ModelForm):
    """A new account, as `manage.py createaccount` makes one."""

    email = forms.EmailField(label=_("e-mail address"), widget=UnfoldAdminEmailInputWidget)
    name = forms.CharField(label=_("name"), required=False, max_length=150, widget=UnfoldAdminTextInputWidget)
    password = forms.CharField(label=_("password"), widget=UnfoldAdminPasswordWidget)
    quota = SizeField(label=_("quota"), initial="10GB", help_text=_("Like 10GB, 500MB or none."))

    class Meta:
        model = User
        fields = ("email", "name", "password", "quota", "is_staff")

    def clean_email(self) -> str:
        try:
            email = clean_email(self.cleaned_data["email"])
        except InvalidEmail as error:
            raise ValidationError(str(error)) from error
        if email_is_taken(email):
            raise ValidationError(_("There is already an account with this address."))
        return email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        try:
            check_password_strength(password)
        except PasswordRefused as error:
            raise ValidationError(str(error)) from error
        return password


@admin.register(User)
class UserAdmin(ConsoleAdmin):
    list_display = ("email", "name", "team", "role", "used", "limit", "is_active", "is_staff", "last_login")
    list_filter = ("is_active", "is_staff")
    search_fields = ("email", "name", "membership__team__name")
    list_select_related = ("membership__team", "quota")
    ordering = ("email",)
    fields = ("email", "name", "team", "role", "used", "limit", "is_active", "is_staff", "date_joined", "last_login")
    actions = ("deactivate", "activate", "revoke")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type[ModelForm]:
        if obj is None:
            return AccountForm
        return super().get_form(request, obj, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return AccountForm.Meta.fields if obj is None else self.fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Only for a new one; makes the whole account: team, quota, home."""
        data = form.cleaned_data
        user = create_account(
            actor_of(request),
            email=data["email"],
            password=data["password"],
            name=data["name"],
            quota_bytes=data["quota"],
            is_admin=data["is_staff"],
        )
        obj.pk = user.pk

    @admin.display(description=_("team"), ordering="membership__team__name")
    def team(self, user: User) -> str:
        return str(user.membership.team) if hasattr(user, "membership") else "—"

    @admin.display(description=_("role"), ordering="membership__role")
    def role(self, user: User) -> str:
        return user.membership.get_role_display() if hasattr(user, "membership") else "—"

    @admin.display(description=_("used"))
    def used(self, user: User) -> str:
        return human_size(user.quota.used_bytes) if hasattr(user, "quota") else "—"

    @admin.display(description=_("limit"))
    def limit(self, user: User) -> str:
        return human_size(user.quota.limit_bytes) if hasattr(user, "quota") else "—"

    @admin.action(description=_("Deactivate: end sessions, revoke tokens"))
    def deactivate(self, request: HttpRequest, users: "QuerySet[User]") -> None:
        for user in users:
            with telling(request):
                deactivate_account(actor_of(request), user_id=user.pk)

    @admin.action(description=_("Activate again"))
    def activate(self, request: HttpRequest, users: "QuerySet[User]") -> None:
        for user in users:
            with telling(request):
                activate_account(actor_of(request), user_id=user.pk)

    @admin.action(description=_("Revoke all sessions, devices and tokens"))
    def revoke(self, request: HttpRequest, users: "QuerySet[User]") -> None:
        for user in users:
            with telling(request):
                revoke_everything(actor_of(request), user_id=user.pk)
