"""Teams and who belongs to them: made and changed through their actions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Model, Prefetch, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import AutocompleteSelectFilter, ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminEmailInputWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from accounts.actions.groups import add_to_group, create_group, delete_group, remove_from_group, rename_group
from accounts.actions.invite import resend_invitation, withdraw_invitation
from accounts.actions.members import change_role
from accounts.actions.teams import change_team, create_team
from accounts.console import ConsoleAdmin, SizeField, actor_of, human_size, telling
from accounts.invitations import state_of
from accounts.models import Group, Invitation, Membership, Role, Team
from accounts.models.invitation import open_now


class TeamForm(forms.ModelForm):
    """A new team with its first owner."""

    name = forms.CharField(label=_("name"), max_length=100, widget=UnfoldAdminTextInputWidget)
    owner = forms.EmailField(
        label=_("owner (e-mail address)"),
        widget=UnfoldAdminEmailInputWidget,
        help_text=_(
            "Somebody with an account who is alone in their team takes it along: it becomes this one. Somebody without "
            "an account is invited by mail."
        ),
    )
    quota = SizeField(label=_("quota"), initial="none", help_text=_("Like 10GB, 500MB or none."))
    region = forms.CharField(
        label=_("region"),
        required=False,
        max_length=50,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Where the bytes must be; empty: anywhere."),
    )

    class Meta:
        model = Team
        fields = ("name", "owner", "seats", "quota", "region")


class TeamChangeForm(forms.ModelForm):
    """Another name, more or fewer seats."""

    name = forms.CharField(label=_("name"), max_length=100, widget=UnfoldAdminTextInputWidget)

    class Meta:
        model = Team
        fields = ("name", "seats")


@admin.register(Team)
class TeamAdmin(ConsoleAdmin):
    """Made with an owner; an owner is also invited here by hand when the first one did not answer (REST)."""

    list_display = ("name", "owners", "seats", "used", "limit", "created_at")
    search_fields = ("name", "memberships__user__email")
    list_select_related = ("quota",)
    ordering = ("name",)
    fields = ("name", "seats", "owners", "invited", "used", "limit", "region", "created_at")
    readonly_fields = ("owners", "invited", "used", "limit", "region", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Team]":
        owning = Membership.objects.filter(role=Role.OWNER, user__is_active=True).select_related("user")
        return super().get_queryset(request).prefetch_related(Prefetch("memberships", owning, to_attr="owning"))

    def get_form(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> type[ModelForm]:
        return TeamForm if obj is None else super().get_form(request, obj, **{**kwargs, "form": TeamChangeForm})

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return TeamForm.Meta.fields if obj is None else self.fields

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        data = form.cleaned_data
        if change:
            change_team(actor_of(request), team_id=obj.pk, name=data["name"], seats=data["seats"])
            return
        new = create_team(
            actor_of(request),
            name=data["name"],
            owner=data["owner"],
            quota_bytes=data["quota"],
            seats=data["seats"],
            region=data["region"],
        )
        obj.pk = new.team.pk

    @admin.display(description=_("owners"))
    def owners(self, team: Team) -> str:
        return ", ".join(member.user.email for member in team.owning) or "—"  # type: ignore[attr-defined]

    @admin.display(description=_("open invitations"))
    def invited(self, team: Team) -> str:
        return ", ".join(f"{row.email} ({row.get_role_display()})" for row in open_now(team.invitations.all())) or "—"

    @admin.display(description=_("used"))
    def used(self, team: Team) -> str:
        return human_size(team.quota.used_bytes) if hasattr(team, "quota") else "—"

    @admin.display(description=_("limit"))
    def limit(self, team: Team) -> str:
        return human_size(team.quota.limit_bytes) if hasattr(team, "quota") else "—"


@admin.register(Invitation)
class InvitationAdmin(ConsoleAdmin):
    """Of all teams: to be sent again or withdrawn."""

    list_display = ("email", "team", "role", "state", "invited_by", "sent_at", "expires_at")
    list_filter = (("team", AutocompleteSelectFilter),)
    search_fields = ("email", "team__name")
    list_select_related = ("team", "invited_by")
    ordering = ("-id",)
    fields = ("email", "team", "role", "state", "invited_by", "created_at", "sent_at", "expires_at", "accepted_by")
    actions = ("resend", "withdraw")

    @admin.display(description=_("state"))
    def state(self, invitation: Invitation) -> str:
        return state_of(invitation)

    @admin.action(description=_("Send again"))
    def resend(self, request: HttpRequest, invitations: "QuerySet[Invitation]") -> None:
        for invitation in invitations:
            with telling(request):
                resend_invitation(actor_of(request), invitation_id=invitation.pk)

    @admin.action(description=_("Withdraw"))
    def withdraw(self, request: HttpRequest, invitations: "QuerySet[Invitation]") -> None:
        for invitation in invitations:
            with telling(request):
                withdraw_invitation(actor_of(request), invitation_id=invitation.pk)


class GroupForm(forms.ModelForm):
    """A new group, or another name and other people."""

    name = forms.CharField(label=_("name"), max_length=100, widget=UnfoldAdminTextInputWidget)
    addresses = forms.CharField(
        label=_("people"),
        required=False,
        widget=UnfoldAdminTextareaWidget,
        help_text=_("E-mail addresses of people of the team, one in a line."),
    )

    class Meta:
        model = Group
        fields = ("team", "name")

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.instance.pk is not None:
            people = self.instance.members.order_by("user__email").values_list("user__email", flat=True)
            self.fields["addresses"].initial = "\n".join(people)

    def clean(self) -> dict[str, Any]:
        """`people`: the ids of the accounts, by their addresses in the team."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        team = data.get("team") or (self.instance.team if self.instance.pk is not None else None)
        wanted = {line.strip().lower() for line in data.get("addresses", "").splitlines() if line.strip()}
        found = dict(Membership.objects.filter(team=team, user__email__in=wanted).values_list("user__email", "user_id"))
        if missing := wanted - found.keys():
            who = ", ".join(sorted(missing))
            raise ValidationError({"addresses": _("Nobody in the team has this address: %(who)s") % {"who": who}})
        return {**data, "people": set(found.values())}


