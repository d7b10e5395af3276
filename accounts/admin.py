"""People, teams, quotas, tokens and what was done, in the admin console."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminPasswordWidget, UnfoldAdminTextInputWidget

from accounts.actions.change_quota import change_quota
from accounts.actions.create_account import check_password_strength, create_account, email_is_taken
from accounts.actions.deactivate_account import activate_account, deactivate_account
from accounts.actions.revoke_token import revoke_token
from accounts.console import ConsoleAdmin, actor_of, human_size, telling
from accounts.errors import PasswordRefused
from accounts.models import AccessToken, AuditEvent, Membership, QuotaAccount, Team, User
from common.sizes import parse_size

admin.site.unregister(Group)  # rights come from roles and scopes


class SizeField(forms.CharField):
    """`10 GB`, `500MB`, `1TiB` or `none`; cleaned to bytes or None."""

    widget = UnfoldAdminTextInputWidget

    def clean(self, value: Any) -> Any:
        try:
            return parse_size(super().clean(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error


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
        email = self.cleaned_data["email"].lower()
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
    actions = ("deactivate", "activate")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_staff)

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


@admin.register(Team)
class TeamAdmin(ConsoleAdmin):
    list_display = ("name", "used", "limit", "created_at")
    search_fields = ("name", "memberships__user__email")
    list_select_related = ("quota",)
    ordering = ("name",)
    fields = ("name", "used", "limit", "created_at")

    @admin.display(description=_("used"))
    def used(self, team: Team) -> str:
        return human_size(team.quota.used_bytes) if hasattr(team, "quota") else "—"

    @admin.display(description=_("limit"))
    def limit(self, team: Team) -> str:
        return human_size(team.quota.limit_bytes) if hasattr(team, "quota") else "—"


@admin.register(Membership)
class MembershipAdmin(ConsoleAdmin):
    list_display = ("user", "team", "role", "joined_at")
    list_filter = ("role",)
    search_fields = ("user__email", "team__name")
    list_select_related = ("user", "team")


class QuotaForm(forms.ModelForm):
    limit = SizeField(label=_("limit"), help_text=_("Like 10GB, 500MB or none. Takes effect at once."))

    class Meta:
        model = QuotaAccount
        fields: tuple[str, ...] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        limit = self.instance.limit_bytes
        self.fields["limit"].initial = "none" if limit is None else f"{limit}B"


@admin.register(QuotaAccount)
class QuotaAdmin(ConsoleAdmin):
    """The limit is the one thing to be changed; what is used is the ledger's own."""

    form = QuotaForm
    list_display = ("whose", "used", "limit_shown", "live", "versions", "trash", "uploads")
    search_fields = ("user__email", "team__name")
    list_select_related = ("user", "team")
    fields = ("whose", "limit", "used", "live", "versions", "trash", "uploads")
    readonly_fields = ("whose", "used", "live", "versions", "trash", "uploads")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_staff)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        with telling(request):
            change_quota(
                actor_of(request),
                limit_bytes=form.cleaned_data["limit"],
                user_id=obj.user_id,
                team_id=obj.team_id,
            )

    @admin.display(description=_("whose"))
    def whose(self, account: QuotaAccount) -> str:
        return str(account.user or account.team)

    @admin.display(description=_("used"))
    def used(self, account: QuotaAccount) -> str:
        return human_size(account.used_bytes)

    @admin.display(description=_("limit"), ordering="limit_bytes")
    def limit_shown(self, account: QuotaAccount) -> str:
        return human_size(account.limit_bytes)

    @admin.display(description=_("live"), ordering="live_bytes")
    def live(self, account: QuotaAccount) -> str:
        return human_size(account.live_bytes)

    @admin.display(description=_("versions"), ordering="versions_bytes")
    def versions(self, account: QuotaAccount) -> str:
        return human_size(account.versions_bytes)

    @admin.display(description=_("trash"), ordering="trash_bytes")
    def trash(self, account: QuotaAccount) -> str:
        return human_size(account.trash_bytes)

    @admin.display(description=_("uploads in flight"), ordering="uploads_bytes")
    def uploads(self, account: QuotaAccount) -> str:
        return human_size(account.uploads_bytes)


@admin.register(AccessToken)
class AccessTokenAdmin(ConsoleAdmin):
    list_display = ("name", "user", "hint", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    search_fields = ("name", "user__email", "hint")
    list_select_related = ("user",)
    fields = ("name", "user", "hint", "scopes", "created_at", "expires_at", "last_used_at", "revoked_at")
    actions = ("revoke",)

    @admin.action(description=_("Revoke"))
    def revoke(self, request: HttpRequest, tokens: "QuerySet[AccessToken]") -> None:
        for token in tokens:
            with telling(request):
                revoke_token(actor_of(request), token_id=token.pk)


@admin.register(AuditEvent)
class AuditEventAdmin(ConsoleAdmin):
    list_display = ("at", "kind", "target", "actor", "client", "address")
    list_filter = ("kind",)
    search_fields = ("target", "actor__email", "kind")
    list_select_related = ("actor",)
    date_hierarchy = None
    ordering = ("-at",)