@admin.register(Group)
class GroupAdmin(ConsoleAdmin):
    """Of all teams; those who manage a team do the same on its own pages."""

    form = GroupForm
    autocomplete_fields = ("team",)
    actions = ("remove",)
    list_display = ("name", "team", "people", "created_at")
    list_filter = (("team", AutocompleteSelectFilter),)
    search_fields = ("name", "team__name")
    list_select_related = ("team",)
    ordering = ("-id",)
    fields = ("name", "team", "addresses", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("team", "name", "addresses") if obj is None else self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return ("created_at",) if obj is None else ("team", "created_at")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Group]":
        return super().get_queryset(request).annotate(number=Count("members"))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        actor, data, people = actor_of(request), form.cleaned_data, set[int]()
        if change:
            rename_group(actor, group_id=obj.pk, name=data["name"])
            people = set(obj.members.values_list("user_id", flat=True))
        else:
            obj.pk = create_group(actor, name=data["name"], team_id=data["team"].pk).pk
        for user_id in sorted(data["people"] - people):
            add_to_group(actor, group_id=obj.pk, user_id=user_id)
        for user_id in sorted(people - data["people"]):
            remove_from_group(actor, group_id=obj.pk, user_id=user_id)

    @admin.action(description=_("Delete"))
    def remove(self, request: HttpRequest, groups: "QuerySet[Group]") -> None:
        for group in groups:
            with telling(request):
                delete_group(actor_of(request), group_id=group.pk)

    @admin.display(description=_("people"))
    def people(self, group: Group) -> int:
        number: int = group.number  # type: ignore[attr-defined]
        return number


@admin.register(Membership)
class MembershipAdmin(ConsoleAdmin):
    """The role is the one thing to be changed; a team keeps an owner."""

    list_display = ("user", "team", "role", "joined_at")
    list_filter = (("role", ChoicesDropdownFilter), ("team", AutocompleteSelectFilter))
    search_fields = ("user__email", "team__name")
    list_select_related = ("user", "team")
    fields = ("user", "team", "role", "joined_at")
    readonly_fields = ("user", "team", "joined_at")
    ordering = ("-id",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        change_role(actor_of(request), user_id=obj.user_id, role=form.cleaned_data["role"])
